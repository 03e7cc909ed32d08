#ifndef MXP_PACKET_LAYERS_H
#define MXP_PACKET_LAYERS_H

#include "pcap/packet.h"

/*
 * A packet while it is taken apart, from the outside: each layer gets what is
 * left, drops its header, and either ends with a kind or says what is inside.
 * It is made for every packet of a capture, so all of it is inline; the octets
 * are the capture's.
 */
struct layers {
	struct packet *packet;
	struct fragments *fragments;
	struct span rest;               /* captured and not looked at yet */
	size_t wire_len;                /* of it on the wire */
	unsigned tunnels;
	uint8_t protocol;               /* of the IP payload */
	bool is_quoted;                 /* inside an ICMP error */
};

static inline const uint8_t *layers_octets(const struct layers *layers)
{
	return (const uint8_t *)layers->rest.at;
}

static inline unsigned octets_u16(const uint8_t *at)
{
	return (unsigned)(at[0] << 8 | at[1]);
}

static inline uint32_t octets_u32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

/* Drops a header; false when it is not all there. */
static inline bool layers_drop(struct layers *layers, size_t len)
{
	if (layers->rest.len < len)
		return false;
	layers->rest.at += len;
	layers->rest.len -= len;
	layers->wire_len -= layers->wire_len < len ? layers->wire_len : len;
	return true;
}

/* Nothing inside is looked at.  Always false, for who is asked whether there
 * is more. */
static inline bool layers_end(struct layers *layers, enum packet_kind kind)
{
	layers->packet->kind = kind;
	return false;
}

/* False: they are too deep in each other. */
static inline bool layers_enter_tunnel(struct layers *layers)
{
	layers->packet->is_tunnelled = true;
	return ++layers->tunnels <= PACKET_TUNNELS_MAX;
}

#endif
