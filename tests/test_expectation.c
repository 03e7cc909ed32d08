#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/check_run.h"
#include "probe/judge/expectation.h"
#include "tests/facts_by_hand.h"

/* 2026-11-22, noon. */
enum { NOON = 20779 * 86400 + 43200 };

static const struct reply *reply_by_hand(struct arena *arena, const char *text)
{
	struct span input = arena_print(arena, "%s\n", text);
	struct reply_parser parser;
	const struct reply *reply = NULL;
	const char *why;

	reply_parser_init(&parser, arena);
	assert_int_equal(
		reply_parse(&parser, &input, &reply, &why), PARSE_DONE);
	return reply;
}

/* A line was said, and answered so many milliseconds later. */
static void exchange(
	struct facts *facts, enum stage stage, unsigned ms, const char *text)
{
	struct visit *visit = facts->list[0];
	struct transcript *transcript = &visit->transcript;
	uint64_t now = transcript->count
			       ? transcript->events[transcript->count - 1].at_ns
			       : 0;

	if (stage != STAGE_BANNER)
		transcript_add(transcript, facts->arena, now, EVENT_SAID, stage)
			->said = SPAN("x\r\n");
	transcript_add(transcript, facts->arena, now + ms * 1000000ull,
		EVENT_HEARD, stage)
		->heard = reply_by_hand(facts->arena, text);
	if (text[0] == '4' || text[0] == '5')
		refuse(facts, visit, stage, text);
}

static struct facts *walked(struct arena *arena)
{
	struct facts *facts = facts_open(arena);
	struct visit *visit = add_visit(facts, "mx1.example.net", FAMILY_IPV4);

	transcript_add(&visit->transcript, arena, 20000000, EVENT_CONNECTED,
		STAGE_CONNECT);
	exchange(facts, STAGE_BANNER, 100, "220 mx.example ESMTP");
	exchange(facts, STAGE_EHLO, 10,
		"250-mx.example\n250-SIZE 1000\n250 STARTTLS");
	return facts;
}

static const char *judged(
	struct facts *facts, const char *steps, struct cell_result *result)
{
	struct arena *arena = facts->arena;
	struct check_result check;
	struct cell_question question = { .outcome = &facts->outcome,
		.codebook = codebook_embedded(arena),
		.judgement = judge_facts(facts),
		.now = NOON };

	check_text(arena, question.codebook, SPAN("f"),
		arena_print(arena,
			"mxprobe 1\nowns a@a.example\nprobe p\n"
			"  target mx example.net\n  family 4\n%s",
			steps),
		&check);
	if (!check.matrix)
		fail_msg("%.*s", SPAN_ARG(complaint_print(
					 arena, &check.complaints.list[0])));
	question.cell = &check.matrix->cells[0];
	cell_judge(arena, &question, result);
	return cell_verdict_word(result->verdict);
}

