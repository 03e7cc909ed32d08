#ifndef MXP_DELIVERY_JOIN_H
#define MXP_DELIVERY_JOIN_H

#include "probe/base/arena.h"
#include "probe/facts/delivery.h"

/*
 * One delivery that a log, a bounce and a capture tell of counts once, and
 * each of them fills in what the others lack.
 *
 *	join = delivery_join_open(&orders);
 *	delivery_join_add(join, delivery);      all of captures and bounces,
 *	delivery_join_add(join, delivery);      then all of logs
 *	delivery_join_end(join);                the rest comes out
 *	delivery_join_close(join);
 *
 * Captures and bounces are kept until the end, as many as the ceilings allow;
 * what is beyond them goes straight on and is counted.  A log may be of any
 * size: its deliveries go straight on, but for those that have found a bounce
 * or a capture, which wait for a delivery of the log that fits it better.
 * Other orders of adding are allowed, and cost what came before its match.
 *
 * Two deliveries are the same when nothing in them contradicts (family,
 * address, code, recipient, queue id, message id, accepted or not) and
 *
 *	- the queue id or the message id is the same, or
 *	- the recipient and the reply are the same, or the one reply begins
 *	  with the other (Sendmail knows only its first line), and the times are
 *	  near, or apart by whole quarters of an hour: the stamps of many logs
 *	  name no zone, or
 *	- the recipient, the family and the way it ended are the same, and the
 *	  times are within seconds.
 *
 * A connection that failed for all its recipients is known without them: the
 * server's address, the times and what is told of it decide then, and a session
 * of a capture that ended before any recipient was named is that of each
 * recipient of which the log tells so.
 *
 * A delivery of a log takes one of a bounce and one of a capture at most.
 * What a bounce tells is the end of a message, so that of several attempts in
 * a log the last one that fits takes it.  Two logs are not joined: a message
 * goes from the one host to the other, and these are two deliveries.  Nor are
 * two captures or two bounces, unless they are the same twice: a bounce in two
 * files, a session in two captures.
 */
enum {
	JOINED_WITNESSES_MAX = 3,       /* one of each kind */
	JOIN_KEPT_MAX = 65536,
	JOIN_OCTETS_MAX = 48 * 1024 * 1024,
	JOIN_NEAR_MS = 5000,            /* "within seconds" */
	JOIN_BOUNCE_MS = 120000,        /* from the reply to its bounce */
	JOIN_ZONES = 14 * 4,            /* quarters of an hour, either way */
};

struct delivery_witness {
	enum witness_kind kind;
	struct span file;
	size_t folders;                 /* octets at its start that all files
					   share: words leave them out */
	uint64_t position;              /* line or frame; 0: not known */
	struct span dialect;
};

struct joined_delivery {
	/* What all of them know together.  `witness`, `file`, `position` and
	 * `dialect` are those of the first witness. */
	struct delivery delivery;
	/* In this order: log, bounce, capture. */
	struct delivery_witness witnesses[JOINED_WITNESSES_MAX];
	size_t witness_count;           /* 1.. */
};

bool joined_delivery_has(const struct joined_delivery *joined,
	enum witness_kind kind);

struct delivery_join_orders {
	/* Nothing of it is needed when this has returned. */
	void (*take)(void *taker, const struct joined_delivery *joined);
	void *taker;
	size_t kept_max;                /* 0: JOIN_KEPT_MAX */
	size_t octets_max;              /* 0: JOIN_OCTETS_MAX */
};

struct delivery_join_account {
	uint64_t given;                 /* deliveries of one witness each */
	uint64_t taken;                 /* what came of them */
	uint64_t repeated;              /* bounces and captures of what another
					   file has, too; known at the end */
	uint64_t not_kept;              /* of bounces and captures, beyond the
					   ceilings: joined with none */
};

struct delivery_join;

struct delivery_join *delivery_join_open(
	const struct delivery_join_orders *orders);
void delivery_join_close(struct delivery_join *join);

/* Nothing of the delivery is needed any more. */
void delivery_join_add(struct delivery_join *join,
	const struct delivery *delivery);

/* The same of one that nothing else will tell of: it goes on at once. */
void delivery_join_pass(struct delivery_join *join,
	const struct delivery *delivery);

/* Whatever is kept or waits goes on; more may be added afterwards. */
void delivery_join_end(struct delivery_join *join);

const struct delivery_join_account *delivery_join_account(
	const struct delivery_join *join);

#endif
