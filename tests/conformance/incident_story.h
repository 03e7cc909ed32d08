#ifndef MXP_CONFORMANCE_INCIDENT_STORY_H
#define MXP_CONFORMANCE_INCIDENT_STORY_H

#include "tests/conformance/explained.h"

/* What became of the recipient whose host has the fault, as it is told.  The
 * spans are in the lines. */
enum { STORY_IPV4, STORY_IPV6, STORY_NEITHER, STORY_FAMILIES };
enum { STORY_ADDRESSES_MAX = 8 };

struct story {
	size_t accepted[STORY_FAMILIES], failed[STORY_FAMILIES];
	struct span end;                /* of the last; empty: not told */
	bool has_failure;
	struct span stage, policy;      /* of the first failure */
	struct span path[2];            /* its cause; by family */
	bool is_tried[2];
	bool has_hidden;                /* sessions that cannot be read */
	size_t most_witnesses;          /* of one delivery */
	struct span addresses[STORY_ADDRESSES_MAX];
	size_t address_count;
};

/* Captures hold the end of what was tested before, too: of a family of which
 * `log` knows addresses, only these count.  NULL: all do. */
struct story story_of(
	const struct explained *explained, const struct story *log);

/* The finding about IPv6 there, or the first at all; NULL: there is none. */
const json_t *story_finding(const struct explained *explained);

/* Is this said of what cannot be known? */
bool story_has_limit(const struct explained *explained, const char *id);

/* What the table has of a family, all destinations together. */
struct story_rate {
	json_int_t accepted, deferred, refused;
};

struct story_rate story_rate_of(
	const struct explained *explained, const char *family);

#endif
