#ifndef MXP_DISPLAY_NAME_H
#define MXP_DISPLAY_NAME_H

#include "probe/base/arena.h"

/*
 * What receivers dislike in the name beside an address, and in a subject,
 * because deceivers use it.  The text has been decoded
 * (probe/mail/encoded_word.h).
 */
enum display_oddity {
	DISPLAY_ADDRESS = 1 << 0,       /* it holds an address of somebody */
	DISPLAY_GMAIL = 1 << 1,         /* "@gmail.com" */
	DISPLAY_THREAD = 1 << 2,        /* ends as a thread list shows it:
					   "User (2)" */
	DISPLAY_CHECK_MARK = 1 << 3,    /* a symbol that says "verified" */
	DISPLAY_INVISIBLE = 1 << 4,     /* bidirectional or zero-width marks */
};

/* `own` is the address beside it, which may be its own display name. */
unsigned display_name_oddities(struct span name, struct span own);

/* Does the subject begin like that of an answer: "Re:", "Fwd:", "AW:"? */
bool subject_is_answer(struct span subject);

#endif
