#include "probe/walk/dialogue_inside.h"

static struct span printed(struct dialogue *dialogue, const char *text)
{
	return arena_copy(dialogue->arena, span_of(text));
}

static void refuse(
	struct dialogue *dialogue, uint64_t now_ns, const struct reply *reply)
{
	enum failure failure = reply_is_never(reply) ? FAILURE_SMTP_5XX
			       : reply_is_not_now(reply)
				       ? FAILURE_SMTP_4XX
				       : FAILURE_SMTP_UNEXPECTED;
	struct span text = reply_text(reply, reply->line_count - 1);

	if (failure == FAILURE_SMTP_UNEXPECTED)
		text = arena_print(dialogue->arena,
			"a %u does not answer this command", reply->code);
	else if (reply->line_count > 1)
		text = reply_text(reply, 0);
	dialogue_fail_politely(dialogue, now_ns, failure, text, reply);
}

/* 500, 502, 504: the server does not know EHLO (RFC 5321 section 3.2). */
static bool helo_may_help(
	const struct dialogue *dialogue, const struct reply *reply)
{
	return dialogue->turn == TURN_REPLY &&
	       (reply->code == 500 || reply->code == 502 || reply->code == 504);
}

static void heard_ehlo(
	struct dialogue *dialogue, uint64_t now_ns, const struct reply *reply)
{
	struct visit *visit = dialogue->visit;

	if (reply_is_yes(reply)) {
		visit->has_ehlo = dialogue->turn == TURN_REPLY;
		ehlo_parse(dialogue->arena, reply, &visit->ehlo);
		dialogue_step_done(dialogue);
	} else if (helo_may_help(dialogue, reply)) {
		dialogue->turn = TURN_HELO;
	} else {
		refuse(dialogue, now_ns, reply);
	}
}

static void heard_starttls(
	struct dialogue *dialogue, uint64_t now_ns, const struct reply *reply)
{
	if (reply_is_yes(reply)) {
		dialogue->visit->reached[STAGE_STARTTLS] = true;
		dialogue->visit->last = STAGE_TLS;
		dialogue->turn = TURN_TLS;
	} else if (dialogue_may_be_in_clear(
			   dialogue, dialogue_step(dialogue)) &&
		   reply->code != 421) {
		dialogue->at++;
		dialogue->turn = TURN_BEGIN;
	} else {
		refuse(dialogue, now_ns, reply);
	}
}

static void heard_at_step(
	struct dialogue *dialogue, uint64_t now_ns, const struct reply *reply)
{
	const struct step *step = dialogue_step(dialogue);

	switch (step->verb) {
	case STEP_EHLO:
		heard_ehlo(dialogue, now_ns, reply);
		return;
	case STEP_STARTTLS:
		heard_starttls(dialogue, now_ns, reply);
		return;
	case STEP_DATA:
		if (reply_is_go_on(reply))
			dialogue_step_done(dialogue);
		else
			refuse(dialogue, now_ns, reply);
		return;
	case STEP_CONNECT:
	case STEP_BANNER:
	case STEP_MAIL:
	case STEP_RCPT:
	case STEP_DOT:
	case STEP_QUIT:
		if (reply_is_yes(reply))
			dialogue_step_done(dialogue);
		else
			refuse(dialogue, now_ns, reply);
		return;
	}
}

/* After a fault, apart from all else. */
static bool is_quit_said(const struct dialogue *dialogue)
{
	return dialogue->turn == TURN_GOODBYE_REPLY &&
	       dialogue->heard_until == dialogue->said_until;
}

/*
 * A server that would take a message although it refused the recipient waits
 * for one now: it gets none, and no QUIT, which would be its first line.
 */
static void heard_at_goodbye(
	struct dialogue *dialogue, const struct reply *reply)
{
	bool was_apart = is_quit_said(dialogue);

	if (!was_apart && ++dialogue->heard_until < dialogue->said_until)
		return;
	if (was_apart || dialogue_has_said_quit(dialogue) ||
		reply_is_go_on(reply))
		dialogue->turn = TURN_OVER;
	else
		dialogue->turn = TURN_GOODBYE;
}

static enum stage heard_last(const struct dialogue *dialogue)
{
	const struct transcript *transcript = &dialogue->visit->transcript;

	return transcript->events[transcript->count - 1].stage;
}

/* The step has moved on: the talk came with the last reply. */
static void heard_unasked(
	struct dialogue *dialogue, uint64_t now_ns, struct span bytes)
{
	struct fault fault = { .failure = FAILURE_SMTP_UNEXPECTED,
		.stage = heard_last(dialogue),
		.garbled = dialogue_garbled(dialogue, bytes) };

	fault.why = printed(
		dialogue, "the server went on talking without being asked");
	dialogue_add_fault(dialogue, now_ns, &fault);
	dialogue->is_deaf = true;
	dialogue_goodbye(dialogue);
}

