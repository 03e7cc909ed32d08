#include "pcap/packet.h"

#include "pcap/fragments.h"
#include "pcap/packet_icmp.h"
#include "pcap/packet_link.h"

/*
 * A packet is taken apart from the outside: each layer function gets what is
 * left and either ends with a kind or hands on to the layer inside.  Lengths
 * are the IP header's: what Ethernet padded to 60 octets is not payload.  An IP
 * length of 0 is a segment that the card was still to cut (TSO): then all that
 * was captured counts.
 */
enum ip_protocol {
	IP_HOP_BY_HOP = 0,
	IP_ICMP = 1,
	IP_IN_IP = 4,
	IP_TCP = 6,
	IP_UDP = 17,
	IP_IPV6_IN_IP = 41,
	IP_ROUTING = 43,
	IP_FRAGMENT = 44,
	IP_GRE = 47,
	IP_AUTHENTICATION = 51,
	IP_ICMPV6 = 58,
	IP_NO_NEXT = 59,
	IP_DESTINATION = 60,
	IP_MOBILITY = 135,
	IP_HIP = 139,
	IP_SHIM6 = 140,
};

static void ip(struct layers *layers);

/* ---- TCP */

static void tcp_options(struct packet *packet, struct span options)
{
	while (options.len >= 2 && options.at[0] != 0) {
		const uint8_t *at = (const uint8_t *)options.at;
		size_t len = at[0] == 1 ? 1 : at[1];

		if (len == 0 || len > options.len || (at[0] != 1 && len < 2))
			return;
		if (at[0] == 2 && len == 4)
			packet->mss = octets_u16(at + 2);
		options = span_part(options, len, options.len);
	}
}

static void tcp_ports(struct layers *layers)
{
	const uint8_t *at = layers_octets(layers);
	struct packet *packet = layers->packet;

	packet->ends.from_port = (uint16_t)octets_u16(at);
	packet->ends.to_port = (uint16_t)octets_u16(at + 2);
	packet->seq = octets_u32(at + 4);
}

static void tcp(struct layers *layers)
{
	struct packet *packet = layers->packet;
	const uint8_t *at = layers_octets(layers);
	size_t header;

	if (layers->rest.len < 20) {
		layers_end(layers, PACKET_BROKEN);
		return;
	}
	header = (size_t)(at[12] >> 4) * 4;
	if (header < 20 || header > layers->wire_len) {
		layers_end(layers, PACKET_BROKEN);
		return;
	}
	tcp_ports(layers);
	packet->ack = octets_u32(at + 8);
	packet->flags = at[13] & 0x3f;
	packet->window = octets_u16(at + 14);
	if (packet->flags & TCP_SYN)
		tcp_options(packet, span_part(layers->rest, 20, header - 20));
	packet->payload = span_part(layers->rest, header, layers->rest.len);
	packet->payload_len = layers->wire_len - header;
	layers_end(layers, PACKET_TCP);
}

/* ---- UDP */

enum { DNS_PORT = 53 };

/* Ports u16, length u16 with this header, checksum u16 (RFC 768). */
static void udp(struct layers *layers)
{
	struct packet *packet = layers->packet;
	const uint8_t *at = layers_octets(layers);
	size_t len;

	layers_end(layers, PACKET_OTHER);
	if (layers->rest.len < 8 ||
		(octets_u16(at) != DNS_PORT && octets_u16(at + 2) != DNS_PORT))
		return;
	len = octets_u16(at + 4);
	if (len < 8 || len > layers->wire_len)
		return;
	packet->ends.from_port = (uint16_t)octets_u16(at);
	packet->ends.to_port = (uint16_t)octets_u16(at + 2);
	packet->payload = span_part(layers->rest, 8, len);
	packet->payload_len = len - 8;
	layers_end(layers, PACKET_DNS);
}

/* ---- ICMP errors */

/* The segment quoted: eight octets of it are enough (RFC 792). */
static void quoted_tcp(struct layers *layers)
{
	if (layers->rest.len < 8) {
		layers_end(layers, PACKET_OTHER);
		return;
	}
	tcp_ports(layers);
	layers_end(layers, PACKET_ICMP);
}

