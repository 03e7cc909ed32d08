#include "pcap/recent_octets.h"

#include <stdlib.h>

void recent_octets_close(struct recent_octets *recent)
{
	free(recent->ring);
	recent->ring = NULL;
}

void recent_octets_grow(
	struct recent_octets *recent, uint64_t offset, uint64_t end)
{
	uint32_t old = recent->room, room = RECENT_OCTETS_AT_FIRST;
	uint64_t from = offset > old ? offset - old : 0;
	char *larger;

	if (room < end)
		room = RECENT_OCTETS_MAX;
	larger = malloc(room);
	if (!larger)
		abort();
	while (from < offset) {
		size_t at = from & (old - 1);
		size_t len = old - at < offset - from ? old - at
						      : (size_t)(offset - from);

		recent_octets_put(larger, room, from,
			(struct span){ recent->ring + at, len });
		from += len;
	}
	free(recent->ring);
	recent->ring = larger;
	recent->room = room;
}

uint64_t recent_octets_differ(const struct recent_octets *recent, uint64_t end,
	uint64_t offset, struct span copy)
{
	uint64_t kept = end < recent->room ? end : recent->room;
	uint64_t oldest = end - kept;
	uint64_t differ = 0;

	if (oldest < recent->from)
		oldest = recent->from;

	for (size_t i = 0; i < copy.len; i++) {
		uint64_t at = offset + i;

		if (at < oldest || at >= end)
			continue;
		differ += recent->ring[at & (recent->room - 1)] != copy.at[i];
	}
	return differ;
}
