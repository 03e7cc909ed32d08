#ifndef MXP_SCHEDULE_H
#define MXP_SCHEDULE_H

#include "probe/store/schedule_store.h"
#include "scenarios/matrix.h"

/*
 * How often a scenario is due, as the store wants it: by the file it stands
 * in, and later the first time by as much of its jitter as this host and this
 * scenario come to.  That is the same each time, so that a fleet of hosts
 * with one scenario never goes off together.
 *
 * False: it does not say how often.
 */
bool schedule_of(struct arena *arena, struct span file,
	const struct matrix *matrix, struct span host,
	struct schedule *schedule) MXP_MUST_USE;

/* What this host is told from others by; never empty. */
struct span schedule_host(struct arena *arena);

#endif
