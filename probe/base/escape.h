#ifndef MXP_ESCAPE_H
#define MXP_ESCAPE_H

#include "probe/base/arena.h"

/*
 * Foreign bytes made harmless.  What a peer sent may hold terminal escape
 * sequences, NUL, bare CR, invalid UTF-8, bidirectional overrides.
 */

/*
 * For a terminal: printable ASCII and well-formed, visible UTF-8 pass;
 * everything else, and the backslash itself, becomes \xHH (\t and the like
 * too).  C1 controls, bidi controls and line separators count as invisible.
 */
struct span escape_text(struct arena *arena, struct span bytes);

/*
 * For JSON: well-formed UTF-8 passes, also control characters (the JSON
 * writer escapes them); each ill-formed byte becomes U+FFFD.  *is_exact says
 * that nothing was replaced, so that the bytes need not be kept beside it.
 */
struct span escape_utf8(struct arena *arena, struct span bytes,
	bool *is_exact);

/* Lower-case hexadecimal, two digits a byte. */
struct span escape_hex(struct arena *arena, struct span bytes);

/* How many columns a terminal uses for text that escape_text() returned. */
size_t escape_columns(struct span text);

#endif