/* Only its first digits had come when the reply before it was heard. */
static bool is_unasked(
	const struct dialogue *dialogue, const struct reply *reply)
{
	return dialogue->turn == TURN_REPLY &&
	       dialogue->said_until <= dialogue->at && reply->code != 421;
}

static void heard(
	struct dialogue *dialogue, uint64_t now_ns, const struct reply *reply)
{
	if (is_unasked(dialogue, reply)) {
		heard_unasked(dialogue, now_ns, reply->bytes);
		return;
	}
	dialogue_event(dialogue, now_ns, EVENT_HEARD)->heard = reply;
	if (dialogue->turn == TURN_GOODBYE_REPLY)
		heard_at_goodbye(dialogue, reply);
	else
		heard_at_step(dialogue, now_ns, reply);
}

static void broken(struct dialogue *dialogue, uint64_t now_ns, const char *why)
{
	struct fault fault = { .failure = FAILURE_SMTP_SYNTAX,
		.why = printed(dialogue, why) };

	fault.garbled = dialogue_garbled(
		dialogue, reply_parser_rest(&dialogue->parser));
	dialogue_add_fault(dialogue, now_ns, &fault);
	dialogue->is_deaf = true;
	if (is_quit_said(dialogue))
		dialogue->turn = TURN_OVER;
	else
		dialogue_goodbye(dialogue);
}

/* A server may say 421 at any time, and hang up (RFC 5321 section 3.8).  What
 * came may end in the middle of it. */
static bool may_be_421(struct span rest)
{
	struct span code = SPAN("421");

	return span_is(
		span_part(rest, 0, code.len), span_part(code, 0, rest.len));
}

/*
 * More bytes than the reply we waited for.  Behind the 220 to STARTTLS they
 * would be plain text that a man in the middle slipped in (RFC 3207 section
 * 6).  A 421 answers the command that we were about to say.  Anything else
 * nobody asked for, and no later reply can be told apart any more.
 */
static void heard_too_much(
	struct dialogue *dialogue, uint64_t now_ns, struct span *rest)
{
	struct fault fault = { .failure = FAILURE_TLS_INJECTION };

	if (dialogue->turn == TURN_TLS) {
		fault.garbled = dialogue_garbled(dialogue, *rest);
		fault.why = printed(dialogue,
			"plain text came after the 220 "
			"to STARTTLS: somebody may be injecting commands");
		dialogue_fail(dialogue, now_ns, fault);
	} else if (may_be_421(*rest) && dialogue_step(dialogue)) {
		dialogue->visit->last = dialogue_stage(dialogue);
		dialogue->turn = TURN_REPLY;
		return;
	} else {
		heard_unasked(dialogue, now_ns, *rest);
	}
	*rest = SPAN("");
}

static bool is_listening(const struct dialogue *dialogue)
{
	return dialogue->turn == TURN_REPLY ||
	       dialogue->turn == TURN_HELO_REPLY ||
	       dialogue->turn == TURN_GOODBYE_REPLY;
}

void dialogue_hear(
	struct dialogue *dialogue, uint64_t now_ns, struct span bytes)
{
	const struct reply *reply;
	const char *why;

	while (bytes.len && is_listening(dialogue)) {
		switch (reply_parse(&dialogue->parser, &bytes, &reply, &why)) {
		case PARSE_MORE:
			return;
		case PARSE_BAD:
			broken(dialogue, now_ns, why);
			return;
		case PARSE_DONE:
			heard(dialogue, now_ns, reply);
			break;
		}
		if (bytes.len && !dialogue->visit->fault &&
			dialogue->turn != TURN_OVER &&
			dialogue->turn != TURN_REPLY)
			heard_too_much(dialogue, now_ns, &bytes);
	}
}

void dialogue_hear_end(
	struct dialogue *dialogue, uint64_t now_ns, bool was_reset)
{
	struct span rest = reply_parser_rest(&dialogue->parser);
	struct fault fault = { .failure = was_reset ? FAILURE_CONNECTION_RESET
						    : FAILURE_SMTP_CLOSED };

	/* Behind the reply to QUIT, the server hangs up as it should. */
	if (dialogue->turn == TURN_OVER || !dialogue_step(dialogue))
		return;
	if (rest.len) {
		fault.garbled = dialogue_garbled(dialogue, rest);
		fault.why = printed(
			dialogue, was_reset ? "the connection was reset in the "
					      "middle of a reply"
					    : "the server hung up in the "
					      "middle of a reply");
	} else {
		fault.why = arena_print(dialogue->arena, "%s %s",
			was_reset ? "the connection was reset"
				  : "the server hung up",
			dialogue_stage(dialogue) == STAGE_BANNER
				? "before it said anything"
			: dialogue_stage(dialogue) == STAGE_DOT
				? "without answering the message"
				: "without answering");
	}
	dialogue_fail(dialogue, now_ns, fault);
}
