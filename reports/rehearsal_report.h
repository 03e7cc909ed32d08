#ifndef MXP_REHEARSAL_REPORT_H
#define MXP_REHEARSAL_REPORT_H

#include "probe/judge/result_row.h"
#include "reports/json_writer.h"

/*
 * What `mxprobe run --rehearse` tells: for each performance its rows, as a run
 * tells them, and below a row what was to come of it where something else did.
 */
struct rehearsed_row {
	const struct result_row *row;
	struct span twin;               /* empty: the one in which all is well */
	struct span wanted;             /* "fail"; not escaped */
	bool is_as_wanted;
	bool is_left_out;               /* this host lacks the loopback */
};

struct rehearsed_count {
	size_t as_wanted, not_as_wanted, left_out;
};

void rehearsal_text_scenario(FILE *out, const struct matrix *matrix,
	const struct variables *variables);
void rehearsal_text_performance(FILE *out, struct span twin);
void rehearsal_text_row(FILE *out, const struct rehearsed_row *rehearsed);
void rehearsal_text_end(FILE *out, const struct rehearsed_count *count);

void rehearsal_json_begin(struct json_writer *json, FILE *out);
void rehearsal_json_row(struct json_writer *json,
	const struct rehearsed_row *rehearsed);
void rehearsal_json_end(struct json_writer *json, int exit_status);

#endif
