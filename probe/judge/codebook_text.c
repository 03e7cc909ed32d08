#include "probe/judge/codebook_recent.h"
#include "probe/judge/wording.h"

/* ---- what the sending program writes around a reply */

/*
 * Words of its own that a reply must not be judged by: "MAIL FROM" would be
 * the sender's fault and "refused" the server's, whatever the server says.
 * Their lines may be folded, so the last word has to do: "refused to talk to
 * me:", "the error that the other server returned was:".
 */
static bool tells_of_reply(struct span before)
{
	static const struct span ends[] = { { "said:", 5 }, { " me:", 4 },
		{ " was:", 5 }, { "reason:", 7 }, { "<<<", 3 } };

	for (size_t i = 0; i < COUNT_OF(ends); i++)
		if (span_ends_nocase(before, ends[i]))
			return true;
	return span_ends_nocase(before, SPAN(":")) &&
	       span_find_nocase(
		       before, SPAN("error from remote mail server after")) <
		       before.len;
}

/* "host mx.example[192.0.2.1] said: 550 ...", qmail's "Giving up on ..." */
static struct span without_teller(struct span text)
{
	struct span said = wording_from_code(text);
	struct span before = span_part(text, 0, text.len - said.len);

	while (before.len && ascii_is_space(before.at[before.len - 1]))
		before.len--;
	if (!tells_of_reply(before))
		return text;
	return span_part(
		said, 0, span_find_nocase(said, SPAN("Giving up on ")));
}

static bool cut_word(struct span *rest, struct span word)
{
	while (rest->len && ascii_is_space(rest->at[0]))
		*rest = span_part(*rest, 1, rest->len);
	if (!span_starts_nocase(*rest, word))
		return false;
	*rest = span_part(*rest, word.len, rest->len);
	return true;
}

/* "(in reply to RCPT TO command)", folded anywhere: what follows "to". */
static struct span cut_reply_to(struct span *text)
{
	struct span rest = *text;

	for (;;) {
		size_t at = span_find_nocase(rest, SPAN("(in"));
		size_t before = text->len - rest.len + at;

		rest = span_part(rest, at, rest.len);
		if (!cut_word(&rest, SPAN("(in")))
			return SPAN("");
		if (!cut_word(&rest, SPAN("reply")) ||
			!cut_word(&rest, SPAN("to")))
			continue;
		*text = span_part(*text, 0, before);
		return rest;
	}
}

static const struct {
	struct span word;
	enum stage stage;
} replied_to[] = {
	{ { "ehlo", 4 }, STAGE_EHLO },
	{ { "helo", 4 }, STAGE_EHLO },
	{ { "starttls", 8 }, STAGE_STARTTLS },
	{ { "mail", 4 }, STAGE_MAIL },
	{ { "rcpt", 4 }, STAGE_RCPT },
	{ { "data", 4 }, STAGE_DATA },
	{ { "end", 3 }, STAGE_DOT },
	{ { "bdat", 4 }, STAGE_DOT },
};

static void read_stage(struct span text, struct codebook_evidence *evidence)
{
	struct span command = cut_reply_to(&text);

	for (size_t i = 0; i < COUNT_OF(replied_to); i++)
		if (cut_word(&command, replied_to[i].word)) {
			evidence->has_stage = true;
			evidence->stage = replied_to[i].stage;
			return;
		}
}

/* ---- the evidence */

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
	if (!question->has_stage)
		read_stage(question->text, evidence);
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
	struct span wording;

	cut_reply_to(&text);
	text = without_teller(text);
	wording = wording_of_report(
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
