#ifndef MXP_IP_H
#define MXP_IP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "probe/base/arena.h"
#include "probe/base/span.h"

/*
 * An IP address with its family.  The two families are never mixed: an
 * IPv4-mapped IPv6 address (::ffff:192.0.2.1) stays an IPv6 address.
 */
enum family { FAMILY_IPV4, FAMILY_IPV6 };
enum { FAMILY_COUNT = 2, IP_TEXT_MAX = 46 };

struct ip {
	enum family family;
	uint8_t bytes[16];      /* network order; 4 of them for IPv4 */
};

/* What kind of place an address is in, as far as the address itself says. */
enum ip_kind {
	IP_GLOBAL,      /* documentation prefixes too: they act as global */
	IP_PRIVATE,     /* RFC 1918 */
	IP_SHARED,      /* 100.64.0.0/10, RFC 6598 */
	IP_LOOPBACK,
	IP_LINK_LOCAL,
	IP_ULA,         /* fc00::/7, RFC 4193 */
	IP_6TO4,        /* 2002::/16, RFC 3056 */
	IP_TEREDO,      /* 2001::/32, RFC 4380 */
	IP_MAPPED,      /* ::ffff:0:0/96, and 64:ff9b::/96 of NAT64 */
	IP_UNSPECIFIED,
	IP_MULTICAST,
	IP_RESERVED,    /* 0/8, 240/4, and IPv6 outside 2000::/3 */
};

const char *family_word(enum family family);    /* "IPv4", "IPv6" */
const char *ip_kind_word(enum ip_kind kind);    /* "global", "6to4", ... */

/* Plain text, no brackets, no zone; false when it is not an address. */
bool ip_parse(struct span text, struct ip *ip) MXP_MUST_USE;

/* RFC 5952 text into the caller's room; returns the room. */
const char *ip_print(const struct ip *ip, char room[static IP_TEXT_MAX]);
struct span ip_text(struct arena *arena, const struct ip *ip);

static inline bool ip_is(const struct ip *a, const struct ip *b)
{
	if (a->family != b->family)
		return false;
	return a->family == FAMILY_IPV4 ? memcmp(a->bytes, b->bytes, 4) == 0
					: memcmp(a->bytes, b->bytes, 16) == 0;
}

enum ip_kind ip_kind(const struct ip *ip);

/* Could the Internet reach it?  False for private, loopback and the like. */
bool ip_kind_is_public(enum ip_kind kind);

/* "25.2.0.192.in-addr.arpa", or nibbles under ip6.arpa. */
struct span ip_reverse_name(struct arena *arena, const struct ip *ip);

void ip_to_sockaddr(const struct ip *ip, uint16_t port,
	struct sockaddr_storage *address);
bool ip_from_sockaddr(const struct sockaddr *address, struct ip *ip,
	uint16_t *port);

#endif
