#ifndef MXP_DELIVERY_EVIDENCE_H
#define MXP_DELIVERY_EVIDENCE_H

#include "probe/judge/delivery_findings.h"

/* The clauses for and against a finding, and what the mail server did next. */
void delivery_evidence_weigh(struct arena *arena,
	struct delivery_finding *finding);
struct span delivery_next_text(struct arena *arena,
	const struct delivery_contrast *contrast);

/* "refused", "deferred" or "failed": what most of them were. */
const char *delivery_fate_word(const struct delivery_cause *cause);

/* "312 of 318" */
struct span delivery_share_text(struct arena *arena,
	struct change_share share);

enum family delivery_other_family(enum family family);

#endif
