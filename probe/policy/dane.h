#ifndef MXP_POLICY_DANE_H
#define MXP_POLICY_DANE_H

#include "probe/base/ip.h"
#include "probe/dns/answers.h"

/*
 * DANE for SMTP (RFC 7672), as far as the DNS goes: are there TLSA records
 * for this mail exchanger that bind a sender?  They do when DNSSEC vouches for
 * the whole way to them: the MX records, the exchanger's addresses, the TLSA
 * records (section 2.2).  What a certificate makes of them is told by
 * probe/tls/dane.h.
 *
 * TLSA is asked only where the way to it is secure, as section 2.2.2 wants:
 * too many servers of unsigned zones never answer such a question.  Who
 * insists, to learn of records that bind nobody, has it asked everywhere.
 */
enum dane_state {
	DANE_OPEN,              /* lookups are missing: settle, ask again */
	DANE_NONE,              /* no TLSA record */
	DANE_INSECURE,          /* not vouched for; .why: what is not */
	DANE_UNKNOWN,           /* the lookup failed: a sender that honours
				   DANE waits, RFC 7672 section 2.1.2 */
	DANE_BINDING,           /* records, and they are to be honoured */
};

enum { DANE_RECORDS_MAX = 32, DANE_NAMES_MAX = 3 };

struct dane_ask {
	struct span domain;             /* whose MX led here; empty: the host
					   was given, no MX was asked */
	struct span host;
	uint16_t port;
	enum family family;             /* whose address records count */
	bool insists;
};

struct dane {
	enum dane_state state;
	struct span base;               /* the TLSA base domain: the host, or
					   what it is an alias of */
	const struct span *records;     /* "3 1 1 hex"; also those that bind
					   nobody, if they were asked */
	size_t count;                   /* DANE_RECORDS_MAX at most */
	struct span names[DANE_NAMES_MAX];      /* reference identifiers, base
					   first: section 3.2.2 */
	size_t name_count;
	enum answer_kind failed;        /* DANE_UNKNOWN: how */
	struct span why;                /* empty when DANE_BINDING */
};

/* Returns the state.  The spans borrow from the answers and the arena. */
enum dane_state dane_check(struct arena *arena, struct answers *answers,
	const struct dane_ask *ask, struct dane *dane);

const char *dane_word(enum dane_state state);   /* "none", "binding" */

#endif
