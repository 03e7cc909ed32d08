#include "probe/judge/reported_findings.h"

/* clang-format off */
static const struct source_finding_kind {
	const char *id, *title, *meaning, *remedy;
	enum severity severity;
	enum blame blame;
	bool is_each;           /* a finding for each source; else one for all
				   of a domain */
} source_kinds[] = {
	[SOURCE_OURS] = { .id = NULL },
	[SOURCE_UNLISTED] = {
		.id = "reports.source-not-in-spf",
		.title = "a sending address of yours is not in the SPF record",
		.meaning = "Its mail depends on the DKIM signature alone, and "
			   "receivers that want both refuse it.",
		.remedy = "if the address is yours, add it to the SPF record",
		.severity = SEVERITY_WARN, .blame = BLAME_OURS,
		.is_each = true },
	[SOURCE_FORGOTTEN] = {
		.id = "reports.forgotten-host",
		.title = "a host of yours sends mail by itself",
		.meaning = "It passes neither SPF nor DKIM: once the policy "
			   "is enforced, its mail is lost.",
		.remedy = "have it send through your mail server, or list it "
			  "in SPF and sign its mail; if it is not yours, no "
			  "step is needed",
		.severity = SEVERITY_WARN, .blame = BLAME_OURS,
		.is_each = true },
	[SOURCE_FORWARDER] = {
		.id = "reports.forwarder",
		.title = "your mail is forwarded",
		.meaning = "SPF does not survive that; the DKIM signature "
			   "does, unless the mail is changed.",
		.remedy = "sign all mail with DKIM; do not list forwarders "
			  "in SPF",
		.severity = SEVERITY_INFO, .blame = BLAME_UNKNOWN },
	[SOURCE_OTHER_SENDER] = {
		.id = "reports.other-sender",
		.title = "somebody sends in your name, and signs as itself",
		.meaning = "A service that you use, or a stranger: its SPF or "
			   "DKIM passes, but for another domain.",
		.remedy = "if you use it, have it sign with your domain; else "
			  "no step is needed",
		.severity = SEVERITY_INFO, .blame = BLAME_UNKNOWN,
		.is_each = true },
	[SOURCE_FORGER] = {
		.id = "reports.forger",
		.title = "others forge your domain",
		.meaning = "Nothing of it passes, and nothing shows that it "
			   "comes from you.",
		.remedy = "once all mail of yours passes, publish "
			  "p=quarantine, then p=reject",
		.severity = SEVERITY_INFO, .blame = BLAME_UNKNOWN },
	[SOURCE_UNKNOWN] = { .id = NULL },
};
static const struct source_finding_kind tls_kind = {
	.id = "reports.tls-failure",
	.title = "senders report that TLS with your servers failed",
	.meaning = "They say so in their reports; while a policy is enforced, "
		   "the mail waits or is lost.",
	.severity = SEVERITY_WARN, .blame = BLAME_OURS };
/* clang-format on */

static const char dmarc_reference[] = "RFC 7489 section 7.2";
static const char tls_reference[] = "RFC 8460 section 4.3";

/* ---- drafting */

static struct finding *add_finding(
	struct arena *arena, struct reported_judgement *judgement)
{
	struct finding *finding;

	judgement->findings = arena_grow(arena, judgement->findings,
		judgement->finding_count, &judgement->finding_room,
		sizeof(*judgement->findings));
	finding = &judgement->findings[judgement->finding_count++];
	*finding = (struct finding){ .confidence = LIKELY };
	return finding;
}

static void put_evidence(struct arena *arena, const struct span *clauses,
	size_t count, const struct evidence **list, size_t *list_count)
{
	struct evidence *evidence = arena_take(
		arena, (count + 1) * sizeof(*evidence));

	for (size_t i = 0; i < count; i++)
		evidence[i].text = clauses[i];
	*list = evidence;
	*list_count = count;
}

static void put_kind(
	struct finding *finding, const struct source_finding_kind *kind)
{
	finding->id = span_of(kind->id);
	finding->severity = kind->severity;
	finding->blame = kind->blame;
	finding->stage = STAGE_DOT;
	finding->title = span_of(kind->title);
	finding->meaning = span_of(kind->meaning);
	finding->remedy = span_of(kind->remedy);
	finding->reference = span_of(dmarc_reference);
}

/* ---- a source */

