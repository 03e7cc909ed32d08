#ifndef MXP_OWN_VIEW_H
#define MXP_OWN_VIEW_H

#include "probe/judge/docket.h"

/*
 * What we found out about ourselves (facts/identity.h), held against the
 * policy that a refusal names.  A refusal for SPF where our own evaluation
 * fails too is confirmed; where ours passes, that speaks against it.
 */
enum own_view {
	OWN_SILENT,             /* another matter, or it could not be told */
	OWN_AGREES,             /* by our own look it ought to be refused */
	OWN_DISAGREES,
};

enum own_view own_view_of_spf(const struct visit *visit);
enum own_view own_view_of_dkim(const struct visit *visit);
enum own_view own_view_of_dmarc(const struct visit *visit);

/* `policy` is a word of the codebook's vocabulary. */
enum own_view own_view(const struct visit *visit, struct span policy);

/* Would SPF, or a signature, be aligned with From, if only it passed? */
bool own_fails_for_author(
	const struct identity *identity, enum dmarc_method method);

/*
 * One clause each: "SPF passes for example.org (ip6:2001:db8::/32)"; empty
 * where we are silent.
 */
struct span own_spf_text(struct arena *arena, const struct visit *visit);
struct span own_dkim_text(struct arena *arena, const struct visit *visit);
struct span own_dmarc_text(struct arena *arena, const struct visit *visit);

/* What we can do about it ourselves; empty when we agree with nobody. */
struct span own_remedy(const struct docket *docket,
	const struct visit *visit, struct span policy);

#endif
