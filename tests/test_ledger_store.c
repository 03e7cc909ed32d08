#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "probe/store/ledger_store.h"
#include "probe/store/sql.h"
#include "tests/own_folder.h"

enum { HOUR = 60 * 60 * 1000, DAY = LEDGER_DAY_MS };

/* A time of day that means nothing. */
static const int64_t now = 1795322620348;

static struct ledger_file file, other;
static struct ledger_word word;

static int open_file(void **state)
{
	struct span why;

	return make_folder(state) ||
	       !ledger_file_open(arena, in_folder("ledger.db"), &file, &why);
}

static int close_file(void **state)
{
	ledger_file_close(&file, now);
	ledger_file_close(&other, now);
	return remove_folder(state);
}

static void open_other(void)
{
	struct span why;

	assert_true(
		ledger_file_open(arena, in_folder("ledger.db"), &other, &why));
}

static struct ledger_claim claim_of(const struct ledger_limit *limit)
{
	return (struct ledger_claim){ .host = SPAN("mx.example.com"),
		.address = SPAN("192.0.2.1"),
		.organisation = SPAN("example.com"),
		.domain = SPAN("example.org"),
		.limits = limit,
		.limit_count = 1 };
}

static const struct ledger_limit one_at_once = { .by = LIMITED_BY_HOST,
	.name = { "mx.example.com", 14 },
	.connections = 1 };
static const struct ledger_limit one_a_minute = { .by = LIMITED_BY_ORGANISATION,
	.name = { "example.com", 11 },
	.pause_ms = 60000 };
static const struct ledger_limit two_a_day = {
	.by = LIMITED_BY_DOMAIN, .name = { "example.org", 11 }, .per_day = 2
};

static int64_t take(const struct ledger_limit *limit, int64_t at)
{
	const struct ledger_claim claim = claim_of(limit);

	return ledger_store_take(&file, &claim, at, &word);
}

static void a_pause_lies_behind_the_end_and_the_begin(void **state)
{
	int64_t visit;

	(void)state;
	visit = take(&one_a_minute, now);
	assert_int_equal(take(&one_a_minute, now + 1), 0);
	assert_int_equal(word.state, LEDGER_PAUSES);
	assert_int_equal(word.until_ms, now + 60000);
	ledger_store_release(&file, visit, now + 5000);
	assert_int_equal(take(&one_a_minute, now + 60000), 0);
	assert_int_equal(word.until_ms, now + 65000);
	assert_int_not_equal(take(&one_a_minute, now + 65000), 0);
}

static void a_budget_slides_over_the_day(void **state)
{
	(void)state;
	ledger_store_release(&file, take(&two_a_day, now), now);
	ledger_store_release(&file, take(&two_a_day, now + HOUR), now + HOUR);
	assert_int_equal(take(&two_a_day, now + 2 * HOUR), 0);
	assert_int_equal(word.state, LEDGER_SPENT);
	assert_int_equal(word.until_ms, now + DAY);
	assert_non_null(strstr(word.why, "example.org is spent, which is 2 "
					 "connections in 24 hours"));
	assert_int_equal(take(&two_a_day, now + DAY - 1), 0);
	assert_int_not_equal(take(&two_a_day, now + DAY), 0);
	assert_int_equal(take(&two_a_day, now + DAY), 0);
	assert_int_equal(word.until_ms, now + HOUR + DAY);
}

static void a_smaller_budget_than_before_waits_for_more(void **state)
{
	struct ledger_limit limit = two_a_day;

	(void)state;
	limit.per_day = 3;
	for (int i = 0; i < 3; i++)
		ledger_store_release(&file, take(&limit, now + i), now + i);
	limit.per_day = 1;
	assert_int_equal(take(&limit, now + 9), 0);
	assert_int_equal(word.until_ms, now + 2 + DAY);
}

static void what_takes_longest_is_told(void **state)
{
	const struct ledger_limit limits[] = { two_a_day, one_a_minute,
		one_at_once };
	struct ledger_claim claim = claim_of(limits);

	(void)state;
	claim.limit_count = 3;
	assert_int_not_equal(ledger_store_take(&file, &claim, now, &word), 0);
	assert_int_equal(ledger_store_take(&file, &claim, now, &word), 0);
	assert_int_equal(word.state, LEDGER_PAUSES);
	assert_int_not_equal(take(&two_a_day, now), 0);
	assert_int_equal(ledger_store_take(&file, &claim, now, &word), 0);
	assert_int_equal(word.state, LEDGER_SPENT);
}

/* A host, a domain under it, and one that only ends alike. */
static void a_domain_is_what_lies_under_it(void **state)
{
	static const struct {
		const char *name;
		bool is_it;
	} cases[] = { { "com", true }, { "example.com", true },
		{ "mx.example.com", true }, { "x.example.com", false },
		{ "ample.com", false }, { "example.org", true },
		{ "org", true }, { "%", false }, { "", false } };

	(void)state;
	assert_int_not_equal(take(&one_at_once, now), 0);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct ledger_limit limit = { .by = LIMITED_BY_DOMAIN,
			.name = span_of(cases[i].name),
			.per_day = 1 };
		const struct ledger_claim claim = claim_of(&limit);

		assert_true(ledger_store_look(&file, &claim, now, &word));
		assert_int_equal(word.state == LEDGER_SPENT, cases[i].is_it);
	}
}

