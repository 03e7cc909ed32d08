#include "probe/judge/trace_hearing.h"

/* ---- findings */

struct finding finding_of_trace_kind(const struct trace_kind *kind)
{
	return (struct finding){ .id = span_of(kind->id),
		.policy = SPAN(""),
		.severity = kind->severity,
		.blame = kind->blame,
		.confidence = kind->confidence,
		.has_family = true,
		.stage = STAGE_CONNECT,
		.title = span_of(kind->title),
		.meaning = span_of(kind->meaning),
		.remedy = span_of(kind->remedy),
		.reference = span_of(kind->reference ? kind->reference : "") };
}

struct finding *hearing_draft(struct hearing *hearing,
	const struct trace_kind *kind, enum family family)
{
	struct finding *finding;

	hearing->list = arena_grow(hearing->arena, hearing->list,
		hearing->count, &hearing->room, sizeof(*hearing->list));
	finding = &hearing->list[hearing->count++];
	*finding = finding_of_trace_kind(kind);
	finding->family = family;
	return finding;
}

enum { EVIDENCE_MAX = 16 };

static void put_evidence(struct arena *arena, const struct evidence **list,
	size_t *count, struct span text)
{
	struct evidence *own;

	if (*count >= EVIDENCE_MAX)
		return;
	own = arena_take(arena, (*count + 1) * sizeof(*own));
	for (size_t i = 0; i < *count; i++)
		own[i] = (*list)[i];
	own[*count] = (struct evidence){ .text = text };
	*list = own;
	++*count;
}

void hearing_for(
	struct hearing *hearing, struct finding *finding, struct span text)
{
	put_evidence(
		hearing->arena, &finding->for_it, &finding->for_count, text);
}

void hearing_against(
	struct hearing *hearing, struct finding *finding, struct span text)
{
	put_evidence(hearing->arena, &finding->against, &finding->against_count,
		text);
}

/* ---- what a trace says, in a clause */

static struct span host_text(struct arena *arena, const struct trace *trace)
{
	return arena_print(arena, "%.*s [%.*s] port %u",
		SPAN_ARG(trace->path->host),
		SPAN_ARG(ip_text(arena, &trace->path->remote)), trace->port);
}

static struct span where_text(struct arena *arena, const struct trace *trace)
{
	const struct hop *hop = trace_last_router(trace);

	if (!hop)
		return SPAN("no router answers at all");
	return arena_print(arena,
		"the last router that answers is hop %u, %.*s", hop->limit,
		SPAN_ARG(ip_text(arena, &hop->router)));
}

static struct span distance_text(struct arena *arena, const struct hop *hop)
{
	return hop->limit == TRACE_DIRECT_LIMIT
		       ? SPAN("at a distance that is not known")
		       : arena_print(arena, "at hop %u", hop->limit);
}

struct span hearing_end_text(struct arena *arena, const struct trace *trace)
{
	const struct hop *hop = trace_last_word(trace);
	struct span host = host_text(arena, trace);

	switch (trace->end) {
	case TRACE_OPEN:
		return arena_print(arena, "%.*s is open, %.*s", SPAN_ARG(host),
			SPAN_ARG(distance_text(arena, hop)));
	case TRACE_RESET:
		return arena_print(arena, "%.*s answers RST, %.*s",
			SPAN_ARG(host), SPAN_ARG(distance_text(arena, hop)));
	case TRACE_ICMP:
		return arena_print(arena, "%.*s: %.*s", SPAN_ARG(host),
			SPAN_ARG(hop->fault.why));
	case TRACE_LOST:
		return arena_print(arena, "%.*s is silent; %.*s",
			SPAN_ARG(host), SPAN_ARG(where_text(arena, trace)));
	case TRACE_FAR:
		return arena_print(arena, "%.*s is more than %u hops away",
			SPAN_ARG(host), TRACE_HOPS_MAX);
	case TRACE_NOT_APPLICABLE:
	case TRACE_LOCAL:
	case TRACE_INTERRUPTED:
		break;
	}
	return arena_print(
		arena, "%.*s was not traced to its end", SPAN_ARG(host));
}

const struct trace *hearing_control(
	const struct trace_set *set, const struct trace *trace)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct trace *other = set->traces[i];

		if (other->is_control &&
			ip_is(&other->path->remote, &trace->path->remote))
			return other;
	}
	return NULL;
}

unsigned hearing_distance(const struct trace *trace)
{
	const struct hop *hop = trace_last_word(trace);

	return hop && hop->limit != TRACE_DIRECT_LIMIT ? hop->limit : 0;
}

bool hearing_is_nearer(const struct trace *trace, const struct trace *control)
{
	return control && trace_is_answered(control) &&
	       hearing_distance(trace) &&
	       hearing_distance(trace) < hearing_distance(control);
}
