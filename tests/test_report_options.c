#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "probe/options.h"
#include "reports/row_formats.h"

#include "tests/own_arena.h"

/* --report-* and --exit-style, of a walk and of a run. */

static enum options_result parse(
	const char *const *words, struct options *options, struct span *text)
{
	const char *argv[16] = { "mxprobe" };
	int argc = 1;

	for (; *words; words++)
		argv[argc++] = *words;
	return options_parse(arena, argc, argv, options, text);
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void assert_wrong(const char *const *words, const char *part)
{
	struct options options;
	struct span text;

	assert_int_equal(parse(words, &options, &text), OPTIONS_WRONG);
	if (span_find_nocase(text, span_of(part)) >= text.len)
		fail_msg("no %s in %.*s", part, SPAN_ARG(text));
}

static void every_format_has_an_option(void **state)
{
	(void)state;
	for (const struct row_format *format = row_formats; format->word;
		format++) {
		const char *word =
			arena_print(arena, "--report-%s", format->word).at;
		struct options options;
		struct span text;

		assert_int_equal(parse(WORDS("example.org", word, "file"),
					 &options, &text),
			OPTIONS_RUN);
		assert_int_equal(options.report_count, 1);
		assert_ptr_equal(
			row_format_of(options.reports[0].format), format);
		assert_int_equal(parse(WORDS("run", "a.mxp", word, "file"),
					 &options, &text),
			OPTIONS_RUN);
		assert_string_equal(options.reports[0].file, "file");
		assert_false(options.quiet);
	}
}

static void standard_output_is_given_away_once(void **state)
{
	struct options options;
	struct span text;

	(void)state;
	assert_int_equal(parse(WORDS("run", "a.mxp", "--report-tap", "-"),
				 &options, &text),
		OPTIONS_RUN);
	assert_true(options.quiet);
	assert_wrong(WORDS("run", "a.mxp", "--report-tap", "-", "--json"),
		"--report-tap: standard output is taken");
	assert_wrong(WORDS("run", "a.mxp", "--report-tap", "-",
			     "--report-junit", "-"),
		"--report-junit: two reports");
	assert_wrong(
		WORDS("a.example", "--report-tap", "x", "--report-junit", "x"),
		"--report-junit: two reports");
	assert_wrong(WORDS("a.example", "--report-tap", "-", "--exit-style",
			     "nagios"),
		"taken by --exit-style nagios");
	assert_wrong(WORDS("a.example", "--jsonl", "--exit-style", "nagios"),
		"--exit-style nagios: its line is for standard output");
}

static void what_is_no_run_has_no_report(void **state)
{
	(void)state;
	assert_wrong(WORDS("a.example", "-n", "--report-html", "x"),
		"--report-html: there is nothing to report");
	assert_wrong(WORDS("a.example", "--repeat", "2", "--report-html", "x"),
		"it does not go with --repeat");
	assert_wrong(WORDS("run", "a.mxp", "--rehearse", "--report-html", "x"),
		"a rehearsal is no run");
	assert_wrong(WORDS("a.example", "--report-html", ""),
		"the name of a file is wanted");
	assert_wrong(WORDS("a.example", "--exit-style", "icinga"),
		"nagios or mxprobe is wanted");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format_has_an_option),
		cmocka_unit_test(standard_output_is_given_away_once),
		cmocka_unit_test(what_is_no_run_has_no_report),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
