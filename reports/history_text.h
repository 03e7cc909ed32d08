#ifndef MXP_HISTORY_TEXT_H
#define MXP_HISTORY_TEXT_H

#include <stdio.h>

#include "probe/store/history_read.h"
#include "reports/text.h"

/*
 * `mxprobe history` on a terminal: runs as a table; the past of a target as a
 * line of verdicts and one of times; one run with its rows.  Dates are UTC.
 */
struct history_style {
	struct text_style text;
	bool is_utf8;                   /* blocks may be used */
};

void history_text_runs(FILE *out, const struct history_style *style,
	const struct history_lines *lines);
void history_text_subjects(FILE *out, const struct history_style *style,
	const struct history_subjects *subjects);
void history_text_run(FILE *out, const struct history_style *style,
	struct database *database, const struct recorded_run *run);

/* "2026-11-21 17:03:05"; "-" for 0, and for what no calendar has. */
struct span history_date(struct arena *arena, int64_t wall_ms);

#endif
