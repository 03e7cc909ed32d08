#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/check_run.h"
#include "probe/judge/cell_comparison.h"
#include "tests/facts_by_hand.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

/* What both families meet, if a test does not spoil one. */
struct meeting {
	struct facts *of[FAMILY_COUNT];
	struct session tls[FAMILY_COUNT];
	struct certificate leaf[FAMILY_COUNT];
};

static const struct reply *reply_by_hand(const char *text)
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

static void hear(struct facts *facts, enum stage stage, const char *text)
{
	struct transcript *transcript = &facts->list[0]->transcript;

	transcript_add(transcript, arena,
		transcript->events[transcript->count - 1].at_ns + 1000000,
		EVENT_HEARD, stage)
		->heard = reply_by_hand(text);
}

static struct facts *walked(
	const char *host, enum family family, uint64_t connect_ns)
{
	struct facts *facts = facts_open(arena);
	struct visit *visit = add_visit(facts, host, family);

	facts->outcome.wanted[FAMILY_IPV4] = family == FAMILY_IPV4;
	facts->outcome.wanted[FAMILY_IPV6] = family == FAMILY_IPV6;
	transcript_add(&visit->transcript, arena, connect_ns, EVENT_CONNECTED,
		STAGE_CONNECT);
	return facts;
}

static void greet(struct facts *facts)
{
	hear(facts, STAGE_BANNER,
		facts->list[0]->path->family == FAMILY_IPV4
			? "220 mx.google.com ESMTP "
			  "5b1f17b1804b1-4777a0a5 - gsmtp"
			: "220 mx.google.com ESMTP "
			  "ffacd0b85a97d-42cb7f2a - gsmtp");
	hear(facts, STAGE_EHLO,
		facts->list[0]->path->family == FAMILY_IPV4
			? "250-mx\n250-SIZE 1000\n250 STARTTLS"
			: "250-mx\n250-starttls\n250 SIZE 2000");
}

static struct meeting meet(void)
{
	struct meeting meeting = {
		.of = { walked("mx1.example.net", FAMILY_IPV4, 20000000),
			walked("mx1.example.net", FAMILY_IPV6, 30000000) }
	};

	for (unsigned i = 0; i < FAMILY_COUNT; i++)
		greet(meeting.of[i]);
	return meeting;
}

static void put_tls(struct meeting *meeting)
{
	for (unsigned i = 0; i < FAMILY_COUNT; i++) {
		meeting->tls[i] = (struct session){
			.version = SPAN("TLSv1.3"),
			.chain = &meeting->leaf[i],
			.chain_count = 1,
			.is_trusted = true,
			.name_matches = true,
		};
		meeting->of[i]->list[0]->tls = &meeting->tls[i];
	}
}

static const struct matrix *matrix_of(const char *paths, const char *lines)
{
	struct check_result *check = arena_new(arena, struct check_result);

	check_text(arena, codebook_embedded(arena), SPAN("f"),
		arena_print(arena,
			"mxprobe 1\npath a\npath b\nprobe p\n"
			"  target mx example.net\n%s  step ehlo\n"
			"compare 4 6 of p\n%s",
			paths, lines),
		check);
	if (!check->matrix)
		fail_msg("%.*s", SPAN_ARG(complaint_print(
					 arena, &check->complaints.list[0])));
	return check->matrix;
}

static void take(struct cell_summary *summary, const struct facts *facts,
	const struct matrix_cell *cell)
{
	struct cell_question question = { .codebook = codebook_embedded(arena),
		.cell = cell,
		.outcome = &facts->outcome,
		.judgement = judge(
			arena, codebook_embedded(arena), &facts->outcome) };
	struct cell_result result;

	cell_judge(arena, &question, &result);
	cell_summary_take(
		arena, summary, &result, &facts->outcome, question.judgement);
}

static struct cell_result compare(
	const struct meeting *meeting, const char *lines)
{
	const struct matrix *matrix = matrix_of("", lines);
	struct cell_summary summaries[FAMILY_COUNT];
	struct comparison_question question = { .matrix = matrix,
		.comparison = &matrix->comparisons[0],
		.summaries = summaries };
	struct cell_result result;
	bool is_skipped;

	for (unsigned i = 0; i < FAMILY_COUNT; i++)
		take(&summaries[i], meeting->of[i], &matrix->cells[i]);
	assert_true(comparison_pair(
		matrix, question.comparison, 0, &question.second));
	comparison_judge(arena, &question, &result, &is_skipped);
	assert_false(is_skipped);
	return result;
}

static void is(
	const struct meeting *meeting, const char *lines, const char *verdict)
{
	struct cell_result result = compare(meeting, lines);

	if (strcmp(cell_verdict_word(result.verdict), verdict) != 0)
		fail_msg("%s: %s (%.*s)", lines,
			cell_verdict_word(result.verdict),
			SPAN_ARG(result.why));
}

