#ifndef MXP_REPORTED_JSON_H
#define MXP_REPORTED_JSON_H

#include "probe/judge/reported_judge.h"
#include "reports/json_writer.h"

/*
 * The same as JSON, without a limit.  reported_json() writes one document and
 * its line end; reported_json_value() one value inside another document.
 */
void reported_json(FILE *out, const struct reported_judgement *judgement);
void reported_json_value(struct json_writer *json, struct arena *arena,
	const struct reported_judgement *judgement);

#endif
