#ifndef MXP_QUERY_H
#define MXP_QUERY_H

#include <stdint.h>

#include "probe/dns/answers.h"
#include "probe/dns/name.h"

/*
 * One question as a message: recursion is wished for, and AD is set, which
 * asks for the server's verdict on DNSSEC without its signatures (RFC 6840,
 * 5.7).  With EDNS (RFC 6891) an OPT record without options stands last.
 */
enum {
	QUERY_MAX = 12 + NAME_WIRE_MAX + 4 + 11,
	QUERY_UDP_MAX = 1232,   /* fits IPv6's least MTU: never fragmented */
};

/* The length; 0 when the name is not a normalised one. */
size_t query_print(uint8_t room[static QUERY_MAX], struct span name,
	enum rr_type type, uint16_t id, bool has_edns) MXP_MUST_USE;

#endif