/* "IPv4: 300 of 300 aligned by SPF", the other half of the comparison. */
static struct span other_family_text(struct arena *arena,
	const struct reported_judgement *judgement,
	const struct mail_source *source)
{
	enum family other = source->ip.family == FAMILY_IPV6 ? FAMILY_IPV4
							     : FAMILY_IPV6;
	const struct family_alignment *alignment = alignment_of(
		judgement, source->domain, other);

	if (!alignment || !alignment->messages)
		return SPAN("");
	if (alignment->spf_aligned == alignment->messages)
		return arena_print(arena, "; %s: all %llu", family_word(other),
			(unsigned long long)alignment->messages);
	return arena_print(arena, "; %s: %llu of %llu", family_word(other),
		(unsigned long long)alignment->spf_aligned,
		(unsigned long long)alignment->messages);
}

static struct span source_text(struct arena *arena,
	const struct reported_judgement *judgement,
	const struct source_judgement *judged)
{
	const struct mail_source *source = judged->source;
	struct span other = SPAN("");
	char room[IP_TEXT_MAX];

	if (judged->verdict->kind == SOURCE_UNLISTED)
		other = other_family_text(arena, judgement, source);
	if (!source->messages)
		return arena_print(arena,
			"%s source %s: %llu failure reports for %.*s",
			family_word(source->ip.family),
			ip_print(&source->ip, room),
			(unsigned long long)source->failure_reports,
			SPAN_ARG(source->domain));
	return arena_print(arena,
		"%s source %s: %llu of %llu aligned by SPF, %llu by DKIM "
		"for %.*s%.*s",
		family_word(source->ip.family), ip_print(&source->ip, room),
		(unsigned long long)source->spf_aligned,
		(unsigned long long)source->messages,
		(unsigned long long)source->dkim_aligned,
		SPAN_ARG(source->domain), SPAN_ARG(other));
}

static void find_source(struct arena *arena,
	struct reported_judgement *judgement,
	const struct source_judgement *judged)
{
	const struct source_verdict *verdict = judged->verdict;
	struct finding *finding = add_finding(arena, judgement);
	struct span clauses[SOURCE_EVIDENCE_MAX + 1];

	put_kind(finding, &source_kinds[verdict->kind]);
	finding->confidence = verdict->confidence;
	finding->has_family = true;
	finding->family = judged->source->ip.family;
	clauses[0] = source_text(arena, judgement, judged);
	memcpy(clauses + 1, verdict->for_it,
		verdict->for_count * sizeof(clauses[0]));
	put_evidence(arena, clauses, verdict->for_count + 1, &finding->for_it,
		&finding->for_count);
	put_evidence(arena, verdict->against, verdict->against_count,
		&finding->against, &finding->against_count);
}

static void find_each(struct arena *arena, struct reported_judgement *judgement,
	enum source_kind kind)
{
	size_t found = 0;

	for (size_t i = 0;
		i < judgement->source_count && found < REPORTED_FINDINGS_MAX;
		i++) {
		if (judgement->sources[i].verdict->kind != kind)
			continue;
		find_source(arena, judgement, &judgement->sources[i]);
		found++;
	}
}

/* The clauses of the largest of that kind, since the sources are sorted. */
static void find_all(struct arena *arena, struct reported_judgement *judgement,
	enum source_kind kind)
{
	const struct kind_total *total = &judgement->kinds[kind];
	struct finding *finding;
	struct span clauses[6];
	size_t count = 1;

	if (!total->sources)
		return;
	finding = add_finding(arena, judgement);
	put_kind(finding, &source_kinds[kind]);
	clauses[0] = arena_print(arena,
		"%llu message%s from %zu address%s, %llu of them delivered",
		(unsigned long long)total->messages,
		total->messages == 1 ? "" : "s", total->sources,
		total->sources == 1 ? "" : "es",
		(unsigned long long)total->delivered);
	for (size_t i = 0;
		i < judgement->source_count && count < COUNT_OF(clauses); i++)
		if (judgement->sources[i].verdict->kind == kind)
			clauses[count++] = source_text(
				arena, judgement, &judgement->sources[i]);
	put_evidence(
		arena, clauses, count, &finding->for_it, &finding->for_count);
}

static void find_kind(struct arena *arena, struct reported_judgement *judgement,
	enum source_kind kind)
{
	if (!source_kinds[kind].id)
		return;
	if (source_kinds[kind].is_each)
		find_each(arena, judgement, kind);
	else
		find_all(arena, judgement, kind);
}

/* ---- TLS */

/* The failures of one domain and result, over all hosts and families. */
struct tls_sum {
	uint64_t sessions;
	uint64_t of[TOLD_FAMILY_COUNT]; /* by the receiving family */
	uint64_t from[TOLD_FAMILY_COUNT];
};

