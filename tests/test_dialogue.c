#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "probe/walk/dialogue.h"

/*
 * The server of these tests is a list of lines.  A play drives the dialogue in
 * a for loop and writes down, in one string, what was said and how it ended:
 * "EHLO me | QUIT | smtp_5xx at rcpt".
 */
enum { EVENTS = 24, ROOM = 1024 };
static const char fitting[] = "(handshake, TLSA fits)",
	unfitting[] = "(handshake, TLSA does not fit)",
	outdated[] = "(handshake, TLSA fits what has expired)",
	unusable[] = "(handshake, no TLSA can be used)";
static const char hang_up[] = "(hangs up)", reset[] = "(resets)",
	silence[] = "(silence)", shake_hands[] = "(handshake)",
	wrong_name[] = "(handshake with a wrong name)",
	common_name[] = "(handshake with a name in the subject alone)",
	interrupt[] = "(Ctrl-C)";

#define STEP(v)      { .verb = STEP_##v }
#define STEP_A(v, a) { .verb = STEP_##v, .argument = { a, sizeof(a) - 1 } }
#define STEP_T(l)    { .verb = STEP_STARTTLS, .tls = STEP_TLS_##l }

static const struct step hello[] = { STEP(CONNECT), STEP(BANNER),
	STEP_A(EHLO, "me.example"), STEP(QUIT) };
static const struct step deliver[] = { STEP(CONNECT), STEP(BANNER),
	STEP_A(EHLO, "me.example"), STEP_A(MAIL, "a@b.example"),
	STEP_A(RCPT, "c@d.example"), STEP(DATA), STEP(DOT), STEP(QUIT) };
static const struct step tls_may[] = { STEP(CONNECT), STEP(BANNER),
	STEP_A(EHLO, "me.example"), STEP_T(MAY), STEP_A(EHLO, "me.example"),
	STEP_A(MAIL, ""), STEP(QUIT) };
static const struct step tls_must[] = { STEP(CONNECT), STEP(BANNER),
	STEP_A(EHLO, "me.example"), STEP_T(ENCRYPT),
	STEP_A(EHLO, "me.example"), STEP(QUIT) };
static const struct step tls_secure[] = { STEP(CONNECT), STEP(BANNER),
	STEP_A(EHLO, "me.example"), STEP_T(SECURE),
	STEP_A(EHLO, "me.example"), STEP(QUIT) };

static const struct step tls_dane[] = { STEP(CONNECT), STEP(BANNER),
	STEP_A(EHLO, "me.example"), STEP_T(DANE),
	STEP_A(EHLO, "me.example"), STEP(QUIT) };

