#ifndef MXP_MTA_ORDER_H
#define MXP_MTA_ORDER_H

#include "probe/facts/mta_config.h"
#include "probe/facts/path.h"

/*
 * What a mail server would do with the addresses of a destination: the order in
 * which it tries them, what it does when the first of them fails in one way or
 * another, and what to change so that this destination is reached over one
 * family only.  All of it is the server's own rule, not the RFC's, and the
 * families are where they differ most: after a 5xx over IPv6 none of them tries
 * IPv4.
 *
 * Every address counts, those too that the probe leaves out for itself.
 */
struct mta_try {
	const struct path *path;
	size_t turn;                    /* 1..; those with the same turn come
					   in an order drawn at random; 0: it
					   is never tried */
	bool is_chance;                 /* the limit may leave it out */
	struct span why;                /* of its turn, or why it has none */
};

/* How the first address may fail. */
enum mta_failure {
	MTA_FAILS_REFUSED,              /* 5xx to a command or the message */
	MTA_FAILS_DEFERRED,             /* 4xx, likewise */
	MTA_FAILS_CONNECT,              /* dropped, reset, prohibited */
	MTA_FAILS_GREETING,             /* 554 in place of 220 */
	MTA_FAILS_STALL,                /* silence while the message is sent */
};
enum { MTA_FAILURE_COUNT = MTA_FAILS_STALL + 1 };

enum mta_next {
	MTA_BOUNCES,
	MTA_DEFERS,                     /* with no other address tried now */
	MTA_TRIES_NEXT,
};

struct mta_reaction {
	enum mta_next next;
	const struct path *then;        /* of MTA_TRIES_NEXT; NULL: there is
					   none, so it defers */
	struct span why;                /* one sentence */
	bool is_seen;                   /* with the real program, else as it is
					   documented */
};

/* How to reach the destination over one family only. */
struct mta_change {
	bool is_needed;                 /* it is not that way now */
	bool is_possible;
	struct span steps;              /* lines of configuration and commands,
					   each ended by LF */
	struct span note;               /* one sentence; or empty */
};

struct mta_order {
	enum mta mta;
	const struct mta_config *config;
	struct span domain;
	struct mta_try *tries;          /* by turn, the never tried last */
	size_t count;
	struct mta_reaction reactions[MTA_FAILURE_COUNT];
	struct mta_change only[FAMILY_COUNT];
};

void mta_order_make(struct arena *arena, const struct mta_config *config,
	struct span domain, const struct path *paths, size_t path_count,
	struct mta_order *order);

/* For a sentence: "refuses with 5xx". */
const char *mta_failure_phrase(enum mta_failure failure);

#endif
