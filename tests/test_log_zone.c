#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/clock.h"
#include "reports/inbound/zone_database.h"
#include "tests/spans.h"
#include "tests/time_zones_by_hand.h"

static const int64_t hour_ms = INT64_C(3600000), quarter_ms = 900000;
static const int64_t minute_ms = 60000;

/* 2026-01-01T00:00:00Z */
static const int64_t year_ms = INT64_C(1767225600000);

/* clang-format off */
static const struct {
	const char *name;
	int quarters;           /* ahead of UTC */
} hours[] = {
	{ "+09:00", 36 }, { "+0900", 36 }, { "+09", 36 }, { "+9", 36 },
	{ "-0330", -14 }, { "-03:30", -14 }, { "-3", -12 }, { "+05:45", 23 },
	{ "+14:00", 56 }, { "-14", -56 }, { "+00:00", 0 }, { "-0", 0 },
	{ "UTC", 0 }, { "utc", 0 }, { "GMT", 0 }, { "Z", 0 },
};
/* clang-format on */

static void hours_are_read_in_each_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(hours); i++) {
		struct log_zone zone = zone_of(hours[i].name);
		int64_t ahead_ms = hours[i].quarters * quarter_ms;

		assert_false(zone.has_rules);
		assert_int_equal(
			log_zone_time(&zone, year_ms), year_ms - ahead_ms);
		assert_int_equal(
			log_zone_clock(&zone, year_ms), year_ms + ahead_ms);
	}
}

static void all_zero_is_utc(void **state)
{
	struct log_zone zone = { 0 };

	(void)state;
	assert_int_equal(log_zone_time(&zone, year_ms), year_ms);
	assert_int_equal(log_zone_clock(&zone, year_ms), year_ms);
}

#define NO_SUCH "there is no such time zone"
#define WANTED                                                                 \
	NO_SUCH                                                                \
	": +09:00 is wanted, UTC, local, or a place as Asia/Tokyo"

/* clang-format off */
static const struct {
	const char *name, *why;
} wrong[] = {
	{ "tokyo", NO_SUCH " (did you mean Asia/Tokyo?)" },
	{ "asia/tokyo", NO_SUCH " (did you mean Asia/Tokyo?)" },
	{ "Asia/Tokio", NO_SUCH " (did you mean Asia/Tokyo?)" },
	{ "New York", NO_SUCH " (did you mean America/New_York?)" },
	{ "Knox", NO_SUCH " (did you mean America/Indiana/Knox?)" },
	{ "UTC+9", NO_SUCH " (did you mean +9?)" },
	{ "gmt-03:30", NO_SUCH " (did you mean -03:30?)" },
	/* What is nearest is nine hours behind. */
	{ "Etc/GMT+", WANTED },
	{ "JST", WANTED }, { "UT", WANTED },
	{ "Nowhere/At_All", WANTED },
	{ "", WANTED }, { "+", WANTED }, { "+9:30", WANTED }, { "+09:", WANTED },
	{ "+090", WANTED }, { "+09:60", WANTED }, { "+1401", WANTED },
	{ "+15", WANTED }, { "+09000", WANTED }, { "09:00", WANTED },
	{ "+09:00 ", WANTED }, { "Asia", WANTED }, { "Asia/", WANTED },
	{ "/etc/localtime", WANTED }, { "../zoneinfo/Asia/Tokyo", WANTED },
	{ "Asia/../Asia/Tokyo", WANTED }, { "table", WANTED },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", WANTED },
};
/* clang-format on */

static void a_zone_that_there_is_not_is_no_utc(void **state)
{
	FILE *table = fopen(in_folder("table"), "w");

	(void)state;
	assert_non_null(table);
	fputs("TZ no file of theirs\n", table);
	fclose(table);
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct log_zone zone;
		struct span why;

		if (log_zone_find(arena, span_of(wrong[i].name), &zone, &why))
			fail_msg("%s: taken", wrong[i].name);
		assert_span(why, wrong[i].why);
	}
}

static void a_machine_without_zones_says_so(void **state)
{
	struct log_zone zone;
	struct span why;

	(void)state;
	assert_int_equal(setenv("TZDIR", in_folder("no\nwhere"), 1), 0);
	assert_false(log_zone_find(arena, SPAN("Asia/Tokyo"), &zone, &why));
	assert_int_equal(setenv("TZDIR", folder, 1), 0);
	assert_span(why,
		arena_print(arena,
			"there are no time zones in %s/no\\x0awhere: +09:00 is "
			"wanted, or UTC",
			folder)
			.at);
}

/* clang-format off */
static const struct {
	const char *tz;         /* NULL: not set */
	bool is_known;
} machines[] = {
	{ NULL, true }, { "", true }, { ":Asia/Tokyo", true },
	{ "Asia/Tokyo", true }, { "UTC", true }, { "JST-9", true },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", true }, { "<+0545>-5:45", true },
	{ ":/etc/localtime", true },
	{ "Asia/Tokio", false }, { ":Asia/Tokio", false }, { "JST", false },
	{ "<0545", false }, { "A1", false },
};
/* clang-format on */

/* The C library takes what it does not know for UTC. */
static void this_machine_s_own_zone_must_be_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(machines); i++) {
		struct log_zone zone;
		struct span why;

		if (machines[i].tz)
			setenv("TZ", machines[i].tz, 1);
		else
			unsetenv("TZ");
		if (log_zone_find(arena, SPAN("local"), &zone, &why) !=
			machines[i].is_known)
			fail_msg("TZ=%s", machines[i].tz);
	}
}