#define SCENARIO(s)                                                            \
	((struct scenario){ .name = { #s, 1 },                                 \
		.steps = s,                                                    \
		.step_count = COUNT_OF(s) })

struct play {
	struct arena *arena;
	struct visit visit;
	struct path path;
	struct scenario scenario;
	struct dialogue dialogue;
	struct patience patience;
	char told[ROOM];
};

static void tell(struct play *play, const char *text, size_t len)
{
	size_t have = strlen(play->told);

	snprintf(play->told + have, ROOM - have, "%s%.*s", have ? " | " : "",
		(int)len, text);
}

static void tell_word(struct play *play, const char *word)
{
	tell(play, word, strlen(word));
}

static const struct tlsa_verdict *verdict_of(
	struct arena *arena, const char *line)
{
	struct tlsa_verdict *verdict = arena_new(arena, struct tlsa_verdict);

	verdict->result = line == fitting  ? TLSA_MATCHES
			  : line == unusable ? TLSA_ALL_UNUSABLE
			  : line == outdated ? TLSA_INVALID
					     : TLSA_NO_MATCH;
	verdict->why = SPAN("it does not");
	if (line == fitting || line == unfitting || line == unusable ||
		line == outdated)
		return verdict;
	return NULL;
}

/* Its subjectAltNames: an address, and where it is well, a name. */
static void show_chain(struct session *session, const char *line)
{
	static const struct span names[] = { { "192.0.2.25", 10 },
		{ "mx.example", 10 } };
	static const struct certificate named = { .names = names,
		.name_count = 2 }, nameless = { .names = names,
		.name_count = 1 };

	session->chain = line == common_name ? &nameless : &named;
	session->chain_count = 1;
}

static bool next(struct play *play, const char *line)
{
	struct dialogue *dialogue = &play->dialogue;
	struct session *session = arena_new(play->arena, struct session);

	show_chain(session, line);
	session->tlsa = verdict_of(play->arena, line);
	session->is_trusted = true;
	session->name_matches = line != wrong_name;
	session->checked_name = SPAN("mx.example");
	if (!line)
		return false;
	if (line == hang_up || line == reset)
		dialogue_hear_end(dialogue, 7, line == reset);
	else if (line == silence)
		dialogue_silence(dialogue, 7, false);
	else if (line == interrupt)
		dialogue_interrupt(dialogue, 7);
	else if (line == shake_hands || line == wrong_name ||
		line == common_name || session->tlsa)
		dialogue_tls_up(dialogue, 7, session);
	else
		dialogue_hear(dialogue, 7, span_of(line));
	return true;
}

static void run(struct play *play, const char *const *server)
{
	struct span line;

	for (size_t turns = 0; turns < 200; turns++) {
		switch (dialogue_want(&play->dialogue, 7, &line)) {
		case WANT_CONNECT:
			dialogue_connected(&play->dialogue, 7);
			continue;
		case WANT_SAY:
			tell(play, line.at, span_find(line, '\r'));
			continue;
		case WANT_HEAR:
		case WANT_TLS:
			assert_true(next(play, *server));
			server++;
			continue;
		case WANT_HANGUP:
			return;
		}
	}
	fail_msg("the dialogue does not end");
}

static struct play *play_open(struct scenario scenario, const char *message)
{
	struct arena *arena = arena_open();
	struct play *play = arena_new(arena, struct play);

	play->arena = arena;
	play->scenario = scenario;
	play->visit.scenario = &play->scenario;
	play->visit.path = &play->path;
	play->patience = PATIENCE_DEFAULT;
	dialogue_init(&play->dialogue, arena, &play->visit, message ?
		message_from(arena, span_of(message)) : NULL, &play->patience);
	return play;
}

static void expect(struct scenario scenario, const char *const *server,
	const char *told)
{
	struct play *play = play_open(scenario, "Subject: x\r\n\r\nhi\r\n");
	const struct fault *fault;

	run(play, server);
	fault = play->visit.fault;
	if (fault) {
		tell(play, failure_word(fault->failure),
			strlen(failure_word(fault->failure)));
		tell(play, stage_word(fault->stage),
			strlen(stage_word(fault->stage)));
	} else {
		tell(play, "well", 4);
	}
	assert_string_equal(play->told, told);
	arena_close(play->arena);
}

#define SERVER(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void a_polite_server_is_walked_to_the_end(void **state)
{
	(void)state;
	expect(SCENARIO(hello), SERVER("220 hi\r\n",
		"250-mx\r\n250 SIZE 9\r\n", "221 bye\r\n"),
		"EHLO me.example | QUIT | well");
}

static void a_message_goes_out_with_its_dot(void **state)
{
	(void)state;
	expect(SCENARIO(deliver), SERVER("220 hi\r\n",
		"250-mx\r\n250 SIZE 900\r\n", "250 ok\r\n", "250 ok\r\n",
		"354 go\r\n", "250 2.0.0 queued\r\n", "221 bye\r\n"),
		"EHLO me.example | MAIL FROM:<a@b.example> SIZE=18 | "
		"RCPT TO:<c@d.example> | DATA | Subject: x | QUIT | well");
}

static void a_refusal_ends_the_walk_at_once_and_quit_is_said(void **state)
{
	(void)state;
	expect(SCENARIO(deliver), SERVER("220 hi\r\n", "250 mx\r\n",
		"250 ok\r\n", "550 5.1.1 no\r\n", "221 bye\r\n"),
		"EHLO me.example | MAIL FROM:<a@b.example> | "
		"RCPT TO:<c@d.example> | QUIT | smtp_5xx | rcpt");
	expect(SCENARIO(hello), SERVER("554 no\r\n", "221 bye\r\n"),
		"QUIT | smtp_5xx | banner");
	expect(SCENARIO(hello), SERVER("421 busy\r\n", hang_up),
		"QUIT | smtp_4xx | banner");
}

static void helo_is_tried_where_ehlo_is_not_known(void **state)
{
	(void)state;
	expect(SCENARIO(hello), SERVER("220 hi\r\n", "502 what\r\n",
		"250 mx\r\n", "221 bye\r\n"),
		"EHLO me.example | HELO me.example | QUIT | well");
	expect(SCENARIO(hello), SERVER("220 hi\r\n", "502 what\r\n",
		"502 what\r\n", "221 bye\r\n"), "EHLO me.example | "
		"HELO me.example | QUIT | smtp_5xx | ehlo");
	expect(SCENARIO(hello), SERVER("220 hi\r\n", "550 go away\r\n",
		"221 bye\r\n"), "EHLO me.example | QUIT | smtp_5xx | ehlo");
}

static void starttls_is_followed_by_a_second_ehlo(void **state)
{
	(void)state;
	expect(SCENARIO(tls_may), SERVER("220 hi\r\n",
		"250-mx\r\n250 STARTTLS\r\n", "220 go\r\n", shake_hands,
		"250 mx\r\n", "250 ok\r\n", "221 bye\r\n"),
		"EHLO me.example | STARTTLS | EHLO me.example | "
		"MAIL FROM:<> | QUIT | well");
}

static void may_goes_on_in_clear_without_a_second_ehlo(void **state)
{
	(void)state;
	expect(SCENARIO(tls_may), SERVER("220 hi\r\n", "250 mx\r\n",
		"250 ok\r\n", "221 bye\r\n"),
		"EHLO me.example | MAIL FROM:<> | QUIT | well");
	expect(SCENARIO(tls_may), SERVER("220 hi\r\n",
		"250-mx\r\n250 STARTTLS\r\n", "454 not now\r\n",
		"250 ok\r\n", "221 bye\r\n"), "EHLO me.example | STARTTLS | "
		"MAIL FROM:<> | QUIT | well");
}

static void encrypt_does_not_go_on_in_clear(void **state)
{
	(void)state;
	expect(SCENARIO(tls_must), SERVER("220 hi\r\n", "250 mx\r\n",
		"221 bye\r\n"),
		"EHLO me.example | QUIT | tls_not_offered | starttls");
	expect(SCENARIO(tls_must), SERVER("220 hi\r\n",
		"250-mx\r\n250 STARTTLS\r\n", "454 no\r\n", "221 bye\r\n"),
		"EHLO me.example | STARTTLS | QUIT | smtp_4xx | starttls");
}

static void a_wrong_name_is_a_verification_fault_only_when_secure(void **state)
{
	(void)state;
	expect(SCENARIO(tls_secure), SERVER("220 hi\r\n",
		"250-mx\r\n250 STARTTLS\r\n", "220 go\r\n", wrong_name,
		"221 bye\r\n"),
		"EHLO me.example | STARTTLS | QUIT | tls_verify | tls");
	expect(SCENARIO(tls_must), SERVER("220 hi\r\n",
		"250-mx\r\n250 STARTTLS\r\n", "220 go\r\n", wrong_name,
		"250 mx\r\n", "221 bye\r\n"),
		"EHLO me.example | STARTTLS | EHLO me.example | QUIT | well");
}

/* As expect(), where the DNS said this of TLSA and of MTA-STS. */
static void expect_bound(struct scenario scenario, struct path path,
	const char *const *server, const char *told)
{
	struct play *play = play_open(scenario, NULL);

	play->path = path;
	run(play, server);
	if (play->visit.fault) {
		tell_word(play, failure_word(play->visit.fault->failure));
		tell_word(play, stage_word(play->visit.fault->stage));
	} else {
		tell_word(play, "well");
	}
	assert_string_equal(play->told, told);
	arena_close(play->arena);
}

#define HELLO  "220 hi\r\n", "250-mx\r\n250 STARTTLS\r\n", "220 go\r\n"
#define DANE(s) (struct path){ .dane = &(struct dane){ .state = DANE_##s } }

static void dane_without_binding_records_is_as_may(void **state)
{
	static const enum dane_state states[] = { DANE_NONE, DANE_INSECURE };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(states); i++) {
		struct dane dane = { .state = states[i] };
		struct path path = { .dane = &dane };

		expect_bound(SCENARIO(tls_dane), path,
			SERVER("220 hi\r\n", "250 mx\r\n", "221 bye\r\n"),
			"EHLO me.example | QUIT | well");
		expect_bound(SCENARIO(tls_dane), path,
			SERVER("220 hi\r\n", "250-mx\r\n250 STARTTLS\r\n",
				"454 not now\r\n", "221 bye\r\n"),
			"EHLO me.example | STARTTLS | QUIT | well");
		expect_bound(SCENARIO(tls_dane), path,
			SERVER(HELLO, wrong_name, "250 mx\r\n",
				"221 bye\r\n"),
			"EHLO me.example | STARTTLS | EHLO me.example | QUIT "
			"| well");
	}
}

