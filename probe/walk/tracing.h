#ifndef MXP_TRACING_H
#define MXP_TRACING_H

#include "probe/base/arena.h"
#include "probe/facts/trace.h"

/*
 * Decides which SYN a trace sends next; sends none itself.
 *
 *	tracing_next() -> TRACING_SYN: send one with this hop limit, and tell
 *	tracing_heard() what came back; TRACING_END: the trace is complete.
 *
 * A hop that stays silent is asked once more: routers answer only so many in a
 * second.  After some silent hops in a row one SYN goes with all the hops
 * there are.  Where that is silent, too, packets are lost, and going on would
 * tell nothing.  Where it is answered, the routers between merely say nothing,
 * and the search for the distance goes on, each hop asked once.
 *
 * A host that answers is met twice at the most: once directly, once at its own
 * distance.
 */
enum tracing_want { TRACING_SYN, TRACING_END };

enum { TRACING_SILENT_HOPS = 3, TRACING_SYNS = 2 };

struct tracing {
	struct arena *arena;
	struct trace *trace;
	unsigned silent_hops;           /* in a row */
	bool wants_direct;
	bool is_over;
	unsigned syns;                  /* of the hop under way */
};

/* The trace's path and port are set; the rest is filled here. */
void tracing_init(struct tracing *tracing, struct arena *arena,
	struct trace *trace);

enum tracing_want tracing_next(const struct tracing *tracing,
	unsigned *limit);

/* What came of the SYN that was wanted; its limit and syns are ours. */
void tracing_heard(struct tracing *tracing, const struct hop *heard);

void tracing_interrupt(struct tracing *tracing);

#endif
