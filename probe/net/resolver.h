#ifndef MXP_RESOLVER_H
#define MXP_RESOLVER_H

#include <sys/queue.h>
#include <uv.h>

#include "probe/base/ip.h"
#include "probe/dns/answers.h"

/*
 * The resolver carries open questions to the DNS servers and brings answers
 * back.  It is shared by all targets of a run: the same question of several
 * targets is asked once while it is under way, and is remembered for as long
 * as its TTL allows.
 *
 * Each question goes to one server after another until one of them has an
 * answer; servers that stayed silent are asked again in the next try.  So a
 * question that nobody answers takes servers * tries * timeout_ms, 8 s with
 * two servers and the defaults, longer when answers come truncated and TCP
 * stays silent.  When all have failed, the most telling failure is kept: what
 * a server said (SERVFAIL, REFUSED) before silence, and silence before a
 * server that could not be reached.
 *
 * Each server has a c-ares channel of its own, which sees to sockets, timers
 * and TCP after truncation; everything that decides is here and in
 * probe/dns/record.h.  While no question is under way it holds no socket and
 * keeps no loop alive.
 *
 * A question for RR_POLICY goes over HTTPS instead (probe/net/fetch.h), once,
 * to the addresses of that name which the same table has.
 */
enum {
	RESOLVER_SERVERS_MAX = 8,
	RESOLVER_WINDOW = 100,          /* questions under way at once: more
					   of them overrun socket buffers */
	RESOLVER_CACHE_MAX = 4096,      /* answers remembered */
	RESOLVER_CACHE_ANSWER_MAX = 4096,       /* bytes of the largest one */
	RESOLVER_CACHE_TTL_MAX = 3600,  /* seconds */
	RESOLVER_FAILURE_TTL = 5,       /* seconds a failure is remembered:
					   RFC 9520, 3.2 */
	RESOLVER_POLICY_TTL = 60,       /* seconds; it has no TTL of its own */
	RESOLVER_TIMEOUT_MS = 2000,
	RESOLVER_TRIES = 2,
};

struct fetch_orders;
struct resolver_setup {
	const char *servers;    /* "192.0.2.53, [2001:db8::53]:5353"; NULL:
				   those of the system */
	unsigned timeout_ms;    /* for each try; 0: the default */
	unsigned tries;         /* 0: the default */
	bool trust_ad;          /* believe AD of a server that is not on
				   loopback (or "trust-ad" in resolv.conf) */
	const struct fetch_orders *fetch;       /* NULL: no policy is fetched */
};

struct resolver;

/*
 * Lives in the arena, which may close only when the loop has run dry.  NULL
 * and *why for servers that are none.
 */
struct resolver *resolver_open(struct arena *arena, uv_loop_t *loop,
	const struct resolver_setup *setup, struct span *why) MXP_MUST_USE;

/*
 * May be called from inside done.  Rounds still under way are settled as if
 * they were cancelled, but their done is not called any more.
 */
void resolver_close(struct resolver *resolver);

/* "192.0.2.53"; with the port when it is not 53: "[::1]:5353". */
size_t resolver_server_count(const struct resolver *resolver);
struct span resolver_server(const struct resolver *resolver, size_t at);

/*
 * A round settles what is open in one table.  The caller embeds it, and does
 * not move it before done.  Several rounds may be under way, each with a
 * table of its own.  All fields are the resolver's.
 */
struct waiter;
struct resolver_round {
	struct resolver *resolver;
	struct answers *answers;
	void (*done)(struct resolver_round *round);
	struct waiter *waiters;
	size_t open;
	bool is_over;
	TAILQ_ENTRY(resolver_round) entry;
};

/*
 * Asks all that is open now.  done is called once, from the loop and never
 * from inside, when all is settled, also when nothing was open; it may begin
 * a new round, or close the resolver.  Answers are taken from the arena of
 * `answers`.  rtt_us is 0 for an answer that was remembered.
 */
void resolver_settle(struct resolver *resolver, struct resolver_round *round,
	struct answers *answers, void (*done)(struct resolver_round *round));

/*
 * For an impatient user: what is open becomes ANSWER_TIMEOUT, "interrupted",
 * at once; done comes from the loop as always.
 */
void resolver_cancel(struct resolver_round *round);

/* Does the text of a resolv.conf have "options trust-ad"? */
bool resolver_conf_trusts_ad(struct span text);

#endif
