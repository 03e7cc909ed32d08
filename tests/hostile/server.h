#ifndef MXP_HOSTILE_SERVER_H
#define MXP_HOSTILE_SERVER_H

#include <pthread.h>
#include <stdbool.h>

#include "probe/base/ip.h"
#include "tests/hostile/script.h"

/*
 * Two servers on the loopback, one for each family on the same port number
 * that the kernel chose, each a thread that plays its script to one client
 * after another.  Nothing a client does or leaves undone keeps a server longer
 * than server_close() takes: every wait ends when it is told to.
 */
enum {
	HEARD_LINES_MAX = 64,
	HEARD_LINE_MAX = 128,           /* longer ones are cut in the log */
};

struct server_side {
	const struct script *script;    /* NULL: nobody listens */
	bool offers_tls;                /* where the script behaves well */
	SSL_CTX *const *contexts;       /* of struct certificates */
	int listener;
	int stop;                       /* readable: leave */
	pthread_t thread;

	/* What happened; to be read after server_close(). */
	unsigned clients;
	char heard[HEARD_LINES_MAX][HEARD_LINE_MAX];
	size_t heard_count;
};

struct server {
	struct server_side sides[FAMILY_COUNT];
	unsigned port;
	int stop_pipe[2];
};

/*
 * The caller sets script, offers_tls and contexts of both sides before.
 * Returns false when no port is free on both families, or no IPv6 loopback
 * exists.
 */
bool server_open(struct server *server);
void server_close(struct server *server);

/* A line that begins so was heard. */
bool server_side_heard(const struct server_side *side, const char *start);

#endif
