#include "probe/verbs/record.h"

#include <stdlib.h>

#include "probe/base/clock.h"
#include "probe/base/escape.h"
#include "probe/base/note.h"
#include "probe/verbs/program.h"
#include "reports/isolation_json.h"
#include "reports/json.h"

enum { WHAT_MAX = 1024 };

static void give_up(struct record *record, struct span why)
{
	struct arena *arena = arena_open();

	note("history: %.*s (the run goes on without)",
		SPAN_ARG(escape_text(arena, why)));
	arena_close(arena);
	database_close(record->database);
	record->database = NULL;
}

static void see_failure(struct record *record)
{
	struct span why;

	if (record->database &&
		database_failed(record->arena, record->database, &why))
		give_up(record, why);
}

bool record_file(
	struct arena *arena, const struct options *options, const char **file)
{
	struct span why;

	*file = options->history_file;
	if (*file || database_usual_file(arena, file, &why))
		return true;
	note("history: %.*s", SPAN_ARG(escape_text(arena, why)));
	return false;
}

/* As they were named, and not without end. */
static struct span what_of(struct arena *arena, const struct options *options)
{
	struct span what = SPAN("");

	for (size_t i = 0; i < options->check.file_count && what.len < WHAT_MAX;
		i++)
		what = arena_print(arena, "%.*s%s%s", SPAN_ARG(what),
			i ? " " : "", options->check.files[i]);
	for (size_t i = 0; i < options->target_count && what.len < WHAT_MAX;
		i++)
		what = arena_print(arena, "%.*s%s%.*s", SPAN_ARG(what),
			i ? " " : "", SPAN_ARG(options->targets[i]));
	return span_part(what, 0, WHAT_MAX);
}

void record_open(struct record *record, struct arena *arena,
	const struct options *options, enum history_kind kind)
{
	struct history_run run = { .kind = kind, .began_ms = clock_wall_ms() };
	const char *file;
	struct span why;

	*record = (struct record){ .arena = arena,
		.is_off = options->no_history,
		.began_ms = run.began_ms };
	if (options->no_history || !record_file(arena, options, &file))
		return;
	record->database = database_open(arena, file, DATABASE_WRITE, &why);
	if (!record->database) {
		give_up(record, why);
		return;
	}
	/* A clock that stands for a test says nothing of what is old. */
	if (!clock_is_frozen())
		history_tidy(record->database, run.began_ms);
	run.what = what_of(arena, options);
	record->run = history_begin(record->database, &run);
	see_failure(record);
}

/* ---- rows */

/* What is kept of one row, and without whose secrets. */
struct keeping {
	const struct outcome *outcome;
	const struct judgement *judgement;
	const struct isolation *isolation;
	const struct variables *secrets;
};

typedef void json_part(struct json_writer *json, const struct keeping *keeping);

static void put_outcome(struct json_writer *json, const struct keeping *keeping)
{
	json_target(json, keeping->outcome, keeping->judgement);
}

static void put_isolation(
	struct json_writer *json, const struct keeping *keeping)
{
	isolation_json(json, keeping->isolation, keeping->secrets);
}

static struct span json_of(
	struct arena *arena, const struct keeping *keeping, json_part *put)
{
	char *bytes = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&bytes, &len);
	struct json_writer json;
	struct span text;

	if (!out)
		return SPAN("");
	writer_open(&json, out, false, 0);
	writer_hide(&json, arena, keeping->secrets);
	put(&json, keeping);
	writer_close(&json);
	fclose(out);
	text = arena_copy(arena, (struct span){ bytes, len });
	free(bytes);
	return text;
}

static void add(
	struct record *record, struct arena *arena, struct history_row *row)
{
	if (!row->row.began_ms)
		row->row.began_ms = record->began_ms;
	record->has_rows = true;
	history_add(arena, record->database, record->run, row);
	see_failure(record);
}

void record_row(struct record *record, const struct result_row *row)
{
	const struct keeping keeping = { row->outcome, row->judgement,
		row->isolation, row->variables };
	struct arena *arena;
	struct history_row kept;

	if (!record->database)
		return;
	arena = arena_open();
	history_row_of(arena, row, &kept);
	if (row->outcome && row->judgement)
		kept.json = json_of(arena, &keeping, put_outcome);
	if (row->isolation)
		kept.isolation_json = json_of(arena, &keeping, put_isolation);
	add(record, arena, &kept);
	arena_close(arena);
}

void record_walk(struct record *record, const struct outcome *outcome,
	const struct judgement *judgement)
{
	struct keeping keeping = { .outcome = outcome, .judgement = judgement };
	struct arena *arena = arena_open();
	struct span json = SPAN("");
	struct history_row kept;

	for (int i = 0; i < FAMILY_COUNT && record->database; i++) {
		if (!outcome->wanted[i])
			continue;
		history_row_of_walk(
			arena, outcome, judgement, (enum family)i, &kept);
		/* Both families are in it: kept once, with the first. */
		if (!json.len)
			kept.json = json = json_of(
				arena, &keeping, put_outcome);
		keeping.isolation = isolation_over(judgement, (enum family)i);
		if (keeping.isolation)
			kept.isolation_json = json_of(
				arena, &keeping, put_isolation);
		add(record, arena, &kept);
	}
	arena_close(arena);
}

void record_close(struct record *record, int exit_status)
{
	if (!record->database)
		return;
	if (exit_status == EXIT_USAGE && !record->has_rows)
		history_forget(record->database, record->run);
	else
		history_end(record->database, record->run, clock_wall_ms(),
			exit_status);
	see_failure(record);
	database_close(record->database);
	record->database = NULL;
}
