#ifndef MXP_CELL_OPTIONS_H
#define MXP_CELL_OPTIONS_H

#include "probe/options.h"
#include "scenarios/matrix.h"

/*
 * An ad hoc run is a scenario made from flags; this goes the other way, and
 * makes of a cell the options whose ad hoc run walks exactly its steps.  The
 * rest is as in `base`: resolver, certificates, patience.
 *
 * False: *why says what in the cell is no domain or mailbox after all.
 */
bool cell_options(struct arena *arena, const struct options *base,
	const struct matrix_cell *cell, struct options *options,
	struct span *why);

#endif
