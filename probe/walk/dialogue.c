#include "probe/walk/dialogue_inside.h"

const struct step *dialogue_step_at(const struct dialogue *dialogue, size_t at)
{
	const struct scenario *scenario = dialogue->visit->scenario;

	return at < scenario->step_count ? &scenario->steps[at] : NULL;
}

const struct step *dialogue_step(const struct dialogue *dialogue)
{
	return dialogue_step_at(dialogue, dialogue->at);
}

enum stage dialogue_stage_of(enum step_verb verb)
{
	switch (verb) {
	case STEP_CONNECT:
		return STAGE_CONNECT;
	case STEP_BANNER:
		return STAGE_BANNER;
	case STEP_EHLO:
		return STAGE_EHLO;
	case STEP_STARTTLS:
		return STAGE_STARTTLS;
	case STEP_MAIL:
		return STAGE_MAIL;
	case STEP_RCPT:
		return STAGE_RCPT;
	case STEP_DATA:
		return STAGE_DATA;
	case STEP_DOT:
		return STAGE_DOT;
	case STEP_QUIT:
		return STAGE_QUIT;
	}
	return STAGE_QUIT;
}

enum stage dialogue_stage(const struct dialogue *dialogue)
{
	const struct step *step = dialogue_step(dialogue);

	switch (dialogue->turn) {
	case TURN_TLS:
		return STAGE_TLS;
	case TURN_GOODBYE_REPLY:
		step = dialogue_step_at(dialogue, dialogue->heard_until);
		return dialogue->heard_until < dialogue->said_until
			       ? dialogue_stage_of(step->verb)
			       : STAGE_QUIT;
	case TURN_GOODBYE:
	case TURN_OVER:
		return STAGE_QUIT;
	case TURN_BEGIN:
	case TURN_REPLY:
	case TURN_HELO:
	case TURN_HELO_REPLY:
		break;
	}
	return step ? dialogue_stage_of(step->verb) : STAGE_QUIT;
}

unsigned dialogue_patience(const struct dialogue *dialogue)
{
	const struct patience *patience = dialogue->patience;

	switch (dialogue_stage(dialogue)) {
	case STAGE_RESOLVE:
	case STAGE_CONNECT:
		return patience->connect;
	case STAGE_BANNER:
		return patience->banner;
	case STAGE_EHLO:
	case STAGE_STARTTLS:
	case STAGE_MAIL:
	case STAGE_RCPT:
		return patience->command;
	case STAGE_TLS:
		return patience->tls;
	case STAGE_DATA:
		return patience->data;
	case STAGE_DOT:
		return patience->dot;
	case STAGE_QUIT:
		break;
	}
	/* Goodbye is not worth more patience than any other reply. */
	return patience->quit < patience->command ? patience->quit
						  : patience->command;
}

struct event *dialogue_event(
	struct dialogue *dialogue, uint64_t now_ns, enum event_kind kind)
{
	struct visit *visit = dialogue->visit;

	return transcript_add(&visit->transcript, dialogue->arena,
		now_ns - visit->began_ns, kind, dialogue_stage(dialogue));
}

void dialogue_init(struct dialogue *dialogue, struct arena *arena,
	struct visit *visit, const struct message *message,
	const struct patience *patience)
{
	struct transcript *transcript = &visit->transcript;

	*dialogue = (struct dialogue){ .arena = arena,
		.visit = visit,
		.message = message,
		.patience = patience };
	reply_parser_init(&dialogue->parser, arena);
	/* A step is said and heard: an orderly walk never moves its list. */
	transcript->room = 2 * visit->scenario->step_count;
	transcript->events = arena_take(
		arena, transcript->room * sizeof(*transcript->events));
}

void dialogue_add_fault(
	struct dialogue *dialogue, uint64_t now_ns, const struct fault *fault)
{
	struct fault *kept;

	if (dialogue->visit->fault)
		return;
	kept = arena_new(dialogue->arena, struct fault);
	*kept = *fault;
	if (kept->stage == STAGE_RESOLVE)
		kept->stage = dialogue_stage(dialogue);
	dialogue->visit->fault = kept;
	dialogue->visit->last = kept->stage;
	dialogue_event(dialogue, now_ns, EVENT_FAULT)->fault = kept;
}

bool dialogue_has_said_quit(const struct dialogue *dialogue)
{
	return dialogue->said_until > 0 &&
	       dialogue_step_at(dialogue, dialogue->said_until - 1)->verb ==
		       STEP_QUIT;
}

/* Behind the 354, QUIT would be the first line of the message. */
static bool is_message_awaited(const struct dialogue *dialogue)
{
	const struct step *step = dialogue_step(dialogue);

	return step && step->verb == STEP_DOT &&
	       dialogue->said_until <= dialogue->at;
}

