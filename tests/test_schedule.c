#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>

#include "probe/schedule.h"
#include "tests/own_folder.h"

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE };

static const int64_t now = 1795322620348;
static struct ledger_file file, other;
static const struct schedule hourly = { .scenario = { "/a.mxp", 6 },
	.every_ms = HOUR };

static int open_files(void **state)
{
	struct span why;

	return make_folder(state) ||
	       !ledger_file_open(arena, in_folder("l.db"), &file, &why) ||
	       !ledger_file_open(arena, in_folder("l.db"), &other, &why);
}

static int close_files(void **state)
{
	ledger_file_close(&file, now);
	ledger_file_close(&other, now);
	return remove_folder(state);
}

static int64_t due_at(const struct schedule *schedule, int64_t at)
{
	struct schedule_state seen;

	assert_true(schedule_store_look(&file, schedule, at, &seen));
	return seen.due_ms;
}

static void run_at(const struct schedule *schedule, int64_t at)
{
	assert_true(schedule_store_begin(&file, schedule, at));
	schedule_store_end(&file, schedule, at + 1);
}

static void it_is_due_at_once_and_then_each_period(void **state)
{
	(void)state;
	assert_int_equal(due_at(&hourly, now), now);
	run_at(&hourly, now);
	assert_false(schedule_store_begin(&file, &hourly, now + HOUR - 1));
	run_at(&hourly, now + HOUR);
	assert_int_equal(due_at(&hourly, now + HOUR), now + 2 * HOUR);
}

static void whoever_comes_late_makes_the_next_no_later(void **state)
{
	(void)state;
	run_at(&hourly, now);
	run_at(&hourly, now + HOUR + 4 * MINUTE);
	assert_int_equal(
		due_at(&hourly, now + HOUR + 5 * MINUTE), now + 2 * HOUR);
}

static void what_was_missed_is_not_made_up_for(void **state)
{
	(void)state;
	run_at(&hourly, now);
	run_at(&hourly, now + 5 * HOUR + MINUTE);
	assert_false(schedule_store_begin(&file, &hourly, now + 5 * HOUR + 9));
	assert_int_equal(
		due_at(&hourly, now + 5 * HOUR + MINUTE), now + 6 * HOUR);
}

static void jitter_makes_the_first_later_and_stays(void **state)
{
	struct schedule schedule = hourly;

	(void)state;
	schedule.delay_ms = 7 * MINUTE;
	assert_int_equal(due_at(&schedule, now), now + 7 * MINUTE);
	assert_int_equal(due_at(&schedule, now + MINUTE), now + 7 * MINUTE);
	run_at(&schedule, now + 8 * MINUTE);
	assert_int_equal(
		due_at(&schedule, now + 9 * MINUTE), now + HOUR + 7 * MINUTE);
}

static void nobody_begins_it_twice(void **state)
{
	struct schedule_state seen;

	(void)state;
	assert_true(schedule_store_begin(&file, &hourly, now));
	assert_false(schedule_store_begin(&other, &hourly, now));
	/* Nor while it takes longer than its period. */
	assert_false(schedule_store_begin(&other, &hourly, now + 2 * HOUR));
	assert_true(
		schedule_store_look(&other, &hourly, now + 2 * HOUR, &seen));
	assert_true(seen.is_under_way);
	schedule_store_end(&file, &hourly, now + 2 * HOUR);
	assert_true(schedule_store_begin(&other, &hourly, now + 2 * HOUR));
}

static void one_whose_owner_died_is_due_again_in_time(void **state)
{
	(void)state;
	assert_true(schedule_store_begin(&other, &hourly, now));
	/* As the kernel does for a process that is no more. */
	close(other.lock);
	other.lock = -1;
	assert_false(schedule_store_begin(&file, &hourly, now + MINUTE));
	assert_true(schedule_store_begin(&file, &hourly, now + HOUR));
}

static void another_end_is_not_its_end(void **state)
{
	struct schedule_state seen;

	(void)state;
	assert_true(schedule_store_begin(&file, &hourly, now));
	schedule_store_end(&other, &hourly, now + 1);
	assert_true(schedule_store_look(&file, &hourly, now + 2, &seen));
	assert_true(seen.is_under_way);
}

