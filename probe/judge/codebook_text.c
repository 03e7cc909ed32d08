#include "probe/judge/codebook_recent.h"
#include "probe/judge/wording.h"

static struct span hint_of(const struct codebook_provider *provider)
{
	return provider ? provider->id : SPAN("");
}

static void read_evidence(const struct codebook *codebook,
	const struct codebook_question *question,
	struct codebook_evidence *evidence)
{
	const struct codebook_provider *speaker = codebook_provider(
		codebook, question->provider);

	if (!speaker)
		speaker = codebook_provider_of_host(
			codebook, question->relay_host);
	*evidence = (struct codebook_evidence){
		.code = question->code ? question->code
				       : wording_code(question->text),
		.has_stage = question->has_stage &&
			     question->stage != STAGE_RESOLVE,
		.stage = question->stage,
		.hints = { hint_of(speaker),
			hint_of(codebook_provider_of_domain(
				codebook, question->recipient_domain)) },
	};
	wording_status(question->text, evidence->status);
	if (question->status[0] && !question->is_local_status)
		memcpy(evidence->status, question->status,
			sizeof(evidence->status));
	evidence->has_status = evidence->status[0] != 0;
	evidence->class = evidence->code         ? evidence->code / 100
			  : evidence->has_status ? evidence->status[0]
						 : question->status[0];
}

static struct codebook_found look_up(const struct codebook *codebook,
	struct span text, const struct codebook_evidence *evidence)
{
	struct codebook_found found = { 0 };
	char room[WORDING_MAX];
	struct span wording = wording_of_report(
		room, text, evidence->code, evidence->status);

	found.row = codebook_best(codebook, wording, evidence, &found.is_tied);
	return found;
}

static struct codebook_found find(const struct codebook *codebook,
	const struct codebook_question *question,
	struct codebook_evidence *evidence)
{
	struct codebook_found found = { 0 };

	read_evidence(codebook, question, evidence);
	if (evidence->class && evidence->class < 4)
		return found;
	if (codebook_recent_find(
		    codebook->recent, question->text, evidence, &found))
		return found;
	found = look_up(codebook, question->text, evidence);
	codebook_recent_keep(
		codebook->recent, question->text, evidence, &found);
	return found;
}

/* A status that the MTA made up is still better than none. */
static void answer_by_number(const struct codebook_question *question,
	const struct codebook_evidence *evidence,
	struct codebook_answer *answer)
{
	struct codebook_by_number says = codebook_by_number(evidence->code,
		evidence->has_status ? evidence->status : question->status);

	answer->policy = span_of(says.policy);
	answer->meaning = span_of(says.meaning);
	answer->is_by_status = !span_is(answer->policy, SPAN("unknown"));
}

struct codebook_answer codebook_find_text(const struct codebook *codebook,
	const struct codebook_question *question)
{
	struct codebook_answer answer = { 0 };
	struct codebook_evidence evidence;

	answer.row = find(codebook, question, &evidence).row;
	answer.code = evidence.code;
	memcpy(answer.status, evidence.status, sizeof(answer.status));
	answer.provider = evidence.hints[0].len ? evidence.hints[0]
						: evidence.hints[1];
	if (!answer.row) {
		answer_by_number(question, &evidence, &answer);
		return answer;
	}
	answer.policy = answer.row->policy;
	answer.meaning = answer.row->meaning;
	if (!answer.provider.len && !span_is(answer.row->provider, SPAN("any")))
		answer.provider = answer.row->provider;
	return answer;
}

bool codebook_is_tied_text(const struct codebook *codebook,
	const struct codebook_question *question)
{
	struct codebook_evidence evidence;

	return find(codebook, question, &evidence).is_tied;
}
