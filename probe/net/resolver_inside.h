#ifndef MXP_RESOLVER_INSIDE_H
#define MXP_RESOLVER_INSIDE_H

#include "probe/dns/record.h"
#include "probe/net/fetch.h"
#include "probe/net/nameserver.h"
#include "probe/net/resolver.h"

/*
 * The resolver as its parts see it.
 *
 * A lookup is one question on its way from server to server:
 *
 *	queued -> asked -> answered -> (asked again, or settled and kept)
 *
 * It stands in one of the resolver's lists, by its state.  Only the turn,
 * which a timer of no length starts, moves it on from "answered" or calls
 * done: c-ares may answer from inside of being asked.
 */
enum lookup_state {
	LOOKUP_QUEUED,
	LOOKUP_ASKED,
	LOOKUP_ANSWERED,
	LOOKUP_KEPT,
};

struct lookup {
	TAILQ_ENTRY(lookup) entry;
	LIST_ENTRY(lookup) bucket_entry;
	LIST_HEAD(, waiter) waiters;
	struct asking asking;
	struct fetching *fetching;      /* RR_POLICY: in place of asking */
	struct resolver *resolver;
	struct arena *arena;            /* its own: it holds the lookup too */
	struct span name;
	enum rr_type type;
	uint32_t hash;                  /* as the question's */
	enum lookup_state state;
	size_t first;                   /* the server it began with */
	size_t turn;                    /* servers asked so far, tries too */
	unsigned spent;                 /* a bit for each server not worth
					   another try */
	bool without_edns;
	bool was_lost;                  /* some server was silent, or gone */
	struct response heard;          /* the latest */
	struct answer best;             /* the most telling one so far */
	bool has_best;
	uint64_t expires_ms;
};

/* Apart from the lookup, since most are not for policies and are many. */
struct fetching {
	struct fetch fetch;
	struct lookup *lookup;
};

/* One open question of one round, in the arena of its answers. */
struct waiter {
	LIST_ENTRY(waiter) lookup_entry;
	struct waiter *next;            /* of the same round */
	struct question *question;
	struct resolver_round *round;
	bool is_settled;
};

enum {
	RESOLVER_BUCKETS = 1024,
	RESOLVER_IDS = 64,              /* random ones fetched at once: a
					   system call each is dear */
};

TAILQ_HEAD(lookup_list, lookup);
TAILQ_HEAD(round_list, resolver_round);

struct resolver {
	struct arena *arena;
	uv_loop_t *loop;
	uv_timer_t hop;
	struct nameserver servers[RESOLVER_SERVERS_MAX];
	size_t server_count;
	size_t preferred;               /* answered when another did not */
	unsigned tries;
	size_t asked_count, kept_count;
	uint16_t ids[RESOLVER_IDS];     /* random, not used yet */
	size_t id_count;
	struct lookup_list queued, asked, answered, kept;
	LIST_HEAD(, lookup) buckets[RESOLVER_BUCKETS];
	struct round_list rounds, over;
	struct arena *spare[RESOLVER_WINDOW];   /* empty, for lookups to
						   come */
	size_t spare_count;
	struct fetcher *fetcher;        /* NULL: policies are not fetched */
	bool is_closing;
};

/* The turn comes soon. */
void resolver_hop(struct resolver *resolver);

/* ---- lookups, and those who wait for them (lookup.c) */

const struct answer *lookup_copy_answer(struct arena *arena,
	const struct answer *answer);
void resolver_round_over(struct resolver_round *round);
void waiter_settle(struct waiter *waiter, const struct answer *answer);

struct lookup *lookup_find(struct resolver *resolver,
	const struct question *question);       /* or NULL */
struct lookup *lookup_new(struct resolver *resolver, struct arena *arena,
	enum lookup_state state, const struct question *question);
void lookup_move(struct lookup *lookup, enum lookup_state state);
void lookup_forget(struct lookup *lookup);

/* Empty, for a lookup that is not kept. */
struct arena *lookup_arena(struct resolver *resolver);

/* All that wait have the best answer, which is remembered. */
void lookup_settle(struct lookup *lookup);

/* ---- from server to server (lookup_turn.c) */

void lookup_ask(struct lookup *lookup);
void lookup_fetch(struct lookup *lookup);

/* It was answered: it is asked again, settled or forgotten. */
void lookup_decide(struct lookup *lookup);

/* ---- which servers (resolver_servers.c) */

/* False: *why says what is wrong. */
bool resolver_servers_from_text(struct resolver *resolver, struct span text,
	struct span *why);
bool resolver_servers_of_system(struct resolver *resolver, struct span *why);

/* Those that the text of a resolv.conf names; a line that names none is left
 * out, as it is elsewhere. */
void resolver_servers_from_conf(struct resolver *resolver, struct span text);

bool resolver_open_servers(struct resolver *resolver,
	const struct resolver_setup *setup, struct span *why);
void resolver_close_servers(struct resolver *resolver);

#endif