/* Tokens, order and case do not count, nor what stands behind a keyword. */
static void two_that_are_alike_are_the_same(void **state)
{
	struct meeting meeting = meet();

	(void)state;
	put_tls(&meeting);
	is(&meeting,
		"  same reply-class, banner, ehlo-keywords, cert-key, "
		"tls-version\n",
		"pass");
	is(&meeting, "  verdict same\n", "pass");
	is(&meeting, "  verdict family-specific\n", "fail");
	hear(meeting.of[FAMILY_IPV4], STAGE_MAIL, "250 2.1.0 OK a1b2c3-gsmtp");
	hear(meeting.of[FAMILY_IPV6], STAGE_MAIL, "250 2.1.0 OK d4e5f6-gsmtp");
	is(&meeting, "  same reply\n", "pass");
	hear(meeting.of[FAMILY_IPV6], STAGE_RCPT, "250 2.1.5 OK d4e5f6-gsmtp");
	is(&meeting, "  same reply\n", "fail");
	is(&meeting, "  same reply-class\n", "pass");
}

static void what_differs_is_told_of_both(void **state)
{
	struct meeting meeting = meet();
	struct cell_result result;

	(void)state;
	put_tls(&meeting);
	meeting.leaf[FAMILY_IPV6].spki_sha256[31] = 1;
	is(&meeting, "  same cert-key\n", "fail");
	is(&meeting, "  same tls-version\n", "pass");
	meeting.tls[FAMILY_IPV6].version = SPAN("TLSv1.2");
	result = compare(&meeting, "  same banner, tls-version\n");
	assert_int_equal(result.miss_count, 1);
	assert_int_equal(result.misses[0].place.line, 8);
	assert_int_equal(result.misses[0].stage, STAGE_TLS);
	assert_span(result.misses[0].wanted, "same tls-version");
	assert_span(result.misses[0].found, "IPv4 TLSv1.3, IPv6 TLSv1.2");
	meeting.of[FAMILY_IPV6]->list[0]->tls = NULL;
	result = compare(&meeting, "  same tls-version\n");
	assert_span(result.misses[0].found, "IPv4 TLSv1.3, IPv6 none");
}

static void a_refusal_over_one_family_is_family_specific(void **state)
{
	struct meeting meeting = meet();
	struct visit *six = meeting.of[FAMILY_IPV6]->list[0];
	struct cell_result result;

	(void)state;
	refuse(meeting.of[FAMILY_IPV6], six, STAGE_DOT,
		"550 5.7.1 The IP you're using to send mail is not authorized");
	is(&meeting, "  verdict family-specific\n", "pass");
	is(&meeting, "  verdict host-specific\n", "fail");
	is(&meeting, "  same reply\n", "fail");
	result = compare(&meeting, "  same reply-class, banner\n");
	assert_int_equal(result.verdict, CELL_FAIL);
	assert_int_equal(result.miss_count, 1);
	assert_int_equal(result.misses[0].stage, STAGE_DOT);
	assert_span(result.misses[0].found, "IPv4 2xx, IPv6 5xx");
	result = compare(&meeting, "  verdict same\n");
	assert_span(result.misses[0].found,
		"family-specific: IPv4 went well and IPv6 was answered 550 at "
		"end of DATA, at the same host, mx1.example.net");
}

/* Unknown is never a regression. */
static void what_is_not_decided_differs_from_nothing(void **state)
{
	struct meeting meeting = meet();
	struct visit *six = meeting.of[FAMILY_IPV6]->list[0];

	(void)state;
	refuse(meeting.of[FAMILY_IPV6], six, STAGE_MAIL,
		"451 4.7.1 Greylisting in action, please come back later");
	is(&meeting, "  same reply-class\n", "unknown");
	is(&meeting, "  same banner\n", "pass");
	is(&meeting, "  verdict same\n", "unknown");
	is(&meeting, "  verdict inconclusive\n", "pass");
}

static void what_did_not_come_so_far_is_no_difference(void **state)
{
	struct meeting meeting = meet();

	(void)state;
	meeting.of[FAMILY_IPV6] = walked(
		"mx1.example.net", FAMILY_IPV6, 30000000);
	spoil(meeting.of[FAMILY_IPV6], meeting.of[FAMILY_IPV6]->list[0],
		FAILURE_CONNECTION_RESET, STAGE_BANNER);
	is(&meeting, "  same banner\n", "unknown");
	is(&meeting, "  same reply-class\n", "fail");
	is(&meeting, "  verdict family-specific\n", "pass");
}

static void a_slow_family_is_slow_only_above_the_floor(void **state)
{
	struct meeting meeting = meet();
	struct cell_result result;

	(void)state;
	is(&meeting, "  connect ratio <= 1.5\n", "pass");
	is(&meeting, "  connect ratio < 1.5\n", "fail");
	is(&meeting, "  connect ratio <= 1.4 floor 31ms\n", "pass");
	is(&meeting, "  connect ratio <= 1.4 floor 30ms\n", "fail");
	result = compare(&meeting, "  connect ratio <= 1.4\n");
	assert_span(result.misses[0].found, "IPv4 20.0 ms, IPv6 30.0 ms");
	spoil(meeting.of[FAMILY_IPV6], meeting.of[FAMILY_IPV6]->list[0],
		FAILURE_TIMEOUT, STAGE_CONNECT);
	meeting.of[FAMILY_IPV6]->list[0]->transcript.count = 0;
	result = compare(&meeting, "  connect ratio <= 3\n");
	assert_int_equal(result.verdict, CELL_UNKNOWN);
	assert_span(result.why, "IPv6 did not connect");
}

