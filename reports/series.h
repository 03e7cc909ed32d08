#ifndef MXP_SERIES_H
#define MXP_SERIES_H

#include <stdint.h>

#include "probe/base/arena.h"

/*
 * The labels of the series of a report, each with the second at which it last
 * succeeded.  A set of them grows as it is filled; it is as large as what a
 * run is told of, and what the file of the run before had.
 */
struct series {
	struct span labels;             /* empty: this place is free */
	int64_t last_success;           /* since 1970; 0: not known */
	bool is_told;                   /* in this run */
};

struct series_set {
	struct arena *arena;
	struct series *places;
	size_t count, room;             /* room: a power of two, or 0 */
};

/* The one with these labels, new where there was none. */
struct series *series_of(struct series_set *set, struct span labels);

#endif
