#ifndef MXP_JSON_IDENTITY_H
#define MXP_JSON_IDENTITY_H

#include "probe/facts/visit.h"
#include "reports/json_writer.h"

/*
 * Who we are to the receiver of one visit: reverse DNS, SPF, DKIM, DMARC.  A
 * value, without a key.  What could not be evaluated is null.
 */
void json_identity(struct json_writer *json, const struct visit *visit);

/* What is told of one signature, inside an object; of DMARC, a member. */
void json_dkim_members(struct json_writer *json,
	const struct dkim_check *check);
void json_dmarc(struct json_writer *json, const char *key,
	const struct dmarc_check *check);

#endif
