#ifndef MXP_JSON_FINDING_H
#define MXP_JSON_FINDING_H

#include "probe/judge/finding.h"
#include "reports/json_writer.h"

/* A finding as an object: `finding` in mxprobe.schema.json. */
void json_finding(struct json_writer *json, const struct finding *finding);

#endif
