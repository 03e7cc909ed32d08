#ifndef MXP_FOLDED_TEXT_H
#define MXP_FOLDED_TEXT_H

#include "probe/base/span.h"

/*
 * A text in lower case, to look for phrases in: one blank stands for any
 * white space, so that a phrase is found where it was wrapped.
 */
enum {
	FOLDED_TEXT_MAX = 16 * 1024,    /* octets; the rest is not looked at */
	FOLDED_PAIRS = 8192,
};

struct folded_text {
	size_t len;
	char room[FOLDED_TEXT_MAX];
	unsigned char pairs[FOLDED_PAIRS / 8];  /* which two bytes, hashed,
						   stand beside each other: most
						   phrases have two that do not,
						   and are not looked for */
};

void folded_text_read(struct folded_text *folded, struct span text);

/* The same, but each blank stays: what is found stands there in the text. */
void folded_text_read_in_place(struct folded_text *folded, struct span text);

/* Where the phrase, in lower case, begins at `from` or later; or len. */
size_t folded_text_find(const struct folded_text *folded, const char *phrase,
	size_t from);

/* Has it one of these? */
bool folded_text_has(const struct folded_text *folded,
	const char *const *phrases, size_t count);

#endif
