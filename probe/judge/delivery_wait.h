#ifndef MXP_DELIVERY_WAIT_H
#define MXP_DELIVERY_WAIT_H

#include "probe/judge/delivery_join.h"
#include "probe/judge/delivery_kept.h"
#include "probe/judge/delivery_likeness.h"

/*
 * A delivery of a log that has found its bounce or its capture, and waits for
 * the end, since another may come that fits them better.  At the end a bounce
 * that has found a capture is one, too.
 */
struct delivery_wait {
	struct arena *arena;            /* it lives in */
	struct delivery delivery;
	uint64_t number;                /* in the order of adding */
	struct delivery_kept *bounce, *capture;
	struct likeness to_bounce, to_capture;
	struct delivery_wait *next, *before;
};

struct delivery_join {
	struct arena *arena;            /* it lives in */
	struct delivery_join_orders orders;
	struct delivery_join_account account;
	struct kept_deliveries kept;
	struct delivery_wait *first, *last;
	int zone;                       /* of the clock of logs, as last found;
					   quarters of an hour */
};

/* The best of one kind for a delivery of a log, or for a bounce. */
struct delivery_search {
	const struct delivery *told;
	const struct delivery *other;   /* it is the same as, too; or NULL */
	uint64_t number;                /* of told */
	enum witness_kind wanted;
	int zone;
	bool is_last;                   /* no log is to come: of what a log's
					   has taken, it may be the bounce */
	struct delivery_kept *found;    /* or NULL */
	struct likeness likeness;
};

void delivery_search_run(struct delivery_search *search,
	struct kept_deliveries *kept);

/* A session that ended before a recipient was named is that of many. */
bool kept_is_shared(const struct delivery_kept *kept);

struct delivery_wait *delivery_wait_new(struct delivery_join *join,
	const struct delivery *delivery);
void delivery_wait_free(struct delivery_join *join, struct delivery_wait *wait);

/* Which of the two places of a wait is for this kind. */
struct delivery_kept **wait_place(struct delivery_wait *wait,
	enum witness_kind kind);
struct likeness *wait_likeness(struct delivery_wait *wait,
	enum witness_kind kind);

#endif
