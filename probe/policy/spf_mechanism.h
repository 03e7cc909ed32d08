#ifndef MXP_SPF_MECHANISM_H
#define MXP_SPF_MECHANISM_H

#include "probe/policy/spf_evaluation.h"

/*
 * a, mx, ptr and exists, tried for a sender (RFC 7208, 5.3 to 5.7).  Their
 * target is known; one that no DNS could hold matches nothing.
 */
enum spf_outcome spf_mechanism_try(const struct spf_spot *spot);

#endif
