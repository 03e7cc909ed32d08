/*
 * Segments of one connection: what becomes readable is in order, each octet once,
 * holes and octets add up to the offset, and no memory is left behind.  Each
 * segment is eight octets: side and flags, length, sequence number and
 * acknowledgement in units of a few octets, and what its payload is made of.
 */
#include <stdint.h>
#include <stdlib.h>

#include "pcap/stream.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { STREAM_STEP = 8, STREAM_PAYLOAD_MAX = 255 };

static void stream_take(struct stream *stream, uint64_t until[2])
{
	struct chunk chunk;

	while (stream_next(stream, &chunk)) {
		MUST(chunk.offset == until[chunk.from] + chunk.missing);
		MUST(chunk.bytes.len || chunk.missing);
		until[chunk.from] = chunk.offset + chunk.bytes.len;
		MUST(stream->sides[chunk.from].next == until[chunk.from]);
	}
}

/* What is readable at once lies in the segment itself. */
static void stream_step(struct stream *stream, const uint8_t *at,
	uint64_t frame, uint64_t until[2])
{
	char payload[STREAM_PAYLOAD_MAX];
	struct packet packet = {
		.kind = PACKET_TCP,
		.flags = at[0] & 0x3f,
		.seq = (uint32_t)(at[2] << 8 | at[3]) * 3u - 2000u,
		.ack = (uint32_t)(at[4] << 8 | at[5]) * 3u - 2000u,
		.payload_len = at[1],
	};
	struct segment segment = {
		.packet = &packet,
		.from = at[0] & 0x80 ? SIDE_SERVER : SIDE_CLIENT,
		.frame = frame,
		.time_ns = (int64_t)frame * 1000,
	};

	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (char)(at[6] + i * at[7]);
	packet.payload = (struct span){ payload,
		at[0] & 0x40 ? packet.payload_len / 2 : packet.payload_len };
	stream_add(stream, &segment);
	stream_take(stream, until);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	size_t held_all = 0;
	uint64_t until[2] = { 0, 0 }, frame = 0;
	struct stream stream;

	stream_init(&stream, &held_all);
	for (size_t at = 0; at + STREAM_STEP <= size; at += STREAM_STEP) {
		stream_step(&stream, bytes + at, ++frame, until);
		MUST(held_all <= STREAM_HELD_ALL_MAX + STREAM_PAYLOAD_MAX);
	}
	stream_end(&stream);
	stream_take(&stream, until);
	for (int i = 0; i < SIDE_COUNT; i++) {
		const struct stream_side *side = &stream.sides[i];

		MUST(side->octets + side->hole_octets == until[i]);
		MUST(!side->held.first);
	}
	MUST(held_all == 0);
	stream_close(&stream);
	return 0;
}
