#ifndef MXP_JSON_H
#define MXP_JSON_H

#include <stdio.h>

#include "probe/judge/judge.h"
#include "reports/json_writer.h"

/*
 * The facts and the judgement as JSON, whose form is mxprobe.schema.json
 * beside this file: one document for a run, or one line per target, or one
 * line per visit.  Every string is well-formed UTF-8: where a reply was not,
 * its bytes stand beside it in hexadecimal.  There are no fractions: times
 * are whole microseconds, sizes whole octets.
 *
 * Nothing is kept: a run of any length takes the memory of one target.  A
 * failure to write is the stream's own: ask ferror() once, at the end.
 */
enum { JSON_SCHEMA = 1 };       /* grows when a reader must change */

/* The document of a run (--json): targets are written as they come. */
struct json_run {
	FILE *out;
	size_t target_count;
};

void json_run_begin(struct json_run *run, FILE *out, struct span codebook,
	int64_t started_ms);
void json_run_target(struct json_run *run, const struct outcome *outcome,
	const struct judgement *judgement);

/* Whatever happened in between, the document is whole after this. */
void json_run_end(struct json_run *run, enum verdict verdict,
	int exit_status);

/* One target, as a value inside another document. */
void json_target(struct json_writer *json, const struct outcome *outcome,
	const struct judgement *judgement);

/* One target, one line (--jsonl). */
void json_target_line(FILE *out, const struct outcome *outcome,
	const struct judgement *judgement);

/* One visit, one line (--jsonl --repeat). */
void json_visit_line(FILE *out, const struct visit_judgement *visit);

#endif
