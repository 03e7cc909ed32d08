#ifndef MXP_SPF_LINT_LOOKUPS_H
#define MXP_SPF_LINT_LOOKUPS_H

#include "probe/policy/spf_linting.h"

/*
 * What a, mx and exists would look up, for senders of either family: what is
 * not there is counted and noted.  Other terms, and those with macros, are
 * passed over.
 */
void spf_lint_lookups(struct spf_linting *linting,
	const struct spf_place *place, const struct spf_term *term);

#endif
