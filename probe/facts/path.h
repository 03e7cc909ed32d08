#ifndef MXP_PATH_H
#define MXP_PATH_H

#include "probe/base/ip.h"
#include "probe/policy/dane.h"
#include "probe/policy/mta_sts.h"
#include "probe/tls/tlsa.h"

/*
 * A path is one way to one mail exchanger: this host, this address, this
 * family.  Every address of every exchanger becomes one; `left_out` says why
 * a path is not walked, and is empty when it is.
 */
struct path {
	struct span domain;             /* the domain asked for, A-labels */
	struct span host;               /* the exchanger's name, A-labels; an
					   address literal's text if it has no
					   name */
	unsigned preference;            /* of its MX record; 0 for implicit MX,
					   a given server or a literal */
	enum family family;
	struct ip remote;
	uint16_t port;
	bool secure;                    /* MX and address both came with AD */
	const struct dane *dane;        /* NULL: not asked, as for a path that is
					   left out or never comes to TLS */
	const struct tlsa_set *tlsa;    /* its binding records; NULL: none */
	const struct mta_sts *sts;      /* NULL: not asked */
	struct span left_out;
};

/*
 * An IPv4 address in the form of an IPv6 one (RFC 4291 section 2.5.5.2).  The
 * kernel goes there over IPv4: it is no way over IPv6, whatever the DNS says.
 */
static inline bool path_is_mapped(const struct path *path)
{
	static const unsigned char prefix[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0xff, 0xff };

	return path->family == FAMILY_IPV6 &&
	       memcmp(path->remote.bytes, prefix, sizeof(prefix)) == 0;
}

#endif
