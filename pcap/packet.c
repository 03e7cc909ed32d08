#include "pcap/packet.h"

#include "pcap/fragments.h"

/*
 * A packet is taken apart from the outside: each layer function gets what is
 * left and either ends with a kind or hands on to the layer inside.  Lengths
 * are the IP header's: what Ethernet padded to 60 octets is not payload.  An IP
 * length of 0 is a segment that the card was still to cut (TSO): then all that
 * was captured counts.
 */
enum ether_type {
	ETHER_IPV4 = 0x0800,
	ETHER_IPV6 = 0x86dd,
	ETHER_VLAN = 0x8100,
	ETHER_QINQ = 0x88a8,
	ETHER_QINQ_OLD = 0x9100,
	ETHER_PPPOE = 0x8864,
	ETHER_MPLS = 0x8847,
	ETHER_MPLS_UP = 0x8848,
	ETHER_BRIDGED = 0x6558, /* Ethernet in GRE */
};

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

/* Packets as they are taken apart. */
struct layers {
	struct packet *packet;
	struct fragments *fragments;
	struct span rest; /* captured and not looked at yet */
	size_t wire_len;  /* of it on the wire */
	unsigned tunnels;
	uint8_t protocol;    /* of the IP payload */
	bool is_quoted;      /* inside an ICMP error */
};

static const uint8_t *octets(const struct layers *layers)
{
	return (const uint8_t *)layers->rest.at;
}

static unsigned u16(const uint8_t *at)
{
	return (unsigned)(at[0] << 8 | at[1]);
}

static uint32_t u32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

/* Drops a header; false when it is not all there. */
static bool drop(struct layers *layers, size_t len)
{
	if (layers->rest.len < len)
		return false;
	layers->rest.at += len;
	layers->rest.len -= len;
	layers->wire_len -= layers->wire_len < len ? layers->wire_len : len;
	return true;
}

static void by_ether_type(struct layers *layers, unsigned type);
static void ip(struct layers *layers);

static void end(struct layers *layers, enum packet_kind kind)
{
	layers->packet->kind = kind;
}

/* ---- TCP */

static void tcp_options(struct packet *packet, struct span options)
{
	while (options.len >= 2 && options.at[0] != 0) {
		const uint8_t *at = (const uint8_t *)options.at;
		size_t len = at[0] == 1 ? 1 : at[1];

		if (len == 0 || len > options.len || (at[0] != 1 && len < 2))
			return;
		if (at[0] == 2 && len == 4)
			packet->mss = u16(at + 2);
		options = span_part(options, len, options.len);
	}
}

static void tcp_ports(struct layers *layers)
{
	const uint8_t *at = octets(layers);
	struct packet *packet = layers->packet;

	packet->ends.from_port = (uint16_t)u16(at);
	packet->ends.to_port = (uint16_t)u16(at + 2);
	packet->seq = u32(at + 4);
}

static void tcp(struct layers *layers)
{
	struct packet *packet = layers->packet;
	const uint8_t *at = octets(layers);
	size_t header;

	if (layers->rest.len < 20) {
		end(layers, PACKET_BROKEN);
		return;
	}
	header = (size_t)(at[12] >> 4) * 4;
	if (header < 20 || header > layers->wire_len) {
		end(layers, PACKET_BROKEN);
		return;
	}
	tcp_ports(layers);
	packet->ack = u32(at + 8);
	packet->flags = at[13] & 0x3f;
	packet->window = u16(at + 14);
	if (packet->flags & TCP_SYN)
		tcp_options(packet, span_part(layers->rest, 20, header - 20));
	packet->payload = span_part(layers->rest, header, layers->rest.len);
	packet->payload_len = layers->wire_len - header;
	end(layers, PACKET_TCP);
}

/* ---- UDP */

enum { DNS_PORT = 53 };

/* Ports u16, length u16 with this header, checksum u16 (RFC 768). */
static void udp(struct layers *layers)
{
	struct packet *packet = layers->packet;
	const uint8_t *at = octets(layers);
	size_t len;

	end(layers, PACKET_OTHER);
	if (layers->rest.len < 8 ||
		(u16(at) != DNS_PORT && u16(at + 2) != DNS_PORT))
		return;
	len = u16(at + 4);
	if (len < 8 || len > layers->wire_len)
		return;
	packet->ends.from_port = (uint16_t)u16(at);
	packet->ends.to_port = (uint16_t)u16(at + 2);
	packet->payload = span_part(layers->rest, 8, len);
	packet->payload_len = len - 8;
	end(layers, PACKET_DNS);
}

/* ---- ICMP errors */

/* The segment quoted: eight octets of it are enough (RFC 792). */
static void quoted_tcp(struct layers *layers)
{
	if (layers->rest.len < 8) {
		end(layers, PACKET_OTHER);
		return;
	}
	tcp_ports(layers);
	end(layers, PACKET_ICMP);
}

