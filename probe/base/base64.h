#ifndef MXP_BASE64_H
#define MXP_BASE64_H

#include "probe/base/arena.h"

/*
 * Base64 (RFC 4648 section 4).  Reading skips the white space that mail folds
 * with (space, tab, CR, LF) wherever it stands.  Padding may be left out, as
 * some do; anything else that is not of the alphabet, padding in the middle,
 * and a lone last letter make it false.  Bits left over in the last letter are
 * not looked at.
 */
bool base64_decode(struct arena *arena, struct span text, struct span *bytes)
	MXP_MUST_USE;

struct span base64_encode(struct arena *arena, struct span bytes);

/* The same for a place of the caller's: how much it needs at most. */
#define BASE64_DECODED_MAX(len) ((len) / 4 * 3 + 3)
#define BASE64_ENCODED_LEN(len) (((len) + 2) / 3 * 4)

#endif
