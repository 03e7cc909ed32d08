#ifndef MXP_SELECTION_H
#define MXP_SELECTION_H

#include "probe/options.h"
#include "scenarios/matrix.h"

/*
 * Which cells of a scenario are meant by --only.  A choice of it is PROBE,
 * PROBE/FAMILY or PROBE/FAMILY/PATH; a cell is meant that fits one of them, or
 * every cell where there is none.
 */
bool selection_has(const struct check_options *options,
	const struct matrix_cell *cell);

/* Is it PROBE[/4|6[/PATH]]? */
bool selection_is_well(struct span choice);

/* Does this choice mean a cell of the scenario? */
bool selection_fits(struct span choice, const struct matrix *matrix);

#endif
