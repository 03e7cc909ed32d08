#ifndef MXP_COMPARE_H
#define MXP_COMPARE_H

#include "probe/judge/judge.h"

/*
 * Family against family, at the same host.  Two visits ended alike when both
 * went well, or when both failed in the same way: the same failure at the
 * same stage, in the same class of codes, for the same policy as far as the
 * codebook knows it.  Only visits that could be decided are compared.
 *
 * Fills the comparison's fields of the judgement; its visits must have their
 * verdicts.
 */
void compare_families(struct arena *arena, struct judgement *judgement);

#endif
