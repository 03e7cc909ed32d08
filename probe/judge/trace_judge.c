#include "probe/judge/trace_judge.h"

#include "probe/policy/org_domain.h"

/* A finding as it is known before anything was seen. */
struct kind {
	const char *id;
	enum severity severity;
	enum blame blame;
	enum confidence confidence;
	const char *title, *meaning, *remedy, *reference;
};

static const struct kind prohibited = {
	"path.prohibited",
	SEVERITY_FAIL,
	BLAME_PATH,
	CONFIRMED,
	"a router on the way forbids the connection",
	"It said so by ICMP, with its own address.",
	"ask who runs that router to let TCP to this port pass",
	"RFC 4443 section 3.1, RFC 1812 section 5.2.7.1",
};

static const struct kind unreachable = {
	"path.unreachable",
	SEVERITY_FAIL,
	BLAME_PATH,
	CONFIRMED,
	"a router on the way knows no way to the address",
	"It said so by ICMP, with its own address.",
	"ask who runs that router for a route to the prefix; the provider of "
	"the destination may have withdrawn it",
	"RFC 4443 section 3.1, RFC 792",
};

static const struct kind lost = {
	"path.lost",
	SEVERITY_FAIL,
	BLAME_UNKNOWN,
	SUSPECTED,
	"SYNs to the port are lost behind the last router that answers",
	"Also one with all the hops there are, so routers that merely keep "
	"silent do not explain it.",
	"trace a second destination: if that is lost behind the same router, "
	"ask its operator; if not, tell the domain's postmaster",
	"RFC 9293 section 3.8.3",
};

static const struct kind closed = {
	"path.port-closed",
	SEVERITY_FAIL,
	BLAME_THEIRS,
	LIKELY,
	"the port is closed: RST came back",
	"From the host, or from a filter that speaks in its name.",
	"let the server listen on this address, or take the address out of "
	"the DNS",
	"RFC 9293 section 3.5.2",
};

static const struct kind false_reset = {
	"path.false-reset",
	SEVERITY_FAIL,
	BLAME_PATH,
	LIKELY,
	"RST came from nearer than the host itself is",
	"A filter on the way ends connections to the port in the host's name.",
	"ask who runs the routers up to that hop to let TCP to this port pass",
	"RFC 9293 section 3.5.2",
};

static const struct kind blocked = {
	"path.port-blocked",
	SEVERITY_FAIL,
	BLAME_PATH,
	LIKELY,
	"the mail port is blocked on the way",
	"No destination is reached on it, and hosts among them answer on "
	"another port.",
	"ask the provider to open outbound TCP port 25 for this source, or "
	"send through its relay on port 587",
	"RFC 5068 section 3.1, M3AAWG Managing Port 25",
};

static const struct kind family_lost = {
	"path.family-lost",
	SEVERITY_FAIL,
	BLAME_PATH,
	LIKELY,
	"nothing is reached over this family, on no port",
	"It is the family's path and not its mail port.",
	"ask the provider whether this family is routed; until then leave it "
	"out of outbound mail (Postfix: inet_protocols)",
	NULL,
};

