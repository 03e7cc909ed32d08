#ifndef MXP_SPF_LINT_WALK_H
#define MXP_SPF_LINT_WALK_H

#include "probe/policy/spf_linting.h"

/*
 * Reads the record of a place and all that it leads to, to the end of each
 * of them, and counts what that costs.
 */
void spf_lint_walk(struct spf_linting *linting, const struct spf_place *place);

#endif
