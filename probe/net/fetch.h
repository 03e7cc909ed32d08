#ifndef MXP_FETCH_H
#define MXP_FETCH_H

#include <sys/queue.h>
#include <uv.h>

#include "probe/base/ip.h"
#include "probe/dns/answers.h"

/*
 * A fetch gets the MTA-STS policy of one host over HTTPS and brings it back as
 * an answer (RFC 8461, 3.3): nothing but HTTPS, with the certificate verified
 * for the host's name, no redirects, no proxy, no cache, status 200 and
 * text/plain only.
 *
 * It goes to the addresses that our own resolver found, never asking another
 * one: IPv6 first, then IPv4, until one of them ends the TLS handshake.
 *
 *	found           the body, and why an earlier address failed
 *	no-data         HTTP 404, 410: there is no policy
 *	refused         any other HTTP status, a redirect
 *	servfail        HTTP 5xx
 *	untrusted       the certificate is not good
 *	malformed       not HTTP, not TLS, not text/plain, or too large
 *	timeout, unreachable
 *
 * The answer's server is the address that was reached.  libcurl does the work
 * and is loaded by the first fetch.  While none is under way a fetcher holds
 * no socket and keeps no loop alive.
 */
enum {
	FETCH_BODY_MAX = 64 * 1024,     /* bytes: RFC 8461, 3.3 */
	FETCH_HEAD_MAX = 64 * 1024,     /* bytes of the response's header */
	FETCH_ADDRESSES_MAX = 2,        /* tried, of each family */
	FETCH_TIMEOUT_MS = 10 * 1000,   /* for all of them together */
	FETCH_CONNECT_MS = 4 * 1000,    /* for the connection to one */
};

struct fetch_orders {
	const char *ca_file, *ca_dir;   /* NULL both: the system's anchors */
	bool wanted[FAMILY_COUNT];
	uint16_t port;                  /* to connect to; 0: 443 */
	unsigned timeout_ms;            /* 0: the default */
};

struct fetcher;

/* Lives in the arena, which may close only when the loop has run dry. */
struct fetcher *fetcher_open(struct arena *arena, uv_loop_t *loop,
	const struct fetch_orders *orders);

/* What is under way ends at once, and does not come back any more. */
void fetcher_close(struct fetcher *fetcher);

/*
 * Embedded in the caller's, and not moved before on_fetched, which comes
 * exactly once, perhaps from inside.
 */
struct transfer;
struct fetch {
	LIST_ENTRY(fetch) entry;
	struct fetcher *fetcher;
	struct arena *arena;            /* where the answer is made */
	struct span host;
	struct ip addresses[FAMILY_COUNT * FETCH_ADDRESSES_MAX];
	size_t address_count, at;
	struct transfer *transfer;
	void (*on_fetched)(struct fetch *fetch);
	struct answer answer;
};

/* Takes the host's addresses from what is known. */
void fetch_init(struct fetch *fetch, struct arena *arena, struct span host,
	const struct answers *answers);
void fetch_begin(struct fetch *fetch, struct fetcher *fetcher,
	void (*on_fetched)(struct fetch *fetch));

#endif
