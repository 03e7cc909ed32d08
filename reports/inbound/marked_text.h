#ifndef MXP_MARKED_TEXT_H
#define MXP_MARKED_TEXT_H

#include <stdint.h>

#include "probe/base/arena.h"

/*
 * A text that may begin with a byte order mark: that of UTF-8 is left out, and
 * UTF-16, as tools of Windows write it, becomes UTF-8.  Where the mark is
 * missing, two letters with zeros between them tell it, too.
 *
 * It comes in pieces of any size and is never held as a whole.  Anything else
 * passes as it is, and is not copied.
 */
enum marked_form {
	MARKED_TEXT_BEGINS,
	MARKED_TEXT_PLAIN,
	MARKED_TEXT_LITTLE_ENDIAN,
	MARKED_TEXT_BIG_ENDIAN,
};

struct marked_text {
	enum marked_form form;
	char held[4];           /* its start, or half a code unit */
	size_t held_len;
	uint16_t surrogate;     /* the first of a pair; 0: none */
	char *room;             /* of what is converted, in an arena */
	size_t size;
};

/* All zero, it begins, too. */
void marked_text_begin(struct marked_text *text);

/* It lives until the next call, and no longer than the piece. */
struct span marked_text_take(struct marked_text *text, struct arena *arena,
	struct span piece);

/* What was held back, at the end: too little to tell, half a pair. */
struct span marked_text_end(struct marked_text *text);

#endif
