#ifndef MXP_BLOCK_CHECK_H
#define MXP_BLOCK_CHECK_H

#include "scenarios/sheet.h"

/*
 * Does what a block says make sense by itself: scenario, limit, identity,
 * compare, baseline and on failure?  Probes, paths and all names are looked at
 * by meaning.h.
 */
void block_check(struct arena *arena, struct complaints *complaints,
	const struct statements *all);

#endif
