#ifndef MXP_VOICE_H
#define MXP_VOICE_H

#include "probe/base/arena.h"
#include "probe/facts/host_voice.h"
#include "probe/judge/docket.h"

/*
 * A server says its name first (RFC 5321 section 4.2).  A name of another
 * organisation than the host's means little: many domains are served by
 * somebody else.  It tells something where the same host, over the other
 * family, speaks in its own: that somebody else answers in its place is then
 * suspected.  It is likely when something beside the name shows it, too: a
 * sign.
 */
enum { VOICE_SIGNS_MAX = 5 };           /* one of each sort */

struct voice_signs {
	struct span at[VOICE_SIGNS_MAX];        /* one clause each */
	size_t count;
	bool is_likely;
};

extern const struct finding_kind voice_intercepted;
struct span voice_doubt(void);          /* what speaks against each of them */

/* "220 mx.example ESMTP" says "mx.example"; empty: no domain stands there.
 * Whether a reply's code is there or not. */
struct span voice_name(struct span banner);

/* Of one organisation: they may well be one machine. */
bool voice_are_of_one(struct arena *arena, struct span a, struct span b);

/* Is `name` of somebody else, where `other` is the host's own?  Neither where
 * one of them is no domain. */
bool voice_is_foreign(struct arena *arena, struct span host, struct span name,
	struct span other);

/*
 * Adds the signs that the odd voice is not the host's, held against the host's
 * own one over the other family: another name in its certificate, no STARTTLS,
 * a key that the TLSA records deny, packets that come from nearer.
 */
void voice_weigh(struct arena *arena, const struct host_voice *odd,
	const struct host_voice *own, struct voice_signs *signs);

/* There is room for one of each sort. */
void voice_say(struct voice_signs *signs, struct span clause, bool is_likely);

#endif
