#ifndef MXP_DIFF_REPORT_H
#define MXP_DIFF_REPORT_H

#include <stdio.h>

#include "probe/judge/difference.h"
#include "reports/text.h"

/*
 * `mxprobe diff`: what changed from one run to another, row by row, what got
 * worse first said so; or the same as JSON.
 */
struct diff_report {
	const struct recorded_run *before, *after;
	struct span before_name, after_name;    /* as the user gave them */
	const struct differences *differences;
};

void diff_text(FILE *out, const struct text_style *style,
	const struct diff_report *report);
void diff_json(FILE *out, const struct diff_report *report,
	int exit_status);

#endif
