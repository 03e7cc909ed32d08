#ifndef MXP_TREE_WALK_H
#define MXP_TREE_WALK_H

#include "probe/dns/answers.h"
#include "probe/policy/dmarc_record.h"

/*
 * The DNS tree walk of RFC 9989, 4.10: the DMARC records of a name and of the
 * names above it, and from them the organizational domain (4.10.2), without
 * any list of public suffixes.
 *
 * It asks one name after the other, each only when the one below it did not
 * end the walk: what the RFC counts as queries are all the queries there are.
 */
enum {
	TREE_WALK_QUERIES_MAX = 8,
	TREE_WALK_LABELS_LEFT = 7,      /* of a longer name, after the first */
};

enum tree_walk_state {
	TREE_WALK_OPEN,
	TREE_WALK_DONE,
	TREE_WALK_FAILED,       /* a lookup failed: what is above is unknown */
};

struct tree_walk_record {
	struct span domain;     /* whose record it is, without "_dmarc." */
	const struct dmarc_record *record;
};

struct tree_walk {
	enum tree_walk_state state;
	struct tree_walk_record found[TREE_WALK_QUERIES_MAX]; /* lowest first */
	size_t count;
	size_t queries;         /* asked or known, the open one included */
	struct span org_domain; /* the name itself when nothing was found;
				   empty unless DONE */
	struct span discarded;  /* a name with more than one record: none of
				   them counts; empty: there is no such */
	struct span failed;     /* the name whose lookup failed, and why */
	struct span why;
};

/*
 * What is at _dmarc.DOMAIN alone: the first step of a walk.  *record is NULL
 * when there is none, or more than one (*count says which).
 */
const struct answer *dmarc_lookup(struct arena *arena,
	struct answers *answers, struct span domain,
	const struct dmarc_record **record, size_t *count);

/* The domain as probe/dns/name.h has it; an empty one has an empty walk. */
enum tree_walk_state tree_walk(struct arena *arena, struct answers *answers,
	struct span domain, struct tree_walk *walk);

/* The record found for this domain, or NULL. */
const struct dmarc_record *tree_walk_record(const struct tree_walk *walk,
	struct span domain);

#endif