static void this_machine_s_own_zone_is_that_of_tz(void **state)
{
	struct log_zone zone;

	(void)state;
	setenv("TZ", "JST-9", 1);
	zone = zone_of("local");
	assert_int_equal(log_zone_time(&zone, year_ms), year_ms - 9 * hour_ms);
}

/* ---- rules */

static const char *const places[] = { "Asia/Tokyo", "Asia/Kathmandu",
	"Europe/Berlin", "America/New_York", "America/St_Johns",
	"Australia/Sydney", "Australia/Lord_Howe", "Etc/GMT+9" };

/* Also those at which the clock shows an hour again: it goes back. */
static void each_time_of_a_year_is_found_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		struct log_zone zone = zone_of(places[i]);

		for (int64_t at = 0; at < 365 * 24 * 60 / 7; at++) {
			int64_t time_ms = year_ms + at * 7 * minute_ms;
			int64_t clock_ms = log_zone_clock(&zone, time_ms);

			assert_int_equal(
				log_zone_time(&zone, clock_ms), time_ms);
		}
	}
}

/* 2026-10-25T00:00:00Z is 02:00 in Berlin, and so is an hour later. */
static const int64_t twice_ms = INT64_C(1792886400000);

/* clang-format off */
static const struct {
	const char *name;
	struct {
		int clock, time;        /* minutes after 02:00, and 00:00Z */
	} lines[4];
} orders[] = {
	{ "what goes on is the first", { { -1, -1 }, { 0, 0 }, { 59, 59 }, { 60, 120 } } },
	{ "what goes back is the second", { { 59, 59 }, { 0, 60 }, { 30, 90 }, { 59, 119 } } },
	{ "a silence in the first", { { 6, 6 }, { 0, 60 }, { 50, 110 }, { 60, 120 } } },
	{ "one that was held up", { { 10, 10 }, { 6, 6 }, { 11, 11 }, { 59, 59 } } },
	{ "one held up until the second", { { 59, 59 }, { 0, 60 }, { 59, 59 }, { 1, 61 } } },
	{ "a log that begins within", { { 30, 30 }, { 31, 31 }, { 61, 121 }, { 62, 122 } } },
	{ "an older log behind it", { { 700, 760 }, { 30, 30 }, { 31, 31 }, { 61, 121 } } },
};
/* clang-format on */

static void assert_order(size_t i, struct log_zone *zone)
{
	for (size_t j = 0; j < COUNT_OF(orders[i].lines); j++) {
		int64_t clock_ms = twice_ms + 2 * hour_ms +
				   orders[i].lines[j].clock * minute_ms;
		int64_t found_ms = log_zone_time(zone, clock_ms);
		int64_t found = (found_ms - twice_ms) / minute_ms;

		if (found != orders[i].lines[j].time)
			fail_msg("%s: line %zu is %d", orders[i].name, j + 1,
				(int)found);
	}
}

/* Whatever is known of the days around it. */
static void an_hour_that_comes_again_is_known_by_going_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(orders); i++)
		for (int hour = -60; hour < 60; hour++) {
			struct log_zone zone = zone_of("Europe/Berlin");
			int64_t other_ms = twice_ms + hour * hour_ms + 1;

			/* It would be the log's own. */
			if (hour < 0 || hour > 4)
				log_zone_time(&zone, other_ms);
			assert_order(i, &zone);
		}
}

/* What is kept from one to the next may not show; so jump about. */
static void it_does_not_matter_what_was_asked_before(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		struct log_zone zone = zone_of(places[i]), fresh = zone;
		uint64_t at = 1;

		for (size_t j = 0; j < 20000; j++) {
			struct log_zone alone = fresh;
			int64_t clock_ms;

			at = at * UINT64_C(6364136223846793005) + 1;
			clock_ms = year_ms + (int64_t)(at >> 29);
			assert_int_equal(log_zone_time(&zone, clock_ms),
				log_zone_time(&alone, clock_ms));
		}
	}
}

/* Of any four digits that stand where a year stands. */
static void years_far_away_have_a_time(void **state)
{
	static const int64_t far[] = { INT64_C(-62167219200000),
		INT64_C(253402300799000) };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(places); i++)
		for (size_t j = 0; j < COUNT_OF(far); j++) {
			struct log_zone zone = zone_of(places[i]);
			int64_t time_ms = log_zone_time(&zone, far[j]);

			assert_in_range(time_ms - far[j] + 24 * hour_ms, 0,
				48 * hour_ms);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hours_are_read_in_each_form),
		cmocka_unit_test(all_zero_is_utc),
		cmocka_unit_test(a_zone_that_there_is_not_is_no_utc),
		cmocka_unit_test(a_machine_without_zones_says_so),
		cmocka_unit_test(this_machine_s_own_zone_must_be_one),
		cmocka_unit_test(this_machine_s_own_zone_is_that_of_tz),
		cmocka_unit_test(each_time_of_a_year_is_found_again),
		cmocka_unit_test(
			an_hour_that_comes_again_is_known_by_going_back),
		cmocka_unit_test(it_does_not_matter_what_was_asked_before),
		cmocka_unit_test(years_far_away_have_a_time),
	};

	return cmocka_run_group_tests(
		tests, make_time_zones, remove_time_zones);
}
