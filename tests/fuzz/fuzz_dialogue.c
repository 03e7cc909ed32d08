#include <stdint.h>
#include <string.h>

#include "probe/walk/dialogue.h"
#include "tests/fuzz/must.h"

/*
 * A server that says anything at any time, hangs up, falls silent or fails in
 * TLS, to a user who may press Ctrl-C.  The dialogue ends; it says whole lines
 * and nothing behind QUIT; a message leaves only behind a 354 and without a
 * fault, and where TLS is wanted no mailbox leaves without.
 *
 * The first octet says what is walked and how.  Then each octet below
 * DIALOGUE_EVENTS is a length, and so many octets are heard in one piece; those
 * from there on are other things that happen.
 */
enum dialogue_event_kind {
	DIALOGUE_EVENTS = 0xf7,
	DIALOGUE_TLS_FAILS = DIALOGUE_EVENTS,
	DIALOGUE_TLS_STRANGER,
	DIALOGUE_TLS_UP,
	DIALOGUE_CTRL_C,
	DIALOGUE_NO_TIME,
	DIALOGUE_SILENCE,
	DIALOGUE_RESET,
	DIALOGUE_END,
};

struct dialogue_play {
	struct arena *arena;
	struct visit visit;
	struct path path;
	struct scenario scenario;
	struct dialogue dialogue;
	struct patience patience;
	struct span rest; /* of the input */
	bool is_encrypted, has_quit, has_sent;
};

#define DIALOGUE_STEP(v)                                                       \
	{                                                                      \
		.verb = STEP_##v                                               \
	}
#define DIALOGUE_ARGUED(v, a)                                                  \
	{                                                                      \
		.verb = STEP_##v, .argument = { a, sizeof(a) - 1 }             \
	}
#define DIALOGUE_TLS(l)                                                        \
	{                                                                      \
		.verb = STEP_STARTTLS, .tls = STEP_TLS_##l                     \
	}
#define DIALOGUE_HELLO                                                         \
	DIALOGUE_STEP(CONNECT), DIALOGUE_STEP(BANNER),                         \
		DIALOGUE_ARGUED(EHLO, "me.example")
#define DIALOGUE_ENVELOPE                                                      \
	DIALOGUE_ARGUED(MAIL, "a@b.example"),                                  \
		DIALOGUE_ARGUED(RCPT, "c@d.example"),                          \
		DIALOGUE_ARGUED(RCPT, "e@d.example")
#define DIALOGUE_MESSAGE                                                       \
	DIALOGUE_STEP(DATA), DIALOGUE_STEP(DOT), DIALOGUE_STEP(QUIT)

static const struct step dialogue_plain[] = { DIALOGUE_HELLO,
	DIALOGUE_STEP(QUIT) };
static const struct step dialogue_envelope[] = { DIALOGUE_HELLO,
	DIALOGUE_ENVELOPE, DIALOGUE_STEP(QUIT) };
static const struct step dialogue_open[] = { DIALOGUE_HELLO,
	DIALOGUE_ENVELOPE };
static const struct step dialogue_deliver[] = { DIALOGUE_HELLO,
	DIALOGUE_ENVELOPE, DIALOGUE_MESSAGE };
static const struct step dialogue_may[] = { DIALOGUE_HELLO, DIALOGUE_TLS(MAY),
	DIALOGUE_ARGUED(EHLO, "me.example"), DIALOGUE_ENVELOPE,
	DIALOGUE_MESSAGE };
static const struct step dialogue_encrypt[] = { DIALOGUE_HELLO,
	DIALOGUE_TLS(ENCRYPT), DIALOGUE_ARGUED(EHLO, "me.example"),
	DIALOGUE_ENVELOPE, DIALOGUE_MESSAGE };
static const struct step dialogue_secure[] = { DIALOGUE_HELLO,
	DIALOGUE_TLS(SECURE), DIALOGUE_ARGUED(EHLO, "me.example"),
	DIALOGUE_ENVELOPE, DIALOGUE_MESSAGE };
static const struct step dialogue_dane[] = { DIALOGUE_HELLO, DIALOGUE_TLS(DANE),
	DIALOGUE_ARGUED(EHLO, "me.example"), DIALOGUE_ENVELOPE,
	DIALOGUE_MESSAGE };

/* In the order of the first octet's three low bits. */
static const struct {
	const struct step *steps;
	size_t count;
	bool wants_tls;
} dialogue_walks[] = {
	{ dialogue_plain, COUNT_OF(dialogue_plain), false },
	{ dialogue_envelope, COUNT_OF(dialogue_envelope), false },
	{ dialogue_open, COUNT_OF(dialogue_open), false },
	{ dialogue_deliver, COUNT_OF(dialogue_deliver), false },
	{ dialogue_may, COUNT_OF(dialogue_may), false },
	{ dialogue_encrypt, COUNT_OF(dialogue_encrypt), true },
	{ dialogue_secure, COUNT_OF(dialogue_secure), true },
	{ dialogue_dane, COUNT_OF(dialogue_dane), false },
};

static struct dialogue_play *dialogue_play_open(struct span input)
{
	static const char text[] = "Subject: x\r\n\r\n.hi\r\n";
	struct arena *arena = arena_open();
	struct dialogue_play *play = arena_new(arena, struct dialogue_play);
	unsigned how = input.len ? (unsigned char)input.at[0] : 0;

	play->arena = arena;
	play->rest = span_part(input, 1, input.len);
	play->scenario = (struct scenario){
		.name = SPAN("fuzz"),
		.steps = dialogue_walks[how & 7].steps,
		.step_count = dialogue_walks[how & 7].count,
		.pipelines = how & 8,
		.pipelines_always = how & 16,
		.talks_early = how & 32,
	};
	play->visit.scenario = &play->scenario;
	play->visit.path = &play->path;
	play->patience = PATIENCE_DEFAULT;
	dialogue_init(&play->dialogue, arena, &play->visit,
		message_from(arena, span_of(text)), &play->patience);
	return play;
}

