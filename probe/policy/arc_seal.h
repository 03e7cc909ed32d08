#ifndef MXP_ARC_SEAL_H
#define MXP_ARC_SEAL_H

#include "probe/policy/arc.h"
#include "probe/policy/dkim_sign.h"

/*
 * Puts a set of ARC fields on a message: RFC 8617 section 5.1.  What the chain
 * so far is worth comes from arc_check() of the same message.
 */
struct arc_sealing {
	const struct dkim_secret *secret;
	struct span domain, selector;
	struct span authserv_id;        /* who we are, in the results */
	struct span results;    /* what we found: "spf=pass smtp.mailfrom=...;
				   dkim=..."; empty: "none" (RFC 8601) */
	enum canon header_canon, body_canon;    /* of the message signature */
	const struct span *names;       /* its h=; NULL: what
					   arc_default_names() gives */
	size_t name_count;
	uint64_t time;          /* t=; 0: not written */
};

enum arc_sealed {
	ARC_SEALED,
	ARC_LEFT_ALONE,         /* nothing may be added: *why */
	ARC_NOT_SEALED,         /* nothing could be added: *why */
};

/*
 * *fields: the three fields with their CRLFs, the seal on top, to stand above
 * the message.  A chain that failed gets one last set that says so; behind
 * that, and behind instance 50, nothing is added (sections 5.1.2, 4.2.1).
 * A chain that is open or a temperror is not sealed: what could it say?
 */
enum arc_sealed arc_seal(struct arena *arena,
	const struct arc_sealing *sealing, struct span message,
	const struct arc_chain *chain, struct span *fields, const char **why)
	MXP_MUST_USE;

/*
 * What DKIM signs by default, and the DKIM-Signature fields (RFC 8617 section
 * 4.1.2); never a seal.
 */
size_t arc_default_names(struct arena *arena, const struct header *header,
	const struct span **names);

/*
 * What the Authentication-Results fields of this authserv-id say, joined:
 * the results of arc_seal() where a filter before us wrote them.
 */
struct span arc_results_of(struct arena *arena, const struct header *header,
	struct span authserv_id);

#endif
