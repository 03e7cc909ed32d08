#ifndef MXP_MEANING_H
#define MXP_MEANING_H

#include "scenarios/sheet.h"

/*
 * Do the statements of a sheet make sense together?  Names lead somewhere and
 * are given once, steps stand in their order, mail goes only to a mailbox of
 * the user's own.  Everything that does not is told.
 */

/* A name that the codebook has; what is nearest to it goes into *hint. */
typedef bool reason_known(const void *owner, struct span name,
	struct span *hint);

/* Does it compile?  If not, `at` which octet, and *why. */
typedef bool pattern_known(struct arena *arena, struct span pattern,
	bool ignores_case, size_t *at, struct span *why);

struct meaning_orders {
	struct arena *arena;
	struct complaints *complaints;
	reason_known *knows_reason;     /* NULL: every one is taken */
	const void *owner;
	pattern_known *knows_pattern;   /* NULL: likewise */
};

void meaning_check(const struct meaning_orders *orders,
	const struct sheet *sheet);

/* The steps that a probe may do, in the order of a dialogue: 0.. */
unsigned step_rank(const struct statement *step);

#endif
