#ifndef MXP_TRACER_H
#define MXP_TRACER_H

#include <uv.h>

#include "probe/net/source.h"
#include "probe/walk/tracing.h"

/*
 * Sends the SYNs of a trace, one at a time, each from a socket of its own.  A
 * port that turns out to be open is listened to for a moment, so that what it
 * says can be held against others, and left with QUIT.
 */
struct tracer_orders {
	bool binds[FAMILY_COUNT];
	struct ip bind_to[FAMILY_COUNT];
	const char *interface;          /* or NULL */
	unsigned wait_ms;               /* for the answer to one SYN */
	unsigned banner_ms;             /* for the first line; 0: not asked */
	const struct source_list *sources;
};

struct tracer;
typedef void tracer_done(struct tracer *tracer);

/* Embedded by the caller, who does not move it before done. */
struct tracer {
	const struct tracer_orders *orders;
	struct arena *arena;
	uv_loop_t *loop;
	struct trace *trace;
	struct tracing tracing;
	tracer_done *done;
	void *receiver;
	uv_tcp_t tcp;
	uv_timer_t timer;
	uv_connect_t connect;
	uv_write_t goodbye;
	unsigned handles_open;
	bool is_closing;
	uint64_t sent_ns;
	struct hop heard;
	unsigned banner_len;
	char banner[TRACE_BANNER_MAX];
};

/*
 * The trace has its path and port.  done comes from the loop, once, never from
 * inside.
 */
void tracer_begin(struct tracer *tracer, uv_loop_t *loop, struct arena *arena,
	const struct tracer_orders *orders, struct trace *trace);

/* done comes soon, with what is known. */
void tracer_interrupt(struct tracer *tracer);

#endif
