#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "probe/store/baseline_store.h"
#include "probe/store/history_read.h"
#include "probe/store/sql.h"
#include "tests/own_arena.h"

static const int64_t day_ms = 24 * 60 * 60 * 1000;
static char folder[] = "/tmp/mxprobe-history-XXXXXX";
static struct database *database;

static int open_history(void **state)
{
	struct span why;

	(void)state;
	memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
	if (!mkdtemp(folder))
		return -1;
	database = database_open(arena,
		arena_print(arena, "%s/history.db", folder).at, DATABASE_WRITE,
		&why);
	return database ? 0 : -1;
}

static int close_history(void **state)
{
	(void)state;
	database_close(database);
	return system(arena_print(arena, "rm -rf '%s'", folder).at);
}

static int64_t begin_run(const char *what, int64_t began_ms)
{
	int64_t run = history_begin(
		database, &(struct history_run){ .kind = HISTORY_RUN,
				  .what = span_of(what),
				  .began_ms = began_ms });

	assert_true(run > 0);
	return run;
}

static void add_row(
	int64_t run, const char *key, const char *verdict, int64_t began_ms)
{
	struct history_row row = { .row = { .key = span_of(key),
					   .kind = SPAN("cell"),
					   .name = span_of(key),
					   .target = SPAN("example.org"),
					   .has_family = true,
					   .family = FAMILY_IPV6,
					   .path = SPAN("office"),
					   .verdict = span_of(verdict),
					   .why = SPAN("because"),
					   .began_ms = began_ms,
					   .took_us = 9000,
					   .has_connect = true,
					   .connect_us = 180,
					   .stages = SPAN("connect 180") },
		.json = SPAN("{\"a\":1}") };

	traits_add(arena, &row.row.traits, TRAIT_MAIL, SPAN("250 ok"));
	history_add(arena, database, run, &row);
}

static int64_t count_of(const char *table)
{
	struct sql asked = sql_of(database,
		arena_print(arena, "SELECT COUNT(*) FROM %s", table).at);
	int64_t count = sql_step(&asked) ? sql_whole(&asked, 0) : -1;

	assert_true(sql_end(&asked));
	return count;
}

static void a_run_comes_back_as_it_was(void **state)
{
	int64_t id = begin_run("a.mxp b.mxp", 1000);
	struct recorded_run run;
	const struct recorded *row;

	(void)state;
	add_row(id, "story/cell/one", "pass", 1500);
	add_row(id, "story/cell/two", "fail", 1600);
	assert_true(history_run_read(arena, database, id, &run));
	assert_false(run.has_ended);
	history_end(database, id, 2000, 1);
	assert_true(history_run_read(arena, database, id, &run));
	assert_true(run.has_ended);
	assert_int_equal(run.exit_status, 1);
	assert_int_equal(run.ended_ms, 2000);
	assert_true(span_is(run.what, SPAN("a.mxp b.mxp")));
	assert_int_equal(run.row_count, 2);
	row = &run.rows[1];
	assert_true(span_is(row->key, SPAN("story/cell/two")));
	assert_true(span_is(row->verdict, SPAN("fail")));
	assert_true(span_is(row->why, SPAN("because")));
	assert_true(span_is(row->target, SPAN("example.org")));
	assert_true(span_is(row->path, SPAN("office")));
	assert_true(row->has_family && row->family == FAMILY_IPV6);
	assert_true(row->has_connect && row->connect_us == 180);
	assert_true(span_is(row->traits.of[TRAIT_MAIL], SPAN("250 ok")));
	assert_true(span_is(
		history_outcome(arena, database, row->id), SPAN("{\"a\":1}")));
	assert_false(history_run_read(arena, database, id + 1, &run));
}

static void what_stays_the_same_is_kept_once(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		add_row(begin_run("a", i), "story/cell/one", "pass", i);
	assert_int_equal(count_of("result"), 5);
	assert_int_equal(count_of("subject"), 1);
	assert_int_equal(count_of("traits"), 1);
}

static void findings_come_back_in_order(void **state)
{
	static const struct finding findings[] = {
		{ .id = { "a.one", 5 },
			.severity = SEVERITY_FAIL,
			.blame = BLAME_OURS,
			.stage = STAGE_RCPT,
			.title = { "first", 5 } },
		{ .id = { "b.two", 5 }, .title = { "second", 6 } },
	};
	struct history_row row = { .row = { .key = SPAN("k"),
					   .kind = SPAN("cell"),
					   .verdict = SPAN("fail") },
		.findings = findings,
		.finding_count = 2 };
	struct history_finding *read;
	struct recorded_run run;
	int64_t id = begin_run("a", 1);

	(void)state;
	history_add(arena, database, id, &row);
	assert_true(history_run_read(arena, database, id, &run));
	assert_int_equal(
		history_findings(arena, database, run.rows[0].id, &read), 2);
	assert_true(span_is(read[0].code, SPAN("a.one")));
	assert_true(span_is(read[0].stage, SPAN("rcpt")));
	assert_true(span_is(read[1].title, SPAN("second")));
}

