#ifndef MXP_EXTENDED_ERROR_H
#define MXP_EXTENDED_ERROR_H

#include "probe/dns/cursor.h"

/*
 * Why a resolver could not answer, as it says itself (RFC 8914): a code and
 * perhaps a text.
 */
enum { EXTENDED_ERROR_TEXT_MAX = 200 };         /* octets; the others go */

/* "DNSSEC Bogus (6): text of the server", the text escaped, in the arena.
 * False: the option has no code. */
bool extended_error_print(struct arena *arena, struct cursor option,
	struct span *words) MXP_MUST_USE;

#endif
