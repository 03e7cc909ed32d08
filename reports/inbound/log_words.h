#ifndef MXP_LOG_WORDS_H
#define MXP_LOG_WORDS_H

#include "probe/base/span.h"

/* The words of a line, between blanks, for those who take its head apart. */

enum { LOG_FOREIGN_MAX = 255 }; /* octets of what another tool put before it */

static inline struct span log_past_blanks(struct span text)
{
	while (text.len && ascii_is_blank(text.at[0])) {
		text.at++;
		text.len--;
	}
	return text;
}

/* Cuts a word and the blanks behind it off.  The words are short ones. */
static inline struct span log_cut_word(struct span *rest)
{
	struct span word = *rest;
	size_t len = 0;

	while (len < rest->len && rest->at[len] != ' ')
		len++;
	word.len = len;
	rest->at += len;
	rest->len -= len;
	*rest = log_past_blanks(*rest);
	return word;
}

/* How many of them are at the start. */
static inline size_t log_digits(struct span text)
{
	size_t len = 0;

	while (len < text.len && ascii_is_digit(text.at[len]))
		len++;
	return len;
}

#endif