static void add_isolated(int64_t run, const char *key, int64_t began_ms)
{
	struct history_row row = { .row = { .key = span_of(key),
					   .kind = SPAN("cell"),
					   .verdict = SPAN("fail"),
					   .began_ms = began_ms },
		.conclusion = SPAN("The family makes the difference."),
		.isolation_json = SPAN("{\"result\":\"single\"}") };

	history_add(arena, database, run, &row);
}

static void an_isolation_comes_back_with_its_row(void **state)
{
	struct history_isolation isolation;
	struct history_subjects subjects;
	struct recorded_run run;
	int64_t id = begin_run("a", 1);

	(void)state;
	add_isolated(id, "one", 1);
	add_row(id, "two", "pass", 1);
	assert_true(history_run_read(arena, database, id, &run));
	history_isolation(arena, database, run.rows[0].id, &isolation);
	assert_true(span_is(isolation.conclusion,
		SPAN("The family makes the difference.")));
	assert_true(span_is(isolation.json, SPAN("{\"result\":\"single\"}")));
	history_isolation(arena, database, run.rows[1].id, &isolation);
	assert_int_equal(isolation.conclusion.len + isolation.json.len, 0);
	history_subjects(arena, database, SPAN("one"), 0, 10, &subjects);
	assert_int_equal(subjects.count, 1);
	assert_true(span_starts_nocase(
		subjects.list[0].past[0].conclusion, SPAN("The family ")));
	history_subjects(arena, database, SPAN("two"), 0, 10, &subjects);
	assert_int_equal(subjects.list[0].past[0].conclusion.len, 0);
}

static void an_isolation_goes_with_its_row_and_not_before(void **state)
{
	static const int64_t now_ms = 1000 * (int64_t)24 * 60 * 60 * 1000;
	int64_t run = begin_run("a", now_ms);

	(void)state;
	add_isolated(run, "less old", now_ms - 61 * day_ms);
	add_isolated(run, "old", now_ms - 401 * day_ms);
	history_tidy(database, now_ms);
	assert_int_equal(count_of("result"), 1);
	assert_int_equal(count_of("isolation"), 1);
}

/* As it was left by a program that knew of no isolation. */
static void a_history_of_the_first_form_goes_on(void **state)
{
	const char *file = arena_print(arena, "%s/first.db", folder).at;
	struct history_isolation isolation;
	struct recorded_run run;
	struct span why;
	int64_t before, after;

	(void)state;
	database_close(database);
	database = database_open_form(arena, file, 1, &why);
	assert_non_null(database);
	before = begin_run("a", 1);
	add_row(before, "one", "fail", 1);
	database_close(database);
	database = database_open(arena, file, DATABASE_WRITE, &why);
	assert_non_null(database);
	after = begin_run("a", 2);
	add_isolated(after, "one", 2);
	assert_true(history_run_read(arena, database, before, &run));
	assert_int_equal(run.row_count, 1);
	assert_true(span_is(run.rows[0].why, SPAN("because")));
	history_isolation(arena, database, run.rows[0].id, &isolation);
	assert_int_equal(isolation.conclusion.len, 0);
	assert_true(history_run_read(arena, database, after, &run));
	history_isolation(arena, database, run.rows[0].id, &isolation);
	assert_true(isolation.conclusion.len > 0);
	assert_false(database_failed(arena, database, &why));
}

static void runs_are_listed_with_their_verdicts(void **state)
{
	struct history_lines lines;
	int64_t first = begin_run("a", 1000), second = begin_run("b", 2000);

	(void)state;
	add_row(first, "k", "pass", 1000);
	add_row(second, "k", "fail", 2000);
	add_row(second, "l", "fail", 2000);
	add_row(second, "m", "skipped", 2000);
	add_row(second, "n", "warn", 2000);
	history_lines(arena, database, 0, 10, &lines);
	assert_int_equal(lines.count, 2);
	assert_int_equal(lines.list[0].run.id, second);
	assert_int_equal(lines.list[0].row_count, 4);
	assert_int_equal(lines.list[0].of[CELL_FAIL], 2);
	assert_int_equal(lines.list[0].skipped, 1);
	assert_int_equal(lines.list[0].warned, 1);
	assert_int_equal(lines.list[1].of[CELL_PASS], 1);
	history_lines(arena, database, 1500, 10, &lines);
	assert_int_equal(lines.count, 1);
	history_lines(arena, database, 0, 1, &lines);
	assert_int_equal(lines.count, 1);
}

