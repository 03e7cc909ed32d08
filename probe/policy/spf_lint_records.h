#ifndef MXP_SPF_LINT_RECORDS_H
#define MXP_SPF_LINT_RECORDS_H

#include "probe/policy/spf_linting.h"

/*
 * Which of a domain's TXT records is that of SPF?  False, and noted, where
 * there is none or more than one; what is nearly one is noted, too.
 */
bool spf_lint_records(struct spf_linting *linting,
	const struct spf_place *place, const struct answer *answer,
	struct span *text);

#endif
