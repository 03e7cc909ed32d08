#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "probe/base/file.h"
#include "probe/check_run.h"
#include "probe/options.h"
#include "scenarios/parser.h"

static const struct codebook *book(struct arena *arena)
{
	return codebook_embedded(arena);
}

static struct span complaints_of(
	struct arena *arena, const struct complaints *complaints)
{
	struct span all = SPAN("");

	for (size_t i = 0; i < complaints->count; i++)
		all = arena_print(arena, "%.*s%.*s", SPAN_ARG(all),
			SPAN_ARG(complaint_print(arena, &complaints->list[i])));
	return all;
}

static struct span file_text(struct arena *arena, const char *name)
{
	struct span text, why;

	if (!file_read(arena, name, LEXER_TEXT_MAX, &text, &why))
		fail_msg("%s: %.*s", name, SPAN_ARG(why));
	return text;
}

static const char *beside(struct arena *arena, const char *folder,
	const char *name, const char *ending)
{
	struct span stem = span_of(name);

	return arena_print(
		arena, "%s/%.*s%s", folder, (int)stem.len - 4, stem.at, ending)
		.at;
}

/* Each file of the folder whose name ends in .mxp. */
static size_t for_each(const char *folder,
	void (*test)(struct arena *arena, const char *folder, const char *name))
{
	DIR *directory = opendir(folder);
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(directory);
	while ((entry = readdir(directory))) {
		struct arena *arena = arena_open();

		if (span_ends_nocase(span_of(entry->d_name), SPAN(".mxp"))) {
			test(arena, folder, entry->d_name);
			count++;
		}
		arena_close(arena);
	}
	closedir(directory);
	return count;
}

static void has_its_golden(
	struct arena *arena, const char *folder, const char *name)
{
	const char *file = beside(arena, folder, name, ".mxp");
	struct span wanted = file_text(
		arena, beside(arena, folder, name, ".txt"));
	struct check_result result;
	struct span found;

	check_text(arena, book(arena), span_of(file), file_text(arena, file),
		&result);
	found = complaints_of(arena, &result.complaints);
	assert_null(result.matrix);
	if (!span_is(found, wanted))
		fail_msg("%s: wanted\n%.*sfound\n%.*s", name, SPAN_ARG(wanted),
			SPAN_ARG(found));
}

static void every_error_is_told_in_its_words(void **state)
{
	(void)state;
	assert_true(for_each("tests/scenarios/bad", has_its_golden) >= 60);
}

static void is_well(struct arena *arena, const char *folder, const char *name)
{
	const char *file = beside(arena, folder, name, ".mxp");
	struct check_result result, again;
	struct span printed;

	check_text(arena, book(arena), span_of(file), file_text(arena, file),
		&result);
	if (!result.matrix)
		fail_msg("%.*s",
			SPAN_ARG(complaints_of(arena, &result.complaints)));
	assert_true(result.matrix->cell_count != 0);
	printed = sheet_print(arena, result.sheet);
	check_text(arena, book(arena), span_of(file), printed, &again);
	assert_true(sheet_is_same(result.sheet, again.sheet));
	assert_int_equal(result.matrix->cell_count, again.matrix->cell_count);
}

static void every_good_scenario_is_well(void **state)
{
	(void)state;
	assert_true(for_each("tests/scenarios/good", is_well) >= 5);
	assert_true(for_each("scenarios", is_well) >= 8);
}

/* ---- files that a test makes up */

struct shelf {
	const char *name, *text;
};

static bool read_shelf(void *owner, struct arena *arena, struct span name,
	struct span *bytes, struct span *why)
{
	(void)arena;
	*why = SPAN("not on the shelf");
	for (const struct shelf *file = owner; file->name; file++)
		if (span_is(name, span_of(file->name))) {
			*bytes = span_of(file->text);
			return true;
		}
	return false;
}

static const struct sheet *read_all(
	struct arena *arena, struct shelf *shelf, struct complaints *complaints)
{
	struct variables variables = { .arena = arena };
	struct reading_orders orders = { .arena = arena,
		.complaints = complaints,
		.variables = &variables,
		.read = read_shelf,
		.owner = shelf };

	*complaints = (struct complaints){ .arena = arena };
	return sheet_parse(&orders, span_of(shelf->name), span_of(shelf->text));
}

