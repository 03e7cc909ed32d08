#include "probe/judge/delivery_meaning.h"

#include "probe/judge/delivery_destination.h"

static bool has_no_policy(const struct codebook_answer *answer)
{
	return span_is(answer->policy, SPAN("unknown"));
}

static void set(
	struct codebook_answer *answer, struct span policy, struct span meaning)
{
	answer->policy = policy;
	answer->meaning = meaning;
}

static void guess_by_stage(enum stage stage, struct codebook_answer *answer)
{
	switch (stage) {
	case STAGE_RESOLVE:
		set(answer, SPAN("dns"),
			SPAN("The domain's mail servers could not be found."));
		break;
	case STAGE_CONNECT:
		set(answer, SPAN("network"),
			SPAN("There was no connection to the mail server."));
		break;
	case STAGE_STARTTLS:
	case STAGE_TLS:
		set(answer, SPAN("tls-required"),
			SPAN("No session with TLS came about."));
		break;
	case STAGE_BANNER:
	case STAGE_EHLO:
	case STAGE_MAIL:
	case STAGE_RCPT:
	case STAGE_DATA:
	case STAGE_DOT:
	case STAGE_QUIT:
		break;
	}
}

/* A server that replied has its reasons, which the stage does not tell. */
static void guess(
	const struct delivery *delivery, struct codebook_answer *answer)
{
	if (delivery->has_stage && !delivery->code)
		guess_by_stage(delivery->stage, answer);
	if (has_no_policy(answer) && delivery->fault.len)
		set(answer, SPAN("network"),
			SPAN("The connection failed before the answer came."));
	if (has_no_policy(answer) && delivery->result == DELIVERY_EXPIRED)
		set(answer, SPAN("expired"),
			SPAN("It was tried for as long as the queue keeps a "
			     "message."));
}

struct codebook_answer delivery_meaning(
	const struct codebook *codebook, const struct delivery *delivery)
{
	struct codebook_question question = { .text = delivery->text,
		.code = delivery->code,
		.is_local_status = delivery->is_local_status,
		.has_stage = delivery->has_stage,
		.stage = delivery->stage,
		.relay_host = delivery->relay_host };
	struct codebook_answer answer;

	memcpy(question.status, delivery->status, sizeof(question.status));
	question.recipient_domain = delivery_domain_of(delivery->recipient);
	answer = codebook_find_text(codebook, &question);
	if (has_no_policy(&answer))
		guess(delivery, &answer);
	return answer;
}
