#ifndef MXP_OWN_PREFIX_H
#define MXP_OWN_PREFIX_H

#include "probe/base/ip.h"

/* Addresses that the user calls his own: one, or a network. */
struct own_prefix {
	struct ip ip;
	unsigned bits;
};

struct own_prefixes {
	const struct own_prefix *at;
	size_t count;
};

/* "192.0.2.1", "192.0.2.0/24", "2001:db8::/32"; false: it is none. */
bool own_prefix_parse(struct span text, struct own_prefix *prefix)
	MXP_MUST_USE;

bool own_prefixes_have(const struct own_prefixes *prefixes,
	const struct ip *ip);

#endif
