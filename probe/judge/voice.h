#ifndef MXP_VOICE_H
#define MXP_VOICE_H

#include "probe/base/arena.h"

/*
 * A server says its name first (RFC 5321 section 4.2).  A name of another
 * organisation than the host's means little: many domains are served by
 * somebody else.  It tells something where the same host, over the other
 * family, speaks in its own.
 */

/* "220 mx.example ESMTP" says "mx.example"; empty: no domain stands there.
 * Whether a reply's code is there or not. */
struct span voice_name(struct span banner);

/* Of one organisation: they may well be one machine. */
bool voice_are_of_one(struct arena *arena, struct span a, struct span b);

/* Is `name` of somebody else, where `other` is the host's own?  Neither where
 * one of them is no domain. */
bool voice_is_foreign(struct arena *arena, struct span host, struct span name,
	struct span other);

#endif
