#ifndef MXP_JSON_IDENTITY_H
#define MXP_JSON_IDENTITY_H

#include "probe/facts/visit.h"
#include "reports/json_writer.h"

/*
 * Who we are to the receiver of one visit: reverse DNS, SPF, DKIM, DMARC.  A
 * value, without a key.  What could not be evaluated is null.
 */
void json_identity(struct json_writer *json, const struct visit *visit);

#endif