static void binding_records_forbid_to_go_on_in_clear(void **state)
{
	(void)state;
	expect_bound(SCENARIO(tls_dane), DANE(BINDING),
		SERVER("220 hi\r\n", "250 mx\r\n", "221 bye\r\n"),
		"EHLO me.example | QUIT | tls_not_offered | starttls");
	expect_bound(SCENARIO(tls_dane), DANE(BINDING),
		SERVER("220 hi\r\n", "250-mx\r\n250 STARTTLS\r\n",
			"454 not now\r\n", "221 bye\r\n"),
		"EHLO me.example | STARTTLS | QUIT | smtp_4xx | starttls");
}

static void a_certificate_must_fit_the_records_that_bind(void **state)
{
	(void)state;
	expect_bound(SCENARIO(tls_dane), DANE(BINDING),
		SERVER(HELLO, fitting, "250 mx\r\n", "221 bye\r\n"),
		"EHLO me.example | STARTTLS | EHLO me.example | QUIT | well");
	expect_bound(SCENARIO(tls_dane), DANE(BINDING),
		SERVER(HELLO, unfitting, "221 bye\r\n"),
		"EHLO me.example | STARTTLS | QUIT | tls_dane | tls");
	expect_bound(SCENARIO(tls_dane), DANE(BINDING),
		SERVER(HELLO, outdated, "221 bye\r\n"),
		"EHLO me.example | STARTTLS | QUIT | tls_dane | tls");
	expect_bound(SCENARIO(tls_dane), DANE(BINDING),
		SERVER(HELLO, unusable, "250 mx\r\n", "221 bye\r\n"),
		"EHLO me.example | STARTTLS | EHLO me.example | QUIT | well");
	/* No chain came that could be held against anything. */
	expect_bound(SCENARIO(tls_dane), DANE(BINDING),
		SERVER(HELLO, shake_hands, "221 bye\r\n"),
		"EHLO me.example | STARTTLS | QUIT | tls_dane | tls");
}

