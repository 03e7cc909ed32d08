#include "probe/base/escape.h"
#include "probe/base/note.h"
#include "probe/selection.h"
#include "probe/verbs/scenario_set.h"
#include "reports/scenario_text.h"

/* All of them, before the first packet. */
static int read_scenarios(struct arena *arena, struct scenario_set *set)
{
	struct program *program = set->program;
	const struct check_options *own = &program->options.check;
	int status = EXIT_SUCCESS;

	for (size_t i = 0; i < own->file_count; i++) {
		struct check_result *result = &set->results[i];
		struct span text;

		if (!program_read_scenario(arena, own->files[i], &text))
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

static int prepare_scenarios(struct arena *arena, struct scenario_set *set,
	const struct matrix_orders *orders)
{
	struct program *program = set->program;
	struct span errors = SPAN("");
	int status = EXIT_SUCCESS;

	for (size_t i = 0; i < program->options.check.file_count; i++) {
		struct check_result *result = &set->results[i];

		set->cells[i] = matrix_prepare(arena, orders, result, &errors);
		if (set->cells[i])
			continue;
		status = EXIT_PARSE;
		errors = variables_hide(arena, &result->variables, errors);
		while (errors.len)
			note("%.*s", SPAN_ARG(escape_text(
					     arena, span_cut(&errors, '\n'))));
	}
	return status;
}

static bool tag_fits(struct arena *arena, const struct scenario_set *set)
{
	struct span tag = set->program->options.check.tag;

	for (size_t i = 0; i < set->count; i++)
		if (matrix_has_tag(set->results[i].matrix, tag))
			return true;
	note("--tag %.*s: no scenario has this tag",
		SPAN_ARG(escape_text(arena, tag)));
	return false;
}

/* A choice that means nothing is a slip of the pen. */
static bool choices_fit(struct arena *arena, const struct scenario_set *set)
{
	const struct check_options *own = &set->program->options.check;
	bool is_well = tag_fits(arena, set);

	for (size_t i = 0; i < own->only_count; i++) {
		bool has_any = false;

		for (size_t k = 0; k < own->file_count && !has_any; k++)
			has_any = selection_fits(
				own->only[i], set->results[k].matrix);
		if (!has_any)
			note("--only %.*s: no scenario has such a cell",
				SPAN_ARG(escape_text(arena, own->only[i])));
		is_well &= has_any;
	}
	return is_well;
}

int scenario_set_read(
	struct arena *arena, struct program *program, struct scenario_set *set)
{
	size_t count = program->options.check.file_count;
	struct matrix_orders orders = { .options = &program->options,
		.codebook = program->codebook };
	int status;

	*set = (struct scenario_set){ .program = program,
		.count = count,
		.results = arena_take(
			arena, count * sizeof(struct check_result)),
		.cells = arena_take(arena, count * sizeof(*set->cells)) };
	status = read_scenarios(arena, set);
	if (status == EXIT_SUCCESS)
		status = prepare_scenarios(arena, set, &orders);
	if (status == EXIT_SUCCESS && !choices_fit(arena, set))
		status = EXIT_USAGE;
	return status;
}