static bool is_error(unsigned type, bool is_v6)
{
	if (is_v6)
		return type >= 1 && type <= 4;
	return type == 3 || type == 11 || type == 12;
}

/*
 *      type u8, code u8, checksum u16, unused or MTU u32, the packet quoted
 *
 * The MTU of ICMP has the lower half of the word (RFC 1191), of ICMPv6 all of
 * it.
 */
static void icmp(struct layers *layers, bool is_v6)
{
	struct packet *packet = layers->packet;
	const uint8_t *at = octets(layers);

	if (layers->is_quoted || layers->rest.len < 8 ||
		!is_error(at[0], is_v6)) {
		end(layers, PACKET_OTHER);
		return;
	}
	packet->icmp.type = at[0];
	packet->icmp.code = at[1];
	packet->icmp.offender = ends_ip(&packet->ends, true);
	if (is_v6 ? at[0] == 2 : at[0] == 3 && at[1] == 4)
		packet->icmp.mtu = is_v6 ? u32(at + 4) : u16(at + 6);
	drop(layers, 8);
	layers->is_quoted = true;
	ip(layers);
}

/* ---- IP */

static void gre(struct layers *layers)
{
	const uint8_t *at = octets(layers);
	size_t len = 4;
	unsigned type;

	if (layers->rest.len < 4 || (at[1] & 7) != 0) {
		end(layers, PACKET_OTHER);
		return;
	}
	type = u16(at + 2);
	len += (at[0] & 0x80 ? 4u : 0) + (at[0] & 0x20 ? 4u : 0) +
	       (at[0] & 0x10 ? 4u : 0);
	if (!drop(layers, len)) {
		end(layers, PACKET_BROKEN);
		return;
	}
	by_ether_type(layers, type);
}

static bool may_enter_tunnel(struct layers *layers)
{
	layers->packet->is_tunnelled = true;
	return ++layers->tunnels <= PACKET_TUNNELS_MAX;
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
		icmp(layers, false);
		return;
	case IP_ICMPV6:
		icmp(layers, true);
		return;
	case IP_IN_IP:
	case IP_IPV6_IN_IP:
	case IP_GRE:
		if (layers->is_quoted || !may_enter_tunnel(layers))
			break;
		if (layers->protocol == IP_GRE)
			gre(layers);
		else
			ip(layers);
		return;
	}
	end(layers, PACKET_OTHER);
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

	end(layers, PACKET_FRAGMENT);
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
	const uint8_t *at = octets(layers);
	size_t header, offset;
	unsigned flags;

	if (layers->rest.len < 20) {
		end(layers, PACKET_BROKEN);
		return;
	}
	header = (size_t)(at[0] & 15) * 4;
	if (header < 20 || !set_length(layers, u16(at + 2)) ||
		header > layers->wire_len || header > layers->rest.len) {
		end(layers, PACKET_BROKEN);
		return;
	}
	begin_ends(layers, FAMILY_IPV4, at + 12, 4);
	layers->protocol = at[9];
	layers->packet->hops = at[8];
	flags = u16(at + 6);
	offset = (size_t)(flags & 0x1fff) * 8;
	drop(layers, header);
	if (flags & 0x3fff) {
		take_fragment(layers, u16(at + 4), offset, !(flags & 0x2000));
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
	const uint8_t *at = octets(layers);
	size_t len;

	if (layers->rest.len < 8)
		return false;
	len = layers->protocol == IP_AUTHENTICATION ? ((size_t)at[1] + 2) * 4
						    : ((size_t)at[1] + 1) * 8;
	layers->protocol = at[0];
	return drop(layers, len);
}

/* next u8, reserved u8, offset and flags u16, id u32.  True: go on inside. */
static bool drop_fragment_header(struct layers *layers)
{
	const uint8_t *at = octets(layers);
	unsigned word;

	if (layers->rest.len < 8) {
		end(layers, PACKET_BROKEN);
		return false;
	}
	word = u16(at + 2);
	layers->protocol = at[0];
	drop(layers, 8);
	if (!(word & 0xfff9)) /* an atomic fragment, RFC 6946 */
		return true;
	take_fragment(layers, u32(at + 4), word & 0xfff8, !(word & 1));
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
				end(layers, PACKET_BROKEN);
				return;
			}
		} else {
			by_protocol(layers);
			return;
		}
	}
	end(layers, PACKET_BROKEN);
}

static void ipv6(struct layers *layers)
{
	const uint8_t *at = octets(layers);
	size_t len;

	if (layers->rest.len < 40) {
		end(layers, PACKET_BROKEN);
		return;
	}
	len = u16(at + 4);
	if (!set_length(layers, len ? len + 40 : 0)) {
		end(layers, PACKET_BROKEN);
		return;
	}
	begin_ends(layers, FAMILY_IPV6, at + 8, 16);
	layers->protocol = at[6];
	layers->packet->hops = at[7];
	drop(layers, 40);
	ipv6_payload(layers);
}

