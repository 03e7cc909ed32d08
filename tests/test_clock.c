#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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
		cmocka_unit_test(a_date_that_no_calendar_has_harms_nobody),
		cmocka_unit_test(a_running_clock_never_goes_back),
		cmocka_unit_test(a_frozen_clock_stands_still),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
