#include "probe/walk/dialogue.h"

#include "probe/smtp/command.h"
#include "probe/walk/line.h"
#include "probe/walk/plan.h"

static const struct step *step_at(const struct dialogue *dialogue, size_t at)
{
	const struct scenario *scenario = dialogue->visit->scenario;

	return at < scenario->step_count ? &scenario->steps[at] : NULL;
}

static const struct step *step_now(const struct dialogue *dialogue)
{
	return step_at(dialogue, dialogue->at);
}

static enum stage stage_of(enum step_verb verb)
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
	const struct step *step = step_now(dialogue);

	switch (dialogue->turn) {
	case TURN_TLS:
		return STAGE_TLS;
	case TURN_GOODBYE_REPLY:
		if (dialogue->heard_until < dialogue->said_until)
			return stage_of(
				step_at(dialogue, dialogue->heard_until)->verb);
		return STAGE_QUIT;
	case TURN_GOODBYE:
	case TURN_OVER:
		return STAGE_QUIT;
	case TURN_BEGIN:
	case TURN_REPLY:
	case TURN_HELO:
	case TURN_HELO_REPLY:
		break;
	}
	return step ? stage_of(step->verb) : STAGE_QUIT;
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

static struct event *add(
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

static struct span printed(struct dialogue *dialogue, const char *text)
{
	return arena_copy(dialogue->arena, span_of(text));
}

/*
 * The fault is written down once: the first one is what happened.  Its stage
 * is the one under way unless the caller knows better; no dialogue ever fails
 * at STAGE_RESOLVE, so that value stands for "not said".
 */
static void fault_add(
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
	add(dialogue, now_ns, EVENT_FAULT)->fault = kept;
}

static bool is_quit_said(const struct dialogue *dialogue)
{
	return dialogue->said_until > 0 &&
	       step_at(dialogue, dialogue->said_until - 1)->verb == STEP_QUIT;
}

/* Behind the 354, QUIT would be the first line of the message. */
static bool is_message_awaited(const struct dialogue *dialogue)
{
	const struct step *step = step_now(dialogue);

	return step && step->verb == STEP_DOT &&
	       dialogue->said_until <= dialogue->at;
}

/*
 * After a fault: QUIT if there is still somebody to say it to.  What was said
 * in one go with the refused command is still to be answered, and first.
 */
static void begin_goodbye(struct dialogue *dialogue)
{
	bool is_all_heard = dialogue->said_until <= dialogue->at + 1;

	dialogue->heard_until = is_all_heard ? dialogue->said_until
					     : dialogue->at + 1;
	if (is_message_awaited(dialogue))
		dialogue->turn = TURN_OVER;
	else if (!is_all_heard && !dialogue->is_deaf)
		dialogue->turn = TURN_GOODBYE_REPLY;
	else
		dialogue->turn = is_quit_said(dialogue) ? TURN_OVER
							: TURN_GOODBYE;
}

static void fail_politely(struct dialogue *dialogue, uint64_t now_ns,
	enum failure failure, struct span why, const struct reply *reply)
{
	struct fault fault = { .failure = failure, .why = why, .reply = reply };

	fault_add(dialogue, now_ns, &fault);
	begin_goodbye(dialogue);
}

void dialogue_fail(
	struct dialogue *dialogue, uint64_t now_ns, struct fault fault)
{
	if (dialogue->turn == TURN_OVER)
		return;
	fault_add(dialogue, now_ns, &fault);
	dialogue->turn = TURN_OVER;
}

/* ---- what to say */

/* A message is told by its size, not in full. */
static enum want say_at(struct dialogue *dialogue, uint64_t now_ns,
	enum stage stage, struct span line)
{
	struct event *event = add(dialogue, now_ns, EVENT_SAID);

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

/* Do TLSA records say how this server is to be met, or may they? */
static bool is_bound_by_dane(const struct dialogue *dialogue)
{
	const struct dane *dane = dialogue->visit->path->dane;

	return dane &&
	       (dane->state == DANE_BINDING || dane->state == DANE_UNKNOWN);
}

static bool may_be_in_clear(
	const struct dialogue *dialogue, const struct step *step)
{
	switch (step->tls) {
	case STEP_TLS_MAY:
		return true;
	case STEP_TLS_DANE:
		return !is_bound_by_dane(dialogue);
	case STEP_TLS_ENCRYPT:
	case STEP_TLS_SECURE:
		return false;
	}
	return false;
}

/* STARTTLS that is not offered: true when the walk goes on without. */
static bool is_left_out(struct dialogue *dialogue, const struct step *step)
{
	if (step->verb == STEP_STARTTLS)
		return may_be_in_clear(dialogue, step) &&
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
	const struct step *said = step_now(dialogue), *next = said + 1;
	struct address address;
	struct span figures;

	while (dialogue->said_until < dialogue->visit->scenario->step_count &&
		may_follow(said->verb, next->verb) &&
		!line_obstacle(dialogue, next, &address, &figures)) {
		struct span more = line_print(dialogue, next, &address);

		*line = in_one_go(dialogue, said->verb, *line, more);
		say_at(dialogue, now_ns, stage_of(next->verb), more);
		dialogue->said_until++;
		said = next++;
	}
}

/* ---- step after step */

static enum want fail_before(struct dialogue *dialogue, uint64_t now_ns,
	struct fault fault, struct span *line)
{
	fault_add(dialogue, now_ns, &fault);
	begin_goodbye(dialogue);
	return say_goodbye(dialogue, now_ns, line);
}

/* What speaks against STARTTLS before it is said; false: nothing. */
static bool tls_obstacle(const struct dialogue *dialogue,
	const struct step *step, struct fault *fault)
{
	const struct dane *dane = step->tls == STEP_TLS_DANE
					  ? dialogue->visit->path->dane
					  : NULL;

	if (dane && dane->state == DANE_UNKNOWN) {
		*fault = (struct fault){ .failure = failure_of_answer(
						 dane->failed),
			.why = dane->why };
		return true;
	}
	*fault = (struct fault){ .failure = FAILURE_TLS_NOT_OFFERED,
		.why = dane ? SPAN("the server does not offer STARTTLS, and "
				   "its TLSA records require it")
			    : SPAN("the server does not offer STARTTLS, and "
				   "the walk requires it") };
	return !dialogue->visit->ehlo.starttls;
}

/* What no client should do, said to see what the server makes of it. */
static enum want talk_early(
	struct dialogue *dialogue, uint64_t now_ns, struct span *line)
{
	const struct step *ehlo = step_at(dialogue, dialogue->at + 1);
	struct address address = { .local = SPAN("") };

	*line = line_print(dialogue, ehlo, &address);
	dialogue->said_until = dialogue->at + 2;
	return say_at(dialogue, now_ns, STAGE_EHLO, *line);
}

static bool is_to_talk_early(
	const struct dialogue *dialogue, const struct step *step)
{
	const struct step *next = step_at(dialogue, dialogue->at + 1);

	return dialogue->visit->scenario->talks_early &&
	       step->verb == STEP_BANNER && next && next->verb == STEP_EHLO;
}

static enum want begin_step(
	struct dialogue *dialogue, uint64_t now_ns, struct span *line)
{
	const struct step *step = step_now(dialogue);
	struct address address = { .local = SPAN("") };
	struct span figures = SPAN("");
	const char *limit = line_obstacle(dialogue, step, &address, &figures);
	struct fault fault;

	dialogue->visit->last = stage_of(step->verb);
	if (step->verb == STEP_STARTTLS && tls_obstacle(dialogue, step, &fault))
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
		step = step_now(dialogue);
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
	for (step = step_now(dialogue); step && is_left_out(dialogue, step);
		step = step_now(dialogue))
		dialogue->at++;
	if (step)
		return begin_step(dialogue, now_ns, line);
	dialogue->turn = TURN_OVER;
	return WANT_HANGUP;
}

/* ---- what was heard */

static void step_is_done(struct dialogue *dialogue)
{
	dialogue->visit->reached[dialogue_stage(dialogue)] = true;
	dialogue->at++;
	dialogue->turn = TURN_BEGIN;
	if (dialogue->at >= dialogue->said_until)
		return;
	dialogue->turn = TURN_REPLY;
	dialogue->visit->last = dialogue_stage(dialogue);
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
	fail_politely(dialogue, now_ns, failure, text, reply);
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
		step_is_done(dialogue);
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
	} else if (may_be_in_clear(dialogue, step_now(dialogue)) &&
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
	const struct step *step = step_now(dialogue);

	switch (step->verb) {
	case STEP_EHLO:
		heard_ehlo(dialogue, now_ns, reply);
		return;
	case STEP_STARTTLS:
		heard_starttls(dialogue, now_ns, reply);
		return;
	case STEP_DATA:
		if (reply_is_go_on(reply))
			step_is_done(dialogue);
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
			step_is_done(dialogue);
		else
			refuse(dialogue, now_ns, reply);
		return;
	}
}

/*
 * A server that would take a message although it refused the recipient waits
 * for one now: it gets none, and no QUIT, which would be its first line.
 */
static void heard_at_goodbye(
	struct dialogue *dialogue, const struct reply *reply)
{
	bool was_apart = dialogue->heard_until == dialogue->said_until;

	if (!was_apart && ++dialogue->heard_until < dialogue->said_until)
		return;
	if (was_apart || is_quit_said(dialogue) || reply_is_go_on(reply))
		dialogue->turn = TURN_OVER;
	else
		dialogue->turn = TURN_GOODBYE;
}

static void heard(
	struct dialogue *dialogue, uint64_t now_ns, const struct reply *reply)
{
	add(dialogue, now_ns, EVENT_HEARD)->heard = reply;
	if (dialogue->turn == TURN_GOODBYE_REPLY)
		heard_at_goodbye(dialogue, reply);
	else
		heard_at_step(dialogue, now_ns, reply);
}

static struct span first_bytes(struct dialogue *dialogue, struct span bytes)
{
	return arena_copy(
		dialogue->arena, span_part(bytes, 0, FAULT_GARBLED_MAX));
}

static void broken(struct dialogue *dialogue, uint64_t now_ns, const char *why)
{
	struct fault fault = { .failure = FAILURE_SMTP_SYNTAX,
		.why = printed(dialogue, why) };

	fault.garbled = first_bytes(
		dialogue, reply_parser_rest(&dialogue->parser));
	fault_add(dialogue, now_ns, &fault);
	dialogue->is_deaf = true;
	begin_goodbye(dialogue);
}

static enum stage heard_last(const struct dialogue *dialogue)
{
	const struct transcript *transcript = &dialogue->visit->transcript;

	return transcript->events[transcript->count - 1].stage;
}

/* A server may say 421 at any time, and hang up (RFC 5321 section 3.8). */
static bool is_421(struct span rest)
{
	return span_starts_nocase(rest, SPAN("421"));
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
	struct fault fault = { .garbled = first_bytes(dialogue, *rest) };

	if (dialogue->turn == TURN_TLS) {
		fault.failure = FAILURE_TLS_INJECTION;
		fault.why = printed(dialogue,
			"plain text came after the 220 "
			"to STARTTLS: somebody may be injecting commands");
		dialogue_fail(dialogue, now_ns, fault);
	} else if (is_421(*rest) && step_now(dialogue)) {
		dialogue->visit->last = dialogue_stage(dialogue);
		dialogue->turn = TURN_REPLY;
		return;
	} else {
		/* The step has moved on: the talk came with the last reply. */
		fault.stage = heard_last(dialogue);
		fault.failure = FAILURE_SMTP_UNEXPECTED;
		fault.why = printed(dialogue,
			"the server went on talking without being asked");
		fault_add(dialogue, now_ns, &fault);
		dialogue->is_deaf = true;
		begin_goodbye(dialogue);
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
	if (dialogue->turn == TURN_OVER || !step_now(dialogue))
		return;
	if (rest.len) {
		fault.garbled = first_bytes(dialogue, rest);
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
	fault.garbled = first_bytes(
		dialogue, reply_parser_rest(&dialogue->parser));
	fault_add(dialogue, now_ns, &fault);
	/* A handshake or a message has no place for QUIT; nobody is there
	 * before the connection stands. */
	dialogue->is_deaf = true;
	if (turn == TURN_TLS || dialogue_stage(dialogue) == STAGE_CONNECT ||
		dialogue_stage(dialogue) == STAGE_DOT)
		dialogue->turn = TURN_OVER;
	else
		begin_goodbye(dialogue);
}

void dialogue_interrupt(struct dialogue *dialogue, uint64_t now_ns)
{
	struct fault fault = { .failure = FAILURE_INTERRUPTED,
		.why = SPAN("interrupted before it was over") };
	enum dialogue_turn turn = dialogue->turn;
	enum stage stage = dialogue_stage(dialogue);

	if (turn == TURN_OVER)
		return;
	fault_add(dialogue, now_ns, &fault);
	dialogue->is_deaf = true;
	if (turn == TURN_TLS || stage == STAGE_CONNECT || stage == STAGE_DOT ||
		turn == TURN_GOODBYE_REPLY)
		dialogue->turn = TURN_OVER;
	else
		begin_goodbye(dialogue);
}

/* ---- connecting and shaking hands */

void dialogue_connected(struct dialogue *dialogue, uint64_t now_ns)
{
	add(dialogue, now_ns, EVENT_CONNECTED);
	step_is_done(dialogue);
}

/* RFC 3207 section 4.2: what was learnt in clear is forgotten. */
static void forget_clear_text(struct dialogue *dialogue)
{
	dialogue->visit->ehlo = (struct ehlo){ .domain = SPAN("") };
	dialogue->visit->has_ehlo = false;
	dialogue->is_encrypted = true;
	reply_parser_init(&dialogue->parser, dialogue->arena);
}

static struct span verify_text(
	struct dialogue *dialogue, const struct session *session)
{
	if (session->is_trusted)
		return arena_print(dialogue->arena,
			"the certificate is not for %.*s",
			SPAN_ARG(session->checked_name));
	return arena_print(dialogue->arena,
		"the certificate is not trusted: %.*s",
		SPAN_ARG(session->verify_why));
}

/* RFC 8461 section 4.1: a policy in mode enforce says where mail may go. */
static bool is_forbidden_by_sts(const struct path *path)
{
	const struct mta_sts *sts = path->sts;

	return sts && sts->state == MTA_STS_FOUND &&
	       sts->policy.mode == MTA_STS_ENFORCE &&
	       !mta_sts_lists(&sts->policy, path->host);
}

static bool is_insecure(struct dialogue *dialogue,
	const struct session *session, struct fault *fault)
{
	const struct path *path = dialogue->visit->path;

	if (is_forbidden_by_sts(path)) {
		fault->failure = FAILURE_TLS_MTA_STS;
		fault->why = arena_print(dialogue->arena,
			"the MTA-STS policy of %.*s does not list %.*s",
			SPAN_ARG(path->domain), SPAN_ARG(path->host));
		return true;
	}
	fault->failure = FAILURE_TLS_VERIFY;
	fault->why = verify_text(dialogue, session);
	return !session->is_trusted || !session->name_matches;
}

/* RFC 7672 section 2.2: where all records are unusable, TLS will do. */
static bool is_not_bound_one(const struct dialogue *dialogue,
	const struct session *session, struct fault *fault)
{
	const struct tlsa_verdict *verdict = session->tlsa;

	if (!is_bound_by_dane(dialogue))
		return false;
	fault->failure = FAILURE_TLS_DANE;
	fault->why = SPAN("the server sent no certificate to hold its TLSA "
			  "records against");
	if (!verdict)
		return true;
	fault->why = verdict->why;
	return verdict->result == TLSA_NO_MATCH ||
	       verdict->result == TLSA_INVALID;
}

/* The handshake is well; is the server who the walk wants it to be? */
static bool is_stranger(struct dialogue *dialogue,
	const struct session *session, struct fault *fault)
{
	switch (step_now(dialogue)->tls) {
	case STEP_TLS_MAY:
	case STEP_TLS_ENCRYPT:
		return false;
	case STEP_TLS_DANE:
		return is_not_bound_one(dialogue, session, fault);
	case STEP_TLS_SECURE:
		return is_insecure(dialogue, session, fault);
	}
	return false;
}

void dialogue_tls_up(struct dialogue *dialogue, uint64_t now_ns,
	const struct session *session)
{
	struct fault fault = { .why = SPAN("") };

	add(dialogue, now_ns, EVENT_TLS)->tls = session;
	dialogue->visit->tls = session;
	forget_clear_text(dialogue);
	if (is_stranger(dialogue, session, &fault))
		fail_politely(dialogue, now_ns, fault.failure, fault.why, NULL);
	else
		step_is_done(dialogue);
}

void dialogue_tls_failed(struct dialogue *dialogue, uint64_t now_ns,
	const struct session *session, const struct fault *fault)
{
	add(dialogue, now_ns, EVENT_TLS)->tls = session;
	dialogue->visit->tls = session;
	dialogue_fail(dialogue, now_ns, *fault);
}
