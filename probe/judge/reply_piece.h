#ifndef MXP_REPLY_PIECE_H
#define MXP_REPLY_PIECE_H

#include <stdbool.h>

#include "probe/base/span.h"

/*
 * A piece of a reply's text, a word without what stands around it: what it
 * looks like.  More than one may be true of a piece; whoever asks knows which
 * comes first.
 */
bool piece_is_address(struct span piece);       /* "IPv6:2001:db8::1",
						   "192.0.2.1:25" */
bool piece_is_time(struct span piece);          /* "17:03:05", "+0100",
						   "2026-11-21T17:03:05Z" */
bool piece_is_host(struct span piece);          /* "mx1.example.org" */
bool piece_is_status(struct span piece);        /* "5.7.1": or a version */
bool piece_is_token(struct span piece);         /* "4fN3Rk5sLGz3hZP" */

/* Nothing but digits and these; at least one digit. */
bool piece_is_numeric(struct span piece, struct span besides);
size_t piece_digits(struct span piece);         /* how many are in it */

/* Is it one of these, in any case?  The list ends with NULL. */
bool piece_is_one_of(struct span word, const char *const *words);

/* Is the character one of the set? */
bool piece_set_has(struct span set, char c);

#endif
