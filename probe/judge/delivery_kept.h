#ifndef MXP_DELIVERY_KEPT_H
#define MXP_DELIVERY_KEPT_H

#include "probe/base/arena.h"
#include "probe/facts/delivery.h"

/*
 * The deliveries of bounces and captures that wait for one of a log, found by
 * what they may have in common with it: the recipient, an id, the server's
 * address.  Of the very many that one recipient may have, those near in time
 * are looked at.
 */
struct delivery_wait;

struct delivery_kept {
	struct delivery delivery;
	struct delivery_wait *taker;    /* who has it now; or NULL */
	bool is_dropped;                /* it has come twice */
	bool is_told;                   /* it is part of one that went on, and
					   may be part of others */
	uint32_t told_of;               /* the hash of that one's queue id */
};

struct kept_entry {
	uint32_t hash;
	uint32_t place;                 /* in deliveries */
	int64_t time_ms;                /* INT64_MIN: not known */
};

struct kept_deliveries {
	struct arena *arena;
	struct delivery_kept **deliveries;
	size_t count, room;
	struct kept_entry *entries;
	size_t entry_count, entry_room;
	bool is_sorted;
	bool has_bounces, has_captures;
	size_t octets;
	uint64_t dropped;
};

enum {
	KEPT_KEYS_MAX = 6,
	KEPT_LOOKED_AT_MAX = 256,       /* for one delivery and key */
	KEPT_TWICE_MAX = 32,            /* of one key and time */
};

void kept_open(struct kept_deliveries *kept);
void kept_close(struct kept_deliveries *kept);
void kept_empty(struct kept_deliveries *kept);

/*
 * A copy.  Two files may hold the same bounce, and two captures the same session,
 * the one with the secrets of TLS and the other without: of these only the one
 * that tells most is kept, once all are there.
 */
void kept_add(struct kept_deliveries *kept, const struct delivery *delivery);

/* Called before they are looked at one by one. */
void kept_settle(struct kept_deliveries *kept);

/* Each that may be the same as this one, some of them twice. */
void kept_visit(struct kept_deliveries *kept, const struct delivery *delivery,
	int zone, void (*visit)(void *visitor, struct delivery_kept *kept),
	void *visitor);

/* By file and position, whatever the order of adding was. */
int kept_order(const struct delivery_kept *a, const struct delivery_kept *b);

/* 0: there is none. */
uint32_t kept_hash(struct span queue_id);

/* Octets of a copy. */
size_t delivery_octets(const struct delivery *delivery);

/* A copy whose spans begin at `room`, which has delivery_octets(). */
void delivery_copy(struct delivery *copy, const struct delivery *delivery,
	char *room);

#endif
