#ifndef MXP_NEAREST_H
#define MXP_NEAREST_H

#include "probe/base/span.h"

/*
 * Of some words, the one that was most likely meant.  A search is begun with
 * the word that was written, and offered one candidate after the other.
 */
struct nearest {
	struct span word;               /* as written */
	struct span best;               /* empty: none is near */
	size_t distance;
};

struct nearest nearest_begin(struct span word);
void nearest_offer(struct nearest *nearest, struct span candidate);

#endif