static bool is_same(const struct tls_failure *a, const struct tls_failure *b)
{
	return span_is(a->domain, b->domain) && span_is(a->result, b->result);
}

static struct tls_sum sum_of(
	const struct reported *reported, const struct tls_failure *like)
{
	struct tls_sum sum = { .sessions = 0 };

	for (size_t i = 0; i < reported->failure_count; i++) {
		const struct tls_failure *failure = reported->failures[i];

		if (!is_same(failure, like))
			continue;
		sum.sessions += failure->sessions;
		sum.of[failure->receiving] += failure->sessions;
		sum.from[failure->sending] += failure->sessions;
	}
	return sum;
}

static bool is_first(const struct reported *reported, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (is_same(reported->failures[i], reported->failures[at]))
			return false;
	return true;
}

static struct span by_family_text(
	struct arena *arena, const char *way, const uint64_t of[])
{
	return arena_print(arena, "%s IPv6 %llu, IPv4 %llu, not told %llu", way,
		(unsigned long long)of[TOLD_IPV6],
		(unsigned long long)of[TOLD_IPV4],
		(unsigned long long)of[TOLD_NOTHING]);
}

/* Successes are not told by family, so only what failed can be compared. */
static bool only_family(const uint64_t of[], enum family *family)
{
	if (of[TOLD_NOTHING] || !of[TOLD_IPV4] == !of[TOLD_IPV6])
		return false;
	*family = of[TOLD_IPV6] ? FAMILY_IPV6 : FAMILY_IPV4;
	return true;
}

static void find_tls(struct arena *arena, struct reported_judgement *judgement,
	const struct tls_failure *failure)
{
	struct tls_sum sum = sum_of(judgement->reported, failure);
	struct finding *finding = add_finding(arena, judgement);
	struct span clauses[3];

	*finding = (struct finding){ .id = span_of(tls_kind.id),
		.severity = tls_kind.severity,
		.blame = tls_kind.blame,
		.confidence = CONFIRMED,
		.stage = STAGE_TLS,
		.title = span_of(tls_kind.title),
		.meaning = span_of(tls_kind.meaning),
		.remedy = arena_print(arena,
			"walk your own servers as these senders do: mxprobe "
			"--tls secure %.*s",
			SPAN_ARG(failure->domain)),
		.reference = span_of(tls_reference) };
	finding->has_family = only_family(sum.of, &finding->family);
	clauses[0] = arena_print(arena, "%.*s: %llu sessions to %.*s failed",
		SPAN_ARG(failure->result), (unsigned long long)sum.sessions,
		SPAN_ARG(failure->domain));
	clauses[1] = by_family_text(arena, "to", sum.of);
	clauses[2] = by_family_text(arena, "from", sum.from);
	put_evidence(arena, clauses, COUNT_OF(clauses), &finding->for_it,
		&finding->for_count);
}

static void find_all_tls(
	struct arena *arena, struct reported_judgement *judgement)
{
	const struct reported *reported = judgement->reported;
	size_t found = 0;

	for (size_t i = 0;
		i < reported->failure_count && found < REPORTED_FINDINGS_MAX;
		i++) {
		if (!is_first(reported, i))
			continue;
		find_tls(arena, judgement, reported->failures[i]);
		found++;
	}
}

void reported_findings(
	struct arena *arena, struct reported_judgement *judgement)
{
	find_kind(arena, judgement, SOURCE_FORGOTTEN);
	find_kind(arena, judgement, SOURCE_UNLISTED);
	find_all_tls(arena, judgement);
	find_kind(arena, judgement, SOURCE_OTHER_SENDER);
	find_kind(arena, judgement, SOURCE_FORWARDER);
	find_kind(arena, judgement, SOURCE_FORGER);
}

/* ---- their pages */

static struct finding page_of(
	const struct source_finding_kind *kind, const char *reference)
{
	return (struct finding){ .id = span_of(kind->id),
		.policy = SPAN(""),
		.severity = kind->severity,
		.blame = kind->blame,
		.title = span_of(kind->title),
		.meaning = span_of(kind->meaning),
		.remedy = kind->remedy ? span_of(kind->remedy) : SPAN(""),
		.reference = span_of(reference) };
}

bool reported_page_at(size_t n, struct finding *page)
{
	for (size_t i = 0; i < COUNT_OF(source_kinds); i++) {
		if (!source_kinds[i].id || n--)
			continue;
		*page = page_of(&source_kinds[i], dmarc_reference);
		return true;
	}
	*page = page_of(&tls_kind, tls_reference);
	return n == 0;
}
