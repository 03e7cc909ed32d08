#include "probe/selection.h"

static bool is_family(struct span word)
{
	return span_is(word, SPAN("4")) || span_is(word, SPAN("6"));
}

bool selection_is_well(struct span choice)
{
	struct span probe = span_cut(&choice, '/');
	struct span family = span_cut(&choice, '/');

	return probe.len && (!family.len || is_family(family)) &&
	       (family.len || !choice.len) &&
	       span_find(choice, '/') == choice.len;
}

static bool fits(struct span choice, const struct matrix_cell *cell)
{
	struct span probe = span_cut(&choice, '/');
	struct span family = span_cut(&choice, '/');

	if (!span_is(probe, cell->probe))
		return false;
	if (family.len &&
		span_is(family, SPAN("4")) != (cell->family == FAMILY_IPV4))
		return false;
	return !choice.len || span_is(choice, cell->egress->name);
}

bool selection_fits(struct span choice, const struct matrix *matrix)
{
	for (size_t i = 0; i < matrix->cell_count; i++)
		if (fits(choice, &matrix->cells[i]))
			return true;
	return false;
}

bool selection_has(
	const struct check_options *options, const struct matrix_cell *cell)
{
	for (size_t i = 0; i < options->only_count; i++)
		if (fits(options->only[i], cell))
			return true;
	return !options->only_count;
}
