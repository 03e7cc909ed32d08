#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/check_run.h"
#include "probe/judge/isolation.h"
#include "probe/judge/scenario_cost.h"
#include "tests/own_arena.h"

static struct scenario_cost cost_of(const char *lines)
{
	struct check_result *check = arena_new(arena, struct check_result);
	struct scenario_cost cost;

	check_text(arena, codebook_embedded(arena), SPAN("f"),
		arena_print(
			arena, "mxprobe 1\nowns you@example.org\n%s", lines),
		check);
	if (!check->matrix)
		fail_msg("%.*s", SPAN_ARG(complaint_print(
					 arena, &check->complaints.list[0])));
	scenario_cost(arena, check->matrix, &cost);
	return cost;
}

/* As the numbers of a destination: "cells connections delivering all". */
static void assert_costs(const struct destination_cost *cost, size_t cells,
	unsigned long connections, unsigned long delivering, size_t all)
{
	assert_int_equal(cost->cells, cells);
	assert_int_equal(cost->connections, connections);
	assert_int_equal(cost->delivering, delivering);
	assert_int_equal(cost->all, all);
}

static void each_cell_is_a_connection_to_its_destination(void **state)
{
	struct scenario_cost cost = cost_of(
		"probe p\n  target mx example.net\n  target mx example.com\n"
		"  step connect\n"
		"probe q\n  target mx example.net\n  family 6\n"
		"  step connect\n");

	(void)state;
	assert_int_equal(cost.count, 2);
	assert_costs(&cost.list[0], 3, 3, 0, 0);
	assert_costs(&cost.list[1], 2, 2, 0, 0);
	assert_costs(&cost.sum, 5, 5, 0, 0);
	assert_int_equal(cost.sum.isolating, 0);
}

static void a_choice_of_hosts_leads_to_the_same_place(void **state)
{
	struct scenario_cost cost = cost_of(
		"probe p\n  target mx example.net first 3\n  step connect\n"
		"probe q\n  target mx EXAMPLE.net all\n  family 4\n"
		"  step connect\n"
		"probe r\n  target mx example.net best\n  family 4\n"
		"  step connect\n");

	(void)state;
	assert_int_equal(cost.count, 1);
	assert_costs(&cost.list[0], 4, 7, 0, 1);
}

static void another_port_or_kind_is_another_place(void **state)
{
	struct scenario_cost cost = cost_of(
		"probe p\n  target mx example.net\n"
		"  target host example.net\n"
		"  target host example.net port 2525\n"
		"  target address 192.0.2.1\n  target address 2001:db8::1\n"
		"  step connect\n");

	(void)state;
	assert_int_equal(cost.count, 5);
}

static void what_delivers_is_counted_by_itself(void **state)
{
	struct scenario_cost cost = cost_of(
		"probe p\n  target mx example.net\n"
		"  step mail a@example.org\n  step rcpt you@example.org\n"
		"  step data => accept\n");

	(void)state;
	assert_costs(&cost.list[0], 2, 0, 2, 0);
}

static void what_is_left_out_costs_nothing(void **state)
{
	struct scenario_cost cost = cost_of(
		"path six\n  source6 2001:db8::25\n"
		"probe p\n  target mx example.net\n  path six\n"
		"  step connect\n");

	(void)state;
	assert_costs(&cost.sum, 1, 1, 0, 0);
}

static void each_cell_may_be_isolated(void **state)
{
	struct scenario_cost cost = cost_of(
		"on failure\n  isolate family, ehlo max 7 connections\n"
		"probe p\n  target mx example.net\n  step connect\n");

	(void)state;
	assert_int_equal(cost.list[0].isolating, 14);
	cost = cost_of("on failure\n  isolate family\n"
		       "probe p\n  target mx example.net\n  step connect\n");
	assert_int_equal(cost.sum.isolating, 2 * ISOLATION_CONNECTIONS);
	cost = cost_of("on failure\n  pcap\n"
		       "probe p\n  target mx example.net\n  step connect\n");
	assert_int_equal(cost.sum.isolating, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cell_is_a_connection_to_its_destination),
		cmocka_unit_test(a_choice_of_hosts_leads_to_the_same_place),
		cmocka_unit_test(another_port_or_kind_is_another_place),
		cmocka_unit_test(what_delivers_is_counted_by_itself),
		cmocka_unit_test(what_is_left_out_costs_nothing),
		cmocka_unit_test(each_cell_may_be_isolated),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