/* ---- IP */

static void gre(struct layers *layers)
{
	const uint8_t *at = layers_octets(layers);
	size_t len = 4;
	unsigned type;

	if (layers->rest.len < 4 || (at[1] & 7) != 0) {
		layers_end(layers, PACKET_OTHER);
		return;
	}
	type = octets_u16(at + 2);
	len += (at[0] & 0x80 ? 4u : 0) + (at[0] & 0x20 ? 4u : 0) +
	       (at[0] & 0x10 ? 4u : 0);
	if (!layers_drop(layers, len)) {
		layers_end(layers, PACKET_BROKEN);
		return;
	}
	if (packet_ether_open(layers, type))
		ip(layers);
}

static void by_protocol(struct layers *layers)
{
	switch (layers->protocol) {
	case IP_TCP:
		if (layers->is_quoted)
			quoted_tcp(layers);
		else
			tcp(layers);
		return;
	case IP_UDP:
		if (layers->is_quoted)
			break;
		udp(layers);
		return;
	case IP_ICMP:
	case IP_ICMPV6:
		if (packet_icmp_open(layers, layers->protocol == IP_ICMPV6))
			ip(layers);
		return;
	case IP_IN_IP:
	case IP_IPV6_IN_IP:
	case IP_GRE:
		if (layers->is_quoted || !layers_enter_tunnel(layers))
			break;
		if (layers->protocol == IP_GRE)
			gre(layers);
		else
			ip(layers);
		return;
	}
	layers_end(layers, PACKET_OTHER);
}

/* A piece of a datagram: goes on when it was the missing one. */
static void take_fragment(
	struct layers *layers, uint32_t id, size_t offset, bool is_last)
{
	struct fragment fragment = {
		.ends = layers->packet->ends,
		.id = id,
		.protocol = layers->protocol,
		.offset = offset,
		.is_last = is_last,
		.bytes = layers->rest,
	};
	struct span whole;
	bool differ = false;

	layers_end(layers, PACKET_FRAGMENT);
	if (layers->is_quoted) {
		if (offset == 0)
			by_protocol(layers);
		return;
	}
	if (!layers->fragments || layers->rest.len < layers->wire_len ||
		!fragments_add(layers->fragments, &fragment, &whole, &differ))
		return;
	layers->packet->was_fragmented = true;
	layers->packet->fragments_differ = differ;
	layers->rest = whole;
	layers->wire_len = whole.len;
}

/*
 * Cuts what is behind the datagram, and knows what of it was not captured.  A
 * quoted packet is nearly always shorter than it says.
 */
static bool set_length(struct layers *layers, size_t total)
{
	if (total == 0)
		total = layers->wire_len;
	if (total > layers->wire_len && !layers->is_quoted &&
		layers->wire_len > 0)
		return false;
	layers->wire_len = total;
	if (layers->rest.len > total)
		layers->rest.len = total;
	return true;
}

static void begin_ends(struct layers *layers, enum family family,
	const uint8_t *from, size_t len)
{
	struct ends *ends = &layers->packet->ends;

	memset(ends, 0, sizeof(*ends));
	ends->family = family;
	memcpy(ends->from, from, len);
	memcpy(ends->to, from + len, len);
}

static void ipv4(struct layers *layers)
{
	const uint8_t *at = layers_octets(layers);
	size_t header, offset;
	unsigned flags;

	if (layers->rest.len < 20) {
		layers_end(layers, PACKET_BROKEN);
		return;
	}
	header = (size_t)(at[0] & 15) * 4;
	if (header < 20 || !set_length(layers, octets_u16(at + 2)) ||
		header > layers->wire_len || header > layers->rest.len) {
		layers_end(layers, PACKET_BROKEN);
		return;
	}
	begin_ends(layers, FAMILY_IPV4, at + 12, 4);
	layers->protocol = at[9];
	layers->packet->hops = at[8];
	flags = octets_u16(at + 6);
	offset = (size_t)(flags & 0x1fff) * 8;
	layers_drop(layers, header);
	if (flags & 0x3fff) {
		take_fragment(
			layers, octets_u16(at + 4), offset, !(flags & 0x2000));
		if (!layers->packet->was_fragmented)
			return;
	}
	by_protocol(layers);
}

