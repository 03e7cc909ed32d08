#include "probe/verbs/publication.h"

#include <unistd.h>

#include "probe/base/clock.h"
#include "probe/base/escape.h"
#include "probe/base/note.h"
#include "probe/verbs/walk_row.h"
#include "reports/html_history.h"

static struct span host_name(struct arena *arena)
{
	char room[256] = "";

	if (gethostname(room, sizeof(room) - 1) != 0)
		return SPAN("");
	return arena_copy(arena, span_of(room));
}

/* A walk has a name of its own in the history. */
static struct span history_key(const struct publication *publication,
	struct arena *arena, const struct result_row *row)
{
	struct history_row kept;

	if (publication->program->options.verb != VERB_WALK)
		return row_key(arena, row);
	history_row_of_walk(
		arena, row->outcome, row->judgement, row->family, &kept);
	return kept.row.key;
}

static size_t past_of(void *history, struct arena *arena,
	const struct result_row *row, const struct history_moment **past)
{
	const struct publication *publication = history;
	const struct record *record = publication->record;
	struct history_moment *moments = NULL;
	size_t count;

	if (!record || !record->database)
		return 0;
	count = history_past(arena, record->database,
		history_key(publication, arena, row), HTML_HISTORY_MAX,
		&moments);
	*past = moments;
	return count;
}

bool publication_has_file(const struct options *options)
{
	for (size_t i = 0; i < options->report_count; i++)
		if (strcmp(options->reports[i].file, "-") != 0)
			return true;
	return false;
}

static bool open_files(struct publication *publication)
{
	const struct options *options = &publication->program->options;
	bool is_well = true;

	for (size_t i = 0; i < options->report_count; i++) {
		const struct named_report *named = &options->reports[i];
		struct span why;

		if (row_reports_add(publication->reports,
			    row_format_of(named->format), named->file, &why))
			continue;
		note("--report-%.*s: %.*s", SPAN_ARG(named->format),
			SPAN_ARG(why));
		is_well = false;
	}
	return is_well;
}

bool publication_open(struct publication *publication, struct arena *arena,
	struct program *program)
{
	*publication = (struct publication){ .program = program,
		.run = { .host = host_name(arena),
			.codebook = codebook_date(program->codebook),
			.began_ms = clock_wall_ms(),
			.past = past_of,
			.history = publication } };
	/* The judge warns of what a scenario has its own say about. */
	nagios_begin(&publication->nagios, arena,
		program->options.verb == VERB_WALK);
	publication->reports = row_reports_open(arena, &publication->run);
	if (open_files(publication))
		return true;
	row_reports_give_up(publication->reports);
	return false;
}

void publication_row(
	struct publication *publication, const struct result_row *row)
{
	row_reports_row(publication->reports, row);
	if (publication->program->options.exits_as_plugin)
		nagios_row(&publication->nagios, row);
}

void publication_walk(struct publication *publication, struct arena *arena,
	const struct outcome *outcome, const struct judgement *judgement)
{
	const struct options *options = &publication->program->options;
	const struct walk_rows *rows;

	if (!options->report_count && !options->exits_as_plugin)
		return;
	rows = walk_rows_of(arena, options, outcome, judgement);
	for (size_t i = 0; i < rows->count; i++)
		publication_row(publication, &rows->rows[i]);
}

/* Nothing was walked, and what an earlier run found still stands. */
static bool is_without_run(int status)
{
	return status == EXIT_USAGE || status == EXIT_IMPOLITE;
}

int publication_close(struct publication *publication, int status)
{
	struct program *program = publication->program;
	struct span why = SPAN("");
	bool is_well;

	if (is_without_run(status)) {
		row_reports_give_up(publication->reports);
		return status;
	}
	is_well = row_reports_end(publication->reports, status, &why);
	while (why.len) {
		struct span line = span_cut(&why, '\n');

		note("%.*s", SPAN_ARG(line));
	}
	if (!is_well && status == EXIT_SUCCESS)
		status = EXIT_UNDECIDED;
	if (!program->options.exits_as_plugin)
		return status;
	program->has_told_plugin = true;
	return (int)nagios_end(&publication->nagios, stdout);
}

int publication_exit(const struct program *program, int status, struct span why)
{
	if (!program->options.exits_as_plugin || program->has_told_plugin)
		return status;
	if (status == EXIT_SUCCESS && program->options.check.only_due)
		return (int)nagios_idle(stdout);
	return (int)nagios_failed(stdout,
		why.len ? why : SPAN("nothing was run; stderr says why"));
}
