#include "reports/rehearsal_report.h"

#include "probe/base/escape.h"
#include "reports/rows_report.h"

/* ---- text */

void rehearsal_text_scenario(FILE *out, const struct matrix *matrix,
	const struct variables *variables)
{
	rows_text_scenario(out, matrix, variables);
}

void rehearsal_text_performance(FILE *out, struct span twin)
{
	struct arena *arena = arena_open();

	if (twin.len)
		fprintf(out, " twin %.*s\n",
			SPAN_ARG(escape_text(arena, twin)));
	else
		fputs(" all is well\n", out);
	arena_close(arena);
}

void rehearsal_text_row(FILE *out, const struct rehearsed_row *rehearsed)
{
	struct arena *arena = arena_open();

	rows_text_row(out, rehearsed->row);
	if (!rehearsed->is_as_wanted && !rehearsed->is_left_out)
		fprintf(out, "           NOT AS REHEARSED: wanted %.*s\n",
			SPAN_ARG(escape_text(arena, rehearsed->wanted)));
	arena_close(arena);
}

void rehearsal_text_end(FILE *out, const struct rehearsed_count *count)
{
	fprintf(out, "rehearsed: %zu as expected, %zu not", count->as_wanted,
		count->not_as_wanted);
	if (count->left_out)
		fprintf(out,
			", %zu left out (this host has no loopback of their "
			"family)",
			count->left_out);
	fputc('\n', out);
}

/* ---- JSON */

void rehearsal_json_begin(struct json_writer *json, FILE *out)
{
	writer_open(json, out, true, 0);
	writer_begin_object(json);
	writer_put_count(json, "schema", 1);
	writer_key(json, "rehearsed");
	writer_begin_array(json);
}

void rehearsal_json_row(
	struct json_writer *json, const struct rehearsed_row *rehearsed)
{
	const struct result_row *row = rehearsed->row;
	struct arena *arena = arena_open();

	writer_begin_object(json);
	writer_put(json, "file", row->file);
	writer_put(json, "scenario",
		variables_hide(arena, row->variables, row->matrix->name));
	writer_put_maybe(json, "twin", rehearsed->twin);
	writer_put_word(json, "kind", row_kind_word(row->kind));
	writer_put(json, "row", row_name(arena, row));
	writer_put_word(json, "verdict", row_word(row));
	writer_put(json, "wanted", rehearsed->wanted);
	writer_put_claim(json, "as_wanted", rehearsed->is_as_wanted);
	writer_put_claim(json, "left_out", rehearsed->is_left_out);
	writer_end_object(json);
	arena_close(arena);
}

void rehearsal_json_end(struct json_writer *json, int exit_status)
{
	writer_close_report(json, exit_status);
}
