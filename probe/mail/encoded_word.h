#ifndef MXP_ENCODED_WORD_H
#define MXP_ENCODED_WORD_H

#include "probe/base/arena.h"

/*
 * The text of a header field as a reader sees it: encoded words (RFC 2047) of
 * UTF-8, US-ASCII, ISO-8859-1 and windows-1252 become UTF-8, and white space
 * between two of them goes.  Words of other charsets, and what is not well
 * encoded, stay as they are.  Bytes are not checked: escape what comes of it.
 */
struct span encoded_words_decode(struct arena *arena, struct span text);

#endif
