#ifndef MXP_CHANGE_POINT_H
#define MXP_CHANGE_POINT_H

#include <stdint.h>

#include "probe/base/arena.h"

/*
 * The moment from which attempts fail in another share than before, and the
 * one at which that ends.
 *
 * Attempts are kept in bins, one for each stretch of time in which there was
 * one.  A bin is a second wide at first; when there are too many, all become
 * twice as wide.  So memory is bounded, times may come in any order, and the
 * width does not depend on that order.  In each bin the attempts before its
 * first failure and behind its last one are known apart.  (A failure that comes
 * late and is earlier than the first of its bin makes that number 0: then the
 * moment is exact, and the counts are so but for the successes of that bin.)
 *
 * The moment is the most likely one: the split of the attempts for which
 *
 *     gain = L(before) + L(after) - L(all),
 *     L(n attempts, k failed) = k ln(k / n) + (n - k) ln((n - k) / n)
 *
 * is largest.  It counts only when gain >= CHANGE_GAIN + ln(places), places
 * being where it was looked for: attempts that fail by one chance throughout
 * come so far by about e^-CHANGE_GAIN at most, that is once in 20,000 series.
 * A change from never to always has to be seen in 16 attempts or more: 10
 * attempts cannot gain more than 7.
 *
 * A series that begins to fail and ends to do so has both moments.  More than
 * one such time is told as the one that gains most.
 */
enum {
	CHANGE_BINS_MAX = 256,          /* of any series */
	CHANGE_GAIN = 10,
};

struct change_bin {
	int64_t start_s;                /* a multiple of the width */
	uint32_t tried, failed;
	uint32_t before, behind;        /* of those that went well: before the
					   first failure, and behind the last */
	uint32_t first_s, last_s;       /* failure, from start_s on */
};

struct change_series {
	struct arena *arena;
	struct change_bin *bins;        /* by time; none is empty */
	size_t count, room, most;
	unsigned doublings;             /* a bin is 1 << doublings s wide */
};

/* Nothing is taken before there is something to keep.  `most` is the number of
 * bins, 4 .. CHANGE_BINS_MAX. */
void change_series_open(struct change_series *series, struct arena *arena,
	size_t most);

void change_series_add(struct change_series *series, int64_t time_ms,
	bool failed);

/* An attempt later than the others is added soon: its bin is fetched. */
void change_series_fetch(const struct change_series *series);

/* All of it is read soon, and no cache has it. */
void change_series_fetch_all(const struct change_series *series);

/* All of the other's attempts too. */
void change_series_join(struct change_series *series,
	const struct change_series *other);

struct change_share {
	uint64_t tried, failed;
};

/*
 * How much likelier two shares are than one for both, L(a) + L(b) - L(a and b):
 * beyond CHANGE_APART they are not the same by chance in all but one of some
 * hundred cases.
 */
enum { CHANGE_APART = 4 };

double change_gain(struct change_share a, struct change_share b);

struct change_point {
	bool has_since;                 /* from here on more failed */
	int64_t since_ms;               /* the first failure; whole seconds */
	bool has_until;                 /* up to here */
	int64_t until_ms;               /* the last failure */
	struct change_share before;     /* none without has_since */
	struct change_share during;
	struct change_share after;      /* none without has_until */
};

/* False: the share of failures did not change, as far as can be told. */
bool change_series_find(const struct change_series *series,
	struct change_point *point);

#endif
