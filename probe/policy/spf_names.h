#ifndef MXP_SPF_NAMES_H
#define MXP_SPF_NAMES_H

#include "probe/policy/spf_evaluation.h"

/*
 * The validated names of the sender's address, for ptr and %{p}: those of its
 * PTR records that lead back to it (RFC 7208, 5.5).
 */
struct spf_names {
	struct span at[SPF_NAMES_MAX];
	size_t count;
};

/* answer: its PTR records.  SPF_TERM_OPEN, or SPF_TERM_MATCH. */
enum spf_outcome spf_names_validate(struct spf_evaluation *evaluation,
	const struct answer *answer, struct spf_names *names);

/* What %{p} is in a record of this domain (RFC 7208, 7.3). */
struct span spf_names_best(const struct spf_names *names, struct span domain);

#endif
