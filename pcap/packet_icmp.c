#include "pcap/packet_icmp.h"

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
bool packet_icmp_open(struct layers *layers, bool is_v6)
{
	struct packet *packet = layers->packet;
	const uint8_t *at = layers_octets(layers);

	if (layers->is_quoted || layers->rest.len < 8 ||
		!is_error(at[0], is_v6))
		return layers_end(layers, PACKET_OTHER);
	packet->icmp.type = at[0];
	packet->icmp.code = at[1];
	packet->icmp.offender = ends_ip(&packet->ends, true);
	if (is_v6 ? at[0] == 2 : at[0] == 3 && at[1] == 4)
		packet->icmp.mtu = is_v6 ? octets_u32(at + 4)
					 : octets_u16(at + 6);
	layers_drop(layers, 8);
	layers->is_quoted = true;
	return true;
}
