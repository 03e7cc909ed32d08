#ifndef MXP_CONFORMANCE_ZONE_H
#define MXP_CONFORMANCE_ZONE_H

#include <jansson.h>

#include "probe/dns/answers.h"

/*
 * The DNS of one case: what its `zone` or `dns` list says, asked by the same
 * table of answers that is asked over the network.  A name that is there
 * without the type is empty, so is an ancestor of one; any other name does
 * not exist.  A CNAME is followed as a resolver follows it.
 *
 *	struct zone *zone = zone_open(arena, json_object_get(line, "dns"));
 *
 *	do
 *		result = some_check(arena, answers, ...);
 *	while (result == SOME_OPEN && zone_settle(zone, answers));
 */
struct zone;

/* A list that is no list is a zone without a name in it. */
struct zone *zone_open(struct arena *arena, const json_t *list);

/* Settles all open questions; false when there was none. */
bool zone_settle(const struct zone *zone, struct answers *answers);

#endif
