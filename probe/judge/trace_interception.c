#include "probe/judge/trace_hearing.h"
#include "probe/judge/voice.h"

/*
 * Somebody on the way answers for the host.  Three signs, and each alone has
 * another explanation, too:
 *
 *  - the answer comes from nearer than that to the control port;
 *  - a router tells of its hop with the host's own address, and of the control
 *    port's with its own: it rewrites addresses (DNAT), and what it says of
 *    rewritten packets is rewritten back.  A router in front of the host that
 *    forwards ports has the host's address on both;
 *  - the name that is said is somebody else's, while the host says its own over
 *    the other family.
 */
static const struct trace_kind intercepted = {
	"path.intercepted",
	SEVERITY_FAIL,
	BLAME_PATH,
	LIKELY,
	"somebody on the way answers in the servers' names",
	"Mail handed over there does not go to the server that was meant, or "
	"not directly.",
	"ask the provider for port 25 without a transparent proxy, or send "
	"through a relay on port 587 with TLS and a verified certificate",
	"RFC 5068 section 3.1",
};

/* On the way to the control port, the hop that rewrites on the way to this
 * one; NULL: none does. */
static const struct hop *rewriter_of(
	const struct trace *trace, const struct trace *control)
{
	const struct ip *host = &trace->path->remote;

	for (size_t i = 0;
		control && i < trace->hop_count && i < control->hop_count;
		i++) {
		const struct hop *hop = &trace->hops[i];
		const struct hop *other = &control->hops[i];

		if (hop->answer == HOP_ROUTER && ip_is(&hop->router, host) &&
			other->answer == HOP_ROUTER &&
			!ip_is(&other->router, host))
			return other;
	}
	return NULL;
}

/* The same host over the other family; NULL: it does not say its name. */
static const struct trace *other_voice(
	const struct trace_set *set, const struct trace *trace)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct trace *other = set->traces[i];

		if (!other->is_control && other->banner.len &&
			other->path->family != trace->path->family &&
			span_is_nocase(other->path->host, trace->path->host))
			return other;
	}
	return NULL;
}

/* The other one, where this one speaks in somebody else's name; or NULL. */
static const struct trace *contradicted(struct arena *arena,
	const struct trace_set *set, const struct trace *trace)
{
	const struct trace *other = other_voice(set, trace);

	return other && voice_is_foreign(arena, trace->path->host,
				voice_name(trace->banner),
				voice_name(other->banner))
		       ? other
		       : NULL;
}

static bool names_the_host(const struct trace *trace)
{
	for (size_t i = 0; i < trace->hop_count; i++)
		if (trace->hops[i].answer == HOP_ROUTER &&
			ip_is(&trace->hops[i].router, &trace->path->remote))
			return true;
	return false;
}

bool trace_is_doubtful(struct arena *arena, const struct trace_set *set,
	const struct trace *trace)
{
	return trace->end == TRACE_OPEN &&
	       (names_the_host(trace) || contradicted(arena, set, trace));
}

const struct trace_kind *interception_kind(
	const struct hearing *hearing, const struct trace *trace)
{
	const struct trace *control = hearing_control(hearing->set, trace);

	return hearing_is_nearer(trace, control) ||
			       rewriter_of(trace, control) ||
			       contradicted(hearing->arena, hearing->set, trace)
		       ? &intercepted
		       : NULL;
}

static void weigh_rewriter(struct hearing *hearing, struct finding *finding,
	const struct hop *router, const struct trace *control)
{
	hearing_for(hearing, finding,
		arena_print(hearing->arena,
			"hop %u answers for port %u as %.*s, and for port %u "
			"with the host's own address: it rewrites addresses",
			router->limit, control->port,
			SPAN_ARG(ip_text(hearing->arena, &router->router)),
			control->path->port));
}

static void weigh_voice(struct hearing *hearing, struct finding *finding,
	const struct trace *trace, const struct trace *other)
{
	hearing_for(hearing, finding,
		arena_print(hearing->arena,
			"it calls itself %.*s, and over %s %.*s",
			SPAN_ARG(voice_name(trace->banner)),
			family_word(other->path->family),
			SPAN_ARG(voice_name(other->banner))));
}

