#include "reports/cells_report.h"

#include "probe/base/escape.h"

const char *cell_report_word(const struct cell_report *report)
{
	return report->is_skipped ? "skipped"
				  : cell_verdict_word(report->result->verdict);
}

static struct span hidden(
	struct arena *arena, const struct cell_report *report, struct span text)
{
	return variables_hide(arena, report->variables, text);
}

static struct span shown(
	struct arena *arena, const struct cell_report *report, struct span text)
{
	return escape_text(arena, hidden(arena, report, text));
}

/* ---- text */

static void put_miss(struct arena *arena, FILE *out,
	const struct cell_report *report, const struct miss *miss)
{
	struct span place = SPAN("");

	if (miss->place.line)
		place = arena_print(arena, "%.*s:%u:%u: ",
			SPAN_ARG(escape_text(arena, miss->place.file)),
			miss->place.line, miss->place.column);
	fprintf(out, "           %.*sat %s: wanted %.*s, found %.*s\n",
		SPAN_ARG(place), stage_word(miss->stage),
		SPAN_ARG(shown(arena, report, miss->wanted)),
		SPAN_ARG(shown(arena, report, miss->found)));
}

void cells_text_scenario(FILE *out, const struct matrix *matrix,
	const struct variables *variables)
{
	struct arena *arena = arena_open();

	fprintf(out, "%.*s\n",
		SPAN_ARG(escape_text(arena,
			variables_hide(arena, variables, matrix->name))));
	arena_close(arena);
}

void cells_text_cell(FILE *out, const struct cell_report *report)
{
	const struct matrix_cell *cell = report->cell;
	const struct cell_result *result = report->result;
	struct arena *arena = arena_open();

	fprintf(out, "  %-7s  %.*s  %.*s  %s", cell_report_word(report),
		SPAN_ARG(shown(arena, report, cell->probe)),
		SPAN_ARG(shown(arena, report, aim_text(arena, cell->aim))),
		family_word(cell->family));
	if (cell->egress->name.len)
		fprintf(out, "  %.*s",
			SPAN_ARG(shown(arena, report, cell->egress->name)));
	if (result->why.len && !result->miss_count)
		fprintf(out, "  (%.*s)",
			SPAN_ARG(shown(arena, report, result->why)));
	fputc('\n', out);
	for (size_t i = 0; i < result->miss_count; i++)
		put_miss(arena, out, report, &result->misses[i]);
	arena_close(arena);
}

void cells_text_end(FILE *out, const struct cells_count *count)
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

void cells_json_begin(struct json_writer *json, FILE *out)
{
	writer_open(json, out, true, 0);
	writer_begin_object(json);
	writer_put_count(json, "schema", 1);
	writer_key(json, "cells");
	writer_begin_array(json);
}

static void json_miss(struct arena *arena, struct json_writer *json,
	const struct cell_report *report, const struct miss *miss)
{
	writer_begin_object(json);
	writer_put_maybe(json, "file", miss->place.file);
	writer_put_count(json, "line", miss->place.line);
	writer_put_count(json, "column", miss->place.column);
	writer_put_word(json, "stage", stage_word(miss->stage));
	writer_put(json, "wanted", hidden(arena, report, miss->wanted));
	writer_put(json, "found", hidden(arena, report, miss->found));
	writer_end_object(json);
}

void cells_json_cell(struct json_writer *json, const struct cell_report *report)
{
	const struct matrix_cell *cell = report->cell;
	struct arena *arena = arena_open();

	writer_begin_object(json);
	writer_put(json, "file", report->file);
	writer_put(
		json, "scenario", hidden(arena, report, report->matrix->name));
	writer_put(json, "probe", cell->probe);
	writer_put(json, "target",
		hidden(arena, report, aim_text(arena, cell->aim)));
	writer_put_word(
		json, "family", cell->family == FAMILY_IPV4 ? "ipv4" : "ipv6");
	writer_put_maybe(json, "path", cell->egress->name);
	writer_put_word(json, "verdict", cell_report_word(report));
	writer_put_maybe(
		json, "why", hidden(arena, report, report->result->why));
	writer_key(json, "misses");
	writer_begin_array(json);
	for (size_t i = 0; i < report->result->miss_count; i++)
		json_miss(arena, json, report, &report->result->misses[i]);
	writer_end_array(json);
	writer_end_object(json);
	arena_close(arena);
}

void cells_json_end(struct json_writer *json, int exit_status)
{
	writer_end_array(json);
	writer_put_count(json, "exit_status", (uint64_t)exit_status);
	writer_end_object(json);
	writer_newline(json);
	writer_close(json);
}
