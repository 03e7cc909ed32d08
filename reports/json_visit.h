#ifndef MXP_JSON_VISIT_H
#define MXP_JSON_VISIT_H

#include "probe/judge/judge.h"
#include "reports/json_writer.h"

/* The parts of the document that tell of one walk: values, without a key. */

/* "ipv4", "ipv6": a key of the document and a value in it. */
const char *json_family(enum family family);

void json_fault(struct json_writer *json, const struct fault *fault);
void json_visit(struct json_writer *json,
	const struct visit_judgement *judged);

#endif