static const struct kind intercepted = {
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

struct trial {
	struct arena *arena;
	const struct trace_set *set;
	struct finding *list;
	size_t count, room;
};

/* ---- findings */

static struct finding *draft(
	struct trial *trial, const struct kind *kind, enum family family)
{
	struct finding *finding;

	trial->list = arena_grow(trial->arena, trial->list, trial->count,
		&trial->room, sizeof(*trial->list));
	finding = &trial->list[trial->count++];
	*finding = (struct finding){ .id = span_of(kind->id),
		.policy = SPAN(""),
		.severity = kind->severity,
		.blame = kind->blame,
		.confidence = kind->confidence,
		.has_family = true,
		.family = family,
		.stage = STAGE_CONNECT,
		.title = span_of(kind->title),
		.meaning = span_of(kind->meaning),
		.remedy = span_of(kind->remedy),
		.reference = span_of(kind->reference ? kind->reference : "") };
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

static void put_for(
	struct trial *trial, struct finding *finding, struct span text)
{
	put_evidence(trial->arena, &finding->for_it, &finding->for_count, text);
}

static void put_against(
	struct trial *trial, struct finding *finding, struct span text)
{
	put_evidence(
		trial->arena, &finding->against, &finding->against_count, text);
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

static struct span end_text(struct arena *arena, const struct trace *trace)
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

/* ---- one trace */

enum verdict trace_verdict(const struct trace *trace)
{
	switch (trace->end) {
	case TRACE_OPEN:
		return VERDICT_PASS;
	case TRACE_RESET:
	case TRACE_ICMP:
	case TRACE_LOST:
		return VERDICT_FAIL;
	case TRACE_FAR:
	case TRACE_LOCAL:
	case TRACE_INTERRUPTED:
		return VERDICT_UNKNOWN;
	case TRACE_NOT_APPLICABLE:
		break;
	}
	return VERDICT_NA;
}

/* Its control: the same address on another port; NULL: none was traced. */
static const struct trace *control_of(
	const struct trial *trial, const struct trace *trace)
{
	for (size_t i = 0; i < trial->set->count; i++) {
		const struct trace *other = trial->set->traces[i];

		if (other->is_control &&
			ip_is(&other->path->remote, &trace->path->remote))
			return other;
	}
	return NULL;
}

/* Hops to who answers; 0: not known. */
static unsigned distance(const struct trace *trace)
{
	const struct hop *hop = trace_last_word(trace);

	return hop && hop->limit != TRACE_DIRECT_LIMIT ? hop->limit : 0;
}

static bool is_nearer(const struct trace *trace, const struct trace *control)
{
	return control && trace_is_answered(control) && distance(trace) &&
	       distance(trace) < distance(control);
}

static const struct kind *kind_of(
	const struct trace *trace, const struct trace *control)
{
	switch (trace->end) {
	case TRACE_ICMP:
		return trace_last_word(trace)->fault.failure ==
				       FAILURE_ADMIN_PROHIBITED
			       ? &prohibited
			       : &unreachable;
	case TRACE_LOST:
		return &lost;
	case TRACE_RESET:
		return is_nearer(trace, control) ? &false_reset : &closed;
	case TRACE_OPEN:
		return is_nearer(trace, control) ? &intercepted : NULL;
	case TRACE_NOT_APPLICABLE:
	case TRACE_FAR:
	case TRACE_LOCAL:
	case TRACE_INTERRUPTED:
		break;
	}
	return NULL;
}

static void judge_one(struct trial *trial, const struct trace *trace)
{
	const struct trace *control = control_of(trial, trace);
	const struct kind *kind = kind_of(trace, control);
	struct finding *finding;

	if (!kind)
		return;
	finding = draft(trial, kind, trace->path->family);
	put_for(trial, finding, end_text(trial->arena, trace));
	if (!control)
		return;
	if (kind == &intercepted || kind == &false_reset ||
		(kind == &lost && trace_is_answered(control)))
		put_for(trial, finding, end_text(trial->arena, control));
	else
		put_against(trial, finding, end_text(trial->arena, control));
}

/* ---- a family's mail port, over all destinations */

struct tried {
	size_t open, failed;
	size_t answered_controls, controls;
	bool is_one_router; /* the same one forbids them all */
	const struct trace *first_failed;
};

/* Is it the first trace of its destination? */
static bool is_counted(const struct trial *trial, size_t at)
{
	const struct trace *trace = trial->set->traces[at];

	for (size_t i = 0; i < at; i++)
		if (trial->set->traces[i]->is_control == trace->is_control &&
			ip_is(&trial->set->traces[i]->path->remote,
				&trace->path->remote))
			return false;
	return true;
}

static const struct ip *forbidding_router(const struct trace *trace)
{
	const struct hop *hop = trace_last_word(trace);

	return trace->end == TRACE_ICMP && hop->has_router &&
			       hop->fault.failure == FAILURE_ADMIN_PROHIBITED
		       ? &hop->router
		       : NULL;
}

static void count_failed(struct tried *tried, const struct trace *trace)
{
	const struct ip *router = forbidding_router(trace), *first;

	if (!tried->failed++) {
		tried->first_failed = trace;
		tried->is_one_router = router != NULL;
		return;
	}
	first = forbidding_router(tried->first_failed);
	if (!router || !first || !ip_is(router, first))
		tried->is_one_router = false;
}

static struct tried count_all(const struct trial *trial, enum family family)
{
	struct tried tried = { 0 };

	for (size_t i = 0; i < trial->set->count; i++) {
		const struct trace *trace = trial->set->traces[i];

		if (trace->path->family != family || !is_counted(trial, i))
			continue;
		if (trace->is_control) {
			tried.controls++;
			tried.answered_controls += trace_is_answered(trace);
		} else if (trace->end == TRACE_OPEN) {
			tried.open++;
		} else if (trace_verdict(trace) == VERDICT_FAIL) {
			count_failed(&tried, trace);
		}
	}
	return tried;
}

static void put_all(struct trial *trial, struct finding *finding)
{
	for (size_t i = 0; i < trial->set->count; i++) {
		const struct trace *trace = trial->set->traces[i];

		if (trace->path->family == finding->family)
			put_for(trial, finding, end_text(trial->arena, trace));
	}
}

static void judge_family(struct trial *trial, enum family family)
{
	struct tried tried = count_all(trial, family);
	struct finding *finding;

	if (tried.open || tried.failed < 2 || !tried.controls)
		return;
	finding = draft(trial,
		tried.answered_controls ? &blocked : &family_lost, family);
	if (tried.answered_controls && tried.is_one_router)
		finding->confidence = CONFIRMED;
	put_all(trial, finding);
}

/* ---- one answers for many */

/* Two exchangers of one operator may well be one machine. */
static bool are_of_one(struct arena *arena, struct span a, struct span b)
{
	const struct suffix_list *list = suffix_list_own();
	struct span one = org_domain(arena, list, a);

	return one.len && span_is_nocase(one, org_domain(arena, list, b));
}

/*
 * A router that rewrites addresses has its own ICMP errors rewritten, too: they
 * come in the name of the host that it leads astray.
 */
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
	return distance(a) && distance(a) == distance(b) && is_one_road(a, b);
}

static void judge_voices(
	struct trial *trial, const struct trace *a, const struct trace *b)
{
	struct arena *arena = trial->arena;
	struct finding *finding;

	if (a->is_control || b->is_control || !is_same_voice(a, b) ||
		are_of_one(arena, a->path->host, b->path->host))
		return;
	finding = draft(trial, &intercepted, a->path->family);
	put_for(trial, finding, end_text(arena, a));
	put_for(trial, finding, end_text(arena, b));
	put_for(trial, finding,
		arena_print(arena, "both say \"%.*s\"", SPAN_ARG(a->banner)));
	put_against(trial, finding,
		SPAN("one machine may serve both names: compare with a trace "
		     "from another network"));
}

static void judge_pairs(struct trial *trial)
{
	for (size_t i = 0; i < trial->set->count; i++)
		for (size_t j = i + 1; j < trial->set->count; j++)
			judge_voices(trial, trial->set->traces[i],
				trial->set->traces[j]);
}

/* ---- all */

/* What holds for all destinations is told before what holds for one. */
static void put_last_first(struct trial *trial)
{
	for (size_t i = 0; i < trial->count / 2; i++) {
		struct finding kept = trial->list[i];

		trial->list[i] = trial->list[trial->count - 1 - i];
		trial->list[trial->count - 1 - i] = kept;
	}
}

const struct trace_judgement *trace_judge(
	struct arena *arena, const struct trace_set *set)
{
	struct trace_judgement *judgement = arena_new(
		arena, struct trace_judgement);
	struct trial trial = { .arena = arena, .set = set };
	bool has_any = false;

	for (unsigned i = 0; i < FAMILY_COUNT; i++)
		judgement->families[i] = VERDICT_NA;
	judgement->verdict = VERDICT_NA;
	for (size_t i = set->count; i-- > 0;) {
		const struct trace *trace = set->traces[i];
		enum verdict *family =
			&judgement->families[trace->path->family];

		if (trace->is_control)
			continue;
		judge_one(&trial, trace);
		*family = *family == VERDICT_NA ? trace_verdict(trace)
						: verdict_worse(*family,
							  trace_verdict(trace));
		judgement->verdict = has_any ? verdict_worse(judgement->verdict,
						       trace_verdict(trace))
					     : trace_verdict(trace);
		has_any = true;
	}
	judge_pairs(&trial);
	judge_family(&trial, FAMILY_IPV6);
	judge_family(&trial, FAMILY_IPV4);
	put_last_first(&trial);
	judgement->findings = trial.list;
	judgement->finding_count = trial.count;
	return judgement;
}
