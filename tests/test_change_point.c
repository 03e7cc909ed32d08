#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "probe/judge/change_point.h"
#include "tests/own_arena.h"

enum { BEGIN_S = 1725700000 };

/* The same numbers on every machine. */
static uint32_t random_seed = 1;

static uint32_t next_random(void)
{
	random_seed ^= random_seed << 13;
	random_seed ^= random_seed >> 17;
	random_seed ^= random_seed << 5;
	return random_seed;
}

static bool happens(unsigned percent)
{
	return next_random() % 100 < percent;
}

struct attempt {
	int64_t time_ms;
	bool failed;
};

static void add_all(struct change_series *series, struct arena *own,
	const struct attempt *attempts, size_t count)
{
	change_series_open(series, own, CHANGE_BINS_MAX);
	for (size_t i = 0; i < count; i++)
		change_series_add(
			series, attempts[i].time_ms, attempts[i].failed);
}

static void a_constant_rate_is_no_change(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		struct arena *own = arena_open();
		struct change_series series;
		struct change_point point;
		int64_t time_ms = BEGIN_S * 1000ll;

		change_series_open(&series, own, CHANGE_BINS_MAX);
		for (unsigned j = 0; j < 20 + i; j++) {
			time_ms += next_random() % 600000;
			change_series_add(&series, time_ms, happens(i % 101));
		}
		assert_false(change_series_find(&series, &point));
		arena_close(own);
	}
}

/* 1,300 well, then 300 of which 98 % fail, a minute apart. */
enum { WELL = 1300, STEP = 300 };

static void make_step(struct attempt *attempts)
{
	for (size_t i = 0; i < WELL + STEP; i++) {
		attempts[i].time_ms = (BEGIN_S + 60 * (int64_t)i) * 1000;
		attempts[i].failed = i >= WELL && (i == WELL || happens(98));
	}
}

static void a_step_is_found_to_the_second(void **state)
{
	struct attempt *attempts = arena_take(
		arena, (WELL + STEP) * sizeof(*attempts));
	struct change_series series;
	struct change_point point;

	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		make_step(attempts);
		add_all(&series, arena, attempts, WELL + STEP);
		assert_true(change_series_find(&series, &point));
		assert_true(point.has_since);
		assert_false(point.has_until);
		assert_int_equal(point.since_ms, attempts[WELL].time_ms);
		assert_int_equal(point.before.tried, WELL);
		assert_int_equal(point.before.failed, 0);
		assert_int_equal(point.during.tried, STEP);
		assert_true(point.during.failed > STEP * 9 / 10);
	}
}

static void shuffle(struct attempt *attempts, size_t count)
{
	for (size_t i = count - 1; i; i--) {
		size_t other = next_random() % (i + 1);
		struct attempt kept = attempts[i];

		attempts[i] = attempts[other];
		attempts[other] = kept;
	}
}

static void the_order_in_which_they_come_does_not_matter(void **state)
{
	struct attempt *attempts = arena_take(
		arena, (WELL + STEP) * sizeof(*attempts));
	struct change_series series;
	struct change_point point;

	(void)state;
	make_step(attempts);
	for (unsigned i = 0; i < 50; i++) {
		int64_t width_ms;

		shuffle(attempts, WELL + STEP);
		add_all(&series, arena, attempts, WELL + STEP);
		width_ms = 1000ll << series.doublings;
		assert_true(change_series_find(&series, &point));
		assert_int_equal(
			point.since_ms, (BEGIN_S + 60ll * WELL) * 1000);
		assert_int_equal(
			point.before.tried + point.during.tried, WELL + STEP);
		assert_true(point.during.tried >= STEP);
		assert_true((point.during.tried - STEP) * 60000 <=
			    (uint64_t)width_ms);
	}
}

