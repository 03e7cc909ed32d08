#include "reports/scenario_text.h"

#include "probe/base/escape.h"
#include "reports/scenario_plan.h"

void scenario_text_complaints(
	FILE *out, struct span file, const struct complaints *complaints)
{
	struct arena *arena = arena_open();

	for (size_t i = 0; i < complaints->count; i++) {
		struct span text = complaint_print(arena, &complaints->list[i]);

		fwrite(text.at, 1, text.len, out);
		arena_empty(arena);
	}
	fprintf(out, "%.*s: %zu error%s%s\n",
		SPAN_ARG(escape_text(arena, file)), complaints->total,
		complaints->total == 1 ? "" : "s",
		complaints->count < complaints->total ? ", not all are shown"
						      : "");
	arena_close(arena);
}

void scenario_text_well(
	FILE *out, struct span file, const struct matrix *matrix)
{
	struct arena *arena = arena_open();
	size_t left_out = 0;

	for (size_t i = 0; i < matrix->cell_count; i++)
		left_out += matrix->cells[i].left_out.len != 0;
	fprintf(out, "%.*s: well; %zu cell%s",
		SPAN_ARG(escape_text(arena, file)), matrix->cell_count,
		matrix->cell_count == 1 ? "" : "s");
	if (left_out)
		fprintf(out, ", %zu of them left out", left_out);
	fputc('\n', out);
	arena_close(arena);
}

static struct span way_out(struct arena *arena, const struct matrix_cell *cell)
{
	const struct egress *egress = cell->egress;
	struct span text = egress->name.len ? egress->name : SPAN("-");

	if (egress->binds[cell->family])
		text = arena_print(arena, "%.*s (%.*s)", SPAN_ARG(text),
			SPAN_ARG(
				ip_text(arena, &egress->source[cell->family])));
	return text;
}

/* Behind the last step before QUIT, "to rcpt". */
static const char *reach(const struct matrix_cell *cell)
{
	size_t count = cell->scenario.step_count;
	const struct step *steps = cell->scenario.steps;

	while (count > 1 && steps[count - 1].verb == STEP_QUIT)
		count--;
	return step_word(steps[count - 1].verb);
}

/* How wide the columns must be. */
struct widths {
	int probe, target, path;
};

static void widen(int *width, struct span text)
{
	int columns = (int)escape_columns(text);

	if (columns > *width)
		*width = columns;
}

static struct widths widths_of(struct arena *arena, const struct matrix *matrix)
{
	struct widths widths = { 0 };

	for (size_t i = 0; i < matrix->cell_count; i++) {
		const struct matrix_cell *cell = &matrix->cells[i];

		widen(&widths.probe, escape_text(arena, cell->probe));
		widen(&widths.target,
			escape_text(arena, aim_text(arena, cell->aim)));
		widen(&widths.path, escape_text(arena, way_out(arena, cell)));
		arena_empty(arena);
	}
	return widths;
}

static void put_padded(FILE *out, struct span text, int width)
{
	fprintf(out, "%.*s%*s", SPAN_ARG(text),
		width - (int)escape_columns(text) + 2, "");
}

static void put_cell(struct arena *arena, FILE *out,
	const struct matrix_cell *cell, const struct widths *widths)
{
	fputs("  ", out);
	put_padded(out, escape_text(arena, cell->probe), widths->probe);
	put_padded(out, escape_text(arena, aim_text(arena, cell->aim)),
		widths->target);
	fprintf(out, "%s  ", family_word(cell->family));
	put_padded(out, escape_text(arena, way_out(arena, cell)), widths->path);
	if (cell->left_out.len)
		fprintf(out, "n/a (%.*s)\n",
			SPAN_ARG(escape_text(arena, cell->left_out)));
	else
		fprintf(out, "to %s%s\n", reach(cell),
			cell->delivers ? ", with --deliver" : "");
}

void scenario_text_plan(FILE *out, const struct matrix *matrix)
{
	struct arena *arena = arena_open();
	struct widths widths = widths_of(arena, matrix);

	for (size_t i = 0; i < matrix->cell_count; i++) {
		put_cell(arena, out, &matrix->cells[i], &widths);
		arena_empty(arena);
	}
	arena_close(arena);
	scenario_plan_rules(out, matrix);
	scenario_plan_cost(out, matrix);
}