static void names_are_relative_to_the_file_that_has_them(void **state)
{
	struct shelf shelf[] = {
		{ "a/main.mxp", "mxprobe 1\ninclude sub/b.mxp\n"
				"owns ${me}\n" },
		{ "a/sub/b.mxp", "mxprobe 1\ninclude ../c.mxp\n" },
		{ "a/sub/../c.mxp", "mxprobe 1\ninclude /d.mxp\n" },
		{ "/d.mxp", "mxprobe 1\nvar me = a@b.example\n" },
		{ NULL, NULL },
	};
	struct arena *arena = arena_open();
	struct complaints complaints;
	const struct sheet *sheet = read_all(arena, shelf, &complaints);
	struct statements all = sheet_flatten(arena, sheet);

	(void)state;
	assert_int_equal(complaints.total, 0);
	assert_int_equal(all.count, 6);
	assert_true(
		span_is(statement_value(all.list[5], VALUE_MAILBOX, 0)->text,
			SPAN("a@b.example")));
	arena_close(arena);
}

static void files_that_include_each_other_are_no_loop(void **state)
{
	struct shelf shelf[] = {
		{ "a", "mxprobe 1\ninclude b\ninclude b\n" },
		{ "b", "mxprobe 1\ninclude a\n" },
		{ NULL, NULL },
	};
	struct arena *arena = arena_open();
	struct complaints complaints;

	(void)state;
	read_all(arena, shelf, &complaints);
	assert_int_equal(complaints.total, 2);
	assert_true(span_is(complaints.list[0].what,
		SPAN("the file would include itself")));
	arena_close(arena);
}

/* Each names itself by another name: only the depth ends it. */
static void files_are_not_included_without_end(void **state)
{
	struct shelf shelf[] = {
		{ "a", "mxprobe 1\ninclude x/a\n" },
		{ "x/a", "mxprobe 1\ninclude x/a\n" },
		{ "x/x/a", "mxprobe 1\ninclude x/a\n" },
		{ "x/x/x/a", "mxprobe 1\ninclude x/a\n" },
		{ "x/x/x/x/a", "mxprobe 1\ninclude x/a\n" },
		{ "x/x/x/x/x/a", "mxprobe 1\ninclude x/a\n" },
		{ "x/x/x/x/x/x/a", "mxprobe 1\ninclude x/a\n" },
		{ "x/x/x/x/x/x/x/a", "mxprobe 1\ninclude x/a\n" },
		{ "x/x/x/x/x/x/x/x/a", "mxprobe 1\ninclude x/a\n" },
		{ "x/x/x/x/x/x/x/x/x/a", "mxprobe 1\n" },
		{ NULL, NULL },
	};
	struct arena *arena = arena_open();
	struct complaints complaints;

	(void)state;
	read_all(arena, shelf, &complaints);
	assert_int_equal(complaints.total, 1);
	assert_true(span_is(complaints.list[0].what,
		SPAN("files include each other more than 8 deep")));
	arena_close(arena);
}

static void the_same_file_many_times_is_too_much(void **state)
{
	struct arena *arena = arena_open();
	char *big = arena_take(arena, LEXER_TEXT_MAX);
	struct shelf shelf[] = {
		{ "a", "mxprobe 1\ninclude b\ninclude b\ninclude b\n"
		       "include b\n" },
		{ "b", big },
		{ NULL, NULL },
	};
	struct complaints complaints;

	(void)state;
	memset(big, '\n', LEXER_TEXT_MAX - 1);
	memcpy(big, "mxprobe 1\n", 10);
	read_all(arena, shelf, &complaints);
	assert_int_equal(complaints.total, 1);
	assert_true(span_is(complaints.list[0].what,
		SPAN("all files together have more than 1 MiB")));
	arena_close(arena);
}

static void many_errors_are_counted_and_some_are_kept(void **state)
{
	struct arena *arena = arena_open();
	struct check_result result;
	char *text = arena_take(arena, 30010);

	(void)state;
	memcpy(text, "mxprobe 1\n", 10);
	for (size_t i = 0; i < 10000; i++)
		memcpy(text + 10 + 3 * i, "x!\n", 3);
	check_text(arena, book(arena), SPAN("f"), (struct span){ text, 30010 },
		&result);
	assert_int_equal(result.complaints.count, COMPLAINTS_MAX);
	assert_int_equal(result.complaints.total, 10000);
	arena_close(arena);
}