static void a_run_that_was_none_is_forgotten(void **state)
{
	struct history_lines lines;
	int64_t first = begin_run("a", 1000);

	(void)state;
	add_row(first, "k", "pass", 1000);
	history_forget(database, begin_run("b", 2000));
	history_lines(arena, database, 0, 10, &lines);
	assert_int_equal(lines.count, 1);
	assert_int_equal(lines.list[0].run.id, first);
}

static void the_past_of_a_subject_begins_with_the_oldest(void **state)
{
	static const char *const verdicts[] = { "pass", "fail", "known" };
	struct history_subjects subjects;
	struct history_moment *past;

	(void)state;
	for (int i = 0; i < 3; i++) {
		int64_t run = begin_run("a", i * 100);

		add_row(run, "story/cell/One", verdicts[i], i * 100);
		add_row(run, "other/cell/two", "pass", i * 100);
	}
	history_subjects(arena, database, SPAN("cell/one"), 0, 10, &subjects);
	assert_int_equal(subjects.count, 1);
	assert_int_equal(subjects.list[0].past_count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_true(span_is(subjects.list[0].past[i].verdict,
			span_of(verdicts[i])));
	history_subjects(arena, database, SPAN("example.org"), 0, 2, &subjects);
	assert_int_equal(subjects.count, 2);
	assert_int_equal(subjects.list[0].past_count, 2);
	history_subjects(arena, database, SPAN(""), 150, 10, &subjects);
	assert_int_equal(subjects.count, 2);
	assert_int_equal(subjects.list[0].past_count, 1);
	history_subjects(arena, database, SPAN("nothing"), 0, 9, &subjects);
	assert_int_equal(subjects.count, 0);
	assert_int_equal(
		history_past(arena, database, SPAN("story/cell/One"), 2, &past),
		2);
	assert_true(span_is(past[1].verdict, SPAN("known")));
}

static void a_run_is_found_by_each_of_its_names(void **state)
{
	/* 2026-11-20T10:00:00Z and a day later. */
	static const int64_t began_ms = 1795168800000;
	int64_t first = begin_run("a", began_ms);
	int64_t second = begin_run("a", began_ms + day_ms);
	int64_t other = begin_run("b", began_ms + day_ms + 5000);
	const struct {
		const char *name;
		int64_t id;
	} names[] = {
		{ "last", other },
		{ "last-0", other },
		{ "last-2", first },
		{ "last-3", 0 },
		{ "2026-11-19", 0 },
		{ "2026-11-20", first },
		{ "2026-11-21", other },
		{ "2026-11-21T10:00:01Z", second },
		{ "2026-11-21T10:00:05", other },
		{ "1", first },
		{ "99", 0 },
		{ "0", 0 },
		{ "yesterday", 0 },
		{ "last-", 0 },
		{ "", 0 },
	};
	struct span why;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		int64_t id = history_run_named(
			arena, database, span_of(names[i].name), &why);

		if (id != names[i].id)
			fail_msg("%s: %lld", names[i].name, (long long)id);
		assert_true(id || why.len);
	}
	assert_int_equal(history_run_before(database, second), first);
	assert_int_equal(history_run_before(database, other), 0);
}

static void what_is_old_goes_and_nothing_else(void **state)
{
	int64_t old = begin_run("a", 10 * day_ms);
	int64_t young = begin_run("b", 20 * day_ms);

	(void)state;
	for (int i = 0; i < 10; i++)
		add_row(old, "k", "pass", 10 * day_ms);
	add_row(young, "k", "pass", 20 * day_ms);
	/* A clock that was wrong for once does not take others with it. */
	add_row(young, "l", "pass", 1);
	assert_int_equal(history_prune(database, 15 * day_ms, 4), 4);
	assert_int_equal(history_prune(database, 15 * day_ms, 100), 7);
	assert_int_equal(history_prune(database, 15 * day_ms, 100), 0);
	assert_int_equal(count_of("run"), 1);
	assert_int_equal(count_of("result"), 1);
	assert_int_equal(count_of("document"), 1);
	assert_int_equal(count_of("subject"), 1);
}

static void tidying_is_done_once_a_day(void **state)
{
	static const int64_t now_ms = 1000 * (int64_t)24 * 60 * 60 * 1000;
	int64_t run = begin_run("a", now_ms);

	(void)state;
	add_row(run, "old", "pass", now_ms - 401 * day_ms);
	add_row(run, "less old", "pass", now_ms - 61 * day_ms);
	add_row(run, "new", "pass", now_ms);
	history_tidy(database, now_ms);
	assert_int_equal(count_of("result"), 2);
	assert_int_equal(count_of("document"), 1);
	add_row(run, "old", "pass", now_ms - 401 * day_ms);
	history_tidy(database, now_ms + 1000);
	assert_int_equal(count_of("result"), 3);
	history_tidy(database, now_ms + 2 * day_ms);
	assert_int_equal(count_of("result"), 2);
}

