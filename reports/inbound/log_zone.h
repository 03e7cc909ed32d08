#ifndef MXP_LOG_ZONE_H
#define MXP_LOG_ZONE_H

#include <stdint.h>

#include "probe/base/arena.h"

/*
 * The time zone of log stamps that name none: so many hours ahead of UTC, or
 * the rules of a place.
 *
 * Rules are the C library's, for the one place that TZ names.  So there is one
 * zone with rules in a process, and it is found before there are threads.
 * Copies of it may be used side by side.
 *
 * All zero, it is UTC.
 */
struct log_zone {
	bool has_rules;
	int64_t ahead_ms;               /* of UTC; with rules, of the times */
	int64_t from_ms, until_ms;      /* of its clock between these */
	int64_t last_ms;                /* that was found near a move */
};

/*
 * "+09:00", "+0900", "-3", "UTC"; "Asia/Tokyo", as the database of zones has
 * it; "local", for this machine's own.  False: *why tells what was wanted, safe
 * for a terminal.
 */
bool log_zone_find(struct arena *arena, struct span name,
	struct log_zone *zone, struct span *why) MXP_MUST_USE;

/*
 * What the zone's clock shows, as if it were UTC, becomes the time.  An hour
 * that comes twice is the first one, until the clock of the one log that is
 * read goes back; in one that is left out, it has not been moved yet.
 */
int64_t log_zone_time(struct log_zone *zone, int64_t clock_ms);

/* What its clock shows at a time. */
int64_t log_zone_clock(const struct log_zone *zone, int64_t time_ms);

#endif
