#ifndef MXP_HELD_SEGMENTS_H
#define MXP_HELD_SEGMENTS_H

#include "pcap/chunk.h"
#include "probe/base/attr.h"

/*
 * The segments of one side that wait behind a hole, or for what their sender
 * had read of the other side: copies, sorted by offset and apart from each
 * other.  The first copy of an octet wins.  How much may wait is the stream's
 * business (pcap/stream.h).  No memory: the program ends.
 */
struct held_segment {
	struct held_segment *next;
	uint64_t offset;
	size_t len;
	uint64_t acked;                 /* as in its chunk */
	uint64_t waits_since;           /* stream->segments when it came */
	struct sighting seen;
	char bytes[];
};

struct held_segments {
	struct held_segment *first;
	uint32_t octets, count;         /* small: a flood has many streams */
	size_t *octets_all;             /* of all streams together; theirs */
};

/* What of a chunk is not held yet is copied, and came as the `now`-th segment
 * of its stream.  True: something was.  *differ: octets that were held with
 * other content. */
bool held_segments_add(struct held_segments *held, struct chunk chunk,
	uint64_t now, uint64_t *differ);

/* The first of them, which is the caller's to free; NULL: there is none. */
struct held_segment *held_segments_take(
	struct held_segments *held) MXP_MUST_USE;

void held_segments_close(struct held_segments *held);

#endif
