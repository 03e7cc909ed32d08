#ifndef MXP_NAMESERVER_H
#define MXP_NAMESERVER_H

#include <sys/queue.h>
#include <uv.h>

#include "probe/base/ip.h"
#include "probe/dns/answers.h"

/*
 * One DNS server: a question goes there once, over UDP, and over TCP when the
 * answer was truncated.  What comes back is bytes; c-ares has only seen that
 * they carry the id and the question that were sent.
 *
 * There is one channel for each server since c-ares would hide which of them
 * said what.  It holds sockets and a timer only while a question is under
 * way, so that source ports change from time to time.
 */
struct asking;
struct ares_channeldata;
struct datagrams;
struct watch;

struct nameserver {
	struct arena *arena;
	uv_loop_t *loop;
	struct ares_channeldata *channel;
	struct span text;       /* "192.0.2.53", "[::1]:5353" */
	struct ip ip;
	unsigned zone;          /* the interface of a link-local one; 0: none */
	uint16_t port;
	bool is_trusted;        /* its AD bit may be believed */
	unsigned timeout_ms;
	size_t asked;           /* questions under way ... */
	LIST_HEAD(, asking) askings;    /* ... and which */
	int error;              /* errno of the last socket that failed */
	uv_timer_t tick;
	struct datagrams *datagrams;    /* NULL before the first question */
	int udp;                /* the socket they are of */
	struct watch *watches, *spare;
};

enum heard {
	HEARD_MESSAGE,
	HEARD_NOTHING,          /* in time */
	HEARD_UNREACHABLE,      /* the socket failed: why says how */
	HEARD_CLOSED,           /* nameserver_close() came between */
};

/* One question under way, embedded in the caller's. */
struct asking {
	struct nameserver *server;
	void (*on_heard)(struct asking *asking, enum heard heard,
		struct span message);
	const char *why;
	uint64_t began_ns;
	LIST_ENTRY(asking) entry;
	uint16_t id;
	bool was_truncated;     /* over UDP: what became of it, became over
				   TCP */
};

/*
 * "ADDR", "ADDR:PORT", "[ADDR]", "[ADDR]:PORT"; 53 where no port is named.  An
 * IPv6 ADDR may have the interface behind it, by name or number, as a router's
 * link-local one does: "fe80::1%eth0" (RFC 4007 section 11).  Sets .ip, .zone
 * and .port.
 */
bool nameserver_parse(struct span text, struct nameserver *server)
	MXP_MUST_USE;

/* .ip, .zone, .port, .timeout_ms and .is_trusted are set by the caller. */
bool nameserver_open(struct nameserver *server, struct arena *arena,
	uv_loop_t *loop, const char **why) MXP_MUST_USE;

/* Everything under way hears HEARD_CLOSED, from inside. */
void nameserver_close(struct nameserver *server);

/*
 * on_heard comes exactly once, perhaps from inside.  The question leaves with
 * nameserver_flush(), or when a batch of them is full.
 */
void nameserver_ask(struct nameserver *server, struct asking *asking,
	struct span query);

/* What was asked leaves now; on_heard may come from inside. */
void nameserver_flush(struct nameserver *server);

#endif