static void only_a_walk_that_asked_for_dane_fails_by_it(void **state)
{
	(void)state;
	expect_bound(SCENARIO(tls_must), DANE(BINDING),
		SERVER(HELLO, unfitting, "250 mx\r\n", "221 bye\r\n"),
		"EHLO me.example | STARTTLS | EHLO me.example | QUIT | well");
	expect_bound(SCENARIO(tls_may), DANE(UNKNOWN),
		SERVER("220 hi\r\n", "250 mx\r\n", "250 ok\r\n",
			"221 bye\r\n"),
		"EHLO me.example | MAIL FROM:<> | QUIT | well");
}

/* RFC 7672 section 2.1.2: it waits; the fault is that of the look-up. */
static void records_that_cannot_be_had_leave_it_undecided(void **state)
{
	struct dane dane = { .state = DANE_UNKNOWN, .failed = ANSWER_SERVFAIL };

	(void)state;
	expect_bound(SCENARIO(tls_dane), (struct path){ .dane = &dane },
		SERVER("220 hi\r\n", "250-mx\r\n250 STARTTLS\r\n",
			"221 bye\r\n"),
		"EHLO me.example | QUIT | dns_servfail | starttls");
	dane.failed = ANSWER_TIMEOUT;
	expect_bound(SCENARIO(tls_dane), (struct path){ .dane = &dane },
		SERVER("220 hi\r\n", "250 mx\r\n", "221 bye\r\n"),
		"EHLO me.example | QUIT | dns_timeout | starttls");
}

static void secure_wants_a_host_that_the_sts_policy_lists(void **state)
{
	static const struct span patterns[] = { { "*.d.example", 11 } };
	struct mta_sts sts = { .state = MTA_STS_FOUND,
		.policy = { .mode = MTA_STS_ENFORCE,
			.patterns = patterns,
			.pattern_count = 1 } };
	struct path path = { .domain = SPAN("d.example"),
		.host = SPAN("mx.d.example"),
		.sts = &sts };
	static const char well[] = "EHLO me.example | STARTTLS | "
				   "EHLO me.example | QUIT | well";

	(void)state;
	expect_bound(SCENARIO(tls_secure), path,
		SERVER(HELLO, shake_hands, "250 mx\r\n", "221 bye\r\n"),
		well);
	path.host = SPAN("mx.elsewhere.example");
	expect_bound(SCENARIO(tls_secure), path,
		SERVER(HELLO, shake_hands, "221 bye\r\n"),
		"EHLO me.example | STARTTLS | QUIT | tls_mta_sts | tls");
	expect_bound(SCENARIO(tls_must), path,
		SERVER(HELLO, shake_hands, "250 mx\r\n", "221 bye\r\n"),
		well);
	sts.policy.mode = MTA_STS_TESTING;
	expect_bound(SCENARIO(tls_secure), path,
		SERVER(HELLO, shake_hands, "250 mx\r\n", "221 bye\r\n"),
		well);
	sts.state = MTA_STS_FETCH_FAILED;
	expect_bound(SCENARIO(tls_secure), path,
		SERVER(HELLO, shake_hands, "250 mx\r\n", "221 bye\r\n"),
		well);
}

static void sts_wants_the_name_among_the_alternative_names(void **state)
{
	static const struct span patterns[] = { { "mx.d.example", 12 } };
	struct mta_sts sts = { .state = MTA_STS_FOUND,
		.policy = { .mode = MTA_STS_ENFORCE,
			.patterns = patterns,
			.pattern_count = 1 } };
	struct path path = { .domain = SPAN("d.example"),
		.host = SPAN("mx.d.example"),
		.sts = &sts };
	static const char well[] = "EHLO me.example | STARTTLS | "
				   "EHLO me.example | QUIT | well";

	(void)state;
	expect_bound(SCENARIO(tls_secure), path,
		SERVER(HELLO, common_name, "221 bye\r\n"),
		"EHLO me.example | STARTTLS | QUIT | tls_verify | tls");
	sts.policy.mode = MTA_STS_TESTING;
	expect_bound(SCENARIO(tls_secure), path,
		SERVER(HELLO, common_name, "250 mx\r\n", "221 bye\r\n"),
		well);
	path.sts = NULL;
	expect_bound(SCENARIO(tls_secure), path,
		SERVER(HELLO, common_name, "250 mx\r\n", "221 bye\r\n"),
		well);
}

