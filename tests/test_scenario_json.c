#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <string.h>

#include "probe/check_run.h"
#include "probe/judge/result_row.h"
#include "reports/scenario_json.h"
#include "reports/scenario_text.h"

static json_t *json_of(struct arena *arena, const char *text)
{
	struct check_result result;
	struct json_writer *writer = arena_new(arena, struct json_writer);
	char *bytes = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&bytes, &size);
	json_error_t error;
	json_t *json;

	assert_non_null(out);
	check_text(arena, codebook_embedded(arena), SPAN("f.mxp"),
		span_of(text), &result);
	scenario_json_begin(writer, out);
	scenario_json_file(
		writer, &(struct scenario_report){ .file = result.file,
				.sheet = result.sheet,
				.complaints = &result.complaints,
				.matrix = result.matrix });
	scenario_json_end(writer, result.matrix ? 0 : 3);
	assert_int_equal(fclose(out), 0);
	json = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		fail_msg("%d:%d: %s", error.line, error.column, error.text);
	free(bytes);
	return json;
}

static const json_t *at(const json_t *json, const char *key)
{
	const json_t *value = json_object_get(json, key);

	if (!value)
		fail_msg("no %s", key);
	return value;
}

static const char *word(const json_t *json, const char *key)
{
	const char *text = json_string_value(at(json, key));

	return text ? text : "";
}

static void the_parsed_form_has_every_statement(void **state)
{
	struct arena *arena = arena_open();
	json_t *json = json_of(arena,
		"mxprobe 1\nscenario \"a \\x1b b\"\n  tags x\nprobe t\n"
		"  target mx a.example\n  step ehlo => has SIZE >= 25M\n");
	const json_t *file = json_array_get(at(json, "files"), 0);
	const json_t *statements = at(file, "statements");
	const json_t *step, *has, *size;

	(void)state;
	assert_int_equal(json_integer_value(at(json, "exit_status")), 0);
	assert_int_equal(json_array_size(at(file, "errors")), 0);
	assert_string_equal(word(file, "scenario"), "a \x1b b");
	assert_int_equal(json_array_size(statements), 3);
	step = json_array_get(at(json_array_get(statements, 2), "body"), 1);
	assert_string_equal(word(step, "verb"), "step");
	assert_int_equal(json_integer_value(at(step, "line")), 6);
	has = json_array_get(at(step, "arguments"), 0);
	has = json_array_get(at(has, "arguments"), 1);
	assert_string_equal(word(has, "verb"), "has");
	size = json_array_get(at(has, "arguments"), 2);
	assert_string_equal(word(size, "kind"), "SIZE");
	assert_int_equal(json_integer_value(at(size, "number")), 25000000);
	json_decref(json);
	arena_close(arena);
}

static void cells_tell_what_would_be_walked(void **state)
{
	struct arena *arena = arena_open();
	json_t *json = json_of(arena,
		"mxprobe 1\nvar s = secret env S\nowns ${s}\npath p\n"
		"  source4 192.0.2.1\nprobe t\n  target mx a.example\n"
		"  path p\n  step mail <> => accept\n  step rcpt ${s}\n"
		"  step data\n");
	const json_t *file = json_array_get(at(json, "files"), 0);
	const json_t *cells = at(file, "cells"), *cell, *steps;

	(void)state;
	assert_int_equal(json_array_size(cells), 2);
	cell = json_array_get(cells, 0);
	assert_string_equal(word(cell, "target"), "mx a.example best");
	assert_string_equal(word(cell, "family"), "ipv4");
	assert_string_equal(word(cell, "source"), "192.0.2.1");
	assert_true(json_is_true(at(cell, "delivers")));
	assert_true(json_is_null(at(cell, "left_out")));
	steps = at(cell, "steps");
	assert_string_equal(word(json_array_get(steps, 6), "do"), "rcpt");
	assert_string_equal(word(json_array_get(steps, 6), "argument"), "***");
	assert_string_equal(word(json_array_get(cells, 1), "left_out"),
		"path p has no IPv6 source");
	json_decref(json);
	arena_close(arena);
}