static void an_older_file_may_be_read_last(void **state)
{
	struct attempt *attempts = arena_take(
		arena, (WELL + STEP) * sizeof(*attempts));
	struct change_series series;
	struct change_point point;

	(void)state;
	make_step(attempts);
	add_all(&series, arena, attempts + 900, WELL + STEP - 900);
	for (size_t i = 0; i < 900; i++)
		change_series_add(
			&series, attempts[i].time_ms, attempts[i].failed);
	assert_true(change_series_find(&series, &point));
	assert_int_equal(point.since_ms, attempts[WELL].time_ms);
	assert_int_equal(point.before.tried, WELL);
}

static void it_may_have_an_end(void **state)
{
	struct change_series series;
	struct change_point point;

	(void)state;
	change_series_open(&series, arena, CHANGE_BINS_MAX);
	for (unsigned i = 0; i < 900; i++)
		change_series_add(&series, (BEGIN_S + 60ll * i) * 1000,
			i >= 400 && i < 500);
	assert_true(change_series_find(&series, &point));
	assert_true(point.has_since && point.has_until);
	assert_int_equal(point.since_ms, (BEGIN_S + 60ll * 400) * 1000);
	assert_int_equal(point.until_ms, (BEGIN_S + 60ll * 499) * 1000);
	assert_int_equal(point.before.tried, 400);
	assert_int_equal(point.during.tried, 100);
	assert_int_equal(point.during.failed, 100);
	assert_int_equal(point.after.tried, 400);
	assert_int_equal(point.after.failed, 0);
}

static void what_begins_failed_only_has_an_end(void **state)
{
	struct change_series series;
	struct change_point point;

	(void)state;
	change_series_open(&series, arena, 16);
	for (unsigned i = 0; i < 100; i++)
		change_series_add(&series, (BEGIN_S + 60ll * i) * 1000, i < 50);
	assert_true(change_series_find(&series, &point));
	assert_false(point.has_since);
	assert_true(point.has_until);
	assert_int_equal(point.until_ms, (BEGIN_S + 60ll * 49) * 1000);
}

static void a_handful_cannot_reach_it(void **state)
{
	(void)state;
	for (unsigned count = 1; count <= 15; count++)
		for (unsigned well = 0; well <= count; well++) {
			struct change_series series;
			struct change_point point;

			change_series_open(&series, arena, CHANGE_BINS_MAX);
			for (unsigned i = 0; i < count; i++)
				change_series_add(
					&series, i * 3600000ll, i >= well);
			assert_false(change_series_find(&series, &point));
		}
}

static void nothing_is_no_change(void **state)
{
	struct change_series series;
	struct change_point point;

	(void)state;
	change_series_open(&series, arena, CHANGE_BINS_MAX);
	assert_false(change_series_find(&series, &point));
	assert_null(series.bins);
}

/* Broken clocks: the ends of the range, and everything in between. */
static void any_time_is_taken_in_bounded_memory(void **state)
{
	struct change_series series;
	struct change_point point;
	uint64_t tried = 0;

	(void)state;
	change_series_open(&series, arena, 4);
	for (unsigned i = 0; i < 20000; i++) {
		uint64_t high = next_random(), low = next_random();

		change_series_add(&series,
			(int64_t)(high << 32 | low) >> (i % 64), happens(50));
		assert_true(series.count <= 4);
	}
	change_series_add(&series, INT64_MIN, true);
	change_series_add(&series, INT64_MAX, false);
	for (size_t i = 0; i < series.count; i++) {
		const struct change_bin *bin = &series.bins[i];

		assert_true(bin->failed <= bin->tried);
		assert_true(!i || series.bins[i - 1].start_s < bin->start_s);
		tried += bin->tried;
	}
	assert_int_equal(tried, 20002);
	change_series_find(&series, &point);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_constant_rate_is_no_change),
		cmocka_unit_test(a_step_is_found_to_the_second),
		cmocka_unit_test(the_order_in_which_they_come_does_not_matter),
		cmocka_unit_test(an_older_file_may_be_read_last),
		cmocka_unit_test(it_may_have_an_end),
		cmocka_unit_test(what_begins_failed_only_has_an_end),
		cmocka_unit_test(a_handful_cannot_reach_it),
		cmocka_unit_test(nothing_is_no_change),
		cmocka_unit_test(any_time_is_taken_in_bounded_memory),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