static void plain_text_behind_the_220_is_an_injection(void **state)
{
	(void)state;
	expect(SCENARIO(tls_may), SERVER("220 hi\r\n",
		"250-mx\r\n250 STARTTLS\r\n", "220 go\r\n250 evil\r\n"),
		"EHLO me.example | STARTTLS | tls_injection | tls");
}

static void what_ehlo_said_in_clear_is_forgotten(void **state)
{
	struct play *play = play_open(SCENARIO(tls_may), NULL);

	(void)state;
	run(play, SERVER("220 hi\r\n", "250-mx\r\n250-SIZE 9\r\n"
		"250 STARTTLS\r\n", "220 go\r\n", shake_hands, "250 mx\r\n",
		"250 ok\r\n", "221 bye\r\n"));
	assert_false(play->visit.ehlo.size);
	assert_false(play->visit.ehlo.starttls);
	arena_close(play->arena);
}

static void a_421_may_come_behind_any_reply(void **state)
{
	(void)state;
	expect(SCENARIO(deliver), SERVER("220 hi\r\n",
		"250 mx\r\n421 4.3.2 closing\r\n", hang_up),
		"EHLO me.example | QUIT | smtp_4xx | mail");
	expect(SCENARIO(hello), SERVER("220 hi\r\n421 clos", "ing\r\n",
		hang_up), "QUIT | smtp_4xx | ehlo");
}

static void a_421_is_known_however_it_is_cut(void **state)
{
	static const char heard[] = "220 hi\r\n421 4.3.2 closing\r\n";

	(void)state;
	for (size_t at = sizeof("220 hi\r\n"); at < sizeof(heard) - 1; at++) {
		char first[sizeof(heard)], rest[sizeof(heard)];

		snprintf(first, sizeof(first), "%.*s", (int)at, heard);
		snprintf(rest, sizeof(rest), "%s", heard + at);
		expect(SCENARIO(hello), SERVER(first, rest, hang_up),
			"QUIT | smtp_4xx | ehlo");
	}
	expect(SCENARIO(hello), SERVER("220 hi\r\n4", "29 later\r\n", hang_up),
		"QUIT | smtp_unexpected | banner");
	expect(SCENARIO(hello), SERVER("220 hi\r\n42", hang_up),
		"smtp_closed | ehlo");
}

/* What went out at each turn to say, line ends as bars. */
static void told_in_turns(struct scenario scenario, const char *const *server,
	const char *told)
{
	struct play *play;
	struct span line;
	char turns[ROOM] = "";

	scenario.pipelines = true;
	play = play_open(scenario, "Subject: x\r\n\r\nhi\r\n");
	for (;;) {
		switch (dialogue_want(&play->dialogue, 7, &line)) {
		case WANT_CONNECT:
			dialogue_connected(&play->dialogue, 7);
			continue;
		case WANT_SAY:
			snprintf(turns + strlen(turns), ROOM - strlen(turns),
				"[%.*s]", SPAN_ARG(line));
			continue;
		case WANT_HEAR:
		case WANT_TLS:
			assert_true(next(play, *server));
			server++;
			continue;
		case WANT_HANGUP:
			break;
		}
		break;
	}
	for (char *at = turns; (at = strchr(at, '\r')) != NULL;)
		memmove(at, at + 1, strlen(at));
	for (char *at = turns; (at = strchr(at, '\n')) != NULL;)
		*at = '|';
	if (play->visit.fault)
		snprintf(turns + strlen(turns), ROOM - strlen(turns), "%s %s",
			failure_word(play->visit.fault->failure),
			stage_word(play->visit.fault->stage));
	assert_string_equal(turns, told);
	assert_null(*server);
	arena_close(play->arena);
}

static const struct step envelope[] = { STEP(CONNECT), STEP(BANNER),
	STEP_A(EHLO, "me.example"), STEP_A(MAIL, "a@b.example"),
	STEP_A(RCPT, "c@d.example"), STEP(QUIT) };

#define PIPED "250-mx\r\n250 PIPELINING\r\n"

