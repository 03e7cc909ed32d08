#ifndef MXP_SPF_LINT_SOURCES_H
#define MXP_SPF_LINT_SOURCES_H

#include "probe/policy/spf_linting.h"

/*
 * Does the record let our own addresses pass?  Each that it does not gets a
 * note with the record that lets all of them.
 */
void spf_lint_sources(
	struct spf_linting *linting, const struct spf_place *place);

/* The same for the record of the EHLO name, which a bounce is checked by. */
void spf_lint_helo(struct spf_linting *linting);

/* "ip4:192.0.2.1" */
struct span spf_source_term(struct arena *arena, const struct ip *ip);

#endif
