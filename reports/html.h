#ifndef MXP_HTML_H
#define MXP_HTML_H

#include "reports/row_formats.h"

/*
 * One page that needs no network and no script: a summary, the matrix of all
 * rows, and for each pair of families a ladder of the two dialogues on one
 * axis of time, who we were, what was found, and all that was said.
 *
 * What a peer sent stands in it as text, escaped twice: first so that it is
 * seen (escape_text), then so that it is no markup.  The page's own policy
 * forbids it to load or to run anything, should that fail.
 *
 * The part of a pair is written to a spool when its last row has come, so that
 * only the lines of the matrix are kept.  Beyond HTML_BODY_MAX octets only
 * rows that are not as expected are told in full.
 */
enum {
	HTML_BODY_MAX = 12 * 1024 * 1024,
	HTML_OPEN_MAX = 12,             /* parts that are not folded */
	HTML_WAITING_MAX = 256,         /* parts that wait for a row, in full */
	HTML_BAD_MAX = 200,             /* rows named in the summary */
};

void *html_begin(struct arena *arena, FILE *out, const char *file,
	const struct report_run *run);
void html_row(void *report, const struct result_row *row);
bool html_end(void *report, int exit_status);
void html_drop(void *report);

#endif
