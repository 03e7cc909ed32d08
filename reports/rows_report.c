#include "reports/rows_report.h"

#include "probe/base/escape.h"
#include "probe/judge/identity_check.h"
#include "reports/isolation_json.h"
#include "reports/isolation_text.h"
#include "reports/json_visit.h"
#include "reports/recorded_json.h"
#include "reports/row_text.h"

static struct span hidden(
	struct arena *arena, const struct result_row *row, struct span text)
{
	return variables_hide(arena, row->variables, text);
}

static struct span shown(
	struct arena *arena, const struct result_row *row, struct span text)
{
	return escape_text(arena, hidden(arena, row, text));
}

/* ---- text */

static void put_miss(struct arena *arena, FILE *out,
	const struct result_row *row, const struct miss *miss)
{
	fprintf(out, "           %.*s\n", SPAN_ARG(row_miss(arena, row, miss)));
}

void rows_text_scenario(FILE *out, const struct matrix *matrix,
	const struct variables *variables)
{
	struct arena *arena = arena_open();

	fprintf(out, "%.*s\n",
		SPAN_ARG(escape_text(arena,
			variables_hide(arena, variables, matrix->name))));
	arena_close(arena);
}

void rows_text_defaults(FILE *out, const struct variables *variables)
{
	struct arena *arena = arena_open();
	const char *begin = "  not set: ";

	for (size_t i = 0; i < variables->count; i++) {
		const struct variable *variable = &variables->list[i];

		if (!variable->not_set.len)
			continue;
		fprintf(out, "%s%.*s (%.*s)", begin,
			SPAN_ARG(escape_text(arena, variable->not_set)),
			SPAN_ARG(escape_text(
				arena, variables_hide(arena, variables,
					       variable->text))));
		begin = ", ";
	}
	if (begin[0] == ',')
		fputc('\n', out);
	arena_close(arena);
}

static void put_cell(
	struct arena *arena, FILE *out, const struct result_row *row)
{
	const struct matrix_cell *cell = row->cell;

	fprintf(out, "%.*s  %.*s  %s", SPAN_ARG(shown(arena, row, cell->probe)),
		SPAN_ARG(shown(arena, row, aim_text(arena, cell->aim))),
		family_word(cell->family));
	if (cell->egress->name.len)
		fprintf(out, "  %.*s",
			SPAN_ARG(shown(arena, row, cell->egress->name)));
}

static void put_cause(
	struct arena *arena, FILE *out, const struct result_row *row)
{
	const struct finding *cause = row_cause(row);

	if (!cause)
		return;
	fprintf(out, "           cause: %.*s\n",
		SPAN_ARG(row_cause_text(arena, row, cause)));
	if (cause->remedy.len)
		fprintf(out, "           fix: %.*s\n",
			SPAN_ARG(row_fix_text(arena, row, cause)));
}

void rows_text_row(FILE *out, const struct result_row *row)
{
	const struct cell_result *result = row->result;
	struct arena *arena = arena_open();

	fprintf(out, "  %-7s  ", row_word(row));
	if (row->kind == ROW_CELL)
		put_cell(arena, out, row);
	else
		fprintf(out, "%.*s",
			SPAN_ARG(escape_text(arena, row_name(arena, row))));
	if (result->why.len && !result->miss_count)
		fprintf(out, "  (%.*s)",
			SPAN_ARG(shown(arena, row, result->why)));
	fputc('\n', out);
	for (size_t i = 0; i < result->miss_count; i++)
		put_miss(arena, out, row, &result->misses[i]);
	put_cause(arena, out, row);
	if (row->isolation)
		isolation_text_row(out, row->isolation, row->variables);
	arena_close(arena);
}

void rows_text_end(FILE *out, const struct rows_count *count)
{
	bool has_any = false;

	for (size_t i = CELL_VERDICTS; i-- > 0;) {
		if (!count->of[i])
			continue;
		fprintf(out, "%s%zu %s", has_any ? ", " : "", count->of[i],
			cell_verdict_word((enum cell_verdict)i));
		has_any = true;
	}
	if (count->skipped)
		fprintf(out, "%s%zu skipped", has_any ? ", " : "",
			count->skipped);
	fputs(has_any || count->skipped ? "\n" : "no cell was walked\n", out);
}

/* ---- JSON */

