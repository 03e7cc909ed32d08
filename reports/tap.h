#ifndef MXP_TAP_H
#define MXP_TAP_H

#include "reports/row_formats.h"

/*
 * TAP, version 13: a test for each row.  A rejection that is known until a
 * date is a "todo", and not counted; what was not walked is skipped; what
 * could not be decided is not ok.
 */
void *tap_begin(struct arena *arena, FILE *out, const char *file,
	const struct report_run *run);
void tap_row(void *report, const struct result_row *row);
bool tap_end(void *report, int exit_status);

#endif
