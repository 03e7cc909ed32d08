#ifndef MXP_CELL_COMPARISON_H
#define MXP_CELL_COMPARISON_H

#include "probe/judge/cell_summary.h"

/*
 * compare: two cells of a probe that differ in nothing but the family, held
 * against each other.  Visits of the same host are compared, or the first of
 * each where no host answered both.
 *
 * What only one of them came far enough to show is unknown, and no difference.
 */
struct comparison_question {
	const struct matrix *matrix;
	const struct matrix_comparison *comparison;
	const struct cell_summary *summaries;   /* of each cell of the matrix */
	size_t first, second;           /* the cells */
};

/* The cell of the other family for this one; false: it is no first one. */
bool comparison_pair(const struct matrix *matrix,
	const struct matrix_comparison *comparison, size_t cell,
	size_t *other);

/* "compare 4 6 of transport" */
struct span comparison_subject(struct arena *arena,
	const struct matrix_comparison *comparison);

/* *is_skipped: neither was walked. */
void comparison_judge(struct arena *arena,
	const struct comparison_question *question,
	struct cell_result *result, bool *is_skipped);

#endif
