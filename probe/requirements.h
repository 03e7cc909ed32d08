#ifndef MXP_REQUIREMENTS_H
#define MXP_REQUIREMENTS_H

#include "probe/options.h"
#include "scenarios/matrix.h"

/*
 * Does this host have all that a scenario requires?  If not, the scenario is
 * skipped, and *why says what is missing.
 */
bool requirements_are_met(struct arena *arena, const struct options *options,
	const struct matrix *matrix, struct span *why);

#endif
