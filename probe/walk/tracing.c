#include "probe/walk/tracing.h"

void tracing_init(
	struct tracing *tracing, struct arena *arena, struct trace *trace)
{
	*tracing = (struct tracing){ .arena = arena, .trace = trace };
	trace->end = TRACE_FAR;
}

enum tracing_want tracing_next(const struct tracing *tracing, unsigned *limit)
{
	if (tracing->is_over)
		return TRACING_END;
	*limit = tracing->wants_direct
			 ? TRACE_DIRECT_LIMIT
			 : (unsigned)tracing->trace->hop_count + 1;
	return TRACING_SYN;
}

static void end(struct tracing *tracing, enum trace_end how)
{
	tracing->is_over = true;
	tracing->trace->end = how;
}

/* A host without the family has no trace that failed. */
static enum trace_end local_end(const struct trace *trace)
{
	return trace->why_not.len && trace->hop_count <= 1
		       ? TRACE_NOT_APPLICABLE
		       : TRACE_LOCAL;
}

/* False: it says nothing of the port yet. */
static bool ends(struct tracing *tracing, enum hop_answer answer)
{
	switch (answer) {
	case HOP_SILENT:
	case HOP_ROUTER:
		return false;
	case HOP_OPEN:
		end(tracing, TRACE_OPEN);
		break;
	case HOP_RESET:
		end(tracing, TRACE_RESET);
		break;
	case HOP_ICMP:
		end(tracing, TRACE_ICMP);
		break;
	case HOP_LOCAL:
		end(tracing, local_end(tracing->trace));
		break;
	}
	return true;
}

/* Its answer is kept for the end, when the distance is known. */
static void hear_direct(struct tracing *tracing, const struct hop *heard)
{
	struct trace *trace = tracing->trace;

	tracing->wants_direct = false;
	trace->asked_direct = true;
	trace->direct = *heard;
	trace->direct.limit = TRACE_DIRECT_LIMIT;
	trace->direct.syns = 1;
	switch (heard->answer) {
	case HOP_SILENT:
		end(tracing, TRACE_LOST);
		break;
	case HOP_LOCAL:
		end(tracing, TRACE_LOCAL);
		break;
	case HOP_ROUTER: /* a loop: so many hops, and none is the last */
		end(tracing, TRACE_FAR);
		break;
	case HOP_OPEN:
	case HOP_RESET:
	case HOP_ICMP:
		break;
	}
}

static void add_hop(struct tracing *tracing, const struct hop *heard)
{
	struct trace *trace = tracing->trace;
	struct hop *hop;

	trace->hops = arena_grow(tracing->arena, trace->hops, trace->hop_count,
		&trace->hop_room, sizeof(*trace->hops));
	hop = &trace->hops[trace->hop_count++];
	*hop = *heard;
	hop->limit = (unsigned)trace->hop_count;
	hop->syns = tracing->syns;
	tracing->syns = 0;
}

/* The distance was not found; what the port says is known all the same. */
static void end_far(struct tracing *tracing)
{
	struct trace *trace = tracing->trace;

	if (!trace->asked_direct || !ends(tracing, trace->direct.answer))
		end(tracing, TRACE_FAR);
}

void tracing_heard(struct tracing *tracing, const struct hop *heard)
{
	struct trace *trace = tracing->trace;
	bool is_silent = heard->answer == HOP_SILENT;

	if (tracing->is_over)
		return;
	if (tracing->wants_direct) {
		hear_direct(tracing, heard);
		return;
	}
	tracing->syns++;
	if (is_silent && !trace->asked_direct && tracing->syns < TRACING_SYNS)
		return;
	add_hop(tracing, heard);
	tracing->silent_hops = is_silent ? tracing->silent_hops + 1 : 0;
	if (ends(tracing, heard->answer))
		return;
	if (trace->hop_count >= TRACE_HOPS_MAX)
		end_far(tracing);
	else if (tracing->silent_hops >= TRACING_SILENT_HOPS &&
		 !trace->asked_direct)
		tracing->wants_direct = true;
}

void tracing_interrupt(struct tracing *tracing)
{
	if (!tracing->is_over)
		end(tracing, TRACE_INTERRUPTED);
}