/* ---- baselines */

static size_t seen(
	const char *key, const char *value, struct baseline_findings *findings)
{
	static const struct matrix_baseline nightly = {
		.name = { "nightly", 7 },
		.watches = { [WATCHED_REPLY] = true },
		.confirm = 2,
	};
	struct traits traits = { 0 };

	traits_add(arena, &traits, TRAIT_MAIL, span_of(value));
	traits_add(arena, &traits, TRAIT_CERT_KEY, span_of(value));
	assert_true(database_begin(database));
	baseline_see(
		arena, database, &nightly, span_of(key), &traits, 5, findings);
	assert_true(database_commit(database));
	return findings->change_count;
}

static void a_baseline_outlives_the_run(void **state)
{
	struct baseline_findings findings;

	(void)state;
	add_row(begin_run("a", 1), "k", "pass", 1);
	assert_int_equal(seen("k", "250 ok", &findings), 0);
	assert_int_equal(findings.learned, 1);
	assert_int_equal(seen("k", "250 ok", &findings), 0);
	assert_int_equal(findings.seen, 1);
	assert_int_equal(findings.learned, 0);
	assert_int_equal(seen("k", "550 no", &findings), 1);
	assert_int_equal(findings.changes[0].news, BASELINE_PENDING);
	assert_int_equal(seen("k", "550 no", &findings), 1);
	assert_int_equal(findings.changes[0].news, BASELINE_CHANGED);
	assert_true(span_is(findings.changes[0].wanted, SPAN("250 ok")));
	assert_true(span_is(findings.changes[0].found, SPAN("550 no")));
	assert_true(baseline_is_kept(database, SPAN("nightly"), SPAN("")));
	assert_true(baseline_is_kept(database, SPAN("nightly"), SPAN("K")));
	assert_false(baseline_is_kept(database, SPAN("nightly"), SPAN("x")));
	assert_false(baseline_is_kept(database, SPAN("other"), SPAN("")));
	assert_true(span_is(baseline_nearest(arena, database, SPAN("nigtly")),
		SPAN("nightly")));
	assert_int_equal(
		baseline_nearest(arena, database, SPAN("other")).len, 0);
	assert_int_equal(baseline_accept(database, SPAN("other"), SPAN("")), 0);
	assert_int_equal(
		baseline_accept(database, SPAN("nightly"), SPAN("x")), 0);
	assert_int_equal(
		baseline_accept(database, SPAN("nightly"), SPAN("k")), 1);
	assert_int_equal(seen("k", "550 no", &findings), 0);
	assert_int_equal(seen("k", "250 ok", &findings), 0);
	assert_int_equal(seen("never recorded", "250 ok", &findings), 0);
	assert_int_equal(findings.seen, 0);
}

static void a_verdict_that_got_better_stays_better(void **state)
{
	static const struct matrix_baseline nightly = {
		.name = { "nightly", 7 },
		.watches = { [WATCHED_VERDICT] = true },
		.confirm = 1,
	};
	static const char *const verdicts[] = { "fail", "pass", "pass",
		"fail" };
	static const size_t changes[] = { 0, 1, 0, 1 };
	struct baseline_findings findings;

	(void)state;
	add_row(begin_run("a", 1), "k", "pass", 1);
	for (size_t i = 0; i < COUNT_OF(verdicts); i++) {
		struct traits traits = { .of = { [TRAIT_VERDICT] = span_of(
							 verdicts[i]) } };

		assert_true(database_begin(database));
		baseline_see(arena, database, &nightly, SPAN("k"), &traits, 5,
			&findings);
		assert_true(database_commit(database));
		assert_int_equal(findings.change_count, changes[i]);
	}
	assert_int_equal(findings.changes[0].news, BASELINE_CHANGED);
}

#define EACH(test)                                                             \
	cmocka_unit_test_setup_teardown(test, open_history, close_history)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(a_run_comes_back_as_it_was),
		EACH(what_stays_the_same_is_kept_once),
		EACH(findings_come_back_in_order),
		EACH(an_isolation_comes_back_with_its_row),
		EACH(an_isolation_goes_with_its_row_and_not_before),
		EACH(a_history_of_the_first_form_goes_on),
		EACH(runs_are_listed_with_their_verdicts),
		EACH(a_run_that_was_none_is_forgotten),
		EACH(the_past_of_a_subject_begins_with_the_oldest),
		EACH(a_run_is_found_by_each_of_its_names),
		EACH(what_is_old_goes_and_nothing_else),
		EACH(tidying_is_done_once_a_day),
		EACH(a_baseline_outlives_the_run),
		EACH(a_verdict_that_got_better_stays_better),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
