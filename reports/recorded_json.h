#ifndef MXP_RECORDED_JSON_H
#define MXP_RECORDED_JSON_H

#include "probe/judge/recorded.h"
#include "reports/json_writer.h"

/*
 * What the history keeps of a row, as members of an object: "key", "name",
 * "kind", "target", "family", "path", "verdict", "why", "started", "took_us",
 * "stages" and "traits".  `mxprobe diff` reads them again.
 */
void recorded_json(struct json_writer *json, const struct recorded *row);

/*
 * The last four alone, with "key" and "name", of a row as it is told: for a
 * document that has the others in its own form.
 */
void recorded_json_of_row(struct json_writer *json,
	const struct result_row *row);

/* A date as JSON has it; null for 0. */
void recorded_json_date(struct json_writer *json, const char *key,
	int64_t wall_ms);

#endif
