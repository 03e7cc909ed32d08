#ifndef MXP_SCENARIO_TEXT_H
#define MXP_SCENARIO_TEXT_H

#include <stdio.h>

#include "scenarios/matrix.h"

/* What `mxprobe check` tells on a terminal; all of it is escaped. */

/* Every complaint, and how many there are. */
void scenario_text_complaints(FILE *out, struct span file,
	const struct complaints *complaints);

/* One line: how much there is in it. */
void scenario_text_well(FILE *out, struct span file,
	const struct matrix *matrix);

/*
 * A line for each cell of the matrix: what would be walked, and how far; then
 * what holds beside them, and what it comes to (scenario_plan.h).
 */
void scenario_text_plan(FILE *out, const struct matrix *matrix);

#endif
