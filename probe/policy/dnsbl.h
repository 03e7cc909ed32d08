#ifndef MXP_DNSBL_H
#define MXP_DNSBL_H

#include "probe/base/ip.h"
#include "probe/dns/answers.h"

/*
 * Is an address on a DNS block list?  RFC 5782: the address reversed, octet by
 * octet or nibble by nibble, below the list's zone; an A record means listed,
 * its last octets say why, a TXT record beside it says it in words.
 *
 * No zone is asked by default.  The large lists answer only to those whose
 * terms of use they fit, refuse to answer public resolvers, and count queries;
 * a program that asked them unbidden would have its user refused as well.
 */
enum { DNSBL_CODES_MAX = 16, DNSBL_REASONS_MAX = 4 };

enum dnsbl {
	DNSBL_OPEN,
	DNSBL_LISTED,
	DNSBL_NOT_LISTED,
	DNSBL_REFUSED,          /* 127.255.255.0/24: the list does not answer
				   us; a public resolver, or too many queries */
	DNSBL_BROKEN,           /* an answer that RFC 5782 does not know, or no
				   entry to test by: the zone lists the world,
				   or is no list */
	DNSBL_UNKNOWN,          /* the lookup failed */
};

struct dnsbl_query {
	struct ip ip;
	struct span zone;
	bool is_prefix;         /* IPv6: ask for the /64 (16 nibbles) too, as
				   some lists are kept; no effect on IPv4 */
};

struct dnsbl_check {
	enum dnsbl state;
	struct span name;       /* what was asked, and answered like that */
	bool is_prefix;         /* it was the name of the /64 */
	struct span codes[DNSBL_CODES_MAX];     /* "127.0.0.2" */
	size_t code_count;
	struct span reasons[DNSBL_REASONS_MAX]; /* TXT, foreign bytes */
	size_t reason_count;
	struct span why;        /* one sentence, unless NOT_LISTED */
};

/* "1.2.0.192.zone"; with is_prefix only the first 64 bits of IPv6. */
struct span dnsbl_name(struct arena *arena, const struct dnsbl_query *query,
	bool is_prefix);

enum dnsbl dnsbl_check(struct arena *arena, struct answers *answers,
	const struct dnsbl_query *query, struct dnsbl_check *check);

const char *dnsbl_word(enum dnsbl state);       /* "listed", ... */

#endif
