#ifndef MXP_HEADER_FORENSICS_H
#define MXP_HEADER_FORENSICS_H

#include "probe/policy/deviation.h"
#include "probe/policy/dkim.h"

/*
 * A b= that does not fit: which header field is not what was signed?
 *
 * An RSA signature gives back the hash that the signer computed.  So "the
 * signer hashed something else" is told from "this is no signature by this
 * key", and each guess is compared with the hash itself.  Ed25519 gives back
 * nothing: each guess is verified.
 *
 * The canonical header as it is, then one field changed back, then two.
 */
enum {
	HEADER_SEARCH_MAX = 64 * 1024 * 1024,   /* octets hashed for it */
	HEADER_TRIES_MAX = 4096,
};

enum signed_hash {
	SIGNED_HASH_UNKNOWN,    /* no key, or an algorithm that hides it */
	SIGNED_HASH_KNOWN,      /* made with this key, over another text */
	SIGNED_HASH_NONE,       /* not made with this key, or damaged */
};

struct header_forensics {
	enum signed_hash state;
	struct span signed_hash, computed;      /* base64; the first is empty
				   unless it is known */
	bool fits;              /* nothing departs: b= is right */
	struct deviation hits[DEVIATIONS_MAX];  /* two: both together */
	size_t hit_count;
	unsigned tried;
	struct span says;       /* one sentence: what the signature itself
				   tells, and what was tried in vain */
};

/* check: of dkim_check() or arc_check(), of a DKIM or message signature. */
void header_forensics(struct arena *arena, const struct header *header,
	const struct dkim_check *check, struct header_forensics *found);

const char *signed_hash_word(enum signed_hash state);   /* "known" */

#endif