static void a_clock_that_goes_back_stops_nothing(void **state)
{
	int64_t visit = take(&one_a_minute, now + 1000LL * DAY);

	(void)state;
	ledger_store_release(&file, visit, now + 1000LL * DAY);
	ledger_store_rest(&file, SPAN("example.com"), SPAN("why"),
		now + 1000LL * DAY, now + 1000LL * DAY + 600000);
	assert_int_equal(take(&one_a_minute, now), 0);
	assert_int_equal(word.state, LEDGER_RESTS);
	assert_int_equal(word.until_ms, now + 600000);
	assert_int_not_equal(take(&one_a_minute, now + 600000), 0);
}

static void a_rest_is_over_when_it_is(void **state)
{
	(void)state;
	ledger_store_rest(&file, SPAN("example.com"),
		SPAN("example.com asked for a rest"), now, now + 600000);
	assert_int_equal(take(&one_at_once, now + 599999), 0);
	assert_int_equal(word.state, LEDGER_RESTS);
	assert_non_null(strstr(word.why, "asked for a rest; it may go again"));
	assert_int_not_equal(take(&one_at_once, now + 600000), 0);
}

/* ---- owners */

static int64_t count(const char *text)
{
	struct sql asked = sql_of(file.database, text);
	int64_t found = sql_step(&asked) ? sql_whole(&asked, 0) : -1;

	sql_end(&asked);
	return found;
}

static void what_the_living_hold_is_held(void **state)
{
	const struct ledger_claim claim = claim_of(&one_at_once);

	(void)state;
	open_other();
	assert_int_not_equal(ledger_store_take(&other, &claim, now, &word), 0);
	assert_int_equal(take(&one_at_once, now), 0);
	assert_int_equal(word.state, LEDGER_BUSY);
	assert_true(word.waits_for_others);
	ledger_file_close(&other, now);
	assert_int_not_equal(take(&one_at_once, now), 0);
}

/* A process that takes the host and is killed while it has it. */
static pid_t killed_holder(const struct ledger_claim *claim)
{
	int ready[2];
	pid_t child;
	char octet;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct span why;

		/* A test that fails leaves nobody behind. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!ledger_file_open(
			    arena, in_folder("ledger.db"), &other, &why) ||
			!ledger_store_take(&other, claim, now, &word) ||
			write(ready[1], "", 1) != 1)
			_exit(1);
		pause();
	}
	assert_int_equal(read(ready[0], &octet, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return child;
}

static void what_the_dead_held_is_free(void **state)
{
	const struct ledger_claim claim = claim_of(&one_at_once);
	pid_t child = killed_holder(&claim);

	(void)state;
	assert_int_equal(take(&one_at_once, now), 0);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_not_equal(take(&one_at_once, now), 0);
	assert_int_equal(count("SELECT COUNT(*) FROM owner"), 1);
	assert_int_equal(
		count("SELECT COUNT(*) FROM visit WHERE ended_ms IS NULL"), 1);
}

static void a_day_later_nothing_is_left(void **state)
{
	(void)state;
	ledger_store_release(&file, take(&two_a_day, now), now);
	ledger_store_rest(
		&file, SPAN("example.com"), SPAN("why"), now, now + 1);
	assert_int_not_equal(take(&two_a_day, now + 2LL * DAY), 0);
	assert_int_equal(count("SELECT COUNT(*) FROM visit"), 1);
	assert_int_equal(count("SELECT COUNT(*) FROM rest"), 0);
}

static void a_history_is_no_ledger(void **state)
{
	struct span why;
	struct database *history = database_open(
		arena, in_folder("history.db"), DATABASE_WRITE, &why);

	(void)state;
	assert_non_null(history);
	database_close(history);
	assert_false(
		ledger_file_open(arena, in_folder("history.db"), &other, &why));
	assert_non_null(strstr(why.at, "not mxprobe's"));
}

#define WITH_FILE(test)                                                        \
	cmocka_unit_test_setup_teardown(test, open_file, close_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FILE(a_pause_lies_behind_the_end_and_the_begin),
		WITH_FILE(a_budget_slides_over_the_day),
		WITH_FILE(a_smaller_budget_than_before_waits_for_more),
		WITH_FILE(what_takes_longest_is_told),
		WITH_FILE(a_domain_is_what_lies_under_it),
		WITH_FILE(a_clock_that_goes_back_stops_nothing),
		WITH_FILE(a_rest_is_over_when_it_is),
		WITH_FILE(what_the_living_hold_is_held),
		WITH_FILE(what_the_dead_held_is_free),
		WITH_FILE(a_day_later_nothing_is_left),
		WITH_FILE(a_history_is_no_ledger),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
