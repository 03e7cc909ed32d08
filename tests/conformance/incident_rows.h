#ifndef MXP_CONFORMANCE_INCIDENT_ROWS_H
#define MXP_CONFORMANCE_INCIDENT_ROWS_H

#include "probe/smtp/stage.h"
#include "tests/conformance/conformance.h"

/*
 * What each mail server did in each case: the table of the data's README, and
 * beside it what each witness of the case cannot know.  A case is one message
 * to a host with both families, of which IPv6 has the fault; a second recipient
 * has a host with IPv4 alone, and is not looked at.
 */
enum incident_end {
	SENT,
	DEFERRED,
	BOUNCED,
	OPEN,                   /* still under way at the end of the log */
};

enum incident_ipv6 {
	UNUSED,                 /* there is none, or no host at all */
	FAILED,
	WORKED,
};

/* What a witness cannot know. */
enum {
	NO_STAGE = 1,
	NO_IPV6 = 2,            /* what became of it */
	NO_POLICY = 4,
	NOT_ASKED = 8,          /* anything that does not contradict will do */
};

struct incident_row {
	const char *mta, *name;
	enum incident_end end;
	enum incident_ipv6 ipv6;
	bool tries_ipv4;
	int stage;              /* of the failure; -1: there was none */
	const char *policy;     /* of the reply; NULL: not asked */
	const char *path;       /* the cause in a capture; NULL: the path was
				   sound */
	unsigned unlogged, unbounced, uncaptured;
	const char *limit;      /* that its log has to tell; or NULL */
};

/* NULL: a case that counts for nothing. */
const struct incident_row *incident_row_of(struct span mta, struct span name);

#endif