static void what_may_be_said_in_one_go_is(void **state)
{
	(void)state;
	told_in_turns(SCENARIO(envelope), SERVER("220 hi\r\n", PIPED,
		"250 ok\r\n", "250 ok\r\n221 bye\r\n"),
		"[EHLO me.example|]"
		"[MAIL FROM:<a@b.example>|RCPT TO:<c@d.example>|QUIT|]");
	told_in_turns(SCENARIO(deliver), SERVER("220 hi\r\n", PIPED,
		"250 ok\r\n250 ok\r\n", "354 go\r\n", "250 ok\r\n",
		"221 bye\r\n"), "[EHLO me.example|]"
		"[MAIL FROM:<a@b.example>|RCPT TO:<c@d.example>|DATA|]"
		"[Subject: x||hi|.|QUIT|]");
}

static void a_server_that_does_not_announce_it_is_asked_one_by_one(
	void **state)
{
	(void)state;
	told_in_turns(SCENARIO(envelope), SERVER("220 hi\r\n", "250 mx\r\n",
		"250 ok\r\n", "250 ok\r\n", "221 bye\r\n"),
		"[EHLO me.example|][MAIL FROM:<a@b.example>|]"
		"[RCPT TO:<c@d.example>|][QUIT|]");
}

static void behind_a_refusal_the_replies_still_owed_are_heard(void **state)
{
	(void)state;
	told_in_turns(SCENARIO(envelope), SERVER("220 hi\r\n", PIPED,
		"550 no\r\n503 what\r\n", "221 bye\r\n"),
		"[EHLO me.example|]"
		"[MAIL FROM:<a@b.example>|RCPT TO:<c@d.example>|QUIT|]"
		"smtp_5xx mail");
	told_in_turns(SCENARIO(deliver), SERVER("220 hi\r\n", PIPED,
		"550 no\r\n", "503 what\r\n503 what\r\n", "221 bye\r\n"),
		"[EHLO me.example|]"
		"[MAIL FROM:<a@b.example>|RCPT TO:<c@d.example>|DATA|][QUIT|]"
		"smtp_5xx mail");
	told_in_turns(SCENARIO(deliver), SERVER("220 hi\r\n", PIPED,
		"250 ok\r\n550 no\r\n554 nobody\r\n", "221 bye\r\n"),
		"[EHLO me.example|]"
		"[MAIL FROM:<a@b.example>|RCPT TO:<c@d.example>|DATA|][QUIT|]"
		"smtp_5xx rcpt");
	told_in_turns(SCENARIO(envelope), SERVER("220 hi\r\n", PIPED,
		"550 no\r\n", hang_up),
		"[EHLO me.example|]"
		"[MAIL FROM:<a@b.example>|RCPT TO:<c@d.example>|QUIT|]"
		"smtp_5xx mail");
}

static void a_message_never_follows_a_refused_recipient(void **state)
{
	(void)state;
	told_in_turns(SCENARIO(deliver), SERVER("220 hi\r\n", PIPED,
		"250 ok\r\n", "550 no\r\n354 go on then\r\n"),
		"[EHLO me.example|]"
		"[MAIL FROM:<a@b.example>|RCPT TO:<c@d.example>|DATA|]"
		"smtp_5xx rcpt");
}

static void more_replies_than_commands_are_too_many(void **state)
{
	(void)state;
	told_in_turns(SCENARIO(envelope), SERVER("220 hi\r\n", PIPED,
		"250 ok\r\n250 ok\r\n221 bye\r\n250 and\r\n"),
		"[EHLO me.example|]"
		"[MAIL FROM:<a@b.example>|RCPT TO:<c@d.example>|QUIT|]"
		"smtp_unexpected quit");
	told_in_turns(SCENARIO(deliver), SERVER("220 hi\r\n", PIPED,
		"250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n"),
		"[EHLO me.example|]"
		"[MAIL FROM:<a@b.example>|RCPT TO:<c@d.example>|DATA|]"
		"smtp_unexpected data");
}

static void a_server_that_talks_unasked_is_not_listened_to(void **state)
{
	(void)state;
	expect(SCENARIO(hello), SERVER("220 hi\r\n250 mx\r\n"),
		"QUIT | smtp_unexpected | banner");
	expect(SCENARIO(hello), SERVER("220 hi\r\n", "354 go\r\n",
		"221 bye\r\n"), "EHLO me.example | QUIT | "
		"smtp_unexpected | ehlo");
}

static void garbage_ends_the_walk_and_is_kept(void **state)
{
	struct play *play = play_open(SCENARIO(hello), NULL);

	(void)state;
	run(play, SERVER("HTTP/1.1 400 Bad Request\r\n"));
	assert_int_equal(play->visit.fault->failure, FAILURE_SMTP_SYNTAX);
	assert_true(span_starts_nocase(play->visit.fault->garbled,
		SPAN("HTTP/1.1")));
	arena_close(play->arena);
}

