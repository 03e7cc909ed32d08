#include "probe/facts/trace.h"

const char *hop_answer_word(enum hop_answer answer)
{
	switch (answer) {
	case HOP_SILENT:
		return "silent";
	case HOP_ROUTER:
		return "router";
	case HOP_OPEN:
		return "open";
	case HOP_RESET:
		return "reset";
	case HOP_ICMP:
		return "icmp";
	case HOP_LOCAL:
		break;
	}
	return "local";
}

const char *trace_end_word(enum trace_end end)
{
	switch (end) {
	case TRACE_NOT_APPLICABLE:
		return "n/a";
	case TRACE_OPEN:
		return "open";
	case TRACE_RESET:
		return "reset";
	case TRACE_ICMP:
		return "icmp";
	case TRACE_LOST:
		return "lost";
	case TRACE_FAR:
		return "far";
	case TRACE_LOCAL:
		return "local";
	case TRACE_INTERRUPTED:
		break;
	}
	return "interrupted";
}

static bool is_last_word(enum hop_answer answer)
{
	return answer == HOP_OPEN || answer == HOP_RESET || answer == HOP_ICMP;
}

const struct hop *trace_last_word(const struct trace *trace)
{
	const struct hop *last = trace->hop_count
					 ? &trace->hops[trace->hop_count - 1]
					 : NULL;

	if (last && is_last_word(last->answer))
		return last;
	return trace->asked_direct && is_last_word(trace->direct.answer)
		       ? &trace->direct
		       : NULL;
}

const struct hop *trace_last_router(const struct trace *trace)
{
	for (size_t i = trace->hop_count; i-- > 0;)
		if (trace->hops[i].answer == HOP_ROUTER)
			return &trace->hops[i];
	return NULL;
}

bool trace_is_answered(const struct trace *trace)
{
	return trace->end == TRACE_OPEN || trace->end == TRACE_RESET;
}
