#ifndef MXP_DEVIATION_H
#define MXP_DEVIATION_H

#include "probe/base/arena.h"

/*
 * A way in which a signer, a forwarder or a verifier departs from RFC 6376 so
 * that a hash does not fit, and with which it does: a name that never changes,
 * whom it points at, and a sentence.  Found by body_forensics and by
 * header_forensics.
 */
enum departs {
	DEPARTS_SIGNER,         /* hashed what the RFC does not say */
	DEPARTS_ON_THE_WAY,     /* a forwarder, a gateway, a list changed it */
	DEPARTS_UNKNOWN,        /* either can be */
};

enum { DEVIATIONS_MAX = 8 };    /* told of one signature */

struct deviation {
	const char *id;         /* "relaxed-empty-as-crlf" */
	enum departs departs;
	const char *section;    /* "RFC 6376 section 3.4.4" */
	struct span says;       /* one sentence; may quote the message: escape
				   before showing */
};

const char *departs_word(enum departs departs); /* "signer", ... */

/* How a sentence about it ends, without the full stop. */
const char *departs_ending(enum departs departs);

/* One that is too many is dropped: the plainest come first. */
void deviation_add(struct deviation rows[static DEVIATIONS_MAX], size_t *count,
	const struct deviation *deviation);

#endif
