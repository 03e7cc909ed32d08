#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/walk/tracing.h"

/*
 * The machine against a road in a word: the n-th letter is what a SYN with n
 * hops gets, the last one whoever goes further, and a SYN with all of them.
 *	. silent   r router   o open   x reset   i ICMP   l this host
 */
static enum hop_answer answer_of(char letter)
{
	switch (letter) {
	case 'r':
		return HOP_ROUTER;
	case 'o':
		return HOP_OPEN;
	case 'x':
		return HOP_RESET;
	case 'i':
		return HOP_ICMP;
	case 'l':
		return HOP_LOCAL;
	}
	return HOP_SILENT;
}

struct travel {
	struct arena *arena;
	struct trace trace;
	struct tracing tracing;
	unsigned syns, directs;
};

enum { SYNS_MOST = 2 * TRACE_HOPS_MAX + 1 };

static void travel(struct travel *travel, const char *road)
{
	size_t length = strlen(road);
	unsigned limit = 0;

	travel->arena = arena_open();
	travel->trace = (struct trace){ .why_not = SPAN("") };
	travel->syns = travel->directs = 0;
	tracing_init(&travel->tracing, travel->arena, &travel->trace);
	while (tracing_next(&travel->tracing, &limit) == TRACING_SYN) {
		size_t at = limit < length ? limit : length;

		assert_true(limit >= 1 && limit <= TRACE_DIRECT_LIMIT);
		assert_true(++travel->syns <= SYNS_MOST);
		travel->directs += limit == TRACE_DIRECT_LIMIT;
		tracing_heard(&travel->tracing,
			&(struct hop){ .answer = answer_of(road[at - 1]) });
	}
}

static void each_road_has_its_end(void **state)
{
	static const struct {
		const char *road;
		enum trace_end end;
		size_t hops;
		unsigned syns, directs;
	} rows[] = {
		/* clang-format off */
		{ "o", TRACE_OPEN, 1, 1, 0 },
		{ "rrro", TRACE_OPEN, 4, 4, 0 },
		{ "rrx", TRACE_RESET, 3, 3, 0 },
		{ "ri", TRACE_ICMP, 2, 2, 0 },
		{ "r.ro", TRACE_OPEN, 4, 5, 0 },
		{ "rr.", TRACE_LOST, 5, 9, 1 },
		{ ".", TRACE_LOST, 3, 7, 1 },
		{ "r....o", TRACE_OPEN, 6, 10, 1 },
		{ "...x", TRACE_RESET, 4, 8, 1 },
		{ "....i", TRACE_ICMP, 5, 9, 1 },
		{ "r", TRACE_FAR, TRACE_HOPS_MAX, TRACE_HOPS_MAX, 0 },
		{ "rrl", TRACE_LOCAL, 3, 3, 0 },
		{ "...l", TRACE_LOCAL, 3, 7, 1 },
		/* clang-format on */
	};
	struct travel one;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		travel(&one, rows[i].road);
		if (one.trace.end != rows[i].end ||
			one.trace.hop_count != rows[i].hops ||
			one.syns != rows[i].syns ||
			one.directs != rows[i].directs)
			fail_msg("\"%s\": %s, %zu hops, %u SYNs, %u direct",
				rows[i].road, trace_end_word(one.trace.end),
				one.trace.hop_count, one.syns, one.directs);
		arena_close(one.arena);
	}
}

static void limits_have_no_gaps(void **state)
{
	struct travel one;
	unsigned syns = 0;

	(void)state;
	travel(&one, "r.r..o");
	for (size_t i = 0; i < one.trace.hop_count; i++) {
		assert_int_equal(one.trace.hops[i].limit, i + 1);
		syns += one.trace.hops[i].syns;
	}
	assert_int_equal(syns, one.syns);
	arena_close(one.arena);
}

static void a_silent_hop_is_asked_once_more(void **state)
{
	struct travel one;

	(void)state;
	travel(&one, "r.o");
	assert_int_equal(one.trace.hops[0].syns, 1);
	assert_int_equal(one.trace.hops[1].syns, TRACING_SYNS);
	assert_int_equal(one.trace.hops[2].syns, 1);
	arena_close(one.arena);
}

/* Too far for the search, but the port did answer. */
static void the_direct_answer_is_the_last_word_of_a_far_host(void **state)
{
	char road[TRACE_DIRECT_LIMIT + 1];
	struct travel one;

	(void)state;
	memset(road, '.', sizeof(road));
	road[TRACE_DIRECT_LIMIT - 1] = 'x';
	road[TRACE_DIRECT_LIMIT] = '\0';
	travel(&one, road);
	assert_int_equal(one.trace.end, TRACE_RESET);
	assert_int_equal(one.trace.hop_count, TRACE_HOPS_MAX);
	assert_int_equal(one.directs, 1);
	assert_ptr_equal(trace_last_word(&one.trace), &one.trace.direct);
	arena_close(one.arena);
}

static void the_last_router_is_the_farthest_that_answered(void **state)
{
	struct travel one;

	(void)state;
	travel(&one, "r.r.");
	assert_ptr_equal(trace_last_router(&one.trace), &one.trace.hops[2]);
	assert_null(trace_last_word(&one.trace));
	arena_close(one.arena);
	travel(&one, ".");
	assert_null(trace_last_router(&one.trace));
	arena_close(one.arena);
}

static void a_host_without_the_family_is_not_at_fault(void **state)
{
	struct arena *arena = arena_open();
	struct trace trace = { .why_not = SPAN("no IPv6 route") };
	struct tracing tracing;

	(void)state;
	tracing_init(&tracing, arena, &trace);
	tracing_heard(&tracing, &(struct hop){ .answer = HOP_LOCAL });
	assert_int_equal(trace.end, TRACE_NOT_APPLICABLE);
	arena_close(arena);
}

static void an_interrupt_ends_it_at_once_and_only_once(void **state)
{
	struct arena *arena = arena_open();
	struct trace trace = { .why_not = SPAN("") };
	struct tracing tracing;
	unsigned limit;

	(void)state;
	tracing_init(&tracing, arena, &trace);
	tracing_heard(&tracing, &(struct hop){ .answer = HOP_ROUTER });
	tracing_interrupt(&tracing);
	assert_int_equal(tracing_next(&tracing, &limit), TRACING_END);
	tracing_heard(&tracing, &(struct hop){ .answer = HOP_OPEN });
	assert_int_equal(trace.end, TRACE_INTERRUPTED);
	assert_int_equal(trace.hop_count, 1);
	tracing_init(&tracing, arena, &trace);
	tracing_heard(&tracing, &(struct hop){ .answer = HOP_OPEN });
	tracing_interrupt(&tracing);
	assert_int_equal(trace.end, TRACE_OPEN);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_road_has_its_end),
		cmocka_unit_test(limits_have_no_gaps),
		cmocka_unit_test(a_silent_hop_is_asked_once_more),
		cmocka_unit_test(
			the_direct_answer_is_the_last_word_of_a_far_host),
		cmocka_unit_test(the_last_router_is_the_farthest_that_answered),
		cmocka_unit_test(a_host_without_the_family_is_not_at_fault),
		cmocka_unit_test(an_interrupt_ends_it_at_once_and_only_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
