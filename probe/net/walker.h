#ifndef MXP_WALKER_H
#define MXP_WALKER_H

#include <uv.h>

#include "probe/net/scripted_server.h"
#include "probe/net/source.h"
#include "probe/net/walker_round.h"
#include "probe/tls/engine.h"
#include "probe/walk/dialogue.h"

/*
 * A walker moves bytes between one dialogue and one TCP connection, with TLS
 * between them once the dialogue wants it.  It decides nothing.
 *
 * Its handles are embedded, so it must outlive the loop's interest in them:
 * `done` is called once, from the loop, after both handles are closed; the
 * walker's memory may go from then on.
 */
struct walk_orders {
	struct tls_context *tls;        /* NULL: no step needs it */
	const struct source_list *own;
	const struct patience *patience;
	struct span sni;                /* empty: the path's host */
	bool binds[FAMILY_COUNT];
	struct ip bind_to[FAMILY_COUNT];
	const char *interface;          /* NULL: the routing table decides */
	unsigned segment_max;           /* octets of TCP's segments, both ways;
					   0: what TCP agrees on */
	unsigned tls_padding;           /* see engine_pad(); 0: none */
	const struct scripted_servers *servers; /* of a rehearsal: nothing
						   else is connected to; NULL:
						   the network */
	struct walker_round *round;     /* NULL: each answers at once */
};

struct walker;
typedef void walker_done(struct walker *walker);

struct walker {
	struct arena *arena;            /* of the visit */
	struct visit *visit;
	const struct walk_orders *orders;
	walker_done *done;
	struct dialogue dialogue;
	struct engine *engine;          /* NULL outside TLS */
	uv_tcp_t tcp;
	uv_timer_t clock;
	uint64_t deadline_ms;           /* of the whole walk, loop time */
	uint64_t due_ms;                /* when patience ends; the clock may
					   ring before, never after */
	unsigned waits;                 /* what it was set for */
	bool has_looked;                /* ... and rang once already */
	union {
		uv_connect_t connect;
		uv_write_t write;
	};
	struct span pending;            /* plain text that the socket has not
					   taken yet */
	bool is_writing;                /* `write` is under way */
	bool is_deaf_to_writes;         /* the peer takes nothing any more */
	bool was_reset;                 /* as a write was told */
	bool is_closing;
	bool is_ready;                  /* for its turn, in orders->round */
	TAILQ_ENTRY(walker) ready;
	unsigned handles_open;
	uint32_t taken;                 /* octets of ours that the peer had when
					   the clock last rang, modulo 2^32 */
};

/* The visit's path and scenario are set; `message` may be NULL. */
void walker_start(struct walker *walker, uv_loop_t *loop,
	const struct walk_orders *orders, const struct message *message);

/* Ctrl-C: says QUIT where that makes sense and ends soon. */
void walker_interrupt(struct walker *walker);

/* What it waits for, for the progress line; empty when for nothing. */
struct span walker_waits_for(struct arena *arena, const struct walker *walker);

#endif
