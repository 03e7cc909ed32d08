#ifndef MXP_WALK_ROW_H
#define MXP_WALK_ROW_H

#include "probe/judge/result_row.h"
#include "probe/options.h"

/*
 * A walk without a scenario, told of as if a scenario had one probe named
 * "walk": a row for each family, whose verdict is the judge's.
 */
struct walk_rows {
	struct matrix matrix;
	struct matrix_cell cells[FAMILY_COUNT];
	struct aim aim;
	struct egress egress;
	struct variables variables;     /* none */
	struct cell_result results[FAMILY_COUNT];
	struct result_row rows[FAMILY_COUNT];
	size_t count;
};

/* In the arena of the outcome. */
const struct walk_rows *walk_rows_of(struct arena *arena,
	const struct options *options, const struct outcome *outcome,
	const struct judgement *judgement);

#endif
