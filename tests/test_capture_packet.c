#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pcap/fragments.h"
#include "tests/capture_by_hand.h"

/*
 * One segment of TCP in every wrapping: "hi" from port 40000 to port 25.
 */
struct wrapped {
	uint8_t bytes[512];
	size_t len;
};

static struct packet parse(unsigned link_type, const struct wrapped *wrapped,
	size_t captured_len, struct fragments *fragments)
{
	static uint8_t copy[512]; /* what is parsed points into it */
	struct captured_packet captured = {
		.frame = 1,
		.link_type = link_type,
		.bytes = { (const char *)copy, captured_len },
		.original_len = wrapped->len,
	};
	struct packet packet;

	memcpy(copy, wrapped->bytes, wrapped->len);
	packet_parse(&packet, &captured, fragments);
	return packet;
}

static void add(struct wrapped *wrapped, const char *bytes, size_t len)
{
	memcpy(wrapped->bytes + wrapped->len, bytes, len);
	wrapped->len += len;
}

static void add_ip(struct wrapped *wrapped, bool is_v6)
{
	struct made_wire wire = made_wire_new(is_v6);
	size_t len;

	made_segment_at(&wire, SIDE_CLIENT, TCP_ACK, 7, 9, SPAN("hi"),
		wrapped->bytes + wrapped->len, &len);
	wrapped->len += len;
}

static void check_segment(const struct packet *packet, bool is_v6)
{
	assert_int_equal(packet->kind, PACKET_TCP);
	assert_int_equal(
		packet->ends.family, is_v6 ? FAMILY_IPV6 : FAMILY_IPV4);
	assert_int_equal(packet->ends.from_port, 40000);
	assert_int_equal(packet->ends.to_port, 25);
	assert_int_equal(packet->seq, 7);
	assert_int_equal(packet->ack, 9);
	assert_int_equal(packet->payload_len, 2);
	assert_true(span_is(packet->payload, SPAN("hi")));
}

/* clang-format off */
#define BEFORE(text) text, sizeof(text) - 1
#define MACS "\2\0\0\0\0\1\2\0\0\0\0\2"
static const struct wrapping {
	const char *name;
	unsigned link_type;
	const char *before;
	size_t before_len;
	bool is_v6;
} wrappings[] = {
	{ "Ethernet", 1, BEFORE(MACS "\x08\0"), false },
	{ "Ethernet, IPv6", 1, BEFORE(MACS "\x86\xdd"), true },
	{ "VLAN", 1, BEFORE(MACS "\x81\0\0\5\x08\0"), false },
	{ "QinQ", 1, BEFORE(MACS "\x88\xa8\0\5\x81\0\0\6\x86\xdd"), true },
	{ "old QinQ", 1, BEFORE(MACS "\x91\0\0\5\x81\0\0\6\x08\0"), false },
	{ "PPPoE", 1, BEFORE(MACS "\x88\x64\x11\0\0\1\0\x50\0\x57"), true },
	{ "MPLS", 1, BEFORE(MACS "\x88\x47\0\1\0\x40\0\1\1\x40"), false },
	{ "cooked", 113, BEFORE("\0\0\0\1\0\6\2\0\0\0\0\1\0\0\x08\0"), false },
	{ "cooked, v2", 276, BEFORE("\x86\xdd\0\0\0\0\0\2\0\1\0\6"
		"\2\0\0\0\0\1\0\0"), true },
	{ "null, little", 0, BEFORE("\2\0\0\0"), false },
	{ "null, big", 0, BEFORE("\0\0\0\x1e"), true },
	{ "loop", 108, BEFORE("\0\0\0\x18"), true },
	{ "PPP", 9, BEFORE("\xff\3\0\x21"), false },
	{ "PPP, bare", 9, BEFORE("\0\x57"), true },
	{ "PPP, compressed", 9, BEFORE("\x21"), false },
	{ "raw 12", 12, BEFORE(""), false },
	{ "raw 14", 14, BEFORE(""), true },
	{ "raw 101", 101, BEFORE(""), true },
	{ "raw 228", 228, BEFORE(""), false },
	{ "raw 229", 229, BEFORE(""), true },
};
/* clang-format on */

static void a_segment_is_found_in_every_wrapping(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrappings); i++) {
		const struct wrapping *row = &wrappings[i];
		struct wrapped wrapped = { .len = 0 };
		struct packet packet;

		add(&wrapped, row->before, row->before_len);
		add_ip(&wrapped, row->is_v6);
		add(&wrapped, "\0\0\0\0\0\0", 6); /* padding */
		packet = parse(row->link_type, &wrapped, wrapped.len, NULL);
		if (packet.kind != PACKET_TCP)
			print_message("%s\n", row->name);
		check_segment(&packet, row->is_v6);
	}
}

/* However little of it was captured, nothing is read beyond. */
static void a_cut_packet_is_broken_or_shorter(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrappings); i++) {
		const struct wrapping *row = &wrappings[i];
		struct wrapped wrapped = { .len = 0 };

		add(&wrapped, row->before, row->before_len);
		add_ip(&wrapped, row->is_v6);
		for (size_t len = 0; len < wrapped.len; len++) {
			struct packet packet = parse(
				row->link_type, &wrapped, len, NULL);

			if (packet.kind != PACKET_TCP)
				continue;
			assert_true(len + 2 >= wrapped.len);
			assert_int_equal(packet.payload_len, 2);
			assert_int_equal(
				packet.payload.len, len + 2 - wrapped.len);
		}
	}
}

