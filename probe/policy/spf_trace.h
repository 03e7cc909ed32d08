#ifndef MXP_SPF_TRACE_H
#define MXP_SPF_TRACE_H

#include "probe/policy/spf_evaluation.h"

/*
 * What an evaluation tells of itself: where it ended and why, and, where it
 * is traced, each step on the way.
 */

/* What matched or was wrong; term NULL: the record as a whole. */
void spf_trace_place(struct spf_evaluation *evaluation,
	const struct spf_frame *frame, const struct spf_term *term);

/* The same with a reason.  The first error is the one that counts. */
void spf_trace_why(struct spf_evaluation *evaluation,
	const struct spf_frame *frame, const struct spf_term *term,
	struct span why);

/* The step of a term, from then on the one that lookups are noted at. */
void spf_trace_begin(struct spf_evaluation *evaluation,
	const struct spf_frame *frame, const struct spf_term *term);
void spf_trace_end(struct spf_evaluation *evaluation, struct spf_step *step,
	enum spf_outcome outcome);

/* There has to be a step.  answer NULL: it is not known yet. */
void spf_trace_lookup(struct spf_evaluation *evaluation, struct span name,
	enum rr_type type, const struct answer *answer);

#endif
