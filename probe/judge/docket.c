#include "probe/judge/docket.h"

static struct span span_or_none(const char *text)
{
	return text ? span_of(text) : SPAN("");
}

static struct draft *find_draft(const struct docket *docket, struct span id,
	const struct visit *visit, struct span title)
{
	for (struct draft *draft = docket->first; draft; draft = draft->next) {
		const struct finding *finding = &draft->finding;

		if (!span_is(finding->id, id) ||
			!span_is(finding->title, title) ||
			finding->has_family != (visit != NULL))
			continue;
		if (!visit || finding->family == visit->path->family)
			return draft;
	}
	return NULL;
}

struct finding finding_of_kind(const struct finding_kind *kind)
{
	return (struct finding){ .id = span_of(kind->id),
		.policy = SPAN(""),
		.severity = kind->severity,
		.blame = kind->blame,
		.confidence = kind->is_seen ? CONFIRMED : SUSPECTED,
		.leaves_open = kind->leaves_open,
		.title = span_or_none(kind->title),
		.meaning = span_or_none(kind->meaning),
		.remedy = span_or_none(kind->remedy),
		.reference = span_or_none(kind->reference) };
}

struct draft *docket_draft(struct docket *docket,
	const struct finding_kind *kind, const struct visit *visit,
	enum stage stage)
{
	struct draft *draft = find_draft(
		docket, span_of(kind->id), visit, span_or_none(kind->title));

	if (draft)
		return draft;
	draft = arena_new(docket->arena, struct draft);
	draft->is_shared = kind->is_shared;
	draft->finding = finding_of_kind(kind);
	draft->finding.has_family = visit != NULL;
	draft->finding.family = visit ? visit->path->family : FAMILY_IPV4;
	draft->finding.stage = stage;
	*docket->end = draft;
	docket->end = &draft->next;
	return draft;
}

static bool is_said(const struct evidence *list, size_t count,
	struct span text)
{
	for (size_t i = 0; i < count; i++)
		if (span_is(list[i].text, text))
			return true;
	return false;
}

void draft_for(struct docket *docket, struct draft *draft,
	const struct visit *visit, struct span text)
{
	struct evidence evidence = { text, visit };

	if (is_said(draft->for_it, draft->finding.for_count, text))
		return;
	draft->for_it = arena_grow(docket->arena, draft->for_it,
		draft->finding.for_count, &draft->for_room, sizeof(evidence));
	draft->for_it[draft->finding.for_count++] = evidence;
}

void draft_against(struct docket *docket, struct draft *draft,
	const struct visit *visit, struct span text)
{
	struct evidence evidence = { text, visit };

	if (is_said(draft->against, draft->finding.against_count, text))
		return;
	draft->against = arena_grow(docket->arena, draft->against,
		draft->finding.against_count, &draft->against_room,
		sizeof(evidence));
	draft->against[draft->finding.against_count++] = evidence;
}

static void take_over(
	struct docket *docket, struct draft *draft, const struct draft *other)
{
	for (size_t i = 0; i < other->finding.for_count; i++)
		draft_for(docket, draft, other->for_it[i].visit,
			other->for_it[i].text);
	for (size_t i = 0; i < other->finding.against_count; i++)
		draft_against(docket, draft, other->against[i].visit,
			other->against[i].text);
	draft->finding.has_family = false;
	/* Each family may have its own: "add ip4:..." and "add ip6:...". */
	if (other->finding.remedy.len &&
		!span_is(other->finding.remedy, draft->finding.remedy))
		draft->finding.remedy = arena_print(docket->arena,
			"%.*s; %.*s", SPAN_ARG(draft->finding.remedy),
			SPAN_ARG(other->finding.remedy));
	if (other->finding.severity > draft->finding.severity)
		draft->finding.severity = other->finding.severity;
	if (other->finding.confidence > draft->finding.confidence)
		draft->finding.confidence = other->finding.confidence;
}

static bool is_same_in_both(const struct draft *a, const struct draft *b)
{
	return a->is_shared && a->finding.has_family && b->finding.has_family &&
	       a->finding.family != b->finding.family &&
	       a->finding.stage == b->finding.stage &&
	       span_is(a->finding.id, b->finding.id) &&
	       span_is(a->finding.title, b->finding.title);
}

static void unite(struct docket *docket)
{
	for (struct draft *draft = docket->first; draft; draft = draft->next) {
		struct draft **link = &draft->next;

		while (*link && !is_same_in_both(draft, *link))
			link = &(*link)->next;
		if (!*link)
			continue;
		take_over(docket, draft, *link);
		*link = (*link)->next;
	}
}

static size_t draft_count(const struct docket *docket)
{
	size_t count = 0;

	for (struct draft *draft = docket->first; draft; draft = draft->next)
		count++;
	return count;
}

static bool has_rank(const struct finding *finding, unsigned rank)
{
	return finding->severity == SEVERITY_FAIL - rank / 3 &&
	       finding->confidence == rank % 3;
}

void docket_close(struct docket *docket)
{
	struct finding *findings;
	size_t count = 0;

	unite(docket);
	findings = arena_take(
		docket->arena, (draft_count(docket) + 1) * sizeof(*findings));
	for (unsigned rank = 0; rank < 9; rank++) {
		for (struct draft *draft = docket->first; draft;
			draft = draft->next) {
			if (!has_rank(&draft->finding, rank))
				continue;
			findings[count] = draft->finding;
			findings[count].for_it = draft->for_it;
			findings[count++].against = draft->against;
		}
	}
	docket->judgement->findings = findings;
	docket->judgement->finding_count = count;
}

const struct visit_judgement *docket_other(
	const struct docket *docket, const struct visit *visit)
{
	const struct judgement *judgement = docket->judgement;

	for (size_t i = 0; i < judgement->visit_count; i++) {
		const struct visit *other = judgement->visits[i].visit;

		if (other->state == VISIT_WALKED &&
			other->path->family != visit->path->family &&
			span_is_nocase(other->path->host, visit->path->host))
			return &judgement->visits[i];
	}
	return NULL;
}
