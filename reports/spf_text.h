#ifndef MXP_SPF_TEXT_H
#define MXP_SPF_TEXT_H

#include "probe/policy/spf_lint.h"
#include "reports/screen.h"

/*
 * How SPF came to its result for one of our addresses: each term that was
 * looked at, what it looked up, and what became of it.  Nothing without
 * steps (spf_query.is_traced).
 */
void spf_text_steps(struct screen *screen, const struct ip *source,
	const struct spf_check *check);

/* What the owner of the record should know; all of it when verbose. */
void spf_text_notes(struct screen *screen, const struct spf_lint *lint);

#endif