static void lines_without_end_are_refused(void **state)
{
	struct arena *arena = arena_open();
	struct check_result result;
	char *text = arena_take(arena, 10 + 7 * 30000);
	bool is_told = false;

	(void)state;
	memcpy(text, "mxprobe 1\n", 10);
	for (size_t i = 0; i < 30000; i++)
		memcpy(text + 10 + 7 * i, "path a\n", 7);
	check_text(arena, book(arena), SPAN("f"),
		(struct span){ text, 10 + 7 * 30000 }, &result);
	for (size_t i = 0; i < result.complaints.count; i++)
		is_told |= span_is(result.complaints.list[i].what,
			SPAN("there are more than 20000 lines in all files"));
	assert_true(is_told);
	arena_close(arena);
}

/* The variable's value is never read, so it cannot be printed. */
static void a_secret_is_shown_as_stars(void **state)
{
	struct arena *arena = arena_open();
	struct check_result result;
	struct span printed;

	(void)state;
	assert_int_equal(setenv("MXP_TEST_SECRET", "hidden@a.example", 1), 0);
	check_text(arena, book(arena), SPAN("f"),
		SPAN("mxprobe 1\nvar key = secret env MXP_TEST_SECRET\n"
		     "owns ${key}\nprobe a\n  target mx a.example\n"
		     "  step mail a@a.example\n  step rcpt ${key}\n"
		     "  step data\n"),
		&result);
	assert_non_null(result.matrix);
	assert_true(span_is(result.matrix->cells[0].scenario.steps[6].argument,
		SPAN("***")));
	printed = sheet_print(arena, result.sheet);
	assert_int_equal(
		span_find_nocase(printed, SPAN("hidden")), printed.len);
	assert_true(
		span_find_nocase(printed, SPAN("rcpt ${key}")) < printed.len);
	arena_close(arena);
}

static void another_secret_is_another_mailbox(void **state)
{
	struct arena *arena = arena_open();
	struct check_result result;

	(void)state;
	check_text(arena, book(arena), SPAN("f"),
		SPAN("mxprobe 1\nvar key = secret env A\n"
		     "var other = secret env B\nowns ${key}\nprobe a\n"
		     "  target mx a.example\n  step mail a@a.example\n"
		     "  step rcpt ${other}\n  step data\n"),
		&result);
	assert_int_equal(result.complaints.total, 1);
	arena_close(arena);
}

/* ---- the command line */

static enum options_result options_of(struct arena *arena,
	struct options *options, int count, const char *const *words)
{
	struct span text;

	return options_parse(arena, count, words, options, &text);
}

static void check_takes_files_and_little_else(void **state)
{
	static const char *const good[] = { "mxprobe", "check", "a.mxp",
		"--plan", "--json", "b.mxp" };
	static const char *const verbs[] = { "mxprobe", "check", "--verbs" };
	static const char *const none[] = { "mxprobe", "check" };
	static const char *const other[] = { "mxprobe", "check", "a.mxp",
		"-6" };
	struct arena *arena = arena_open();
	struct options options;

	(void)state;
	assert_int_equal(options_of(arena, &options, 6, good), OPTIONS_RUN);
	assert_int_equal(options.verb, VERB_CHECK);
	assert_int_equal(options.check.file_count, 2);
	assert_true(options.check.shows_plan);
	assert_int_equal(options_of(arena, &options, 3, verbs), OPTIONS_RUN);
	assert_true(options.check.lists_verbs);
	assert_int_equal(options_of(arena, &options, 2, none), OPTIONS_WRONG);
	assert_int_equal(options_of(arena, &options, 4, other), OPTIONS_WRONG);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_is_told_in_its_words),
		cmocka_unit_test(every_good_scenario_is_well),
		cmocka_unit_test(names_are_relative_to_the_file_that_has_them),
		cmocka_unit_test(files_that_include_each_other_are_no_loop),
		cmocka_unit_test(files_are_not_included_without_end),
		cmocka_unit_test(the_same_file_many_times_is_too_much),
		cmocka_unit_test(many_errors_are_counted_and_some_are_kept),
		cmocka_unit_test(lines_without_end_are_refused),
		cmocka_unit_test(a_secret_is_shown_as_stars),
		cmocka_unit_test(another_secret_is_another_mailbox),
		cmocka_unit_test(check_takes_files_and_little_else),
	};

	return cmocka_run_group_tests_name("scenario", tests, NULL, NULL);
}
