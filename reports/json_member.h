#ifndef MXP_JSON_MEMBER_H
#define MXP_JSON_MEMBER_H

#include "probe/base/ip.h"
#include "probe/judge/finding.h"
#include "reports/json_writer.h"

/*
 * Members that several documents have, in one form: null is what is not known.
 */

/* A date in UTC.  The arena is for what is written only. */
void json_put_time(struct json_writer *json, struct arena *arena,
	const char *key, bool has_time, int64_t wall_ms);

void json_put_ip(struct json_writer *json, const char *key,
	const struct ip *ip);           /* or NULL */

/* The member "family": "ipv4", "ipv6". */
void json_put_family(struct json_writer *json, bool has_family,
	enum family family);

/* A number that is never 0, such as a reply's code; 0: not known. */
void json_put_number(struct json_writer *json, const char *key,
	unsigned number);

/* The member "status": "5.7.1" (RFC 3463); its class is 0: not known. */
void json_put_status(struct json_writer *json, const unsigned status[3]);

/* Each in words. */
void json_put_evidence(struct json_writer *json, const char *key,
	const struct evidence *evidence, size_t count);
void json_put_texts(struct json_writer *json, const char *key,
	const struct span *texts, size_t count);

#endif
