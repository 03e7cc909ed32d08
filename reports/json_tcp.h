#ifndef MXP_JSON_TCP_H
#define MXP_JSON_TCP_H

#include "probe/facts/mtu_trial.h"
#include "reports/json_writer.h"

/* What TCP knew at the end of a walk: an object, or null. */
void json_tcp(struct json_writer *json, const struct tcp_facts *tcp);

/* What two connections with large and small segments told: an object. */
void json_mtu_trial(struct json_writer *json, const struct mtu_trial *trial);

#endif
