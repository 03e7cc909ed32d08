#ifndef MXP_MTU_TRIAL_H
#define MXP_MTU_TRIAL_H

#include "probe/facts/visit.h"

/*
 * A walk hangs where packets became large.  A path whose MTU is smaller than
 * both ends believe, and that loses the Packet Too Big that would say so
 * (RFC 2923 section 2.1), looks so; so does a server that hangs, and a network
 * that was gone for a while.  The trial tells them apart by two connections
 * more to the same address, with the same words and without any mail: one with
 * segments as large as TCP agrees on, and one with none larger than each
 * host's least MTU allows.  If the first hangs again and the second does not,
 * size is all that made the difference.
 *
 * What makes our own segments large without a message is TLS: its EHLO is
 * padded (RFC 8446 section 5.4).  What makes the server's large are its
 * certificates.
 */
struct mtu_trial {
	const struct visit *full;       /* as large as TCP agrees on */
	const struct visit *clamped;    /* NULL: the full one got through, or
					   told nothing */
};

enum {
	MTU_TRIAL_OCTETS = 4096,        /* of our padded EHLO: more than two
					   segments of an Ethernet */
};

enum mtu_answer {
	MTU_NOT_KNOWN,          /* the trial did not come so far */
	MTU_SOUND,              /* the full one got through, both ways */
	MTU_SOUND_TO_US,        /* ... but sent nothing large itself */
	MTU_LOST_TO_US,         /* full segments towards us are lost */
	MTU_LOST_FROM_US,       /* full segments of ours are lost */
	MTU_SMALL_LOST_TOO,     /* the clamped one hung at the same place */
};

/* How large a segment every host can be sent (RFC 9293 section 3.7.1). */
unsigned mtu_trial_clamp(enum family family);

/* A visit that hung where packets became large. */
bool mtu_trial_is_called_for(const struct visit *visit);

/* It would tell something: a walk that hung behind its handshake had TLS 1.3,
 * so that what we say can be padded. */
bool mtu_trial_can_tell(const struct visit *visit);

/* A trial visit that ended in silence in TLS, or at the EHLO inside it. */
bool mtu_trial_has_hung(const struct visit *visit);

enum mtu_answer mtu_trial_answer(const struct mtu_trial *trial);
/* Which of the two it is, in words: "full segments". */
const char *mtu_trial_part(
	const struct mtu_trial *trial, const struct visit *visit);
const char *mtu_answer_word(enum mtu_answer answer);    /* "not-known" */

#endif
