#ifndef MXP_UTF8_H
#define MXP_UTF8_H

#include <stdint.h>

#include "probe/base/span.h"

/*
 * The length of the well-formed UTF-8 sequence at the start of text, and its
 * code point; 0 when there is none (RFC 3629 section 4: no overlong forms, no
 * surrogates, nothing above U+10FFFF).  Text must not be empty.
 */
size_t utf8_take(struct span text, uint32_t *point);

/* A code point as UTF-8, U+FFFD for what is none; its length. */
enum { UTF8_MAX = 4 };
size_t utf8_put(uint32_t point, char room[static UTF8_MAX]);

/* Is all of it well-formed?  ASCII and nothing at all are. */
bool utf8_is_whole(struct span text);

/* Has it no byte over 0x7f? */
bool utf8_is_ascii(struct span text);

#endif