static void a_garbled_goodbye_is_not_answered_by_another(void **state)
{
	(void)state;
	expect(SCENARIO(hello), SERVER("554 go away\r\n", "good bye\r\n"),
		"QUIT | smtp_5xx | banner");
	expect(SCENARIO(hello), SERVER("220 hi\r\n", "250 mx\r\n",
		"good bye\r\n"),
		"EHLO me.example | QUIT | smtp_syntax | quit");
}

static void the_end_of_the_stream_is_told_by_where_it_came(void **state)
{
	(void)state;
	expect(SCENARIO(hello), SERVER(hang_up), "smtp_closed | banner");
	expect(SCENARIO(hello), SERVER("220-hi\r\n", reset),
		"connection_reset | banner");
	expect(SCENARIO(deliver), SERVER("220 hi\r\n", "250 mx\r\n",
		"250 ok\r\n", "250 ok\r\n", "354 go\r\n", hang_up),
		"EHLO me.example | MAIL FROM:<a@b.example> | "
		"RCPT TO:<c@d.example> | DATA | Subject: x | "
		"smtp_closed | dot");
	expect(SCENARIO(hello), SERVER("220 hi\r\n", "250 mx\r\n", hang_up),
		"EHLO me.example | QUIT | smtp_closed | quit");
}

static struct play *play_to_the_221(void)
{
	struct play *play = play_open(SCENARIO(hello), NULL);
	struct span line;

	while (dialogue_want(&play->dialogue, 7, &line) != WANT_CONNECT)
		continue;
	dialogue_connected(&play->dialogue, 7);
	dialogue_want(&play->dialogue, 7, &line);
	dialogue_hear(&play->dialogue, 7, SPAN("220 hi\r\n"));
	dialogue_want(&play->dialogue, 7, &line);
	dialogue_hear(&play->dialogue, 7, SPAN("250 mx\r\n"));
	dialogue_want(&play->dialogue, 7, &line);
	dialogue_hear(&play->dialogue, 7, SPAN("221 bye\r\n"));
	return play;
}

static void hanging_up_behind_the_221_is_as_it_should_be(void **state)
{
	struct play *play = play_to_the_221();

	(void)state;
	/* In the same segment: before the dialogue is asked again. */
	dialogue_hear_end(&play->dialogue, 7, false);
	assert_null(play->visit.fault);
	assert_true(play->visit.reached[STAGE_QUIT]);
	arena_close(play->arena);
}

/* An alert, or a record that is none, in place of close_notify. */
static void what_breaks_behind_the_221_is_no_fault(void **state)
{
	struct play *play = play_to_the_221();
	struct span line;

	(void)state;
	dialogue_fail(&play->dialogue, 7, (struct fault){
		.failure = FAILURE_TLS_HANDSHAKE, .why = SPAN("an alert") });
	assert_null(play->visit.fault);
	assert_int_equal(dialogue_want(&play->dialogue, 7, &line), WANT_HANGUP);
	arena_close(play->arena);
}

static void silence_is_a_timeout_of_its_stage_and_quit_is_said(void **state)
{
	(void)state;
	expect(SCENARIO(hello), SERVER(silence), "QUIT | timeout | banner");
	expect(SCENARIO(hello), SERVER("220 hi\r\n", "250-mx\r\n", silence),
		"EHLO me.example | QUIT | timeout | ehlo");
	expect(SCENARIO(tls_may), SERVER("220 hi\r\n",
		"250-mx\r\n250 STARTTLS\r\n", "220 go\r\n", silence),
		"EHLO me.example | STARTTLS | timeout | tls");
}

static void ctrl_c_says_quit(void **state)
{
	(void)state;
	expect(SCENARIO(hello), SERVER("220 hi\r\n", interrupt),
		"EHLO me.example | QUIT | interrupted | ehlo");
}

static void a_message_too_large_is_not_offered(void **state)
{
	(void)state;
	expect(SCENARIO(deliver), SERVER("220 hi\r\n",
		"250-mx\r\n250 SIZE 17\r\n", "221 bye\r\n"),
		"EHLO me.example | QUIT | smtp_limit | mail");
}

static void eight_bit_text_needs_8bitmime(void **state)
{
	struct play *play = play_open(SCENARIO(deliver),
		"Subject: x\r\n\r\n\xc3\xbc\r\n");

	(void)state;
	run(play, SERVER("220 hi\r\n", "250 mx\r\n", "221 bye\r\n"));
	assert_int_equal(play->visit.fault->failure, FAILURE_SMTP_LIMIT);
	arena_close(play->arena);
}

static void a_scenario_may_say_it_in_one_go_whatever_is_offered(void **state)
{
	struct scenario scenario = SCENARIO(envelope);

	(void)state;
	scenario.pipelines_always = true;
	told_in_turns(scenario, SERVER("220 hi\r\n", "250 mx\r\n",
		"250 ok\r\n550 5.5.1 no\r\n221 bye\r\n"),
		"[EHLO me.example|]"
		"[MAIL FROM:<a@b.example>|RCPT TO:<c@d.example>|QUIT|]"
		"smtp_5xx rcpt");
}

