#ifndef MXP_NEXT_TRY_H
#define MXP_NEXT_TRY_H

#include "probe/base/arena.h"
#include "probe/facts/delivery.h"

/*
 * What the mail server did next with a message that an attempt did not bring:
 * whether it was taken over the other family, at another host, at the same one
 * later, or failed over the other family too.  The attempts of one message are
 * found by its queue id (or its Message-ID; or in a capture, which knows neither,
 * by sender and recipient within ten minutes) and its recipient.  They may come in any order.
 *
 * Memory is bounded: of the messages of which an attempt failed the oldest is
 * forgotten for a new one.  Of those that were accepted, and of which no failure
 * is known, only the latest are kept: their failure may be told behind.
 */
enum {
	NEXT_TRY_MESSAGES = 16384,
	NEXT_TRY_ACCEPTED = 2048,
	NEXT_TRY_NEAR_MS = 10 * 60 * 1000,
};

/* Of one destination, family and cause, for which the first attempts failed. */
struct next_tries {
	uint64_t messages;              /* of which an attempt failed */
	uint64_t other_family;          /* of them: accepted over it */
	uint64_t other_host;            /* ... at another address of this one */
	uint64_t same_host;             /* ... at the same address, again */
	uint64_t failed_both;           /* over the other family it failed too */

	/* The earliest that was accepted after all. */
	bool has_example;
	int64_t example_ms;             /* when it was accepted */
	int64_t example_wait_ms;        /* since the failed attempt */
	bool example_is_other_family, example_is_same_host;
};

/* The others too; the example is the earlier one. */
void next_tries_join(struct next_tries *tries,
	const struct next_tries *others);

struct next_try_message;
struct next_try_accepted;

struct next_try {
	struct arena *arena;
	struct next_try_message *messages;      /* NULL: none yet */
	uint32_t *tags;                 /* half of each one's key: mostly
					   there is none, and they tell so */
	struct next_try_accepted *accepted;     /* likewise */
};

void next_try_open(struct next_try *next, struct arena *arena);

/* The delivery is added soon: what is known of its message is fetched. */
void next_try_foresee(
	const struct next_try *next, const struct delivery *delivery);

/* `tries` counts for the destination, family and cause of a failed attempt, and
 * stays where it is. */
void next_try_add(struct next_try *next, const struct delivery *delivery,
	struct next_tries *tries);

#endif
