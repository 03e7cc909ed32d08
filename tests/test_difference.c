#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/judge/difference.h"
#include "tests/own_arena.h"

static struct recorded row_of(const char *key, const char *verdict)
{
	return (struct recorded){ .key = span_of(key),
		.verdict = span_of(verdict),
		.stages = SPAN("") };
}

static struct differences found(struct recorded *before, size_t befores,
	struct recorded *after, size_t afters)
{
	struct recorded_run one = { .rows = before, .row_count = befores };
	struct recorded_run other = { .rows = after, .row_count = afters };
	struct difference_limits limits = DIFFERENCE_LIMITS;
	struct differences differences;

	differences_find(arena, &one, &other, &limits, &differences);
	return differences;
}

/* clang-format off */
static const struct {
	const char *before, *after;     /* NULL: the row is not there */
	size_t count, worse;
} verdicts[] = {
	{ "pass",    "pass",    0, 0 },
	{ "pass",    "fail",    1, 1 },
	{ "pass",    "warn",    1, 1 },
	{ "pass",    "known",   1, 0 },
	{ "pass",    "unknown", 1, 0 },
	{ "pass",    "n/a",     1, 0 },
	{ "pass",    NULL,      1, 0 },
	{ "known",   "fail",    1, 1 },
	{ "unknown", "fail",    1, 1 },
	{ "n/a",     "fail",    1, 1 },
	{ "fail",    "pass",    1, 0 },
	{ "fail",    "unknown", 1, 0 },
	{ "fail",    "fail",    0, 0 },
	{ NULL,      "fail",    1, 1 },
	{ NULL,      "pass",    1, 0 },
};

static const struct {
	const char *before, *after;
	size_t count;
	enum difference_kind kind;
} times[] = {
	{ "connect 100000", "connect 299000", 0, DIFFERENCE_SLOWER },
	{ "connect 100000", "connect 301000", 1, DIFFERENCE_SLOWER },
	{ "connect 301000", "connect 100000", 1, DIFFERENCE_FASTER },
	/* Many times as long, but who would notice? */
	{ "connect 200",    "connect 90000",  0, DIFFERENCE_SLOWER },
	{ "connect 200",    "connect 900000", 1, DIFFERENCE_SLOWER },
	{ "connect 200",    "banner 900000",  0, DIFFERENCE_SLOWER },
	{ "",               "connect 900000", 0, DIFFERENCE_SLOWER },
	{ "connect 1 banner 2000000", "connect 1 banner 2", 1, DIFFERENCE_FASTER },
	{ "connect x",      "connect 18446744073709551615", 0, DIFFERENCE_SLOWER },
};
/* clang-format on */

static void only_a_failure_is_worse(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(verdicts); i++) {
		const char *from = verdicts[i].before, *to = verdicts[i].after;
		struct recorded before = row_of("k", from ? from : "");
		struct recorded after = row_of("k", to ? to : "");
		struct differences all = found(
			&before, from != NULL, &after, to != NULL);

		if (all.count != verdicts[i].count ||
			all.worse != verdicts[i].worse)
			fail_msg("%s to %s: %zu differences, %zu worse",
				from ? from : "nothing", to ? to : "nothing",
				all.count, all.worse);
	}
}

static void a_time_is_told_beyond_ratio_and_floor(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(times); i++) {
		struct recorded before = row_of("k", "pass");
		struct recorded after = row_of("k", "pass");
		struct differences all;

		before.stages = span_of(times[i].before);
		after.stages = span_of(times[i].after);
		all = found(&before, 1, &after, 1);
		if (all.count != times[i].count ||
			(all.count && all.list[0].kind != times[i].kind))
			fail_msg("%s, then %s: %zu", times[i].before,
				times[i].after, all.count);
		assert_int_equal(all.worse, 0);
	}
}

static void a_trait_that_was_not_seen_is_none(void **state)
{
	struct recorded before = row_of("k", "pass");
	struct recorded after = row_of("k", "pass");
	struct differences all;

	(void)state;
	before.traits.of[TRAIT_MAIL] = SPAN("250 ok");
	after.traits.of[TRAIT_CERT_KEY] = SPAN("ab");
	all = found(&before, 1, &after, 1);
	assert_int_equal(all.count, 0);
	after.traits.of[TRAIT_MAIL] = SPAN("250 fine");
	all = found(&before, 1, &after, 1);
	assert_int_equal(all.count, 1);
	assert_int_equal(all.list[0].trait, TRAIT_MAIL);
	assert_int_equal(all.list[0].stage, STAGE_MAIL);
}

static void a_fault_may_come_and_go(void **state)
{
	struct recorded before = row_of("k", "pass");
	struct recorded after = row_of("k", "pass");
	struct differences all;

	(void)state;
	after.traits.of[TRAIT_FAULT] = SPAN("timeout at banner");
	all = found(&before, 1, &after, 1);
	assert_int_equal(all.count, 1);
	all = found(&after, 1, &before, 1);
	assert_int_equal(all.count, 1);
}

static void rows_are_found_by_their_key(void **state)
{
	struct recorded before[] = { row_of("b", "pass"), row_of("a", "pass"),
		row_of("d", "pass") };
	struct recorded after[] = { row_of("d", "fail"), row_of("b", "pass"),
		row_of("c", "pass") };
	struct differences all = found(before, 3, after, 3);

	(void)state;
	assert_int_equal(all.rows, 4);
	assert_int_equal(all.rows_that_differ, 3);
	assert_int_equal(all.count, 3);
	assert_int_equal(all.list[0].kind, DIFFERENCE_GONE);
	assert_int_equal(all.list[1].kind, DIFFERENCE_NEW);
	assert_int_equal(all.list[2].kind, DIFFERENCE_VERDICT);
	assert_int_equal(all.worse, 1);
}

static void rows_of_one_key_are_paired_in_order(void **state)
{
	struct recorded before[] = { row_of("a", "pass"), row_of("a", "fail") };
	struct recorded after[] = { row_of("a", "pass"), row_of("a", "fail"),
		row_of("a", "pass") };
	struct differences all = found(before, 2, after, 3);

	(void)state;
	assert_int_equal(all.count, 1);
	assert_int_equal(all.list[0].kind, DIFFERENCE_NEW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_failure_is_worse),
		cmocka_unit_test(a_time_is_told_beyond_ratio_and_floor),
		cmocka_unit_test(a_trait_that_was_not_seen_is_none),
		cmocka_unit_test(a_fault_may_come_and_go),
		cmocka_unit_test(rows_are_found_by_their_key),
		cmocka_unit_test(rows_of_one_key_are_paired_in_order),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
