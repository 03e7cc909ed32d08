#ifndef MXP_REPORT_OPTIONS_H
#define MXP_REPORT_OPTIONS_H

#include "probe/option_rows.h"

/* The options --report-* and --exit-style, which stand in the walk's table. */
option_set set_report_junit, set_report_tap, set_report_prometheus,
	set_report_html, set_report_jsonl, set_exit_style;

/* What goes with what, when all is read. */
void report_options_check(struct reading *reading);

#endif
