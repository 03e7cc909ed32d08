#ifndef MXP_REPLY_DATE_H
#define MXP_REPLY_DATE_H

#include "probe/base/span.h"

/*
 * Dates of several words in the text of a reply: "Sat, 21 Nov 2026 17:03:05
 * +0000 (UTC)" (RFC 5322 section 3.3), "Sat Nov 21 17:03:05 2026" (asctime).
 */

/* How many of these words, from the first on, are a date; 0: none. */
size_t reply_date_words(const struct span *words, size_t count);

/* A word without the brackets and marks that may stand around a date. */
struct span reply_date_bare(struct span word);

#endif
