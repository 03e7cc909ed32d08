#ifndef MXP_ROWS_JSONL_H
#define MXP_ROWS_JSONL_H

#include "reports/row_formats.h"

/*
 * One JSON line for each row: a row of run.schema.json, and as "facts" what it
 * was judged by, a target of mxprobe.schema.json or null.  Secrets are "***".
 */
void *rows_jsonl_begin(struct arena *arena, FILE *out, const char *file,
	const struct report_run *run);
void rows_jsonl_row(void *report, const struct result_row *row);
bool rows_jsonl_end(void *report, int exit_status);

#endif
