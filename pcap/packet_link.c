#include "pcap/packet_link.h"

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

static bool ppp(struct layers *layers)
{
	const uint8_t *at = layers_octets(layers);
	unsigned protocol;

	if (layers->rest.len >= 2 && at[0] == 0xff && at[1] == 3)
		layers_drop(layers, 2);
	at = layers_octets(layers);
	if (layers->rest.len < 2)
		return layers_end(layers, PACKET_BROKEN);
	/* It may be compressed to one octet: RFC 1661 section 6.5. */
	protocol = at[0] & 1 ? at[0] : octets_u16(at);
	layers_drop(layers, at[0] & 1 ? 1 : 2);
	return protocol == 0x21 || protocol == 0x57 ||
	       layers_end(layers, PACKET_OTHER);
}

static bool pppoe(struct layers *layers)
{
	if (!layers_drop(layers, 6))
		return layers_end(layers, PACKET_BROKEN);
	return ppp(layers);
}

/* Label, bottom bit and hops; what is inside shows by its first octet. */
static bool mpls(struct layers *layers)
{
	bool is_bottom = false;

	layers->packet->is_tunnelled = true;
	while (!is_bottom) {
		if (layers->rest.len < 4)
			return layers_end(layers, PACKET_BROKEN);
		is_bottom = layers_octets(layers)[2] & 1;
		layers_drop(layers, 4);
	}
	return true;
}

static bool ethernet(struct layers *layers)
{
	unsigned type;

	if (layers->rest.len < 14)
		return layers_end(layers, PACKET_BROKEN);
	type = octets_u16(layers_octets(layers) + 12);
	layers_drop(layers, 14);
	return packet_ether_open(layers, type);
}

static bool is_tag(unsigned type)
{
	return type == ETHER_VLAN || type == ETHER_QINQ ||
	       type == ETHER_QINQ_OLD;
}

bool packet_ether_open(struct layers *layers, unsigned type)
{
	while (is_tag(type)) {
		if (layers->rest.len < 4)
			return layers_end(layers, PACKET_BROKEN);
		type = octets_u16(layers_octets(layers) + 2);
		layers_drop(layers, 4);
	}
	switch (type) {
	case ETHER_IPV4:
	case ETHER_IPV6:
		return true;
	case ETHER_PPPOE:
		return pppoe(layers);
	case ETHER_MPLS:
	case ETHER_MPLS_UP:
		return mpls(layers);
	case ETHER_BRIDGED:
		if (layers_enter_tunnel(layers))
			return ethernet(layers);
		break;
	}
	return layers_end(layers, PACKET_OTHER);
}

/* The address family of the host that captured, in its order of octets or
 * ours; 2 is IPv4 everywhere, the numbers for IPv6 are not. */
static bool null_link(struct layers *layers)
{
	return layers_drop(layers, 4) || layers_end(layers, PACKET_BROKEN);
}

static bool cooked(struct layers *layers, size_t type_at, size_t len)
{
	unsigned type;

	if (layers->rest.len < len)
		return layers_end(layers, PACKET_BROKEN);
	type = octets_u16(layers_octets(layers) + type_at);
	layers_drop(layers, len);
	return packet_ether_open(layers, type);
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

bool packet_link_open(struct layers *layers, unsigned type)
{
	switch (type) {
	case LINK_ETHERNET:
		return ethernet(layers);
	case LINK_NULL:
	case LINK_LOOP:
		return null_link(layers);
	case LINK_PPP:
	case LINK_PPP_HDLC:
	case LINK_PPP_PPPD:
		return ppp(layers);
	case LINK_PPPOE:
		return pppoe(layers);
	case LINK_RAW:
	case LINK_RAW_BSD:
	case LINK_RAW_OPENBSD:
	case LINK_IPV4:
	case LINK_IPV6:
		return true;
	case LINK_SLL:
		return cooked(layers, 14, 16);
	case LINK_SLL2:
		return cooked(layers, 0, 20);
	}
	return layers_end(layers, PACKET_STRANGE);
}