static void tunnels_are_followed_and_told(void **state)
{
	static const struct made_wire wires[2] = { { .is_v6 = false },
		{ .is_v6 = true } };
	static const uint8_t protocols[2][2] = { { 4, 4 }, { 41, 41 } };

	(void)state;
	for (int outer = 0; outer < 2; outer++)
		for (int inner = 0; inner < 2; inner++) {
			struct wrapped wrapped = { .len = 0 };
			struct packet packet;
			size_t head = made_ip(&wires[outer], SIDE_CLIENT,
				wrapped.bytes, inner ? 62 : 42);

			wrapped.bytes[outer ? 6 : 9] = protocols[inner][outer];
			wrapped.len = head;
			add_ip(&wrapped, inner);
			packet = parse(101, &wrapped, wrapped.len, NULL);
			check_segment(&packet, inner);
			assert_true(packet.is_tunnelled);
		}
}

/* A packet in a packet in a packet: there is an end to it. */
static void tunnels_in_tunnels_have_a_limit(void **state)
{
	static const struct made_wire wire = { .is_v6 = false };
	struct wrapped wrapped = { .len = 0 };
	struct packet packet;

	(void)state;
	for (size_t i = 0; i < 12; i++) {
		made_ip(&wire, SIDE_CLIENT, wrapped.bytes + wrapped.len,
			(12 - i) * 20 - 20 + 42);
		wrapped.bytes[wrapped.len + 9] = 4;
		wrapped.len += 20;
	}
	add_ip(&wrapped, false);
	packet = parse(101, &wrapped, wrapped.len, NULL);
	assert_int_equal(packet.kind, PACKET_OTHER);
}

/* A network card would have set it right, behind the capture. */
static void a_wrong_checksum_is_believed(void **state)
{
	struct wrapped wrapped = { .len = 0 };
	struct packet packet;

	(void)state;
	add_ip(&wrapped, true);
	wrapped.bytes[wrapped.len - 1] ^= 1;
	packet = parse(101, &wrapped, wrapped.len, NULL);
	assert_int_equal(packet.kind, PACKET_TCP);
	assert_int_equal(packet.payload.len, packet.payload_len);
}

/* ---- fragments */

/* The octets [from, from + len) of the TCP of a packet as a fragment. */
static void add_fragment(struct wrapped *wrapped, bool is_v6, size_t from,
	size_t len, bool is_last)
{
	struct wrapped whole = { .len = 0 };
	struct made_wire wire = made_wire_new(is_v6);
	size_t head = is_v6 ? 40 : 20;

	add_ip(&whole, is_v6);
	wrapped->len = made_ip(
		&wire, SIDE_CLIENT, wrapped->bytes, len + (is_v6 ? 8 : 0));
	if (is_v6) {
		wrapped->bytes[6] = 44;
		add(wrapped, "\6\0\0\0\0\0\0\7", 8);
		made_put16(wrapped->bytes + 42, (uint32_t)from | !is_last);
	} else {
		made_put16(wrapped->bytes + 4, 7);
		made_put16(wrapped->bytes + 6,
			(uint32_t)from / 8 | (is_last ? 0 : 0x2000));
	}
	add(wrapped, (const char *)whole.bytes + head + from, len);
}

static void fragments_in_any_order_make_a_segment(void **state)
{
	static const size_t orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 },
		{ 1, 0, 2 }, { 2, 0, 1 } };

	(void)state;
	for (int is_v6 = 0; is_v6 < 2; is_v6++)
		for (size_t i = 0; i < COUNT_OF(orders); i++) {
			struct fragments *fragments = fragments_open();
			struct packet packet = { .kind = PACKET_OTHER };

			for (size_t k = 0; k < 3; k++) {
				size_t at = orders[i][k];
				struct wrapped piece;

				add_fragment(&piece, is_v6, at * 8,
					at == 2 ? 6 : 8, at == 2);
				packet = parse(
					101, &piece, piece.len, fragments);
				if (k < 2)
					assert_int_equal(
						packet.kind, PACKET_FRAGMENT);
			}
			check_segment(&packet, is_v6);
			assert_true(packet.was_fragmented);
			assert_false(packet.fragments_differ);
			fragments_close(fragments);
		}
}

static void fragments_that_differ_are_told_and_the_first_wins(void **state)
{
	struct fragments *fragments = fragments_open();
	struct wrapped piece;
	struct packet packet;

	(void)state;
	add_fragment(&piece, true, 16, 6, true);
	parse(101, &piece, piece.len, fragments);
	piece.bytes[piece.len - 1] ^= 1;
	parse(101, &piece, piece.len, fragments);
	add_fragment(&piece, true, 0, 16, false);
	packet = parse(101, &piece, piece.len, fragments);
	check_segment(&packet, true);
	assert_true(packet.fragments_differ);
	fragments_close(fragments);
}

static void fragments_that_never_end_are_bounded(void **state)
{
	struct fragments *fragments = fragments_open();
	static char octets[8192];
	struct span whole;
	bool differ;

	(void)state;
	for (uint32_t i = 0; i < 5000; i++) {
		struct fragment fragment = { .id = i,
			.protocol = 6,
			.offset = i % 7 * 8192,
			.bytes = { octets, sizeof(octets) } };

		assert_false(
			fragments_add(fragments, &fragment, &whole, &differ));
	}
	assert_true(fragments_lost(fragments) > 4000);
	fragments_close(fragments);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_segment_is_found_in_every_wrapping),
		cmocka_unit_test(a_cut_packet_is_broken_or_shorter),
		cmocka_unit_test(tunnels_are_followed_and_told),
		cmocka_unit_test(tunnels_in_tunnels_have_a_limit),
		cmocka_unit_test(a_wrong_checksum_is_believed),
		cmocka_unit_test(fragments_in_any_order_make_a_segment),
		cmocka_unit_test(
			fragments_that_differ_are_told_and_the_first_wins),
		cmocka_unit_test(fragments_that_never_end_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