static void what_is_expected_comes_true_or_not(void **state)
{
	static const struct row {
		const char *steps, *verdict;
	} rows[] = {
		{ "  step banner\n", "pass" },
		{ "  step connect => within 20ms\n", "pass" },
		{ "  step connect => within 19ms\n", "fail" },
		{ "  step banner => 220\n", "pass" },
		{ "  step banner => 221\n", "fail" },
		{ "  step banner => accept\n", "pass" },
		{ "  step banner => reject\n", "fail" },
		{ "  step banner => within 100ms\n", "pass" },
		{ "  step banner => within 99ms\n", "fail" },
		{ "  step ehlo => has STARTTLS, lacks CHUNKING\n", "pass" },
		{ "  step ehlo => has CHUNKING\n", "fail" },
		{ "  step ehlo => lacks STARTTLS\n", "fail" },
		{ "  step ehlo => has SIZE >= 1000\n", "pass" },
		{ "  step ehlo => has SIZE > 1000\n", "fail" },
		{ "  step ehlo => has STARTTLS = 1\n", "fail" },
		{ "  step ehlo => within 10ms\n", "pass" },
		{ "  step ehlo => within 9ms\n", "fail" },
		{ "  step starttls may => tls >= 1.2\n", "fail" },
		{ "  step banner => text /^mx\\.example ESMTP$/\n", "pass" },
		{ "  step banner => text /^220 mx/\n", "pass" },
		{ "  step banner => text /esmtp/\n", "fail" },
		{ "  step banner => text /esmtp/i\n", "pass" },
		{ "  step banner => text /mx/, text /ESMTP/\n", "pass" },
		{ "  step banner => text /mx/, text /Postfix/\n", "fail" },
		{ "  step ehlo => text /mx.example SIZE 1000 START/\n",
			"pass" },
		{ "  step banner\n  verdict pass\n", "pass" },
		{ "  step banner\n  verdict warn, pass\n", "pass" },
		{ "  step banner\n  verdict fail\n", "fail" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena *arena = arena_open();
		struct cell_result result;

		if (strcmp(judged(walked(arena), rows[i].steps, &result),
			    rows[i].verdict) != 0)
			fail_msg("%s", rows[i].steps);
		assert_int_equal(
			result.miss_count != 0, result.verdict == CELL_FAIL);
		arena_close(arena);
	}
}

static void a_refusal_is_held_against_what_is_known_of_it(void **state)
{
	static const char refused[] =
		"550-5.7.1 [203.0.113.25] The IP you're using to send mail is "
		"not\n550 5.7.1 authorized - gsmtp";
	static const struct row {
		const char *said, *expected, *verdict;
	} rows[] = {
		{ refused, "", "fail" },
		{ refused, "=> accept", "fail" },
		{ refused, "=> reject", "pass" },
		{ refused, "=> reject 550", "pass" },
		{ refused, "=> reject 554", "fail" },
		{ refused, "=> reject 5.7.1", "pass" },
		{ refused, "=> reject 5.7.26", "fail" },
		{ refused, "=> 550 5.7.1", "pass" },
		{ refused, "=> defer", "fail" },
		{ refused, "=> reject reason google.not-authorized", "pass" },
		{ refused, "=> reject reason google.no-ptr", "fail" },
		{ refused, "=> reject known \"x\" until 2026-11-23", "known" },
		{ refused, "=> reject known \"x\" until 2026-11-22", "fail" },
		{ refused, "=> reject 554 known \"x\" until 2026-11-23",
			"fail" },
		{ "250 2.0.0 ok", "=> reject known \"x\" until 2026-11-23",
			"fixed" },
		{ "250 2.0.0 ok", "=> reject known \"x\" until 2026-11-01",
			"fixed" },
		{ "250 2.0.0 ok",
			"=> text /is not authorized/, reject known \"x\" until "
			"2026-11-23",
			"fixed" },
		{ refused, "=> reject, text /is not authorized - gsmtp/",
			"pass" },
		{ refused, "=> reject, text /blocked/", "fail" },
		{ refused, "=> text /authorized/", "fail" },
		{ refused, "\n  verdict fail", "pass" },
		{ refused, "\n  verdict fail, unknown", "pass" },
		{ refused, "=> accept\n  verdict fail", "fail" },
		{ refused, "=> reject\n  verdict pass", "fail" },
		{ "451 4.7.1 greylisted", "\n  verdict pass", "unknown" },
		{ "451 4.7.1 greylisted", "\n  verdict unknown", "pass" },
		{ "250 2.0.0 ok", "=> accept, text /^(o+)+$/", "fail" },
		{ "250 2.0.0 ok", "=> reject", "fail" },
		{ "250 2.0.0 ok", "=> accept", "pass" },
		{ "451 4.3.0 later", "=> defer", "pass" },
		{ "451 4.3.0 later", "=> defer 4.3.0, within 5s", "pass" },
		{ "451 4.3.0 later", "=> accept", "fail" },
		{ "451 4.7.1 Greylisting in action, please come back later",
			"=> defer", "pass" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena *arena = arena_open();
		struct facts *facts = walked(arena);
		struct cell_result result;
		struct span steps = arena_print(arena,
			"  step mail <>\n  step rcpt a@a.example\n"
			"  step data %s\n",
			rows[i].expected);

		exchange(facts, STAGE_MAIL, 1, "250 ok");
		exchange(facts, STAGE_RCPT, 1, "250 ok");
		exchange(facts, STAGE_DATA, 1, "354 go on");
		exchange(facts, STAGE_DOT, 1, rows[i].said);
		if (strcmp(judged(facts, steps.at, &result), rows[i].verdict) !=
			0)
			fail_msg("%s %s: %s", rows[i].said, rows[i].expected,
				cell_verdict_word(result.verdict));
		arena_close(arena);
	}
}

static void what_was_not_reached_is_told_once(void **state)
{
	struct arena *arena = arena_open();
	struct facts *facts = walked(arena);
	struct cell_result result;

	(void)state;
	exchange(facts, STAGE_MAIL, 1, "550 5.7.1 no");
	assert_string_equal(judged(facts,
				    "  step mail <> => 250\n"
				    "  step rcpt a@a.example => accept\n"
				    "  step data => accept\n",
				    &result),
		"fail");
	assert_int_equal(result.miss_count, 1);
	assert_int_equal(result.misses[0].place.line, 6);
	assert_string_equal(result.misses[0].wanted.at, "250");
	assert_string_equal(result.misses[0].found.at, "550 5.7.1 no");
	judged(facts, "  step mail <>\n  step rcpt a@a.example => accept\n",
		&result);
	assert_int_equal(result.miss_count, 1);
	assert_int_equal(result.misses[0].place.line, 6);
	assert_int_equal(result.misses[0].stage, STAGE_MAIL);
	arena_close(arena);
}

static void behind_an_expected_rejection_nothing_is_missed(void **state)
{
	struct arena *arena = arena_open();
	struct facts *facts = walked(arena);
	struct cell_result result;

	(void)state;
	exchange(facts, STAGE_MAIL, 1, "250 ok");
	exchange(facts, STAGE_RCPT, 1, "550 5.1.1 no such user");
	assert_string_equal(
		judged(facts,
			"  step mail <> => accept\n"
			"  step rcpt a@a.example => reject 550 5.1.1\n"
			"  step data => accept\n",
			&result),
		"pass");
	arena_close(arena);
}

/* What went wrong before it stays wrong. */
static void an_open_end_hides_no_earlier_miss(void **state)
{
	struct arena *arena = arena_open();
	struct facts *facts = walked(arena);
	struct cell_result result;

	(void)state;
	exchange(facts, STAGE_MAIL, 1, "451 4.7.1 greylisted");
	assert_string_equal(judged(facts,
				    "  step banner => within 1ms\n"
				    "  step mail <> => accept\n",
				    &result),
		"fail");
	assert_string_equal(
		judged(facts, "  step mail <> => accept\n", &result),
		"unknown");
	arena_close(arena);
}

static void a_pattern_that_takes_too_long_decides_nothing(void **state)
{
	struct arena *arena = arena_open();
	struct facts *facts = walked(arena);
	struct cell_result result;

	(void)state;
	exchange(facts, STAGE_MAIL, 1,
		"250 oooooooooooooooooooooooooooooooooooooooooooo!");
	assert_string_equal(
		judged(facts, "  step mail <> => text /^(o+)+$/\n", &result),
		"unknown");
	assert_string_equal(result.why.at,
		"the regular expression takes too long on this reply");
	arena_close(arena);
}

/* RFC 8981. */
static void a_path_may_refuse_temporary_addresses(void **state)
{
	struct arena *arena = arena_open();
	struct facts *facts = walked(arena);
	struct source *source = &facts->list[0]->source;
	const char *steps = "  path a\n  step banner\npath a\n"
			    "  transient refuse\n";
	struct cell_result result;

	(void)state;
	source->is_known = true;
	assert_true(ip_parse(SPAN("2001:db8::1"), &source->ip));
	assert_string_equal(judged(facts, steps, &result), "pass");
	source->is_temporary = true;
	assert_string_equal(judged(facts, steps, &result), "fail");
	assert_int_equal(result.misses[0].place.line, 9);
	assert_string_equal(result.misses[0].found.at,
		"2001:db8::1 is a temporary address (RFC 8981)");
	assert_string_equal(
		judged(facts,
			"  path a\n  step banner\npath a\n  transient allow\n",
			&result),
		"pass");
	arena_close(arena);
}

/* Our own network, greylisting: no verdict on the server. */
static void what_could_not_be_decided_is_unknown(void **state)
{
	struct arena *arena = arena_open();
	struct facts *facts = walked(arena);
	struct cell_result result;

	(void)state;
	spoil(facts, facts->list[0], FAILURE_INTERRUPTED, STAGE_EHLO);
	assert_string_equal(
		judged(facts, "  step ehlo => 250\n", &result), "unknown");
	facts = facts_open(arena);
	facts->list[0] = add_visit(facts, "mx1.example.net", FAMILY_IPV4);
	facts->list[0]->state = VISIT_NOT_APPLICABLE;
	facts->list[0]->why_not = SPAN("no IPv4 route");
	assert_string_equal(
		judged(facts, "  step ehlo => 250\n", &result), "n/a");
	assert_string_equal(result.why.at, "no IPv4 route");
	facts->list[0]->state = VISIT_PLANNED;
	facts->list[0]->why_not = SPAN("");
	assert_string_equal(
		judged(facts, "  step ehlo => 250\n", &result), "unknown");
	assert_string_equal(result.why.at, "interrupted before it was walked");
	arena_close(arena);
}

static void tls_is_held_against_what_was_agreed_on(void **state)
{
	static const struct row {
		const char *expected, *verdict;
	} rows[] = {
		{ "tls >= 1.2", "pass" },
		{ "tls = 1.3", "pass" },
		{ "tls < 1.3", "fail" },
		{ "cert name-ok", "pass" },
		{ "cert trusted", "fail" },
		{ "cert days >= 14", "pass" },
		{ "cert days >= 15", "fail" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena *arena = arena_open();
		struct facts *facts = walked(arena);
		struct certificate leaf = { .not_after = NOON + 14 * 86400 };
		struct session tls = { .version = SPAN("TLSv1.3"),
			.chain = &leaf,
			.chain_count = 1,
			.checked_name = SPAN("mx1.example.net"),
			.name_matches = true,
			.verify_why = SPAN("self-signed") };
		struct visit *visit = facts->list[0];
		struct cell_result result;

		exchange(facts, STAGE_STARTTLS, 1, "220 go");
		transcript_add(&visit->transcript, arena, 999000000, EVENT_TLS,
			STAGE_TLS)
			->tls = &tls;
		visit->tls = &tls;
		if (strcmp(judged(facts,
				   arena_print(arena, "  step starttls => %s\n",
					   rows[i].expected)
					   .at,
				   &result),
			    rows[i].verdict) != 0)
			fail_msg("%s", rows[i].expected);
		arena_close(arena);
	}
}

static void what_is_expected_of_ehlo_is_expected_in_clear(void **state)
{
	struct arena *arena = arena_open();
	struct facts *facts = walked(arena);
	struct cell_result result;

	(void)state;
	exchange(facts, STAGE_STARTTLS, 1, "220 go");
	exchange(facts, STAGE_EHLO, 1, "250-mx.example\n250 SIZE 2000");
	assert_string_equal(
		judged(facts, "  step ehlo => has STARTTLS, has SIZE = 1000\n",
			&result),
		"pass");
	exchange(facts, STAGE_EHLO, 1, "554 not any more");
	assert_string_equal(
		judged(facts, "  step ehlo => 250\n", &result), "fail");
	arena_close(arena);
}

static void the_worst_of_several_hosts_is_the_cells_verdict(void **state)
{
	struct arena *arena = arena_open();
	struct facts *facts = walked(arena);
	struct visit *second = add_visit(facts, "mx2.example.net", FAMILY_IPV4);
	struct cell_result result;

	(void)state;
	second->transcript = facts->list[0]->transcript;
	assert_string_equal(
		judged(facts, "  step banner => 220\n", &result), "pass");
	spoil(facts, second, FAILURE_CONNECTION_REFUSED, STAGE_CONNECT);
	second->transcript = (struct transcript){ 0 };
	assert_string_equal(
		judged(facts, "  step banner => 220\n", &result), "fail");
	assert_int_equal(result.miss_count, 1);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_expected_comes_true_or_not),
		cmocka_unit_test(a_refusal_is_held_against_what_is_known_of_it),
		cmocka_unit_test(what_was_not_reached_is_told_once),
		cmocka_unit_test(
			behind_an_expected_rejection_nothing_is_missed),
		cmocka_unit_test(an_open_end_hides_no_earlier_miss),
		cmocka_unit_test(a_pattern_that_takes_too_long_decides_nothing),
		cmocka_unit_test(a_path_may_refuse_temporary_addresses),
		cmocka_unit_test(what_could_not_be_decided_is_unknown),
		cmocka_unit_test(tls_is_held_against_what_was_agreed_on),
		cmocka_unit_test(what_is_expected_of_ehlo_is_expected_in_clear),
		cmocka_unit_test(
			the_worst_of_several_hosts_is_the_cells_verdict),
	};

	return cmocka_run_group_tests_name("expectation", tests, NULL, NULL);
}
