#ifndef MXP_UNSUBSCRIBE_H
#define MXP_UNSUBSCRIBE_H

#include "probe/mail/header.h"

/*
 * The way out of a mailing: List-Unsubscribe (RFC 2369 section 3.2) and
 * List-Unsubscribe-Post (RFC 8058).  One click needs an https URI in the
 * first and exactly "List-Unsubscribe=One-Click" in the second.  That both
 * are covered by a signature (RFC 8058 section 4) is for those to say who
 * know the signatures.
 */
struct unsubscribe {
	unsigned field_count;           /* of List-Unsubscribe */
	unsigned post_count;            /* of List-Unsubscribe-Post */
	unsigned line;                  /* of the first of either; 0: none */
	struct span https;              /* the first URI of its kind; */
	struct span http;               /* or empty */
	struct span mailto;
	struct span other;              /* neither: nobody follows it */
	struct span post;               /* trimmed */
	bool is_well_formed;            /* each URI in < and > */
	bool is_one_click;              /* but for the signature */
	const char *why;                /* why it is not; NULL when it is */
};

void unsubscribe_read(struct arena *arena, const struct header *header,
	struct unsubscribe *unsubscribe);

#endif
