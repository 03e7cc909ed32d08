#ifndef MXP_EXPLAIN_INCIDENT_JSON_H
#define MXP_EXPLAIN_INCIDENT_JSON_H

#include "probe/judge/incident.h"
#include "reports/json_writer.h"

/*
 * What is to be said of an incident, for programs: reports/explain.schema.json.
 * Nothing is left out but what the judgement itself leaves out, and of the
 * volume all but the VOLUME_TOP days and those near a limit.
 */

/* The members of the document, inside its object. */
void explain_json_incident(struct json_writer *json, struct arena *arena,
	const struct incident_judgement *judgement);

/* The same as lines, each an object with its "kind". */
void explain_json_lines(FILE *out, struct arena *arena,
	const struct incident_judgement *judgement);

#endif
