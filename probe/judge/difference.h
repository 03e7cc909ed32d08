#ifndef MXP_DIFFERENCE_H
#define MXP_DIFFERENCE_H

#include "probe/judge/recorded.h"

/*
 * What changed from one run to another, row by row.  A trait that one of them
 * did not see is no difference, and neither is a verdict that tells nothing;
 * but a failure that was not there before is always worse.
 */
enum difference_kind {
	DIFFERENCE_GONE,                /* only before */
	DIFFERENCE_NEW,                 /* only after */
	DIFFERENCE_VERDICT,
	DIFFERENCE_TRAIT,
	DIFFERENCE_SLOWER,              /* a stage, beyond the ratio */
	DIFFERENCE_FASTER,
};

struct difference {
	enum difference_kind kind;
	const struct recorded *before, *after;  /* NULL: it is not there */
	enum trait trait;               /* DIFFERENCE_TRAIT */
	enum stage stage;               /* of the trait, or that took longer */
	struct span from, to;           /* words, or values of the trait */
	uint64_t from_us, to_us;        /* SLOWER, FASTER */
	bool is_worse;
};

struct difference_limits {
	uint64_t ratio;                 /* thousandths: 3000 is three times */
	uint64_t floor_us;              /* and at least by so much */
};

/* Three times, and 100 ms. */
#define DIFFERENCE_LIMITS                                                      \
	((struct difference_limits){ .ratio = 3000, .floor_us = 100 * 1000 })

struct differences {
	struct difference *list;        /* those of a row together */
	size_t count, room;
	size_t rows, rows_that_differ;  /* of both runs, each key once */
	size_t worse;
};

void differences_find(struct arena *arena, const struct recorded_run *before,
	const struct recorded_run *after,
	const struct difference_limits *limits,
	struct differences *differences);

const char *difference_word(enum difference_kind kind); /* "gone" ... */

#endif