static void ip(struct layers *layers)
{
	unsigned version = layers->rest.len ? octets(layers)[0] >> 4 : 0;

	if (version == 4)
		ipv4(layers);
	else if (version == 6)
		ipv6(layers);
	else
		end(layers, layers->rest.len ? PACKET_OTHER : PACKET_BROKEN);
}

/* ---- links */

static void ppp(struct layers *layers)
{
	const uint8_t *at = octets(layers);
	unsigned protocol;

	if (layers->rest.len >= 2 && at[0] == 0xff && at[1] == 3)
		drop(layers, 2);
	at = octets(layers);
	if (layers->rest.len < 2) {
		end(layers, PACKET_BROKEN);
		return;
	}
	protocol = at[0] & 1 ? at[0] : u16(at); /* RFC 1661: compressed */
	drop(layers, at[0] & 1 ? 1 : 2);
	if (protocol == 0x21 || protocol == 0x57)
		ip(layers);
	else
		end(layers, PACKET_OTHER);
}

/* Label, bottom bit and hops; what is inside shows by its first octet. */
static void mpls(struct layers *layers)
{
	bool is_bottom = false;

	layers->packet->is_tunnelled = true;
	while (!is_bottom) {
		if (layers->rest.len < 4) {
			end(layers, PACKET_BROKEN);
			return;
		}
		is_bottom = octets(layers)[2] & 1;
		drop(layers, 4);
	}
	ip(layers);
}

static void ethernet(struct layers *layers)
{
	unsigned type;

	if (layers->rest.len < 14) {
		end(layers, PACKET_BROKEN);
		return;
	}
	type = u16(octets(layers) + 12);
	drop(layers, 14);
	by_ether_type(layers, type);
}

static bool is_tag(unsigned type)
{
	return type == ETHER_VLAN || type == ETHER_QINQ ||
	       type == ETHER_QINQ_OLD;
}

static void by_ether_type(struct layers *layers, unsigned type)
{
	while (is_tag(type)) {
		if (layers->rest.len < 4) {
			end(layers, PACKET_BROKEN);
			return;
		}
		type = u16(octets(layers) + 2);
		drop(layers, 4);
	}
	switch (type) {
	case ETHER_IPV4:
	case ETHER_IPV6:
		ip(layers);
		return;
	case ETHER_PPPOE:
		if (drop(layers, 6))
			ppp(layers);
		else
			end(layers, PACKET_BROKEN);
		return;
	case ETHER_MPLS:
	case ETHER_MPLS_UP:
		mpls(layers);
		return;
	case ETHER_BRIDGED:
		if (may_enter_tunnel(layers)) {
			ethernet(layers);
			return;
		}
		break;
	}
	end(layers, PACKET_OTHER);
}

/* The address family of the host that captured, in its order of octets or
 * ours; 2 is IPv4 everywhere, the numbers for IPv6 are not. */
static void null_link(struct layers *layers)
{
	if (!drop(layers, 4))
		end(layers, PACKET_BROKEN);
	else
		ip(layers);
}

static void cooked(struct layers *layers, size_t type_at, size_t len)
{
	unsigned type;

	if (layers->rest.len < len) {
		end(layers, PACKET_BROKEN);
		return;
	}
	type = u16(octets(layers) + type_at);
	drop(layers, len);
	by_ether_type(layers, type);
}

/* Numbers of link types: those of files, and of the systems that had their own
 * for raw IP. */
enum link_type {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_PPP = 9,
	LINK_RAW_BSD = 12,
	LINK_RAW_OPENBSD = 14,
	LINK_PPP_HDLC = 50,
	LINK_PPPOE = 51,
	LINK_RAW = 101,
	LINK_LOOP = 108,
	LINK_SLL = 113,
	LINK_PPP_PPPD = 166,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_SLL2 = 276,
};

static void by_link_type(struct layers *layers, unsigned type)
{
	switch (type) {
	case LINK_ETHERNET:
		ethernet(layers);
		return;
	case LINK_NULL:
	case LINK_LOOP:
		null_link(layers);
		return;
	case LINK_PPP:
	case LINK_PPP_HDLC:
	case LINK_PPP_PPPD:
		ppp(layers);
		return;
	case LINK_PPPOE:
		if (drop(layers, 6))
			ppp(layers);
		else
			end(layers, PACKET_BROKEN);
		return;
	case LINK_RAW:
	case LINK_RAW_BSD:
	case LINK_RAW_OPENBSD:
	case LINK_IPV4:
	case LINK_IPV6:
		ip(layers);
		return;
	case LINK_SLL:
		cooked(layers, 14, 16);
		return;
	case LINK_SLL2:
		cooked(layers, 0, 20);
		return;
	}
	end(layers, PACKET_STRANGE);
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
	by_link_type(&layers, captured->link_type);
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
