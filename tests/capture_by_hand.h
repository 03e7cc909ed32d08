#ifndef MXP_TESTS_CAPTURE_BY_HAND_H
#define MXP_TESTS_CAPTURE_BY_HAND_H

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pcap/checksum.h"
#include "pcap/stream.h"

/*
 * Captures made octet by octet: IP packets of one TCP connection in a pcap file
 * in memory.  Client 192.0.2.1:40000 or 2001:db8::1, server 192.0.2.25:25 or
 * 2001:db8::25.
 */
struct made_file {
	uint8_t *bytes;
	size_t len, room;
	int64_t now_us;
};

struct made_wire {
	bool is_v6;
	uint16_t client_port, server_port;
	uint32_t seq[2];        /* of the next octet of either side */
	uint32_t sent[2];       /* octets that went to the other side */
};

static inline void made_add(struct made_file *file, const void *bytes,
	size_t len)
{
	if (file->len + len > file->room) {
		file->room = (file->len + len) * 2 + 4096;
		file->bytes = realloc(file->bytes, file->room);
		assert(file->bytes);
	}
	if (len)
		memcpy(file->bytes + file->len, bytes, len);
	file->len += len;
}

static inline void made_u32(struct made_file *file, uint32_t value)
{
	made_add(file, &value, 4);
}

/* A little-endian pcap with microseconds. */
static inline void made_begin(struct made_file *file, uint32_t link_type)
{
	*file = (struct made_file){ .now_us = 1700000000000000 };
	made_u32(file, 0xa1b2c3d4);
	made_u32(file, 0x00040002);
	made_u32(file, 0);
	made_u32(file, 0);
	made_u32(file, 65535);
	made_u32(file, link_type);
}

static inline void made_packet(struct made_file *file, const uint8_t *bytes,
	size_t len)
{
	file->now_us += 1000;
	made_u32(file, (uint32_t)(file->now_us / 1000000));
	made_u32(file, (uint32_t)(file->now_us % 1000000));
	made_u32(file, (uint32_t)len);
	made_u32(file, (uint32_t)len);
	made_add(file, bytes, len);
}

static inline void made_put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void made_put32(uint8_t *at, uint32_t value)
{
	made_put16(at, value >> 16);
	made_put16(at + 2, value);
}

static inline struct made_wire made_wire_new(bool is_v6)
{
	return (struct made_wire){ .is_v6 = is_v6,
		.client_port = 40000,
		.server_port = 25,
		.seq = { 1000, 900000 } };
}

/* The IP header for so many octets of TCP; its length. */
static inline size_t made_ip(const struct made_wire *wire, enum side from,
	uint8_t *at, size_t tcp_len)
{
	static const uint8_t v4[2][4] = { { 192, 0, 2, 1 },
		{ 192, 0, 2, 25 } };
	static const uint8_t v6[2][16] = { { 0x20, 1, 0xd, 0xb8, [15] = 1 },
		{ 0x20, 1, 0xd, 0xb8, [15] = 0x25 } };

	if (wire->is_v6) {
		memset(at, 0, 40);
		at[0] = 0x60;
		made_put16(at + 4, (uint32_t)tcp_len);
		at[6] = 6;
		at[7] = 64;
		memcpy(at + 8, v6[from], 16);
		memcpy(at + 24, v6[!from], 16);
		return 40;
	}
	memset(at, 0, 20);
	at[0] = 0x45;
	made_put16(at + 2, (uint32_t)(20 + tcp_len));
	at[8] = 64;
	at[9] = 6;
	memcpy(at + 12, v4[from], 4);
	memcpy(at + 16, v4[!from], 4);
	return 20;
}

/* A segment at any place of the stream; *len is that of the IP packet. */
static inline void made_segment_at(const struct made_wire *wire,
	enum side from, unsigned flags, uint32_t seq, uint32_t ack,
	struct span payload, uint8_t *room, size_t *len)
{
	size_t tcp_len = 20 + payload.len;
	size_t ip_len = made_ip(wire, from, room, tcp_len);
	uint8_t *tcp = room + ip_len;
	uint64_t sum;

	memset(tcp, 0, 20);
	made_put16(tcp, from == SIDE_CLIENT ? wire->client_port :
					      wire->server_port);
	made_put16(tcp + 2, from == SIDE_CLIENT ? wire->server_port :
						  wire->client_port);
	made_put32(tcp + 4, seq);
	made_put32(tcp + 8, ack);
	tcp[12] = 0x50;
	tcp[13] = (uint8_t)flags;
	made_put16(tcp + 14, 60000);
	if (payload.len)
		memcpy(tcp + 20, payload.at, payload.len);
	sum = checksum_add(6 + tcp_len,
		(struct span){ (const char *)room + (wire->is_v6 ? 8 : 12),
			wire->is_v6 ? 32 : 8 });
	sum = checksum_add(sum, (struct span){ (const char *)tcp, tcp_len });
	made_put16(tcp + 16, (uint16_t)~checksum_fold(sum));
	*len = ip_len + tcp_len;
}

/* The next segment of a side, as it should be. */
static inline void made_segment(struct made_file *file,
	struct made_wire *wire, enum side from, unsigned flags,
	struct span payload)
{
	static uint8_t room[70000];
	size_t len;

	made_segment_at(wire, from, flags, wire->seq[from],
		flags & TCP_ACK ? wire->seq[!from] : 0, payload, room, &len);
	made_packet(file, room, len);
	wire->seq[from] += (uint32_t)payload.len +
			   ((flags & (TCP_SYN | TCP_FIN)) != 0);
}

static inline void made_say(struct made_file *file, struct made_wire *wire,
	enum side from, const char *text)
{
	made_segment(file, wire, from, TCP_ACK | TCP_PSH, span_of(text));
}

static inline void made_open(struct made_file *file, struct made_wire *wire)
{
	made_segment(file, wire, SIDE_CLIENT, TCP_SYN, SPAN(""));
	made_segment(file, wire, SIDE_SERVER, TCP_SYN | TCP_ACK, SPAN(""));
	made_segment(file, wire, SIDE_CLIENT, TCP_ACK, SPAN(""));
}

static inline void made_close(struct made_file *file, struct made_wire *wire)
{
	made_segment(file, wire, SIDE_CLIENT, TCP_FIN | TCP_ACK, SPAN(""));
	made_segment(file, wire, SIDE_SERVER, TCP_FIN | TCP_ACK, SPAN(""));
	made_segment(file, wire, SIDE_CLIENT, TCP_ACK, SPAN(""));
}

static inline struct span made_span(const struct made_file *file)
{
	return (struct span){ (const char *)file->bytes, file->len };
}

static inline void made_free(struct made_file *file)
{
	free(file->bytes);
	file->bytes = NULL;
}

enum { MADE_RAW = 101, MADE_ETHERNET = 1 };

#endif
