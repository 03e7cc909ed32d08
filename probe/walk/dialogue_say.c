#include "probe/walk/dialogue_inside.h"

#include "probe/smtp/command.h"
#include "probe/walk/line.h"

/* A message is told by its size, not in full. */
static enum want say_at(struct dialogue *dialogue, uint64_t now_ns,
	enum stage stage, struct span line)
{
	struct event *event = dialogue_event(dialogue, now_ns, EVENT_SAID);

	event->stage = stage;
	if (stage == STAGE_DOT)
		event->message_size = dialogue->message->size;
	event->said = stage == STAGE_DOT ? SPAN("") : line;
	return WANT_SAY;
}

static enum want say(
	struct dialogue *dialogue, uint64_t now_ns, struct span line)
{
	return say_at(dialogue, now_ns, dialogue_stage(dialogue), line);
}

static enum want say_helo(
	struct dialogue *dialogue, uint64_t now_ns, struct span *line)
{
	*line = command_helo(dialogue->arena, dialogue->visit->ehlo_name);
	say(dialogue, now_ns, *line);
	dialogue->turn = TURN_HELO_REPLY;
	dialogue->visit->used_helo = true;
	return WANT_SAY;
}

static enum want say_goodbye(
	struct dialogue *dialogue, uint64_t now_ns, struct span *line)
{
	*line = COMMAND_QUIT;
	say(dialogue, now_ns, *line);
	dialogue->turn = dialogue->is_deaf ? TURN_OVER : TURN_GOODBYE_REPLY;
	return WANT_SAY;
}

/* STARTTLS that is not offered: true when the walk goes on without. */
static bool is_left_out(struct dialogue *dialogue, const struct step *step)
{
	if (step->verb == STEP_STARTTLS)
		return dialogue_may_be_in_clear(dialogue, step) &&
		       !dialogue->visit->ehlo.starttls;
	/* The second EHLO only makes sense behind a handshake. */
	return step->verb == STEP_EHLO && dialogue->at > 0 &&
	       step[-1].verb == STEP_STARTTLS && !dialogue->is_encrypted;
}

/* ---- in one go */

/*
 * RFC 2920 section 3.1: MAIL and RCPT may be followed at once, the message's
 * dot too; DATA and QUIT end what is said.
 */
static bool may_follow(enum step_verb said, enum step_verb next)
{
	bool is_envelope = said == STEP_MAIL || said == STEP_RCPT;

	if (is_envelope)
		return next == STEP_RCPT || next == STEP_DATA ||
		       next == STEP_QUIT;
	return said == STEP_DOT && next == STEP_QUIT;
}

static bool pipelines(const struct dialogue *dialogue)
{
	if (dialogue->visit->scenario->pipelines_always)
		return true;
	return dialogue->visit->scenario->pipelines &&
	       dialogue->visit->has_ehlo && dialogue->visit->ehlo.pipelining;
}

static struct span in_one_go(struct dialogue *dialogue, enum step_verb said,
	struct span line, struct span more)
{
	char *both;

	if (said == STEP_DOT)
		return dialogue->message->wire_then_quit;
	both = arena_take(dialogue->arena, line.len + more.len);
	memcpy(both, line.at, line.len);
	memcpy(both + line.len, more.at, more.len);
	return (struct span){ both, line.len + more.len };
}

static void say_what_may_follow(
	struct dialogue *dialogue, uint64_t now_ns, struct span *line)
{
	const struct step *said = dialogue_step(dialogue), *next = said + 1;
	struct address address;
	struct span figures;

	while (dialogue->said_until < dialogue->visit->scenario->step_count &&
		may_follow(said->verb, next->verb) &&
		!line_obstacle(dialogue, next, &address, &figures)) {
		struct span more = line_print(dialogue, next, &address);

		*line = in_one_go(dialogue, said->verb, *line, more);
		say_at(dialogue, now_ns, dialogue_stage_of(next->verb), more);
		dialogue->said_until++;
		said = next++;
	}
}

/* ---- step after step */

static enum want fail_before(struct dialogue *dialogue, uint64_t now_ns,
	struct fault fault, struct span *line)
{
	dialogue_add_fault(dialogue, now_ns, &fault);
	dialogue_goodbye(dialogue);
	return say_goodbye(dialogue, now_ns, line);
}

/* What no client should do, said to see what the server makes of it. */
static enum want talk_early(
	struct dialogue *dialogue, uint64_t now_ns, struct span *line)
{
	const struct step *ehlo = dialogue_step_at(dialogue, dialogue->at + 1);
	struct address address = { .local = SPAN("") };

	*line = line_print(dialogue, ehlo, &address);
	dialogue->said_until = dialogue->at + 2;
	return say_at(dialogue, now_ns, STAGE_EHLO, *line);
}

static bool is_to_talk_early(
	const struct dialogue *dialogue, const struct step *step)
{
	const struct step *next = dialogue_step_at(dialogue, dialogue->at + 1);

	return dialogue->visit->scenario->talks_early &&
	       step->verb == STEP_BANNER && next && next->verb == STEP_EHLO;
}

static enum want begin_step(
	struct dialogue *dialogue, uint64_t now_ns, struct span *line)
{
	const struct step *step = dialogue_step(dialogue);
	struct address address = { .local = SPAN("") };
	struct span figures = SPAN("");
	const char *limit = line_obstacle(dialogue, step, &address, &figures);
	struct fault fault;

	dialogue->visit->last = dialogue_stage_of(step->verb);
	if (step->verb == STEP_STARTTLS &&
		dialogue_tls_obstacle(dialogue, step, &fault))
		return fail_before(dialogue, now_ns, fault, line);
	if (limit)
		return fail_before(dialogue, now_ns,
			(struct fault){ .failure = FAILURE_SMTP_LIMIT,
				.why = arena_print(dialogue->arena, "%s%.*s",
					limit, SPAN_ARG(figures)) },
			line);
	dialogue->turn = TURN_REPLY;
	dialogue->said_until = dialogue->at + 1;
	if (step->verb == STEP_CONNECT)
		return WANT_CONNECT;
	if (is_to_talk_early(dialogue, step))
		return talk_early(dialogue, now_ns, line);
	*line = line_print(dialogue, step, &address);
	if (!line->len)
		return WANT_HEAR;
	say(dialogue, now_ns, *line);
	if (pipelines(dialogue))
		say_what_may_follow(dialogue, now_ns, line);
	return WANT_SAY;
}

enum want dialogue_want(
	struct dialogue *dialogue, uint64_t now_ns, struct span *line)
{
	const struct step *step;

	switch (dialogue->turn) {
	case TURN_REPLY:
		step = dialogue_step(dialogue);
		return step->verb == STEP_CONNECT ? WANT_CONNECT : WANT_HEAR;
	case TURN_HELO:
		return say_helo(dialogue, now_ns, line);
	case TURN_HELO_REPLY:
	case TURN_GOODBYE_REPLY:
		return WANT_HEAR;
	case TURN_TLS:
		return WANT_TLS;
	case TURN_GOODBYE:
		return say_goodbye(dialogue, now_ns, line);
	case TURN_OVER:
		return WANT_HANGUP;
	case TURN_BEGIN:
		break;
	}
	for (step = dialogue_step(dialogue);
		step && is_left_out(dialogue, step);
		step = dialogue_step(dialogue))
		dialogue->at++;
	if (step)
		return begin_step(dialogue, now_ns, line);
	dialogue->turn = TURN_OVER;
	return WANT_HANGUP;
}
