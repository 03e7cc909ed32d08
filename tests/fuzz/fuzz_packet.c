/*
 * One packet of any link type, twice: what is told lies within it, and the
 * second time is like the first.  The first two octets are the link type, the
 * third says how much of it was not captured.
 */
#include <stdint.h>
#include <stdlib.h>

#include "pcap/fragments.h"
#include "pcap/packet.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void packet_check(const struct packet *packet,
	const struct captured_packet *captured)
{
	const char *end = captured->bytes.at + captured->bytes.len;

	if (packet->kind != PACKET_TCP)
		return;
	MUST(packet->payload.len <= packet->payload_len);
	MUST(packet->payload_len <= DATAGRAM_MAX + captured->original_len);
	if (packet->was_fragmented || !packet->payload.len)
		return;
	MUST(packet->payload.at >= captured->bytes.at);
	MUST(packet->payload.at + packet->payload.len <= end);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct fragments *fragments;
	struct captured_packet captured = { .frame = 1 };
	struct packet packet, again;

	if (size < 3)
		return 0;
	captured.link_type = (unsigned)(bytes[0] << 8 | bytes[1]);
	captured.bytes = (struct span){ (const char *)bytes + 3, size - 3 };
	captured.original_len = size - 3 + bytes[2];
	fragments = fragments_open();
	packet_parse(&packet, &captured, fragments);
	packet_check(&packet, &captured);
	packet_parse(&again, &captured, NULL);
	MUST(packet.was_fragmented || packet.kind == again.kind);
	for (int i = 0; i < 3; i++)
		packet_parse(&again, &captured, fragments);
	packet_check(&again, &captured);
	fragments_close(fragments);
	return 0;
}
