#ifndef MXP_SCENARIO_JSON_H
#define MXP_SCENARIO_JSON_H

#include "reports/json_writer.h"
#include "scenarios/matrix.h"

/*
 * A scenario in its parsed form: its statements as they were written, every
 * complaint, and the cells of its matrix.  A secret is "***".
 */
enum { SCENARIO_JSON_SCHEMA = 1 };

struct scenario_report {
	struct span file;
	const struct sheet *sheet;
	const struct complaints *complaints;
	const struct matrix *matrix;    /* NULL: there are complaints */
};

/* The document: files are written as they come. */
void scenario_json_begin(struct json_writer *json, FILE *out);
void scenario_json_file(struct json_writer *json,
	const struct scenario_report *report);
void scenario_json_end(struct json_writer *json, int exit_status);

#endif
