#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/base/clock.h"

static void dates_are_written_in_utc_to_the_millisecond(void **state)
{
	static const struct {
		int64_t wall_ms;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ 1, "1970-01-01T00:00:00.001Z" },
		{ 951782400999, "2000-02-29T00:00:00.999Z" },
		{ 1785542399500, "2026-07-31T23:59:59.500Z" },
		{ 4102444800000, "2100-01-01T00:00:00.000Z" },
		{ -1, "1969-12-31T23:59:59.999Z" },
		{ -1000, "1969-12-31T23:59:59.000Z" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena *arena = arena_open();

		assert_string_equal(
			clock_text(arena, rows[i].wall_ms).at, rows[i].text);
		arena_close(arena);
	}
}

/* 500 years of them, and the end of what is written by hand. */
static void every_day_has_the_date_of_the_system(void **state)
{
	enum { DAY_MS = 24 * 60 * 60 * 1000 };
	static const int64_t year_10000_ms = 253402300800000;
	struct arena *arena = arena_open();

	(void)state;
	for (int64_t day = 0; day < 183000; day++) {
		int64_t ms = day < 182900
				     ? day * DAY_MS + 1
				     : year_10000_ms + (day - 182950) * DAY_MS;
		time_t seconds = ms / 1000;
		struct span text = clock_text(arena, ms);
		struct tm date;
		char wanted[32];

		gmtime_r(&seconds, &date);
		strftime(wanted, sizeof(wanted), "%Y-%m-%dT%H:%M:%S", &date);
		assert_memory_equal(text.at, wanted, strlen(wanted));
		arena_empty(arena);
	}
	arena_close(arena);
}

static void a_date_that_no_calendar_has_harms_nobody(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	assert_true(clock_text(arena, INT64_MAX).len > 0);
	assert_true(clock_text(arena, INT64_MIN).len > 0);
	arena_close(arena);
}

static void a_running_clock_never_goes_back(void **state)
{
	uint64_t first = clock_now_ns();

	(void)state;
	assert_false(clock_is_frozen());
	assert_true(first > 0);
	assert_true(clock_now_ns() >= first);
	assert_true(clock_wall_ms() > 0);
}

/* The last test: nothing thaws a clock. */
static void a_frozen_clock_stands_still(void **state)
{
	(void)state;
	clock_freeze(951782400999);
	assert_true(clock_is_frozen());
	assert_int_equal(clock_wall_ms(), 951782400999);
	assert_int_equal(clock_wall_ms(), 951782400999);
	assert_int_equal(clock_now_ns(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_are_written_in_utc_to_the_millisecond),
		cmocka_unit_test(every_day_has_the_date_of_the_system),
		cmocka_unit_test(a_date_that_no_calendar_has_harms_nobody),
		cmocka_unit_test(a_running_clock_never_goes_back),
		cmocka_unit_test(a_frozen_clock_stands_still),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
