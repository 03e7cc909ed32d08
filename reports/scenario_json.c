#include "reports/scenario_json.h"

#include "probe/judge/scenario_cost.h"

void scenario_json_begin(struct json_writer *json, FILE *out)
{
	writer_open(json, out, true, 0);
	writer_begin_object(json);
	writer_put_count(json, "schema", SCENARIO_JSON_SCHEMA);
	writer_key(json, "files");
	writer_begin_array(json);
}

static void put_place(struct json_writer *json, const struct place *place)
{
	writer_put(json, "file", place->file);
	writer_put_count(json, "line", place->line);
	writer_put_count(json, "column", place->column);
}

static void put_complaints(
	struct json_writer *json, const struct complaints *complaints)
{
	writer_key(json, "errors");
	writer_begin_array(json);
	for (size_t i = 0; i < complaints->count; i++) {
		const struct complaint *complaint = &complaints->list[i];

		writer_begin_object(json);
		put_place(json, &complaint->place);
		writer_put_count(json, "width", complaint->place.width);
		writer_put(json, "expected", complaint->what);
		writer_put_maybe(json, "meant", complaint->hint);
		writer_end_object(json);
	}
	writer_end_array(json);
	writer_put_count(json, "error_count", complaints->total);
}

/* ---- statements */

static bool has_number(enum value_kind kind)
{
	static const enum value_kind kinds[] = { VALUE_FAMILY, VALUE_NUMBER,
		VALUE_RATIO, VALUE_PORT, VALUE_DURATION, VALUE_SIZE,
		VALUE_DATE };

	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (kinds[i] == kind)
			return true;
	return false;
}

static void put_value(struct json_writer *json, const struct value *value)
{
	writer_begin_object(json);
	writer_put_word(json, "kind", value_kind_word(value->kind));
	writer_put(json, "text", value->text);
	if (has_number(value->kind))
		writer_put_count(json, "number", value->number);
	if (value->has_secret)
		writer_put_claim(json, "secret", true);
	writer_end_object(json);
}

static void put_statement(
	struct json_writer *json, const struct statement *statement);

static void put_elements(
	struct json_writer *json, const struct statement *statement)
{
	writer_key(json, "arguments");
	writer_begin_array(json);
	for (size_t i = 0; i < statement->element_count; i++) {
		const struct element *element = &statement->elements[i];

		switch (element->kind) {
		case ELEMENT_WORD:
			writer_string(json, element->word);
			break;
		case ELEMENT_VALUE:
			put_value(json, &element->value);
			break;
		case ELEMENT_CLAUSE:
			put_statement(json, element->clause);
			break;
		case ELEMENT_COMMA:
		case ELEMENT_COLON:
			break;
		}
	}
	writer_end_array(json);
}

static void put_statement(
	struct json_writer *json, const struct statement *statement)
{
	const struct scenario_verb *verb = statement->verb;

	writer_begin_object(json);
	writer_put_maybe(json, "verb", span_of(verb->word ? verb->word : ""));
	put_place(json, &statement->place);
	put_elements(json, statement);
	if (verb->opens) {
		writer_key(json, "body");
		writer_begin_array(json);
		for (size_t i = 0; i < statement->body_count; i++)
			put_statement(json, statement->body[i]);
		writer_end_array(json);
	}
	writer_end_object(json);
}

/* The files that one includes stand in its place, as they hold there. */
static void put_statements(struct json_writer *json, const struct sheet *sheet)
{
	struct arena *arena = arena_open();
	struct statements all = sheet_flatten(arena, sheet);

	writer_key(json, "statements");
	writer_begin_array(json);
	for (size_t i = 0; i < all.count; i++)
		put_statement(json, all.list[i]);
	writer_end_array(json);
	arena_close(arena);
}

/* ---- cells */

static void put_steps(struct json_writer *json, const struct matrix_cell *cell)
{
	writer_key(json, "steps");
	writer_begin_array(json);
	for (size_t i = 0; i < cell->scenario.step_count; i++) {
		const struct step *step = &cell->scenario.steps[i];

		writer_begin_object(json);
		writer_put_word(json, "do", step_word(step->verb));
		writer_put_maybe(json, "argument", step->argument);
		writer_put_count(
			json, "expected", cell->steps[i].expected_count);
		writer_end_object(json);
	}
	writer_end_array(json);
}

static void put_cell(struct json_writer *json, const struct matrix_cell *cell)
{
	struct arena *arena = arena_open();
	const struct egress *egress = cell->egress;

	writer_begin_object(json);
	writer_put(json, "probe", cell->probe);
	writer_put(json, "target", aim_text(arena, cell->aim));
	writer_put_word(
		json, "family", cell->family == FAMILY_IPV4 ? "ipv4" : "ipv6");
	writer_put_maybe(json, "path", egress->name);
	if (egress->binds[cell->family])
		writer_put(json, "source",
			ip_text(arena, &egress->source[cell->family]));
	writer_put_claim(json, "delivers", cell->delivers);
	writer_put_maybe(json, "left_out", cell->left_out);
	put_steps(json, cell);
	writer_end_object(json);
	arena_close(arena);
}

static void put_cost(
	struct json_writer *json, const struct destination_cost *cost)
{
	writer_begin_object(json);
	writer_put(json, "target", cost->aim->name);
	writer_put_count(json, "port", cost->aim->port ? cost->aim->port : 25);
	writer_put_count(json, "cells", cost->cells);
	writer_put_count(json, "connections", cost->connections);
	writer_put_count(json, "with_deliver", cost->delivering);
	writer_put_count(json, "cells_of_all_addresses", cost->all);
	writer_put_count(json, "with_isolation", cost->isolating);
	writer_end_object(json);
}

/* What a run asks of each destination at most. */
static void put_costs(struct json_writer *json, const struct matrix *matrix)
{
	struct arena *arena = arena_open();
	struct scenario_cost cost;

	scenario_cost(arena, matrix, &cost);
	writer_key(json, "destinations");
	writer_begin_array(json);
	for (size_t i = 0; i < cost.count; i++)
		put_cost(json, &cost.list[i]);
	writer_end_array(json);
	arena_close(arena);
}

static void put_matrix(struct json_writer *json, const struct matrix *matrix)
{
	writer_put(json, "scenario", matrix->name);
	writer_key(json, "tags");
	writer_begin_array(json);
	for (size_t i = 0; i < matrix->tag_count; i++)
		writer_string(json, matrix->tags[i]);
	writer_end_array(json);
	writer_put_count(json, "every_ms", matrix->every_ms);
	writer_put_count(json, "jitter_ms", matrix->jitter_ms);
	writer_key(json, "cells");
	writer_begin_array(json);
	for (size_t i = 0; i < matrix->cell_count; i++)
		put_cell(json, &matrix->cells[i]);
	writer_end_array(json);
	put_costs(json, matrix);
}

void scenario_json_file(
	struct json_writer *json, const struct scenario_report *report)
{
	writer_begin_object(json);
	writer_put(json, "file", report->file);
	put_complaints(json, report->complaints);
	if (report->matrix)
		put_matrix(json, report->matrix);
	put_statements(json, report->sheet);
	writer_end_object(json);
}

void scenario_json_end(struct json_writer *json, int exit_status)
{
	writer_close_report(json, exit_status);
}
