#ifndef MXP_JSON_DOMAIN_H
#define MXP_JSON_DOMAIN_H

#include "probe/facts/outcome.h"
#include "reports/json_writer.h"

/*
 * What the domain asks of senders, over whatever path: MTA-STS and TLSRPT.  A
 * value, without a key; null for what was not asked.
 */
void json_domain_policies(struct json_writer *json,
	const struct outcome *outcome);

#endif