void dialogue_goodbye(struct dialogue *dialogue)
{
	bool is_all_heard = dialogue->said_until <= dialogue->at + 1;

	dialogue->heard_until = is_all_heard ? dialogue->said_until
					     : dialogue->at + 1;
	if (is_message_awaited(dialogue))
		dialogue->turn = TURN_OVER;
	else if (!is_all_heard && !dialogue->is_deaf)
		dialogue->turn = TURN_GOODBYE_REPLY;
	else
		dialogue->turn = dialogue_has_said_quit(dialogue)
					 ? TURN_OVER
					 : TURN_GOODBYE;
}

void dialogue_fail_politely(struct dialogue *dialogue, uint64_t now_ns,
	enum failure failure, struct span why, const struct reply *reply)
{
	struct fault fault = { .failure = failure, .why = why, .reply = reply };

	dialogue_add_fault(dialogue, now_ns, &fault);
	dialogue_goodbye(dialogue);
}

void dialogue_fail(
	struct dialogue *dialogue, uint64_t now_ns, struct fault fault)
{
	/* Behind the last reply, nothing can fail any more. */
	if (dialogue->turn == TURN_OVER || !dialogue_step(dialogue))
		return;
	dialogue_add_fault(dialogue, now_ns, &fault);
	dialogue->turn = TURN_OVER;
}

void dialogue_step_done(struct dialogue *dialogue)
{
	dialogue->visit->reached[dialogue_stage(dialogue)] = true;
	dialogue->at++;
	dialogue->turn = TURN_BEGIN;
	if (dialogue->at >= dialogue->said_until)
		return;
	dialogue->turn = TURN_REPLY;
	dialogue->visit->last = dialogue_stage(dialogue);
}

struct span dialogue_garbled(struct dialogue *dialogue, struct span bytes)
{
	return arena_copy(
		dialogue->arena, span_part(bytes, 0, FAULT_GARBLED_MAX));
}

/* ---- what happened */

void dialogue_connected(struct dialogue *dialogue, uint64_t now_ns)
{
	dialogue_event(dialogue, now_ns, EVENT_CONNECTED);
	dialogue_step_done(dialogue);
}

static struct span silence_text(struct dialogue *dialogue, bool is_total)
{
	unsigned wait = is_total ? dialogue->patience->total
				 : dialogue_patience(dialogue);
	enum stage stage = dialogue_stage(dialogue);
	const char *what = is_total                 ? "the walk was not over"
			   : stage == STAGE_CONNECT ? "nothing answered"
			   : stage == STAGE_BANNER  ? "no banner"
			   : stage == STAGE_TLS
				   ? "the TLS handshake was not over"
				   : "no complete reply";

	if (wait % 1000 == 0)
		return arena_print(
			dialogue->arena, "%s within %u s", what, wait / 1000);
	return arena_print(dialogue->arena, "%s within %u ms", what, wait);
}

void dialogue_silence(struct dialogue *dialogue, uint64_t now_ns, bool is_total)
{
	struct fault fault = { .failure = FAILURE_TIMEOUT };
	enum dialogue_turn turn = dialogue->turn;

	if (turn == TURN_OVER)
		return;
	if (turn == TURN_GOODBYE || turn == TURN_GOODBYE_REPLY) {
		dialogue->turn = TURN_OVER;
		return;
	}
	fault.why = silence_text(dialogue, is_total);
	fault.garbled = dialogue_garbled(
		dialogue, reply_parser_rest(&dialogue->parser));
	dialogue_add_fault(dialogue, now_ns, &fault);
	/* A handshake or a message has no place for QUIT; nobody is there
	 * before the connection stands. */
	dialogue->is_deaf = true;
	if (turn == TURN_TLS || dialogue_stage(dialogue) == STAGE_CONNECT ||
		dialogue_stage(dialogue) == STAGE_DOT)
		dialogue->turn = TURN_OVER;
	else
		dialogue_goodbye(dialogue);
}

void dialogue_interrupt(struct dialogue *dialogue, uint64_t now_ns)
{
	struct fault fault = { .failure = FAILURE_INTERRUPTED,
		.why = SPAN("interrupted before it was over") };
	enum dialogue_turn turn = dialogue->turn;
	enum stage stage = dialogue_stage(dialogue);

	if (turn == TURN_OVER)
		return;
	dialogue_add_fault(dialogue, now_ns, &fault);
	dialogue->is_deaf = true;
	if (turn == TURN_TLS || stage == STAGE_CONNECT || stage == STAGE_DOT ||
		turn == TURN_GOODBYE_REPLY)
		dialogue->turn = TURN_OVER;
	else
		dialogue_goodbye(dialogue);
}
