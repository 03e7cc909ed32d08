#include "probe/judge/trace_judge.h"

#include "probe/judge/trace_hearing.h"

static const struct trace_kind prohibited = {
	"path.prohibited",
	SEVERITY_FAIL,
	BLAME_PATH,
	CONFIRMED,
	"a router on the way forbids the connection",
	"It said so by ICMP, with its own address.",
	"ask who runs that router to let TCP to this port pass",
	"RFC 4443 section 3.1, RFC 1812 section 5.2.7.1",
};

static const struct trace_kind unreachable = {
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

static const struct trace_kind lost = {
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

static const struct trace_kind closed = {
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

static const struct trace_kind false_reset = {
	"path.false-reset",
	SEVERITY_FAIL,
	BLAME_PATH,
	LIKELY,
	"RST came from nearer than the host itself is",
	"A filter on the way ends connections to the port in the host's name.",
	"ask who runs the routers up to that hop to let TCP to this port pass",
	"RFC 9293 section 3.5.2",
};

static const struct trace_kind blocked = {
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

static const struct trace_kind family_lost = {
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

static const struct trace_kind *kind_of(
	const struct hearing *hearing, const struct trace *trace)
{
	const struct trace *control = hearing_control(hearing->set, trace);

	switch (trace->end) {
	case TRACE_ICMP:
		return trace_last_word(trace)->fault.failure ==
				       FAILURE_ADMIN_PROHIBITED
			       ? &prohibited
			       : &unreachable;
	case TRACE_LOST:
		return &lost;
	case TRACE_RESET:
		return hearing_is_nearer(trace, control) ? &false_reset
							 : &closed;
	case TRACE_OPEN:
		return interception_kind(hearing, trace);
	case TRACE_NOT_APPLICABLE:
	case TRACE_FAR:
	case TRACE_LOCAL:
	case TRACE_INTERRUPTED:
		break;
	}
	return NULL;
}

static void judge_one(struct hearing *hearing, const struct trace *trace)
{
	const struct trace *control = hearing_control(hearing->set, trace);
	const struct trace_kind *kind = kind_of(hearing, trace);
	struct finding *finding;

	if (!kind)
		return;
	finding = hearing_draft(hearing, kind, trace->path->family);
	hearing_for(hearing, finding, hearing_end_text(hearing->arena, trace));
	if (trace->end == TRACE_OPEN) {
		interception_weigh(hearing, finding, trace);
		return;
	}
	if (!control)
		return;
	if (kind == &false_reset ||
		(kind == &lost && trace_is_answered(control)))
		hearing_for(hearing, finding,
			hearing_end_text(hearing->arena, control));
	else
		hearing_against(hearing, finding,
			hearing_end_text(hearing->arena, control));
}

/* ---- a family's mail port, over all destinations */

struct tried {
	size_t open, failed;
	size_t answered_controls, controls;
	bool is_one_router; /* the same one forbids them all */
	const struct trace *first_failed;
};

/* Is it the first trace of its destination? */
static bool is_counted(const struct hearing *hearing, size_t at)
{
	const struct trace *trace = hearing->set->traces[at];

	for (size_t i = 0; i < at; i++)
		if (hearing->set->traces[i]->is_control == trace->is_control &&
			ip_is(&hearing->set->traces[i]->path->remote,
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

static struct tried count_all(const struct hearing *hearing, enum family family)
{
	struct tried tried = { 0 };

	for (size_t i = 0; i < hearing->set->count; i++) {
		const struct trace *trace = hearing->set->traces[i];

		if (trace->path->family != family || !is_counted(hearing, i))
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

static void put_all(struct hearing *hearing, struct finding *finding)
{
	for (size_t i = 0; i < hearing->set->count; i++) {
		const struct trace *trace = hearing->set->traces[i];

		if (trace->path->family == finding->family)
			hearing_for(hearing, finding,
				hearing_end_text(hearing->arena, trace));
	}
}

static void judge_family(struct hearing *hearing, enum family family)
{
	struct tried tried = count_all(hearing, family);
	struct finding *finding;

	if (tried.open || tried.failed < 2 || !tried.controls)
		return;
	finding = hearing_draft(hearing,
		tried.answered_controls ? &blocked : &family_lost, family);
	if (tried.answered_controls && tried.is_one_router)
		finding->confidence = CONFIRMED;
	put_all(hearing, finding);
}

/* ---- all */

/* What holds for all destinations is told before what holds for one. */
static void put_last_first(struct hearing *hearing)
{
	for (size_t i = 0; i < hearing->count / 2; i++) {
		struct finding kept = hearing->list[i];

		hearing->list[i] = hearing->list[hearing->count - 1 - i];
		hearing->list[hearing->count - 1 - i] = kept;
	}
}

/* An open port is no good where it is not the host's. */
static void heed_findings(
	const struct hearing *hearing, struct trace_judgement *judgement)
{
	for (size_t i = 0; i < hearing->count; i++) {
		const struct finding *finding = &hearing->list[i];

		if (finding->confidence == SUSPECTED ||
			judgement->families[finding->family] != VERDICT_PASS)
			continue;
		judgement->families[finding->family] = VERDICT_FAIL;
		judgement->verdict = VERDICT_FAIL;
	}
}

const struct trace_judgement *trace_judge(
	struct arena *arena, const struct trace_set *set)
{
	struct trace_judgement *judgement = arena_new(
		arena, struct trace_judgement);
	struct hearing hearing = { .arena = arena, .set = set };
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
		judge_one(&hearing, trace);
		*family = *family == VERDICT_NA ? trace_verdict(trace)
						: verdict_worse(*family,
							  trace_verdict(trace));
		judgement->verdict = has_any ? verdict_worse(judgement->verdict,
						       trace_verdict(trace))
					     : trace_verdict(trace);
		has_any = true;
	}
	interception_judge_pairs(&hearing);
	judge_family(&hearing, FAMILY_IPV6);
	judge_family(&hearing, FAMILY_IPV4);
	heed_findings(&hearing, judgement);
	put_last_first(&hearing);
	judgement->findings = hearing.list;
	judgement->finding_count = hearing.count;
	return judgement;
}

const struct trace_kind *const trace_kinds[] = { &prohibited, &unreachable,
	&lost, &closed, &false_reset, &blocked, &family_lost, NULL };
