#ifndef MXP_HTML_ISOLATION_H
#define MXP_HTML_ISOLATION_H

#include "reports/html_text.h"

/*
 * What an isolation of this row found: its conclusion, a line for each
 * experiment, and what was held still.  Nothing where there was none.
 */
void html_isolation(
	FILE *out, struct arena *arena, const struct result_row *row);

#endif
