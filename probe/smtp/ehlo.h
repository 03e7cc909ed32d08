#ifndef MXP_EHLO_H
#define MXP_EHLO_H

#include "probe/base/ip.h"
#include "probe/smtp/reply.h"

/*
 * What an EHLO reply announces (RFC 5321 section 4.1.1.1): the name the server
 * gives itself, and one row per keyword, in the server's order, with whatever
 * stood behind it.  Unknown keywords are kept like known ones.
 */
struct ehlo_keyword {
	struct span word;               /* as written */
	struct span parameters;         /* trimmed, may be empty */
};

struct ehlo {
	struct span domain;             /* first word of the first line */
	struct span greeting;           /* the rest of the first line */
	const struct ehlo_keyword *keywords;
	size_t keyword_count;
	bool starttls, pipelining, smtputf8, eightbitmime, enhanced_codes,
		chunking;
	bool size;                      /* SIZE is announced ... */
	unsigned long long size_max;    /* ... with this many octets; 0: no
					   fixed limit, RFC 1870 */
	bool has_echo;                  /* an IP address in the greeting: what
					   the server takes us for */
	struct ip echo;
};

/* Never fails: what is not understood stays in the keywords as it came. */
void ehlo_parse(struct arena *arena, const struct reply *reply,
	struct ehlo *ehlo);

/* The row of a keyword, whatever its case; NULL when it is not announced. */
const struct ehlo_keyword *ehlo_find(const struct ehlo *ehlo,
	struct span word);

#endif
