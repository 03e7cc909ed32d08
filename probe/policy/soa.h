#ifndef MXP_SOA_H
#define MXP_SOA_H

#include "probe/dns/answers.h"

/*
 * Does a sender's domain exist, as Yahoo asks: has it an SOA record?  Only the
 * top of a zone has one; a name inside of a zone has not, though it exists, and
 * mail from it may be refused.  So the names above are asked, too, up to the
 * one that has it.
 */
enum { SOA_STEPS_MAX = 8 };

enum soa {
	SOA_OPEN,
	SOA_OWN,                /* the domain is the top of a zone */
	SOA_ABOVE,              /* it exists, inside of a zone above */
	SOA_NO_NAME,            /* it does not exist */
	SOA_UNKNOWN,            /* the lookup failed */
};

struct soa_check {
	enum soa state;
	struct span zone;       /* OWN, ABOVE: the top of its zone; empty when
				   none was found in SOA_STEPS_MAX names */
	struct span why;        /* unless OWN: one sentence */
};

enum soa soa_check(struct arena *arena, struct answers *answers,
	struct span domain, struct soa_check *check);

const char *soa_word(enum soa state);   /* "own", "above", ... */

#endif
