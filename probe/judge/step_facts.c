#include "probe/judge/step_facts.h"

enum stage step_stage(enum step_verb verb)
{
	static const enum stage stages[] = {
		[STEP_CONNECT] = STAGE_CONNECT,
		[STEP_BANNER] = STAGE_BANNER,
		[STEP_EHLO] = STAGE_EHLO,
		[STEP_STARTTLS] = STAGE_STARTTLS,
		[STEP_MAIL] = STAGE_MAIL,
		[STEP_RCPT] = STAGE_RCPT,
		[STEP_DATA] = STAGE_DATA,
		[STEP_DOT] = STAGE_DOT,
		[STEP_QUIT] = STAGE_QUIT,
	};

	return stages[verb];
}

const struct event *step_end(const struct visit *visit, enum step_verb verb)
{
	const struct transcript *transcript = &visit->transcript;
	enum stage stage = step_stage(verb);
	const struct event *end = NULL;

	for (size_t i = 0; i < transcript->count; i++) {
		const struct event *event = &transcript->events[i];

		if (verb == STEP_EHLO && event->stage == STAGE_STARTTLS)
			break;
		if (verb == STEP_STARTTLS && event->kind == EVENT_TLS)
			end = event;
		if (event->stage == stage &&
			event->kind == (verb == STEP_CONNECT ? EVENT_CONNECTED
							     : EVENT_HEARD))
			end = event;
	}
	return end;
}

uint64_t step_ms(const struct visit *visit, const struct event *end)
{
	const struct event *event = end;
	uint64_t from = 0;

	while (event > visit->transcript.events) {
		event--;
		from = event->at_ns;
		if (event->kind == EVENT_SAID || event->kind == EVENT_CONNECTED)
			break;
	}
	return event == end ? end->at_ns / 1000000
			    : (end->at_ns - from) / 1000000;
}

const struct reply *step_reply(const struct visit *visit, enum step_verb verb)
{
	const struct event *end = step_end(visit, verb);

	return end && end->kind == EVENT_HEARD ? end->heard : NULL;
}