static void an_early_talker_says_ehlo_before_the_banner(void **state)
{
	static const char *const told[] = {
		"EHLO me.example | QUIT",
		"EHLO me.example | QUIT",
		"EHLO me.example",
	};
	const char *const *const servers[] = {
		SERVER("220 hi\r\n250 mx\r\n", "221 bye\r\n"),
		SERVER("554 too soon\r\n", "503 no\r\n", "221 bye\r\n"),
		SERVER("521 too soon\r\n", hang_up),
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(servers); i++) {
		struct scenario scenario = SCENARIO(hello);
		struct play *play;

		scenario.talks_early = true;
		play = play_open(scenario, NULL);
		run(play, servers[i]);
		assert_string_equal(play->told, told[i]);
		assert_int_equal(play->visit.fault != NULL, i > 0);
		if (play->visit.fault)
			assert_int_equal(play->visit.fault->stage,
				STAGE_BANNER);
		arena_close(play->arena);
	}
}

static void an_open_ehlo_name_becomes_an_address_literal(void **state)
{
	static const struct step steps[] = { STEP(CONNECT), STEP(BANNER),
		STEP_A(EHLO, ""), STEP(QUIT) };
	struct play *play = play_open(SCENARIO(steps), NULL);

	(void)state;
	play->visit.source.is_known = true;
	assert_true(ip_parse(SPAN("2001:db8::25"), &play->visit.source.ip));
	run(play, SERVER("220 hi\r\n", "250 mx\r\n", "221 bye\r\n"));
	assert_string_equal(play->told, "EHLO [IPv6:2001:db8::25] | QUIT");
	arena_close(play->arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_polite_server_is_walked_to_the_end),
		cmocka_unit_test(
			a_scenario_may_say_it_in_one_go_whatever_is_offered),
		cmocka_unit_test(an_early_talker_says_ehlo_before_the_banner),
		cmocka_unit_test(a_message_goes_out_with_its_dot),
		cmocka_unit_test(
			a_refusal_ends_the_walk_at_once_and_quit_is_said),
		cmocka_unit_test(helo_is_tried_where_ehlo_is_not_known),
		cmocka_unit_test(starttls_is_followed_by_a_second_ehlo),
		cmocka_unit_test(may_goes_on_in_clear_without_a_second_ehlo),
		cmocka_unit_test(encrypt_does_not_go_on_in_clear),
		cmocka_unit_test(
			a_wrong_name_is_a_verification_fault_only_when_secure),
		cmocka_unit_test(dane_without_binding_records_is_as_may),
		cmocka_unit_test(binding_records_forbid_to_go_on_in_clear),
		cmocka_unit_test(a_certificate_must_fit_the_records_that_bind),
		cmocka_unit_test(only_a_walk_that_asked_for_dane_fails_by_it),
		cmocka_unit_test(records_that_cannot_be_had_leave_it_undecided),
		cmocka_unit_test(secure_wants_a_host_that_the_sts_policy_lists),
		cmocka_unit_test(
			sts_wants_the_name_among_the_alternative_names),
		cmocka_unit_test(plain_text_behind_the_220_is_an_injection),
		cmocka_unit_test(what_ehlo_said_in_clear_is_forgotten),
		cmocka_unit_test(a_421_may_come_behind_any_reply),
		cmocka_unit_test(a_421_is_known_however_it_is_cut),
		cmocka_unit_test(what_may_be_said_in_one_go_is),
		cmocka_unit_test(
			a_server_that_does_not_announce_it_is_asked_one_by_one),
		cmocka_unit_test(
			behind_a_refusal_the_replies_still_owed_are_heard),
		cmocka_unit_test(a_message_never_follows_a_refused_recipient),
		cmocka_unit_test(more_replies_than_commands_are_too_many),
		cmocka_unit_test(
			a_server_that_talks_unasked_is_not_listened_to),
		cmocka_unit_test(garbage_ends_the_walk_and_is_kept),
		cmocka_unit_test(
			a_garbled_goodbye_is_not_answered_by_another),
		cmocka_unit_test(
			the_end_of_the_stream_is_told_by_where_it_came),
		cmocka_unit_test(hanging_up_behind_the_221_is_as_it_should_be),
		cmocka_unit_test(what_breaks_behind_the_221_is_no_fault),
		cmocka_unit_test(
			silence_is_a_timeout_of_its_stage_and_quit_is_said),
		cmocka_unit_test(ctrl_c_says_quit),
		cmocka_unit_test(a_message_too_large_is_not_offered),
		cmocka_unit_test(eight_bit_text_needs_8bitmime),
		cmocka_unit_test(an_open_ehlo_name_becomes_an_address_literal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
