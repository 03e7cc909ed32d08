#ifndef MXP_FRAGMENTS_H
#define MXP_FRAGMENTS_H

#include "pcap/packet.h"

/*
 * Puts the fragments of IP datagrams together.  The first copy of an octet
 * wins; that a later one differs is told (RFC 5722 forbids overlap in IPv6, and
 * a receiver drops such a datagram: whoever reads the capture should know).
 * What is unfinished is bounded in number and octets; the oldest goes first.
 */
struct fragments;

enum {
	FRAGMENTS_MAX = 512,                    /* datagrams under way */
	FRAGMENTS_OCTETS_MAX = 4 * 1024 * 1024, /* of all of them */
	DATAGRAM_MAX = 65535,
};

struct fragment {
	struct ends ends;               /* ports are 0 */
	uint32_t id;
	uint8_t protocol;               /* behind the fragment header */
	size_t offset;                  /* octets */
	bool is_last;
	struct span bytes;
};

struct fragments *fragments_open(void);
void fragments_close(struct fragments *fragments);

/*
 * True when this fragment makes its datagram whole: *datagram is its payload,
 * until the next call; *differ: two copies of an octet were not the same.
 */
bool fragments_add(struct fragments *fragments,
	const struct fragment *fragment, struct span *datagram, bool *differ);

/* Datagrams that were given up because there were too many of them. */
uint64_t fragments_lost(const struct fragments *fragments);

#endif
