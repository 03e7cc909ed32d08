#ifndef MXP_TRACE_JSON_H
#define MXP_TRACE_JSON_H

#include "probe/judge/trace_judge.h"
#include "reports/json_writer.h"

/*
 * What `mxprobe trace --json` tells, whose form is trace.schema.json beside
 * this file.  Begin, each target, end; times are whole microseconds.
 */
void trace_json_begin(struct json_writer *json, FILE *out);
void trace_json_target(struct json_writer *json,
	const struct outcome *outcome, const struct trace_set *traces);
void trace_json_end(struct json_writer *json,
	const struct trace_judgement *judgement, int exit_status);

#endif
