#ifndef MXP_AUTHOR_DOMAIN_H
#define MXP_AUTHOR_DOMAIN_H

#include "probe/base/arena.h"

/*
 * The domain that a DMARC verifier takes from a From field: RFC 7489, 6.6.1.
 * A field that RFC 5322 allows is read by its grammar
 * (probe/mail/mailbox_list.h); from any other, the first thing that looks like
 * an address is taken, as receivers do who do not refuse such mail outright.
 */
struct author_domain {
	struct span domain;     /* of the first address, as it was written;
				   empty: there is none */
	size_t addresses;       /* found; RFC 7489 leaves more than one to the
				   receiver, and many refuse it */
	bool is_well_formed;    /* by RFC 5322 */
	const char *why;        /* if not */
};

/* The field's value may still have its name before it. */
void author_domain_find(struct arena *arena, struct span from,
	struct author_domain *author);

#endif
