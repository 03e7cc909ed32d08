#ifndef MXP_HTML_HISTORY_H
#define MXP_HTML_HISTORY_H

#include "probe/store/history_read.h"
#include "reports/html_text.h"

/*
 * What became of one row in the runs up to this one: a bar for each, as high
 * as its connection took, with its verdict below.
 */
enum { HTML_HISTORY_MAX = 60 };         /* moments */

struct past {
	const struct history_moment *moments;   /* the oldest first */
	size_t count;
};

/* Nothing where there was no run before this one.  `id` is unique. */
void html_history(FILE *out, struct arena *arena, unsigned id,
	const struct past pasts[FAMILY_COUNT]);

#endif
