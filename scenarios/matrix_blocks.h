#ifndef MXP_MATRIX_BLOCKS_H
#define MXP_MATRIX_BLOCKS_H

#include "scenarios/matrix.h"

/*
 * The part of a matrix that is no cell: what the lines under scenario say of
 * the whole, and the blocks limit, identity, compare, baseline and on failure.
 */
void matrix_take_header(struct arena *arena, struct matrix *matrix,
	const struct statement *scenario);

/* Every block of the kinds above. */
void matrix_take_blocks(struct arena *arena, struct matrix *matrix,
	const struct statements *all);

/* The verdict line of a probe, or NULL. */
const struct verdict_wanted *verdict_wanted_of(struct arena *arena,
	const struct statement *probe);

#endif