static bool is_extension(uint8_t protocol)
{
	switch (protocol) {
	case IP_HOP_BY_HOP:
	case IP_ROUTING:
	case IP_DESTINATION:
	case IP_AUTHENTICATION:
	case IP_MOBILITY:
	case IP_HIP:
	case IP_SHIM6:
		return true;
	}
	return false;
}

/* next u8, length u8 in units of 8 octets beyond the first, AH's in units of 4
 * beyond two (RFC 8200 section 4, RFC 4302 section 2.2). */
static bool drop_extension(struct layers *layers)
{
	const uint8_t *at = layers_octets(layers);
	size_t len;

	if (layers->rest.len < 8)
		return false;
	len = layers->protocol == IP_AUTHENTICATION ? ((size_t)at[1] + 2) * 4
						    : ((size_t)at[1] + 1) * 8;
	layers->protocol = at[0];
	return layers_drop(layers, len);
}

/* next u8, reserved u8, offset and flags u16, id u32.  True: go on inside. */
static bool drop_fragment_header(struct layers *layers)
{
	const uint8_t *at = layers_octets(layers);
	unsigned word;

	if (layers->rest.len < 8) {
		layers_end(layers, PACKET_BROKEN);
		return false;
	}
	word = octets_u16(at + 2);
	layers->protocol = at[0];
	layers_drop(layers, 8);
	if (!(word & 0xfff9)) /* an atomic fragment, RFC 6946 */
		return true;
	take_fragment(layers, octets_u32(at + 4), word & 0xfff8, !(word & 1));
	return layers->packet->was_fragmented;
}

static void ipv6_payload(struct layers *layers)
{
	bool was_put_together = false;

	for (int i = 0; i < PACKET_EXTENSIONS_MAX; i++) {
		if (layers->protocol == IP_FRAGMENT && !was_put_together) {
			if (!drop_fragment_header(layers))
				return;
			was_put_together = true;
		} else if (is_extension(layers->protocol)) {
			if (!drop_extension(layers)) {
				layers_end(layers, PACKET_BROKEN);
				return;
			}
		} else {
			by_protocol(layers);
			return;
		}
	}
	layers_end(layers, PACKET_BROKEN);
}

static void ipv6(struct layers *layers)
{
	const uint8_t *at = layers_octets(layers);
	size_t len;

	if (layers->rest.len < 40) {
		layers_end(layers, PACKET_BROKEN);
		return;
	}
	len = octets_u16(at + 4);
	if (!set_length(layers, len ? len + 40 : 0)) {
		layers_end(layers, PACKET_BROKEN);
		return;
	}
	begin_ends(layers, FAMILY_IPV6, at + 8, 16);
	layers->protocol = at[6];
	layers->packet->hops = at[7];
	layers_drop(layers, 40);
	ipv6_payload(layers);
}

static void ip(struct layers *layers)
{
	unsigned version = layers->rest.len ? layers_octets(layers)[0] >> 4 : 0;

	if (version == 4)
		ipv4(layers);
	else if (version == 6)
		ipv6(layers);
	else
		layers_end(layers,
			layers->rest.len ? PACKET_OTHER : PACKET_BROKEN);
}

void packet_parse(struct packet *packet, const struct captured_packet *captured,
	struct fragments *fragments)
{
	struct layers layers = {
		.packet = packet,
		.fragments = fragments,
		.rest = captured->bytes,
		.wire_len = captured->original_len,
	};

	*packet = (struct packet){ .kind = PACKET_OTHER };
	if (packet_link_open(&layers, captured->link_type))
		ip(&layers);
}

bool packet_may_be_tcp(const struct packet *packet)
{
	switch (packet->kind) {
	case PACKET_TCP:
	case PACKET_ICMP:
	case PACKET_FRAGMENT:
		return true;
	case PACKET_DNS:
	case PACKET_OTHER:
	case PACKET_BROKEN:
	case PACKET_STRANGE:
		break;
	}
	return false;
}
