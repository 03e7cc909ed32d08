#ifndef MXP_CHUNK_H
#define MXP_CHUNK_H

#include <stdint.h>

#include "probe/base/span.h"

/*
 * A chunk is octets of one side of a TCP connection that follow each other,
 * with how many are missing just before them.  It owns nothing: whoever gives
 * it out says how long its octets stay.
 *
 * Offsets count the octets of one side from the first one known, sequence
 * numbers wrapping as they may.
 */
enum side { SIDE_CLIENT, SIDE_SERVER };
enum { SIDE_COUNT = 2 };

/* When and where something was seen; frame 0: never. */
struct sighting {
	uint64_t frame;
	int64_t time_ns;
};

struct chunk {
	enum side from;
	struct span bytes;              /* may be empty behind the last hole */
	uint64_t missing;               /* octets lost just before them */
	uint64_t offset;                /* of the first of them */
	struct sighting seen;           /* when they became readable */
	uint64_t acked;                 /* octets of the other side that the
					   sender had when it sent them */
};

static inline enum side side_other(enum side side)
{
	return side == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;
}

/* Without its first octets; it has as many. */
static inline void chunk_drop(struct chunk *chunk, uint64_t len)
{
	chunk->offset += len;
	chunk->bytes = span_part(chunk->bytes, (size_t)len, chunk->bytes.len);
}

#endif
