#ifndef MXP_DELIVERY_MERGE_H
#define MXP_DELIVERY_MERGE_H

#include "probe/judge/delivery_join.h"

/*
 * What the witnesses of one delivery know together; each may be NULL, not all.
 * Whoever saw more exactly is believed: the capture for the time, the stage and
 * the addresses, the log for the name of the server and the ids, the bounce for
 * how it ended, and for the reply whoever has the whole of it.  Spans are
 * theirs.
 */
void delivery_merge(const struct delivery *log, const struct delivery *bounce,
	const struct delivery *capture, struct joined_delivery *joined);

#endif
