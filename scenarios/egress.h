#ifndef MXP_EGRESS_H
#define MXP_EGRESS_H

#include "scenarios/matrix.h"

/*
 * The way out of this name, as the block path of it says; the kernel's own
 * where the name is empty.
 */
const struct egress *egress_of(struct arena *arena,
	const struct statements *all, struct span name);

/* Why a path leaves a family out; or empty. */
struct span egress_lacks(struct arena *arena, const struct egress *egress,
	enum family family);

#endif
