#ifndef MXP_ANSWER_SECTION_H
#define MXP_ANSWER_SECTION_H

#include "probe/dns/answers.h"
#include "probe/dns/cursor.h"

/*
 * The answer section of a response: the values of a name, or of where its CNAME
 * and DNAME records (RFC 6672) lead.  The records may stand in any order, so
 * each step of the chain is a pass over all of them; one bad record does not
 * spoil the good ones beside it.
 */
enum {
	ANSWER_SECTION_VALUES_MAX = 256,        /* the others are dropped */
	ANSWER_SECTION_CHAIN_MAX = 16,          /* CNAME and DNAME steps */
};

struct answer_section {
	struct arena *arena;            /* values and names go there */
	struct cursor records;          /* stands at the first one */
	unsigned count;                 /* as the header says */

	/* What was found. */
	struct span *values;            /* in the order they came in */
	size_t value_count, value_room;
	size_t dropped;                 /* values above the limit */
	size_t bad;                     /* records not well-formed */
	uint32_t ttl;                   /* the least of those used; the caller
					   begins with UINT32_MAX */
	struct span canonical;          /* where a chain ended; empty: there was
					   none */
};

/* False: the chain has no end. */
bool answer_section_follow(struct answer_section *section, struct span name,
	enum rr_type type) MXP_MUST_USE;

#endif
