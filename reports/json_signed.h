#ifndef MXP_JSON_SIGNED_H
#define MXP_JSON_SIGNED_H

#include "probe/policy/preflight.h"
#include "reports/json_writer.h"

/*
 * What is signed in a message of a preflight, as members of its object: the
 * DKIM signatures, "signatures", and the ARC chain, "arc", each with what was
 * done to the message where that could be found.
 */
void json_signatures(struct json_writer *json,
	const struct preflight *preflight);
void json_arc(struct json_writer *json, const struct preflight *preflight);

#endif
