
#include "probe/base/clock.h"
#include "probe/base/escape.h"
#include "probe/base/note.h"
#include "probe/store/baseline_store.h"
#include "probe/verbs/record.h"
#include "probe/verbs/verbs.h"
#include "reports/history_json.h"
#include "reports/history_text.h"
#include "reports/spark.h"

enum { RUNS = 20, MOMENTS = 60, PRUNED_AT_ONCE = 1000 };

struct asked {
	struct arena *arena;
	struct database *database;
	const struct options *options;
	struct history_style style;
	int64_t since_ms;
};

static void tell_why(struct arena *arena, struct span why)
{
	note("history: %.*s", SPAN_ARG(escape_text(arena, why)));
}

static bool is_json(const struct asked *asked)
{
	return asked->options->format != FORMAT_TEXT;
}

static size_t limit_of(const struct asked *asked, size_t usual)
{
	unsigned limit = asked->options->history.limit;

	return limit ? limit : usual;
}

/* ---- what is shown */

static int show_runs(const struct asked *asked)
{
	struct history_lines lines;

	history_lines(asked->arena, asked->database, asked->since_ms,
		limit_of(asked, RUNS), &lines);
	if (is_json(asked))
		history_json_runs(stdout, &lines);
	else
		history_text_runs(stdout, &asked->style, &lines);
	return EXIT_SUCCESS;
}

static int show_subjects(const struct asked *asked)
{
	struct history_subjects subjects;

	history_subjects(asked->arena, asked->database,
		asked->options->history.target, asked->since_ms,
		limit_of(asked, MOMENTS), &subjects);
	if (is_json(asked))
		history_json_subjects(stdout, &subjects);
	else
		history_text_subjects(stdout, &asked->style, &subjects);
	return EXIT_SUCCESS;
}

static int show_run(const struct asked *asked)
{
	struct recorded_run run;
	struct span why;
	int64_t id = history_run_named(asked->arena, asked->database,
		asked->options->history.run, &why);

	if (!id || !history_run_read(asked->arena, asked->database, id, &run)) {
		tell_why(asked->arena, why);
		return EXIT_USAGE;
	}
	if (is_json(asked))
		history_json_run(stdout, asked->database, &run);
	else
		history_text_run(stdout, &asked->style, asked->database, &run);
	return EXIT_SUCCESS;
}

/* ---- what is done */

/* In small bites: a run that wants to write meanwhile need not wait. */
static int prune(const struct asked *asked)
{
	int64_t older = clock_wall_ms() -
			(int64_t)asked->options->history.prune_ms;
	long long all = 0, gone;

	while ((gone = history_prune(asked->database, older, PRUNED_AT_ONCE)) >
		0)
		all += gone;
	if (is_json(asked))
		history_json_forgotten(stdout, all);
	else
		printf("%lld result%s forgotten\n", all, all == 1 ? "" : "s");
	return EXIT_SUCCESS;
}

/* What is misspelt is told, rather than that nothing of it has changed. */
static bool is_there_a_baseline(const struct asked *asked)
{
	const struct history_options *own = &asked->options->history;
	struct span name = escape_text(asked->arena, own->accept), near, why;

	if (baseline_is_kept(asked->database, own->accept, own->target) ||
		database_failed(asked->arena, asked->database, &why))
		return true;
	near = baseline_nearest(asked->arena, asked->database, own->accept);
	if (baseline_is_kept(asked->database, own->accept, SPAN("")))
		note("--accept %.*s: it watches no row with %.*s in it",
			SPAN_ARG(name),
			SPAN_ARG(escape_text(asked->arena, own->target)));
	else if (near.len)
		note("--accept %.*s: the history has no baseline of this name; "
		     "did you mean %.*s?",
			SPAN_ARG(name),
			SPAN_ARG(escape_text(asked->arena, near)));
	else
		note("--accept %.*s: the history has no baseline of this name",
			SPAN_ARG(name));
	return false;
}

static int accept_changes(const struct asked *asked)
{
	const struct history_options *own = &asked->options->history;
	long long count;

	if (!is_there_a_baseline(asked))
		return EXIT_USAGE;
	count = baseline_accept(asked->database, own->accept, own->target);
	if (is_json(asked)) {
		history_json_accepted(stdout, count);
		return EXIT_SUCCESS;
	}
	printf("%lld change%s accepted\n", count, count == 1 ? "" : "s");
	return EXIT_SUCCESS;
}

static int check(const struct asked *asked)
{
	struct span why = SPAN("");
	bool is_whole = database_check(asked->arena, asked->database, &why);

	if (is_json(asked))
		history_json_check(stdout, is_whole, why);
	else if (is_whole)
		puts("the history is whole");
	if (!is_whole)
		tell_why(asked->arena, why);
	return is_whole ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int answer(const struct asked *asked)
{
	const struct history_options *own = &asked->options->history;

	if (own->checks)
		return check(asked);
	if (own->prunes)
		return prune(asked);
	if (own->accept.len)
		return accept_changes(asked);
	if (own->run.len)
		return show_run(asked);
	if (own->target.len || own->shows_rows)
		return show_subjects(asked);
	return show_runs(asked);
}

int history_verb(struct arena *arena, struct program *program)
{
	const struct options *options = &program->options;
	struct asked asked = { .arena = arena, .options = options };
	const char *file;
	struct span why;
	int status;

	if (!record_file(arena, options, &file))
		return EXIT_UNDECIDED;
	asked.database = database_open(arena, file, DATABASE_READ, &why);
	if (!asked.database) {
		tell_why(arena, why);
		return EXIT_UNDECIDED;
	}
	program_begin_screen(program);
	asked.style = (struct history_style){ .text = program->style,
		.is_utf8 = spark_is_utf8() };
	if (options->history.since_ms)
		asked.since_ms = clock_wall_ms() -
				 (int64_t)options->history.since_ms;
	status = answer(&asked);
	if (status == EXIT_SUCCESS &&
		database_failed(arena, asked.database, &why)) {
		tell_why(arena, why);
		status = EXIT_UNDECIDED;
	}
	database_close(asked.database);
	return status;
}
