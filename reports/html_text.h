#ifndef MXP_HTML_TEXT_H
#define MXP_HTML_TEXT_H

#include "reports/markup.h"
#include "reports/row_text.h"

/* Bits of the page.  Text given here is escaped already, see markup.h. */

/* How a verdict looks: a sign, a word and a class, never colour alone. */
struct badge {
	const char *sign, *word, *class;
};

struct badge badge_of(const struct result_row *row);
struct badge badge_of_verdict(enum verdict verdict);
void html_badge(FILE *out, struct badge badge);

/* "18 ms", "0.2 ms", "12.3 s" */
struct span html_time(struct arena *arena, uint64_t us);

/* "2026-11-21 21:13:05 UTC" */
struct span html_date(struct arena *arena, int64_t wall_ms);

/* A day of the calendar; "never" where a certificate claims another. */
struct span html_day(struct arena *arena, int64_t second);

/* Texts of the screen, with secrets of the row hidden. */
struct span html_fault(struct arena *arena, const struct result_row *row,
	const struct fault *fault);
struct span html_reply_line(struct arena *arena,
	const struct result_row *row, const struct reply *reply, size_t i);
struct span html_said(struct arena *arena, const struct result_row *row,
	const struct event *event);

#endif