void rows_json_begin(struct json_writer *json, FILE *out)
{
	writer_open(json, out, true, 0);
	writer_begin_object(json);
	writer_put_count(json, "schema", 1);
	writer_key(json, "cells");
	writer_begin_array(json);
}

static void json_miss(struct arena *arena, struct json_writer *json,
	const struct result_row *row, const struct miss *miss)
{
	writer_begin_object(json);
	writer_put_maybe(json, "file", miss->place.file);
	writer_put_count(json, "line", miss->place.line);
	writer_put_count(json, "column", miss->place.column);
	writer_put_word(json, "stage", stage_word(miss->stage));
	writer_put(json, "wanted", hidden(arena, row, miss->wanted));
	writer_put(json, "found", hidden(arena, row, miss->found));
	writer_end_object(json);
}

/* Null, where a row is not of a cell. */
static void json_place(struct arena *arena, struct json_writer *json,
	const struct result_row *row)
{
	const struct matrix_cell *cell = row->cell;
	struct span nothing = SPAN("");

	writer_put_maybe(json, "probe", cell ? cell->probe : nothing);
	writer_put_maybe(json, "target",
		cell ? hidden(arena, row, aim_text(arena, cell->aim))
		     : nothing);
	if (row->has_family)
		writer_put_word(json, "family", json_family(row->family));
	else
		writer_put_nothing(json, "family");
	writer_put_maybe(json, "path", cell ? cell->egress->name : nothing);
}

static void json_fact(struct arena *arena, struct json_writer *json,
	const struct result_row *row, const struct identity_fact *fact)
{
	writer_begin_object(json);
	writer_put(json, "wanted", hidden(arena, row, fact->line->text));
	writer_put_word(json, "held", held_word(fact->held));
	writer_put(json, "found", hidden(arena, row, fact->found));
	writer_end_object(json);
}

/* What each line of an identity came to, for which of our addresses. */
static void json_identity(struct arena *arena, struct json_writer *json,
	const struct result_row *row)
{
	const struct identity_facts *identity = row->identity;

	if (!identity) {
		writer_put_nothing(json, "identity");
		return;
	}
	writer_key(json, "identity");
	writer_begin_object(json);
	writer_put(json, "source", ip_text(arena, &identity->source));
	writer_put_maybe(json, "ptr", identity->ptr_name);
	writer_key(json, "found");
	writer_begin_array(json);
	for (size_t i = 0; i < identity->count; i++)
		json_fact(arena, json, row, &identity->facts[i]);
	writer_end_array(json);
	writer_end_object(json);
}

/* Where the walk was stopped, or could not begin. */
static void json_cause(struct arena *arena, struct json_writer *json,
	const struct result_row *row)
{
	const struct finding *cause = row_cause(row);

	if (!cause)
		return;
	writer_key(json, "cause");
	writer_begin_object(json);
	writer_put(json, "id", cause->id);
	writer_put(json, "title", hidden(arena, row, cause->title));
	writer_put_word(json, "confidence", confidence_word(cause->confidence));
	writer_put_maybe(json, "remedy", hidden(arena, row, cause->remedy));
	writer_put_maybe(json, "reference", cause->reference);
	writer_end_object(json);
}

void rows_json_members(struct json_writer *json, const struct result_row *row)
{
	struct arena *arena = arena_open();

	writer_put(json, "file", row->file);
	writer_put(json, "scenario", hidden(arena, row, row->matrix->name));
	writer_put_word(json, "kind", row_kind_word(row->kind));
	writer_put_maybe(json, "subject", hidden(arena, row, row->subject));
	json_place(arena, json, row);
	writer_put_word(json, "verdict", row_word(row));
	writer_put_maybe(json, "why", hidden(arena, row, row->result->why));
	writer_key(json, "misses");
	writer_begin_array(json);
	for (size_t i = 0; i < row->result->miss_count; i++)
		json_miss(arena, json, row, &row->result->misses[i]);
	writer_end_array(json);
	json_cause(arena, json, row);
	json_identity(arena, json, row);
	recorded_json_of_row(json, row);
	if (row->isolation) {
		writer_key(json, "isolation");
		isolation_json(json, row->isolation, row->variables);
	}
	arena_close(arena);
}

void rows_json_row(struct json_writer *json, const struct result_row *row)
{
	writer_begin_object(json);
	rows_json_members(json, row);
	writer_end_object(json);
}

void rows_json_end(struct json_writer *json, int exit_status)
{
	writer_close_report(json, exit_status);
}
