#ifndef MXP_ZONE_DATABASE_H
#define MXP_ZONE_DATABASE_H

#include "probe/base/arena.h"

/*
 * The machine's database of time zones, which the C library reads: a folder,
 * $TZDIR or the usual one, with a file (RFC 9636) for each zone, "Asia/Tokyo".
 * The library takes a name that it does not find for UTC, without a word; here
 * it is looked up first.
 */
const char *zone_database_folder(void);

/* The folder has a zone of this name. */
bool zone_database_has(struct span name);

/*
 * The name of a zone that was likely meant: "tokyo" is Asia/Tokyo, "Asia/Tokio"
 * as well.  Empty: none is near.
 */
struct span zone_database_nearest(struct arena *arena, struct span name);

#endif
