#ifndef MXP_ISOLATION_JSON_H
#define MXP_ISOLATION_JSON_H

#include "probe/judge/isolation.h"
#include "reports/json_writer.h"

/*
 * An isolation as an object: `isolation` in mxprobe.schema.json and in
 * run.schema.json.  `secrets` are written as "***"; NULL: there are none.
 */
void isolation_json(struct json_writer *json,
	const struct isolation *isolation, const struct variables *secrets);

#endif
