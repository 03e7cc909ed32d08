#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "probe/verbs/walk_row.h"

#include "tests/rows_by_hand.h"

/* A walk without a scenario, as rows for the reports. */

static const struct walk_rows *rows_of(const struct sample *sample)
{
	struct options options = { .mx_choice = MX_BEST };

	return walk_rows_of(
		arena, &options, &sample->outcome, &sample->judgement);
}

static void assert_span(struct span found, const char *wanted)
{
	if (!span_is(found, span_of(wanted)))
		fail_msg("%.*s, not %s", SPAN_ARG(found), wanted);
}

static void a_family_is_a_row(void **state)
{
	const struct walk_rows *rows = rows_of(sample_demo(arena));

	(void)state;
	assert_int_equal(rows->count, 2);
	assert_span(row_key(arena, &rows->rows[1]),
		"mxprobe/cell/walk, mx gmail.com best, IPv6");
	assert_int_equal(rows->rows[0].result->verdict, CELL_PASS);
	assert_int_equal(rows->rows[1].result->verdict, CELL_FAIL);
	assert_span(span_part(rows->rows[1].result->why, 0, 30),
		"at end of DATA: 550 5.7.1 [200");
	assert_int_equal(rows->rows[1].took_ns, 191080000);
}

static void a_family_that_was_not_wanted_is_none(void **state)
{
	const struct walk_rows *rows = rows_of(sample_only_ipv6(arena));

	(void)state;
	assert_int_equal(rows->count, 1);
	assert_int_equal(rows->rows[0].family, FAMILY_IPV6);
}

static void a_family_that_is_lacking_says_why(void **state)
{
	const struct walk_rows *rows = rows_of(sample_no_ipv6(arena));

	(void)state;
	assert_int_equal(rows->rows[1].result->verdict, CELL_NA);
	assert_span(rows->rows[1].result->why, "no IPv6 route");
	assert_int_equal(rows->rows[1].took_ns, 0);
}

static void a_domain_that_leads_nowhere_fails_in_the_dns(void **state)
{
	const struct walk_rows *rows = rows_of(
		sample_no_dns(arena, FAILURE_DNS_NXDOMAIN, VERDICT_FAIL));

	(void)state;
	assert_int_equal(rows->rows[0].result->verdict, CELL_FAIL);
	assert_span(rows->rows[0].result->why,
		"in the DNS: dns_nxdomain: MX lost.example, asked of "
		"192.0.2.53");
}

static void the_target_is_named_as_a_scenario_would(void **state)
{
	struct sample *sample = sample_demo(arena);

	(void)state;
	sample->target.host = SPAN("mx.example");
	sample->target.port = 2525;
	assert_span(aim_text(arena, rows_of(sample)->cells[0].aim),
		"host mx.example port 2525");
	sample->target.is_literal = true;
	sample->target.text = SPAN("[192.0.2.1]");
	sample->target.port = 25;
	assert_span(aim_text(arena, rows_of(sample)->cells[0].aim),
		"address [192.0.2.1]");
}

static void every_sample_has_rows(void **state)
{
	const struct sample *sample;
	struct result_row by_hand[2];

	(void)state;
	for (size_t i = 0; (sample = sample_numbered(i)); i++)
		assert_true(rows_of(sample)->count > 0);
	rows_of_demo(by_hand);
	assert_int_equal(
		rows_of(sample_demo(arena))->rows[1].family, by_hand[1].family);
	assert_true(report_of("tap", "-", rows_of(sample_demo(arena))->rows, 2)
			    .len > 0);
	assert_int_equal(rows_of(sample_demo(arena))->variables.count,
		secrets_by_hand.count - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_family_is_a_row),
		cmocka_unit_test(a_family_that_was_not_wanted_is_none),
		cmocka_unit_test(a_family_that_is_lacking_says_why),
		cmocka_unit_test(a_domain_that_leads_nowhere_fails_in_the_dns),
		cmocka_unit_test(the_target_is_named_as_a_scenario_would),
		cmocka_unit_test(every_sample_has_rows),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
