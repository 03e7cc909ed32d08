#ifndef MXP_RECENT_OCTETS_H
#define MXP_RECENT_OCTETS_H

#include <stdint.h>

#include "probe/base/span.h"

/*
 * The latest octets that one side of a connection said, to compare what comes
 * once more with them: who watches a connection and who receives it may have
 * read different copies.  They lie in a ring, which grows with what was said:
 * most sides say little.  No memory: the program ends.
 */
enum {
	RECENT_OCTETS_AT_FIRST = 512,
	RECENT_OCTETS_MAX = 4096,       /* both are powers of two */
};

/* All zero is none yet. */
struct recent_octets {
	char *ring;
	uint32_t room;
	uint64_t from;                  /* offset behind the latest hole: what
					   is before it is not known */
};

void recent_octets_close(struct recent_octets *recent);

/* How many of a later copy differ from what was said up to `end`; what is not
 * remembered does not. */
uint64_t recent_octets_differ(const struct recent_octets *recent, uint64_t end,
	uint64_t offset, struct span copy);

/* Room for what is said up to `end`; what is before `offset` is kept. */
void recent_octets_grow(
	struct recent_octets *recent, uint64_t offset, uint64_t end);

static inline void recent_octets_put(
	char *ring, uint32_t room, uint64_t offset, struct span bytes)
{
	while (bytes.len) {
		size_t at = offset & (room - 1);
		size_t len = room - at < bytes.len ? room - at : bytes.len;

		memcpy(ring + at, bytes.at, len);
		offset += len;
		bytes.at += len;
		bytes.len -= len;
	}
}

/* Those from `offset` on were said; each call goes on where the last one ended,
 * or behind a hole.  Every chunk comes by here: all but growing is inline. */
static inline void recent_octets_add(
	struct recent_octets *recent, uint64_t offset, struct span bytes)
{
	uint64_t end = offset + bytes.len;

	if (recent->room < RECENT_OCTETS_MAX && end > recent->room)
		recent_octets_grow(recent, offset, end);
	if (bytes.len > recent->room) {
		offset += bytes.len - recent->room;
		bytes = span_part(bytes, bytes.len - recent->room, bytes.len);
	}
	recent_octets_put(recent->ring, recent->room, offset, bytes);
}

#endif
