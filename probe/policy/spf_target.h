#ifndef MXP_SPF_TARGET_H
#define MXP_SPF_TARGET_H

#include "probe/policy/spf_evaluation.h"

/* The name that a term means, its macros expanded. */

/* Fills in spot->target.  SPF_TERM_OPEN, or SPF_TERM_MATCH. */
enum spf_outcome spf_target_find(struct spf_spot *spot);

/*
 * Brings %{p} and %{d} to what they are in this record, as far as these
 * letters want them.  The same two outcomes.
 */
enum spf_outcome spf_target_values(struct spf_evaluation *evaluation,
	const struct spf_frame *frame, uint32_t letters);

#endif
