#ifndef MXP_HOLDING_H
#define MXP_HOLDING_H

#include "probe/judge/codebook.h"
#include "probe/facts/visit.h"
#include "scenarios/matrix.h"

/*
 * One expectation held against the facts of one visit, and nothing else: what
 * follows from it is expectation.h's.
 */
struct holding {
	struct arena *arena;
	const struct codebook *codebook;
	const struct visit *visit;
	int64_t now;                    /* seconds since 1970 */
};

enum held { HELD, HELD_NOT, HELD_UNKNOWN };

const char *held_word(enum held held);  /* "yes", "no", "unknown" */

/* *found is what was there instead, or was asked; not escaped. */
enum held expected_held(const struct holding *holding,
	const struct expected *expected, enum step_verb verb,
	struct span *found);

#endif
