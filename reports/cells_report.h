#ifndef MXP_CELLS_REPORT_H
#define MXP_CELLS_REPORT_H

#include "probe/judge/expectation.h"
#include "reports/json_writer.h"
#include "scenarios/variables.h"

/*
 * What `mxprobe run` tells: a line for each cell as it ends, below it what was
 * not as expected, and at the end how many there were of each verdict.  What a
 * server said is shown escaped, and without the secrets of the scenario.
 */
struct cell_report {
	struct span file;
	const struct matrix *matrix;
	const struct matrix_cell *cell;
	const struct cell_result *result;
	const struct variables *variables;
	bool is_skipped;
};

struct cells_count {
	size_t of[CELL_VERDICTS];
	size_t skipped;
};

/* The word of its verdict: "skipped" where it was not to be walked. */
const char *cell_report_word(const struct cell_report *report);

/* The scenario's name, before its cells. */
void cells_text_scenario(FILE *out, const struct matrix *matrix,
	const struct variables *variables);
void cells_text_cell(FILE *out, const struct cell_report *report);
void cells_text_end(FILE *out, const struct cells_count *count);

void cells_json_begin(struct json_writer *json, FILE *out);
void cells_json_cell(struct json_writer *json,
	const struct cell_report *report);
void cells_json_end(struct json_writer *json, int exit_status);

#endif
