#include "probe/base/escape.h"
#include "probe/base/note.h"
#include "probe/matrix_run.h"
#include "probe/verbs/verbs.h"
#include "reports/rows_report.h"
#include "reports/scenario_text.h"

struct scenarios {
	struct program *program;
	struct check_result *results;
	const struct prepared_cell **cells;
	struct json_writer json;
	struct rows_count count;
	enum cell_verdict worst;
};

static bool on_row(
	void *receiver, struct arena *arena, const struct result_row *row)
{
	struct scenarios *scenarios = receiver;
	const struct options *options = &scenarios->program->options;

	(void)arena;
	if (row->is_skipped)
		scenarios->count.skipped++;
	else
		scenarios->count.of[row->result->verdict]++;
	if (row->result->verdict > scenarios->worst)
		scenarios->worst = row->result->verdict;
	if (options->quiet)
		return true;
	if (options->format == FORMAT_JSON)
		rows_json_row(&scenarios->json, row);
	else
		rows_text_row(stdout, row);
	fflush(stdout);
	return !ferror(stdout);
}

/* All of them, before the first packet. */
static int read_scenarios(struct arena *arena, struct scenarios *scenarios)
{
	struct program *program = scenarios->program;
	const struct check_options *own = &program->options.check;
	int status = EXIT_SUCCESS;

	for (size_t i = 0; i < own->file_count; i++) {
		struct check_result *result = &scenarios->results[i];
		struct span text;

		if (!program_read_named(
			    arena, own->files[i], LEXER_TEXT_MAX, &text))
			return EXIT_USAGE;
		check_text_for_run(arena, program->codebook,
			span_of(own->files[i]), text, result);
		if (result->matrix)
			continue;
		scenario_text_complaints(
			stderr, result->file, &result->complaints);
		status = EXIT_PARSE;
	}
	return status;
}

static int prepare_scenarios(struct arena *arena, struct scenarios *scenarios,
	const struct matrix_orders *orders)
{
	struct program *program = scenarios->program;
	struct span errors = SPAN("");
	int status = EXIT_SUCCESS;

	for (size_t i = 0; i < program->options.check.file_count; i++) {
		struct check_result *result = &scenarios->results[i];

		scenarios->cells[i] = matrix_prepare(
			arena, orders, result, &errors);
		if (scenarios->cells[i])
			continue;
		status = EXIT_PARSE;
		errors = variables_hide(arena, &result->variables, errors);
		while (errors.len)
			note("%.*s", SPAN_ARG(escape_text(
					     arena, span_cut(&errors, '\n'))));
	}
	return status;
}

static int scenarios_status(const struct scenarios *scenarios)
{
	size_t walked = 0;

	for (size_t i = 0; i < CELL_VERDICTS; i++)
		walked += scenarios->count.of[i];
	if (!walked)
		return EXIT_SKIPPED;
	return cell_exit_status(scenarios->worst);
}

static enum run_result walk_scenario(struct scenarios *scenarios,
	const struct matrix_orders *orders, size_t i, struct span *why)
{
	const struct options *options = &scenarios->program->options;
	const struct check_result *result = &scenarios->results[i];

	if (!matrix_has_tag(result->matrix, options->check.tag))
		return RUN_DONE;
	if (options->format == FORMAT_TEXT && !options->quiet)
		rows_text_scenario(stdout, result->matrix, &result->variables);
	return matrix_run(orders, result, scenarios->cells[i], why);
}

static int walk_scenarios(struct arena *arena, struct scenarios *scenarios,
	const struct matrix_orders *orders)
{
	const struct options *options = &scenarios->program->options;
	enum run_result result = RUN_DONE;
	struct span why = SPAN("");
	int status;

	if (options->format == FORMAT_JSON && !options->quiet)
		rows_json_begin(&scenarios->json, stdout);
	for (size_t i = 0; i < options->check.file_count && result == RUN_DONE;
		i++)
		result = walk_scenario(scenarios, orders, i, &why);
	status = scenarios_status(scenarios);
	if (result == RUN_FAILED)
		note("%.*s", SPAN_ARG(escape_text(arena, why)));
	if (result != RUN_DONE && status != EXIT_FAILURE)
		status = EXIT_UNDECIDED;
	if (options->quiet)
		return status;
	if (options->format == FORMAT_JSON)
		rows_json_end(&scenarios->json, status);
	else
		rows_text_end(stdout, &scenarios->count);
	return status;
}

int scenarios_verb(struct arena *arena, struct program *program)
{
	size_t count = program->options.check.file_count;
	struct scenarios scenarios = { .program = program,
		.results = arena_take(
			arena, count * sizeof(struct check_result)),
		.cells = arena_take(arena, count * sizeof(*scenarios.cells)) };
	struct matrix_orders orders = { .options = &program->options,
		.told = on_row,
		.receiver = &scenarios };
	int status;

	if (!program_read_codebook(arena, program) ||
		!program_read_answers(arena, program->options.answers_file,
			&program->orders.saved))
		return EXIT_PARSE;
	run_limit(&program->options);
	program_name_ourselves(arena, &program->options);
	orders.codebook = program->codebook;
	status = read_scenarios(arena, &scenarios);
	if (status == EXIT_SUCCESS)
		status = prepare_scenarios(arena, &scenarios, &orders);
	if (status != EXIT_SUCCESS)
		return status;
	if (!program_open_tls(arena, program))
		return EXIT_USAGE;
	orders.run = program->orders;
	orders.run.ledger = ledger_open(program->options.pause_ms);
	status = walk_scenarios(arena, &scenarios, &orders);
	ledger_close(orders.run.ledger);
	tls_context_close(program->orders.tls);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	return EXIT_UNDECIDED;
}
