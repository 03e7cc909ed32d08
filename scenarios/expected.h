#ifndef MXP_EXPECTED_H
#define MXP_EXPECTED_H

#include "scenarios/matrix.h"

/* What stands behind the => of a step, as values. */
const struct expected *expected_of(struct arena *arena,
	const struct statement *step, size_t *count);

/* The operator in a line or clause: <, <=, =, >= or >. */
enum comparison_sign comparison_sign_of(const struct statement *line);

#endif
