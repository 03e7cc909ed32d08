
#include "probe/base/clock.h"
#include "probe/base/escape.h"
#include "probe/base/file.h"
#include "probe/base/note.h"
#include "probe/store/history_read.h"
#include "probe/store/run_document.h"
#include "probe/verbs/record.h"
#include "probe/verbs/verbs.h"
#include "reports/diff_report.h"

/* Opened when the first run of the history is asked for. */
struct runs {
	struct arena *arena;
	const struct options *options;
	struct database *database;
};

static void tell(struct arena *arena, struct span name, struct span why)
{
	note("%.*s: %.*s", SPAN_ARG(escape_text(arena, name)),
		SPAN_ARG(escape_text(arena, why)));
}

/* EXIT_SUCCESS, or what it ends with. */
static int open_history(struct runs *runs)
{
	const char *file;
	struct span why;

	if (runs->database)
		return EXIT_SUCCESS;
	if (!record_file(runs->arena, runs->options, &file))
		return EXIT_UNDECIDED;
	runs->database = database_open(runs->arena, file, DATABASE_READ, &why);
	if (runs->database)
		return EXIT_SUCCESS;
	tell(runs->arena, SPAN("history"), why);
	return EXIT_UNDECIDED;
}

static int read_recorded(struct runs *runs, struct span name, int64_t id,
	struct recorded_run *run)
{
	struct span why = SPAN("there is no such run in the history");

	if (id && history_run_read(runs->arena, runs->database, id, run))
		return EXIT_SUCCESS;
	if (database_failed(runs->arena, runs->database, &why)) {
		tell(runs->arena, SPAN("history"), why);
		return EXIT_UNDECIDED;
	}
	tell(runs->arena, name, why);
	return EXIT_USAGE;
}

/* Only a run of the history is called so; ./17 is a file. */
static bool is_run_name(struct span name)
{
	size_t digits = 0;

	if (span_is(name, SPAN("last")) ||
		span_starts_nocase(name, SPAN("last-")))
		return true;
	while (digits < name.len && ascii_is_digit(name.at[digits]))
		digits++;
	return digits == name.len ||
	       (digits == 4 && name.len >= 10 && name.at[4] == '-' &&
		       name.at[7] == '-' && span_find(name, '.') == name.len);
}

static int read_file(
	struct runs *runs, struct span name, struct recorded_run *run)
{
	struct span text, why;

	if (!file_read(runs->arena, arena_copy(runs->arena, name).at,
		    RUN_DOCUMENT_MAX, &text, &why)) {
		tell(runs->arena, name, why);
		return EXIT_USAGE;
	}
	if (run_document_read(runs->arena, text, run, &why))
		return EXIT_SUCCESS;
	tell(runs->arena, name, why);
	return EXIT_PARSE;
}

static int read_run(
	struct runs *runs, struct span name, struct recorded_run *run)
{
	struct span why;
	int64_t id;
	int status;

	if (!is_run_name(name))
		return read_file(runs, name, run);
	status = open_history(runs);
	if (status != EXIT_SUCCESS)
		return status;
	id = history_run_named(runs->arena, runs->database, name, &why);
	return read_recorded(runs, name, id, run);
}

/* The one before `after` that walked the same. */
static int read_before(struct runs *runs, const struct recorded_run *after,
	struct recorded_run *before)
{
	int64_t id = history_run_before(runs->database, after->id);

	if (id)
		return read_recorded(runs, SPAN("diff"), id, before);
	tell(runs->arena, SPAN("diff"),
		SPAN("there is no earlier run of the same to compare with"));
	return EXIT_USAGE;
}

static int read_both(struct runs *runs, struct diff_report *report,
	struct recorded_run *before, struct recorded_run *after)
{
	const struct diff_options *own = &runs->options->diff;
	int status = EXIT_SUCCESS;

	report->before_name = own->count ? own->runs[0] : SPAN("before");
	report->after_name = own->count > 1 ? own->runs[1] : SPAN("last");
	if (own->count)
		status = read_run(runs, report->before_name, before);
	if (status == EXIT_SUCCESS)
		status = read_run(runs, report->after_name, after);
	if (status == EXIT_SUCCESS && !own->count)
		status = read_before(runs, after, before);
	return status;
}

static int tell_difference(struct program *program, struct diff_report *report)
{
	const struct options *options = &program->options;
	int status = report->differences->worse ? EXIT_FAILURE : EXIT_SUCCESS;

	if (options->quiet)
		return status;
	program_begin_screen(program);
	if (options->format == FORMAT_TEXT)
		diff_text(stdout, &program->style, report);
	else
		diff_json(stdout, report, status);
	return status;
}

int diff_verb(struct arena *arena, struct program *program)
{
	const struct diff_options *own = &program->options.diff;
	struct difference_limits limits = DIFFERENCE_LIMITS;
	struct runs runs = { .arena = arena, .options = &program->options };
	struct differences differences;
	struct recorded_run before, after;
	struct diff_report report = {
		.before = &before, .after = &after, .differences = &differences
	};
	int status = read_both(&runs, &report, &before, &after);

	if (status == EXIT_SUCCESS) {
		limits.floor_us = own->floor_us;
		if (own->ratio)
			limits.ratio = own->ratio;
		differences_find(arena, &before, &after, &limits, &differences);
		status = tell_difference(program, &report);
	}
	database_close(runs.database);
	return status;
}
