#ifndef MXP_BODY_FORENSICS_H
#define MXP_BODY_FORENSICS_H

#include "probe/policy/deviation.h"
#include "probe/policy/dkim_signature.h"

/*
 * A bh= that does not fit the body: of what is it the hash?  A table of known
 * deviations is tried: the canonical form with one rule broken, the body as it
 * was before some gateway changed it, the body without a footer or a banner.
 * A hash that fits is proof, so what is found here is not a guess; only who
 * did it may be one.
 *
 * The whole body has to be in memory.  The work is bounded: each row hashes
 * the body once or twice, and the search for added lines has a budget.
 */
enum {
	BODY_FORENSICS_MAX = 8 * 1024 * 1024,   /* octets of a body */
	BODY_FOOTER_LINES = 2000,       /* looked at from the end */
	BODY_BANNER_LINES = 64,         /* and from the top */
	BODY_SEARCH_MAX = 64 * 1024 * 1024,     /* octets hashed for it */
	BODY_WORK_MAX = 512 * 1024 * 1024,      /* octets for all of it, and
				   BODY_LINE_WORK more for each line */
	BODY_LINE_WORK = 10,
};

struct body_forensics {
	bool is_too_large;      /* over BODY_FORENSICS_MAX: nothing tried */
	bool is_cut_short;      /* by BODY_WORK_MAX: not everything tried */
	bool fits;              /* nothing departs: bh= is right */
	struct span claimed;    /* bh=, as base64 */
	struct span simple, relaxed;    /* what the RFC gives, l= obeyed */
	struct deviation hits[DEVIATIONS_MAX];  /* plainest first */
	size_t hit_count;
	unsigned tried;         /* ways to hash it */
	struct span note;       /* one sentence more, or empty: l= counts
				   octets that are not there; bh= is no hash */
};

/*
 * header: for Content-Type and Content-Transfer-Encoding.  The signature may
 * be faulty, as long as it has a bh=.  Results are taken from arena.
 */
void body_forensics(struct arena *arena, const struct header *header,
	struct span body, const struct dkim_signature *signature,
	struct body_forensics *found);

#endif