static void errors_have_their_place_and_no_cells(void **state)
{
	struct arena *arena = arena_open();
	json_t *json = json_of(arena, "mxprobe 1\npath p\n  sorce4 1\n");
	const json_t *file = json_array_get(at(json, "files"), 0);
	const json_t *errors = at(file, "errors");
	const json_t *error = json_array_get(errors, 0);

	(void)state;
	assert_int_equal(json_integer_value(at(json, "exit_status")), 3);
	assert_int_equal(json_array_size(errors), 1);
	assert_int_equal(json_integer_value(at(error, "line")), 3);
	assert_int_equal(json_integer_value(at(error, "column")), 3);
	assert_int_equal(json_integer_value(at(error, "width")), 6);
	assert_string_equal(word(error, "meant"), "source4");
	assert_null(json_object_get(file, "cells"));
	json_decref(json);
	arena_close(arena);
}

static void the_plan_is_a_line_for_each_cell(void **state)
{
	struct arena *arena = arena_open();
	struct check_result result;
	char *bytes = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&bytes, &size);

	(void)state;
	check_text(arena, codebook_embedded(arena), SPAN("f\x1b.mxp"),
		SPAN("mxprobe 1\nowns a@a.example\npath p\n"
		     "  source6 2001:db8::1\nprobe t\n  target mx a.example\n"
		     "  path p\n  step mail <>\n  step rcpt a@a.example\n"
		     "  step data\nprobe u\n  target host h.example port 26\n"
		     "  family 4\n  step connect\n"),
		&result);
	assert_non_null(result.matrix);
	scenario_text_well(out, result.file, result.matrix);
	scenario_text_plan(out, result.matrix);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(bytes,
		"f\\x1b.mxp: well; 3 cells, 1 of them left out\n"
		"  t  mx a.example best       IPv4  p                n/a "
		"(path p has no IPv4 source)\n"
		"  t  mx a.example best       IPv6  p (2001:db8::1)  to dot, "
		"with --deliver\n"
		"  u  host h.example port 26  IPv4  -                to "
		"connect\n"
		"  at most, in one run:\n"
		"    mx a.example: 1 connection with --deliver\n"
		"    host h.example port 26: 1 connection\n"
		"    in all: 1 connection, and 1 connection with --deliver\n");
	free(bytes);
	arena_close(arena);
}

static void has_words(const char *file, const char *definition,
	const char *member, const char *const *words, size_t count)
{
	json_error_t error;
	json_t *schema = json_load_file(file, JSON_REJECT_DUPLICATES, &error);
	const json_t *list = json_object_get(
		json_object_get(
			json_object_get(json_object_get(json_object_get(schema,
								"$defs"),
						definition),
				"properties"),
			member),
		"enum");

	assert_non_null(schema);
	assert_int_equal(json_array_size(list), count);
	for (size_t i = 0; i < count; i++) {
		bool is_there = false;

		for (size_t k = 0; k < count; k++)
			is_there |= strcmp(words[i],
					    json_string_value(json_array_get(
						    list, k))) == 0;
		if (!is_there)
			fail_msg("%s: %s.%s lacks %s", file, definition, member,
				words[i]);
	}
	json_decref(schema);
}

static void the_schemas_know_every_word_and_no_other(void **state)
{
	const char *kinds[VALUE_KINDS], *rows[ROW_BASELINE + 1];
	const char *verdicts[CELL_VERDICTS + 1];

	(void)state;
	for (unsigned i = 0; i < VALUE_KINDS; i++)
		kinds[i] = value_kind_word((enum value_kind)i);
	for (unsigned i = 0; i <= ROW_BASELINE; i++)
		rows[i] = row_kind_word((enum row_kind)i);
	for (unsigned i = 0; i < CELL_VERDICTS; i++)
		verdicts[i] = cell_verdict_word((enum cell_verdict)i);
	verdicts[CELL_VERDICTS] = "skipped";
	has_words("reports/scenario.schema.json", "value", "kind", kinds,
		COUNT_OF(kinds));
	has_words(
		"reports/run.schema.json", "row", "kind", rows, COUNT_OF(rows));
	has_words("reports/run.schema.json", "row", "verdict", verdicts,
		COUNT_OF(verdicts));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_parsed_form_has_every_statement),
		cmocka_unit_test(cells_tell_what_would_be_walked),
		cmocka_unit_test(errors_have_their_place_and_no_cells),
		cmocka_unit_test(the_plan_is_a_line_for_each_cell),
		cmocka_unit_test(the_schemas_know_every_word_and_no_other),
	};

	return cmocka_run_group_tests_name("scenario json", tests, NULL, NULL);
}