/* The other family was walked at another host: they are compared all the
 * same, and a host is not the family. */
static void hosts_are_paired_before_families(void **state)
{
	struct meeting meeting = meet();

	(void)state;
	meeting.of[FAMILY_IPV6] = walked(
		"mx2.example.net", FAMILY_IPV6, 30000000);
	greet(meeting.of[FAMILY_IPV6]);
	is(&meeting, "  same banner\n", "pass");
	refuse(meeting.of[FAMILY_IPV6], meeting.of[FAMILY_IPV6]->list[0],
		STAGE_RCPT, "550 5.7.1 no");
	is(&meeting, "  verdict family-specific\n", "unknown");
}

static void a_cell_that_was_not_walked_leaves_nothing_to_compare(void **state)
{
	const struct matrix *matrix = matrix_of("", "  same reply\n");
	struct meeting meeting = meet();
	struct cell_summary summaries[FAMILY_COUNT];
	struct comparison_question question = { .matrix = matrix,
		.comparison = &matrix->comparisons[0],
		.summaries = summaries,
		.second = 1 };
	struct cell_result result;
	bool is_skipped;

	(void)state;
	take(&summaries[0], meeting.of[0], &matrix->cells[0]);
	cell_summary_skip(arena, &summaries[1], SPAN("no IPv6 route"));
	comparison_judge(arena, &question, &result, &is_skipped);
	assert_false(is_skipped);
	assert_int_equal(result.verdict, CELL_NA);
	assert_span(result.why, "IPv6 was not walked: no IPv6 route");
	cell_summary_skip(arena, &summaries[0], SPAN("only with --deliver"));
	comparison_judge(arena, &question, &result, &is_skipped);
	assert_true(is_skipped);
}

/* Over IPv6 it is refused by path a, and goes well by path b. */
static void another_source_that_goes_well_makes_it_the_source(void **state)
{
	const struct matrix *matrix = matrix_of(
		"  path a, b\n", "  verdict source-specific\n");
	struct meeting first = meet(), second = meet();
	struct cell_summary summaries[4];
	struct comparison_question question = { .matrix = matrix,
		.comparison = &matrix->comparisons[0],
		.summaries = summaries,
		.second = 1 };
	struct cell_result result;
	bool is_skipped;

	(void)state;
	assert_int_equal(matrix->cell_count, 4);
	refuse(first.of[FAMILY_IPV6], first.of[FAMILY_IPV6]->list[0],
		STAGE_RCPT, "550 5.7.1 no");
	for (unsigned i = 0; i < FAMILY_COUNT; i++) {
		take(&summaries[i], first.of[i], &matrix->cells[i]);
		take(&summaries[2 + i], second.of[i], &matrix->cells[2 + i]);
	}
	comparison_judge(arena, &question, &result, &is_skipped);
	assert_int_equal(result.verdict, CELL_PASS);
	assert_true(span_ends_nocase(
		result.why, SPAN("; IPv6 goes well by path b")));
	take(&summaries[3], first.of[FAMILY_IPV6], &matrix->cells[3]);
	comparison_judge(arena, &question, &result, &is_skipped);
	assert_int_equal(result.verdict, CELL_FAIL);
}

static void cells_are_paired_by_target_and_path(void **state)
{
	const struct matrix *matrix = matrix_of(
		"  target host mx1.example.net\n  path a, b\n",
		"  same reply\n");
	unsigned pairs = 0;
	size_t other;

	(void)state;
	assert_int_equal(matrix->cell_count, 8);
	for (size_t i = 0; i < matrix->cell_count; i++) {
		if (!comparison_pair(
			    matrix, &matrix->comparisons[0], i, &other))
			continue;
		pairs++;
		assert_int_equal(matrix->cells[i].family, FAMILY_IPV4);
		assert_int_equal(matrix->cells[other].family, FAMILY_IPV6);
		assert_true(aim_is_same(
			matrix->cells[i].aim, matrix->cells[other].aim));
		assert_span(matrix->cells[i].egress->name,
			matrix->cells[other].egress->name.at);
	}
	assert_int_equal(pairs, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_that_are_alike_are_the_same),
		cmocka_unit_test(what_differs_is_told_of_both),
		cmocka_unit_test(a_refusal_over_one_family_is_family_specific),
		cmocka_unit_test(what_is_not_decided_differs_from_nothing),
		cmocka_unit_test(what_did_not_come_so_far_is_no_difference),
		cmocka_unit_test(a_slow_family_is_slow_only_above_the_floor),
		cmocka_unit_test(hosts_are_paired_before_families),
		cmocka_unit_test(
			a_cell_that_was_not_walked_leaves_nothing_to_compare),
		cmocka_unit_test(
			another_source_that_goes_well_makes_it_the_source),
		cmocka_unit_test(cells_are_paired_by_target_and_path),
	};

	return cmocka_run_group_tests_name(
		"cell comparison", tests, open_arena, close_arena);
}