static void a_clock_that_goes_back_does_not_stop_it(void **state)
{
	int64_t far = now + 20000LL * HOUR;

	(void)state;
	run_at(&hourly, far);
	assert_int_equal(due_at(&hourly, now), now + HOUR);
	assert_int_equal(due_at(&hourly, now + MINUTE), now + HOUR);
	run_at(&hourly, now + HOUR);
}

static void another_period_counts_from_the_last_run(void **state)
{
	struct schedule schedule = hourly;

	(void)state;
	run_at(&hourly, now);
	schedule.every_ms = 10 * MINUTE;
	assert_int_equal(due_at(&schedule, now + MINUTE), now + 10 * MINUTE);
	schedule.every_ms = 3 * HOUR;
	assert_int_equal(due_at(&schedule, now + MINUTE), now + 3 * HOUR);
}

/* ---- the jitter of a host */

static struct schedule of(const char *name, const char *host, uint64_t jitter)
{
	const struct matrix matrix = {
		.name = span_of(name), .every_ms = HOUR, .jitter_ms = jitter
	};
	struct schedule schedule;

	assert_true(schedule_of(
		arena, SPAN("not-there"), &matrix, span_of(host), &schedule));
	return schedule;
}

static void the_delay_is_the_same_each_time(void **state)
{
	(void)state;
	assert_int_equal(
		of("a", "host", HOUR).delay_ms, of("a", "host", HOUR).delay_ms);
	assert_int_not_equal(
		of("a", "host", HOUR).delay_ms, of("a", "tsoh", HOUR).delay_ms);
	assert_int_not_equal(
		of("a", "host", HOUR).delay_ms, of("b", "host", HOUR).delay_ms);
	assert_int_equal(of("a", "host", 0).delay_ms, 0);
}

static void a_fleet_does_not_go_off_together(void **state)
{
	enum { HOSTS = 1000, PARTS = 10 };
	unsigned parts[PARTS] = { 0 };

	(void)state;
	for (unsigned i = 0; i < HOSTS; i++) {
		const char *host = arena_print(arena, "mx%u.example", i).at;
		uint64_t delay = of("gmail", host, HOUR).delay_ms;

		assert_true(delay <= HOUR);
		parts[delay * PARTS / (HOUR + 1)]++;
	}
	for (unsigned i = 0; i < PARTS; i++)
		assert_in_range(parts[i], 60, 140);
}

static void without_every_there_is_no_schedule(void **state)
{
	const struct matrix matrix = { .name = SPAN("a") };
	struct schedule schedule;

	(void)state;
	assert_false(schedule_of(
		arena, SPAN("f"), &matrix, SPAN("host"), &schedule));
}

static void two_names_of_a_file_are_one_schedule(void **state)
{
	const struct matrix matrix = { .name = SPAN("a"), .every_ms = HOUR };
	struct schedule one, two;

	(void)state;
	close(open(in_folder("a.mxp"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_true(schedule_of(arena, span_of(in_folder("a.mxp")), &matrix,
		SPAN("host"), &one));
	assert_true(schedule_of(arena, span_of(in_folder("./a.mxp")), &matrix,
		SPAN("host"), &two));
	assert_true(span_is(one.scenario, two.scenario));
}

#define WITH_FILES(test)                                                       \
	cmocka_unit_test_setup_teardown(test, open_files, close_files)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FILES(it_is_due_at_once_and_then_each_period),
		WITH_FILES(whoever_comes_late_makes_the_next_no_later),
		WITH_FILES(what_was_missed_is_not_made_up_for),
		WITH_FILES(jitter_makes_the_first_later_and_stays),
		WITH_FILES(nobody_begins_it_twice),
		WITH_FILES(one_whose_owner_died_is_due_again_in_time),
		WITH_FILES(another_end_is_not_its_end),
		WITH_FILES(a_clock_that_goes_back_does_not_stop_it),
		WITH_FILES(another_period_counts_from_the_last_run),
		cmocka_unit_test(the_delay_is_the_same_each_time),
		cmocka_unit_test(a_fleet_does_not_go_off_together),
		cmocka_unit_test(without_every_there_is_no_schedule),
		cmocka_unit_test_setup_teardown(
			two_names_of_a_file_are_one_schedule, make_folder,
			remove_folder),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
