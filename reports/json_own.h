#ifndef MXP_JSON_OWN_H
#define MXP_JSON_OWN_H

#include "probe/policy/own_records.h"
#include "reports/json_writer.h"

/* The member "records"; null when there is no domain to look at. */
void json_own(struct json_writer *json, const struct own_records *records);

#endif
