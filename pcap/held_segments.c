#include "pcap/held_segments.h"

#include <stdlib.h>

static void hold(struct held_segments *held, struct held_segment **place,
	const struct chunk *chunk, uint64_t now)
{
	struct held_segment *one = malloc(sizeof(*one) + chunk->bytes.len);

	if (!one)
		abort();
	one->offset = chunk->offset;
	one->len = chunk->bytes.len;
	one->acked = chunk->acked;
	one->waits_since = now;
	one->seen = chunk->seen;
	memcpy(one->bytes, chunk->bytes.at, chunk->bytes.len);
	one->next = *place;
	*place = one;
	held->octets += (uint32_t)one->len;
	held->count++;
	*held->octets_all += one->len;
}

static uint64_t differences(
	const struct held_segment *one, const struct chunk *chunk)
{
	uint64_t from = chunk->offset > one->offset ? chunk->offset
						    : one->offset;
	uint64_t end = chunk->offset + chunk->bytes.len;
	uint64_t differ = 0;

	if (end > one->offset + one->len)
		end = one->offset + one->len;
	for (uint64_t at = from; at < end; at++)
		differ += one->bytes[at - one->offset] !=
			  chunk->bytes.at[at - chunk->offset];
	return differ;
}

bool held_segments_add(struct held_segments *held, struct chunk chunk,
	uint64_t now, uint64_t *differ)
{
	struct held_segment **place = &held->first;
	bool is_new = false;

	*differ = 0;
	while (chunk.bytes.len) {
		struct held_segment *one = *place;
		struct chunk before = chunk;
		uint64_t end = chunk.offset + chunk.bytes.len;

		if (one && one->offset + one->len <= chunk.offset) {
			place = &one->next;
			continue;
		}
		if (!one || end <= one->offset) {
			hold(held, place, &chunk, now);
			return true;
		}
		*differ += differences(one, &chunk);
		if (chunk.offset < one->offset) {
			before.bytes = span_part(chunk.bytes, 0,
				(size_t)(one->offset - chunk.offset));
			hold(held, place, &before, now);
			is_new = true;
		}
		if (end <= one->offset + one->len)
			return is_new;
		chunk_drop(&chunk, one->offset + one->len - chunk.offset);
	}
	return is_new;
}

struct held_segment *held_segments_take(struct held_segments *held)
{
	struct held_segment *one = held->first;

	if (!one)
		return NULL;
	held->first = one->next;
	held->octets -= (uint32_t)one->len;
	held->count--;
	*held->octets_all -= one->len;
	return one;
}

void held_segments_close(struct held_segments *held)
{
	struct held_segment *one;

	while ((one = held_segments_take(held)))
		free(one);
}