/* ---- what it says */

static const struct reply *dialogue_last_heard(const struct dialogue_play *play)
{
	const struct transcript *transcript = &play->visit.transcript;

	for (size_t i = transcript->count; i-- > 0;)
		if (transcript->events[i].kind == EVENT_HEARD)
			return transcript->events[i].heard;
	return NULL;
}

static bool dialogue_wants_tls(const struct dialogue_play *play)
{
	for (size_t i = 0; i < COUNT_OF(dialogue_walks); i++)
		if (dialogue_walks[i].steps == play->scenario.steps)
			return dialogue_walks[i].wants_tls;
	return false;
}

static void dialogue_check_line(struct dialogue_play *play, struct span line)
{
	const struct reply *heard = dialogue_last_heard(play);

	MUST(line.len > 2 && line.at[line.len - 2] == '\r' &&
		line.at[line.len - 1] == '\n');
	MUST(!play->has_quit);
	if (span_starts_nocase(line, SPAN("Subject:"))) {
		MUST(!play->visit.fault && heard && reply_is_go_on(heard));
		MUST(!play->has_sent);
		play->has_sent = true;
	}
	if (span_starts_nocase(line, SPAN("MAIL")))
		MUST(play->is_encrypted || !dialogue_wants_tls(play));
	if (play->visit.fault)
		MUST(span_is(line, SPAN("QUIT\r\n")));
	play->has_quit = line.len >= 6 &&
			 span_is(span_part(line, line.len - 6, line.len),
				 SPAN("QUIT\r\n"));
}

/* ---- what happens to it */

static void dialogue_shake(struct dialogue_play *play, unsigned kind)
{
	struct session *session = arena_new(play->arena, struct session);
	struct fault fault = { .failure = FAILURE_TLS_HANDSHAKE,
		.why = SPAN("an alert") };

	session->is_trusted = session->name_matches = kind == DIALOGUE_TLS_UP;
	session->checked_name = session->verify_why = SPAN("mx.example");
	if (kind == DIALOGUE_TLS_FAILS) {
		dialogue_tls_failed(&play->dialogue, 7, session, &fault);
		return;
	}
	play->is_encrypted = true;
	dialogue_tls_up(&play->dialogue, 7, session);
}

static unsigned dialogue_take(struct dialogue_play *play)
{
	unsigned kind;

	if (!play->rest.len)
		return DIALOGUE_END;
	kind = (unsigned char)play->rest.at[0];
	play->rest = span_part(play->rest, 1, play->rest.len);
	return kind;
}

static void dialogue_hear_some(struct dialogue_play *play, size_t len)
{
	struct span bytes = span_part(play->rest, 0, len);

	play->rest = span_part(play->rest, len, play->rest.len);
	/* The engine takes them during a handshake. */
	if (play->dialogue.turn != TURN_TLS)
		dialogue_hear(&play->dialogue, 7, bytes);
}

static void dialogue_happen(struct dialogue_play *play, enum want want)
{
	unsigned kind = dialogue_take(play);

	if (kind < DIALOGUE_EVENTS)
		dialogue_hear_some(play, kind);
	else if (kind == DIALOGUE_CTRL_C)
		dialogue_interrupt(&play->dialogue, 7);
	else if (kind == DIALOGUE_SILENCE || kind == DIALOGUE_NO_TIME)
		dialogue_silence(&play->dialogue, 7, kind == DIALOGUE_NO_TIME);
	else if (kind == DIALOGUE_END || kind == DIALOGUE_RESET)
		dialogue_hear_end(&play->dialogue, 7, kind == DIALOGUE_RESET);
	else if (want == WANT_TLS)
		dialogue_shake(play, kind);
}

/* ---- how it ended */

static bool dialogue_was_taken(const struct dialogue_play *play)
{
	const struct transcript *transcript = &play->visit.transcript;

	for (size_t i = 0; i < transcript->count; i++)
		if (transcript->events[i].kind == EVENT_HEARD &&
			transcript->events[i].stage == STAGE_DOT &&
			reply_is_yes(transcript->events[i].heard))
			return true;
	return false;
}

static void dialogue_check_end(const struct dialogue_play *play)
{
	const struct visit *visit = &play->visit;

	if (visit->fault) {
		MUST(visit->fault->why.len > 0 || visit->fault->reply);
		MUST((int)visit->fault->failure < FAILURE_COUNT);
		MUST(visit->fault->garbled.len <= FAULT_GARBLED_MAX);
		MUST(visit->last == visit->fault->stage);
	} else {
		MUST(visit->reached[STAGE_CONNECT]);
		MUST(visit->reached[STAGE_EHLO]);
	}
	if (visit->reached[STAGE_DOT])
		MUST(play->has_sent && dialogue_was_taken(play));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct dialogue_play *play = dialogue_play_open(
		(struct span){ (const char *)bytes, len });
	size_t turns = 0;
	struct span line;

	for (;;) {
		enum want want = dialogue_want(&play->dialogue, 7, &line);

		MUST(turns++ < len + 100);
		if (want == WANT_HANGUP)
			break;
		if (want == WANT_SAY)
			dialogue_check_line(play, line);
		else if (want == WANT_CONNECT && play->rest.len)
			dialogue_connected(&play->dialogue, 7);
		else
			dialogue_happen(play, want);
	}
	dialogue_check_end(play);
	arena_close(play->arena);
	return 0;
}
