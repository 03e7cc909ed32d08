#ifndef MXP_SPF_LINT_TERM_H
#define MXP_SPF_LINT_TERM_H

#include "probe/policy/spf_linting.h"

/* Notes on a term as it is written; nothing is looked up. */
void spf_lint_term(struct spf_linting *linting, const struct spf_place *place,
	const struct spf_term *term);

#endif
