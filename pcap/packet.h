#ifndef MXP_PACKET_H
#define MXP_PACKET_H

#include "pcap/capture_file.h"

/*
 * What one captured packet carries, from its link layer up: a TCP segment, an
 * ICMP error that quotes one, or something that is not ours.  Link layers:
 * Ethernet, VLAN and QinQ, MPLS, PPPoE, PPP, Linux cooked v1 and v2, raw IP,
 * null and loopback.  IP inside IP and GRE is followed.  Fragments are put
 * together (pcap/fragments.h) and come out with the packet that completed them.
 *
 * A packet may have been captured in part: `payload` is what is there,
 * `payload_len` what was on the wire.  TCP checksums are not looked at: a host
 * that leaves them to its network card captures nothing but wrong ones.
 */
enum packet_kind {
	PACKET_TCP,
	PACKET_ICMP,            /* an error about a TCP segment */
	PACKET_DNS,             /* a datagram from or to port 53 */
	PACKET_OTHER,           /* another protocol */
	PACKET_FRAGMENT,        /* part of a datagram that is not whole yet */
	PACKET_BROKEN,          /* lengths that cannot be */
	PACKET_STRANGE,         /* a link layer that is not known here */
};

enum tcp_flag {
	TCP_FIN = 1,
	TCP_SYN = 2,
	TCP_RST = 4,
	TCP_PSH = 8,
	TCP_ACK = 16,
	TCP_URG = 32,
};

enum { PACKET_TUNNELS_MAX = 8, PACKET_EXTENSIONS_MAX = 16 };

/* Both ends of a connection as they stand in a packet. */
struct ends {
	uint8_t from[16], to[16];       /* IPv4: 4 octets, the others 0 */
	uint16_t from_port, to_port;
	enum family family;
};

struct packet {
	enum packet_kind kind;
	struct ends ends;
	bool is_tunnelled;              /* IP or GRE around it, or MPLS */
	bool was_fragmented;
	bool fragments_differ;          /* they overlapped with other content */

	/* PACKET_TCP */
	uint32_t seq, ack;
	unsigned flags;                 /* enum tcp_flag */
	uint32_t window;                /* as it stands, not scaled */
	unsigned mss;                   /* of a SYN; 0: not told */
	uint8_t hops;                   /* TTL or hop limit left */
	struct span payload;            /* of PACKET_DNS too */
	size_t payload_len;

	/* PACKET_ICMP: `ends` and `seq` are of the segment quoted */
	struct {
		unsigned type, code;
		unsigned mtu;           /* of "packet too big"; 0: not told */
		struct ip offender;     /* who sent it */
	} icmp;
};

struct fragments;

/* Lives as long as the caller's bytes, or until the next call if the packet
 * was fragmented.  `fragments` may be NULL: then none are put together. */
void packet_parse(struct packet *packet, const struct captured_packet *captured,
	struct fragments *fragments);

/* Of a TCP connection, or perhaps of one: a segment, an error about one, a
 * fragment. */
bool packet_may_be_tcp(const struct packet *packet);

static inline struct ip ends_ip(const struct ends *ends, bool is_from)
{
	struct ip ip = { .family = ends->family };

	memcpy(ip.bytes, is_from ? ends->from : ends->to,
		ends->family == FAMILY_IPV4 ? 4 : 16);
	return ip;
}

#endif
