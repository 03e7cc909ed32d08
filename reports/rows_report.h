#ifndef MXP_ROWS_REPORT_H
#define MXP_ROWS_REPORT_H

#include "probe/judge/result_row.h"
#include "reports/json_writer.h"

/*
 * What `mxprobe run` tells: a line for each row as it ends, below it what was
 * not as expected, and at the end how many there were of each verdict.  What a
 * server said is shown escaped, and without the secrets of the scenario.
 */
struct rows_count {
	size_t of[CELL_VERDICTS];
	size_t skipped;
};

/* The scenario's name, before its rows. */
void rows_text_scenario(FILE *out, const struct matrix *matrix,
	const struct variables *variables);
/* Below it, what its author left to the environment and nobody has set. */
void rows_text_defaults(FILE *out, const struct variables *variables);
void rows_text_row(FILE *out, const struct result_row *row);
void rows_text_end(FILE *out, const struct rows_count *count);

void rows_json_begin(struct json_writer *json, FILE *out);
void rows_json_row(struct json_writer *json,
	const struct result_row *row);

/* Its members alone, for a row that is an object of its own (--report-jsonl). */
void rows_json_members(struct json_writer *json,
	const struct result_row *row);
void rows_json_end(struct json_writer *json, int exit_status);

#endif
