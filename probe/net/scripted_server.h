#ifndef MXP_SCRIPTED_SERVER_H
#define MXP_SCRIPTED_SERVER_H

#include <uv.h>

#include "probe/tls/backlog.h"
#include "probe/tls/engine.h"
#include "probe/walk/serving.h"

/*
 * Scripted servers on loopback, on the loop of whoever walks to them: a
 * rehearsal.  A cast says which servers there are, and at which addresses of
 * the scenario's world they stand; a walk to one of these goes to loopback
 * instead, and a walk to any other address goes nowhere.
 *
 * What a client does is bounded: connections at once, what waits of one, and
 * how long it may last.
 */
enum {
	SCRIPTED_CONNECTIONS_MAX = 64,  /* at once, of a server */
	SCRIPTED_BACKLOG_MAX = 64 * 1024,       /* octets not looked at yet */
	SCRIPTED_LIFE_MS = 300 * 1000,  /* of a connection */
	SCRIPTED_SERVERS_MAX = 500,
};

/* One server on one family. */
struct scripted_member {
	const struct server_script *script;
	enum family family;
	struct span name;               /* what it calls itself */
	struct tls_context *tls;        /* NULL: it has no certificate */
};

/* An address of the scenario's world, and who stands there. */
struct scripted_address {
	struct ip ip;
	size_t member;
};

struct scripted_cast {
	const struct scripted_member *members;
	size_t member_count;
	const struct scripted_address *addresses;
	size_t address_count;
};

struct scripted_servers;

/*
 * Listens, each on a port that the kernel chooses, on 127.0.0.1 or ::1 and
 * nowhere else.  What cannot be had (a host without ::1) is told to whoever
 * walks there.  It lives in the arena, until the loop is dry.
 */
struct scripted_servers *scripted_servers_open(struct arena *arena,
	uv_loop_t *loop, const struct scripted_cast *cast);

/* Ends them and every connection; the loop has to run for it. */
void scripted_servers_close(struct scripted_servers *servers);

/* Where to connect to instead; false: *why says why nowhere. */
bool scripted_servers_find(const struct scripted_servers *servers,
	const struct ip *ip, struct sockaddr_storage *to, struct span *why);

#endif