void interception_weigh(struct hearing *hearing, struct finding *finding,
	const struct trace *trace)
{
	struct arena *arena = hearing->arena;
	const struct trace *control = hearing_control(hearing->set, trace);
	const struct trace *other = contradicted(arena, hearing->set, trace);
	const struct hop *rewriter = rewriter_of(trace, control);
	bool is_nearer = hearing_is_nearer(trace, control);

	if (is_nearer)
		hearing_for(hearing, finding, hearing_end_text(arena, control));
	if (rewriter)
		weigh_rewriter(hearing, finding, rewriter, control);
	if (other)
		weigh_voice(hearing, finding, trace, other);
	if (is_nearer || rewriter) {
		finding->confidence = other ? CONFIRMED : LIKELY;
		return;
	}
	finding->confidence = SUSPECTED;
	if (control && trace_is_answered(control))
		hearing_against(
			hearing, finding, hearing_end_text(arena, control));
	hearing_against(hearing, finding,
		SPAN("the address may belong to another server: compare with a "
		     "trace from another network"));
}

/* ---- one answers for many */

/* An error in the name of the host that is led astray: see above. */
static bool is_one_road(const struct trace *a, const struct trace *b)
{
	const struct hop *before = trace_last_router(a);
	const struct hop *other = trace_last_router(b);

	return before && other &&
	       (ip_is(&before->router, &other->router) ||
		       ip_is(&before->router, &a->path->remote) ||
		       ip_is(&other->router, &b->path->remote));
}

/* The same words, the same distance, the same road. */
static bool is_same_voice(const struct trace *a, const struct trace *b)
{
	if (a->end != TRACE_OPEN || b->end != TRACE_OPEN ||
		a->path->family != b->path->family ||
		ip_is(&a->path->remote, &b->path->remote))
		return false;
	if (!a->banner.len || !span_is(a->banner, b->banner))
		return false;
	return hearing_distance(a) &&
	       hearing_distance(a) == hearing_distance(b) && is_one_road(a, b);
}

static struct finding *find(struct hearing *hearing, enum family family)
{
	for (size_t i = 0; i < hearing->count; i++)
		if (hearing->list[i].family == family &&
			span_is(hearing->list[i].id, span_of(intercepted.id)))
			return &hearing->list[i];
	return NULL;
}

static void weigh_pair(struct hearing *hearing, struct finding *finding,
	const struct trace *a, const struct trace *b)
{
	hearing_for(hearing, finding,
		arena_print(hearing->arena,
			"%.*s and %.*s, at the same distance, both say "
			"\"%.*s\"",
			SPAN_ARG(a->path->host), SPAN_ARG(b->path->host),
			SPAN_ARG(a->banner)));
}

static void judge_pair(
	struct hearing *hearing, const struct trace *a, const struct trace *b)
{
	struct arena *arena = hearing->arena;
	struct finding *finding;

	if (a->is_control || b->is_control || !is_same_voice(a, b) ||
		voice_are_of_one(arena, a->path->host, b->path->host))
		return;
	finding = find(hearing, a->path->family);
	if (finding) {
		weigh_pair(hearing, finding, a, b);
		return;
	}
	finding = hearing_draft(hearing, &intercepted, a->path->family);
	hearing_for(hearing, finding, hearing_end_text(arena, a));
	hearing_for(hearing, finding, hearing_end_text(arena, b));
	weigh_pair(hearing, finding, a, b);
	hearing_against(hearing, finding,
		SPAN("one machine may serve both names: compare with a trace "
		     "from another network"));
}

void interception_judge_pairs(struct hearing *hearing)
{
	const struct trace_set *set = hearing->set;

	for (size_t i = 0; i < set->count; i++)
		for (size_t j = i + 1; j < set->count; j++)
			judge_pair(hearing, set->traces[i], set->traces[j]);
}
