#ifndef MXP_SPF_LOOKUP_H
#define MXP_SPF_LOOKUP_H

#include "probe/policy/spf_evaluation.h"

/*
 * The lookups of an evaluation, and the two limits that stand over them: ten
 * terms that ask, and two lookups that find nothing (RFC 7208, 4.6.4).
 */

/* NULL: not known yet.  Counts nothing. */
const struct answer *spf_lookup_ask(
	struct spf_evaluation *evaluation, struct span name, enum rr_type type);

/*
 * The same for a term, with all that follows from the answer.
 * SPF_TERM_MATCH: there is something to look at in *answer.
 */
enum spf_outcome spf_lookup_make(const struct spf_spot *spot, struct span name,
	enum rr_type type, const struct answer **answer);

/* A sentence on an answer that failed. */
struct span spf_lookup_failure(struct arena *arena, struct span name,
	enum rr_type type, const struct answer *answer);

/* SPF_TERM_PERMERROR, and told, when this is one too many. */
enum spf_outcome spf_void_count(
	const struct spf_spot *spot, struct span name, enum rr_type type);

/* False, and told, when this is one term too many. */
bool spf_lookup_count(const struct spf_spot *spot);

/* A or AAAA, as the sender's family is. */
enum rr_type spf_address_type(const struct spf_evaluation *evaluation);

/* Is the sender in a network of this prefix around one of the addresses? */
bool spf_address_found(const struct spf_evaluation *evaluation,
	const struct answer *answer, unsigned prefix);

#endif
