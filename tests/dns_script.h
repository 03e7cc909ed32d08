#ifndef MXP_DNS_SCRIPT_H
#define MXP_DNS_SCRIPT_H

#include <uv.h>

#include "probe/dns/answers.h"

/*
 * A DNS server on loopback, UDP and TCP, that plays by a table.  The first
 * row for the name and type answers; without one it is NXDOMAIN.  A program
 * that uses it includes dns_script.c.
 */
struct dns_row {
	const char *name;       /* "*.example": every name below */
	enum rr_type type;      /* 0: every type */
	unsigned rcode;
	uint32_t ttl;           /* 0: 300 */
	const char *cname;      /* a CNAME to this stands first */
	const char *values[4];  /* in presentation form: A AAAA MX TXT PTR */
	unsigned copies;        /* of the values; 0: one */
	unsigned ede;           /* extended error, with EDNS only */
	const char *ede_text;
	bool is_secure;         /* AD, when AD was asked for */
	bool is_silent;
	bool is_garbage;
	bool has_wrong_id;
	bool has_empty_first;   /* a datagram of no bytes comes before */
	bool is_truncated;      /* over UDP */
	bool is_silent_over_tcp;
	bool hates_edns;        /* FORMERR to an OPT record */
};

struct dns_script {
	uv_udp_t udp;
	uv_tcp_t tcp;
	uint16_t port;
	char text[64];          /* "127.0.0.1:NNNNN", "[::1]:NNNNN" */
	const struct dns_row *rows;
	size_t row_count;
	size_t heard;           /* questions, over UDP and TCP */
	size_t heard_tcp;
	char room[65536];
};

/* False: the host has no such address. */
bool dns_script_open(struct dns_script *script, uv_loop_t *loop,
	const char *address, const struct dns_row *rows, size_t row_count);
void dns_script_close(struct dns_script *script);

/* Nobody listens there any more. */
void dns_script_close_tcp(struct dns_script *script);

#endif
