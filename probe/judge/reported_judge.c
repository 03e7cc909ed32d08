#include "probe/judge/reported_judge.h"

#include <stdlib.h>

#include "probe/judge/reported_findings.h"

/* One source, while it is sorted by this and by that. */
struct seat {
	const struct mail_source *source;
	size_t order; /* as it came */
	struct source_view view;
	bool is_own; /* beyond doubt: listed, or SPF passes */
};

static int span_order(struct span a, struct span b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len ? memcmp(a.at, b.at, len) : 0;

	if (order)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

static int by_domain(const void *one, const void *other)
{
	const struct seat *a = one, *b = other;
	int order = span_order(a->source->domain, b->source->domain);

	return order ? order : (a->order > b->order) - (a->order < b->order);
}

/* A site has a /48 (RFC 6177 says so, or somewhat less); a /24 is the least
 * that is routed. */
static size_t network_len(const struct ip *ip)
{
	return ip->family == FAMILY_IPV6 ? 6 : 3;
}

static int network_order(const struct ip *a, const struct ip *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, network_len(a));
}

/* Of one domain, too: what fails for another's domain says nothing here. */
static int by_network(const void *one, const void *other)
{
	const struct seat *a = one, *b = other;
	int order = network_order(&a->source->ip, &b->source->ip);

	return order ? order : by_domain(one, other);
}

static int by_messages(const void *one, const void *other)
{
	const struct seat *a = one, *b = other;

	if (a->source->messages != b->source->messages)
		return a->source->messages > b->source->messages ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

/* ---- what the sources of a domain, and of a network, tell of each other */

static void view_domain(struct arena *arena, struct seat *seats, size_t count)
{
	struct source_view view = { .suffixes = suffix_list_own() };

	view.org_domain = org_domain(
		arena, view.suffixes, seats[0].source->domain);
	for (size_t i = 0; i < count; i++) {
		const struct mail_source *source = seats[i].source;

		view.we_sign |= source->dkim_aligned != 0;
		if (!source_passes_spf(source))
			continue;
		view.own_messages += source->spf_aligned;
		view.has_own[source->ip.family] = true;
	}
	for (size_t i = 0; i < count; i++) {
		bool is_listed = seats[i].view.is_listed;

		seats[i].view = view;
		seats[i].view.is_listed = is_listed;
	}
}

static void view_network(struct seat *seats, size_t count)
{
	size_t own = 0, failing = 0;

	for (size_t i = 0; i < count; i++) {
		own += seats[i].is_own;
		failing += !seats[i].source->aligned;
	}
	for (size_t i = 0; i < count; i++) {
		seats[i].view.own_near = own - seats[i].is_own;
		seats[i].view.failing_near = failing -
					     !seats[i].source->aligned;
	}
}

static void view_domains(struct arena *arena, struct seat *seats, size_t count)
{
	size_t end;

	qsort(seats, count, sizeof(*seats), by_domain);
	for (size_t from = 0; from < count; from = end) {
		end = from + 1;
		while (end < count && span_is(seats[end].source->domain,
					      seats[from].source->domain))
			end++;
		view_domain(arena, seats + from, end - from);
	}
}

static void view_networks(struct seat *seats, size_t count)
{
	size_t end;

	qsort(seats, count, sizeof(*seats), by_network);
	for (size_t from = 0; from < count; from = end) {
		end = from + 1;
		while (end < count &&
			network_order(&seats[end].source->ip,
				&seats[from].source->ip) == 0 &&
			span_is(seats[end].source->domain,
				seats[from].source->domain))
			end++;
		view_network(seats + from, end - from);
	}
}

static struct seat *seat_all(struct arena *arena,
	const struct reported *reported, const struct own_prefixes *own)
{
	size_t count = reported->source_count;
	struct seat *seats = arena_take(arena, (count + 1) * sizeof(*seats));

	for (size_t i = 0; i < count; i++) {
		const struct mail_source *source = reported->sources[i];

		seats[i] = (struct seat){ .source = source, .order = i };
		seats[i].view.is_listed = own_prefixes_have(own, &source->ip);
		seats[i].is_own = seats[i].view.is_listed ||
				  source_passes_spf(source);
	}
	view_domains(arena, seats, count);
	view_networks(seats, count);
	qsort(seats, count, sizeof(*seats), by_messages);
	return seats;
}

/* ---- families */

const struct family_alignment *alignment_of(
	const struct reported_judgement *judgement, struct span domain,
	enum family family)
{
	for (size_t i = 0; i < judgement->alignment_count; i++)
		if (judgement->alignments[i].family == family &&
			span_is(judgement->alignments[i].domain, domain))
			return &judgement->alignments[i];
	return NULL;
}

enum { ALIGNMENTS_MAX = 512 }; /* domains and families that are compared */

static struct family_alignment *alignment_at(struct arena *arena,
	struct reported_judgement *judgement, const struct mail_source *source)
{
	for (size_t i = 0; i < judgement->alignment_count; i++)
		if (judgement->alignments[i].family == source->ip.family &&
			span_is(judgement->alignments[i].domain,
				source->domain))
			return &judgement->alignments[i];
	if (judgement->alignment_count >= ALIGNMENTS_MAX)
		return NULL;
	judgement->alignments = arena_grow(arena, judgement->alignments,
		judgement->alignment_count, &judgement->alignment_room,
		sizeof(*judgement->alignments));
	judgement->alignments[judgement->alignment_count] =
		(struct family_alignment){ .domain = source->domain,
			.family = source->ip.family };
	return &judgement->alignments[judgement->alignment_count++];
}

/* What is meant to send.  A forgotten host would blur the comparison. */
static bool is_mail_server(enum source_kind kind)
{
	return kind == SOURCE_OURS || kind == SOURCE_UNLISTED;
}

static void count_source(struct arena *arena,
	struct reported_judgement *judgement,
	const struct source_judgement *judged)
{
	const struct mail_source *source = judged->source;
	struct kind_total *total = &judgement->kinds[judged->verdict->kind];
	struct family_alignment *alignment;

	total->sources++;
	total->messages += source->messages;
	total->delivered += source->dispositions[DISPOSITION_NONE];
	if (!is_mail_server(judged->verdict->kind))
		return;
	alignment = alignment_at(arena, judgement, source);
	if (!alignment)
		return;
	alignment->sources++;
	alignment->messages += source->messages;
	alignment->spf_aligned += source->spf_aligned;
	alignment->dkim_aligned += source->dkim_aligned;
	alignment->aligned += source->aligned;
}

static int verdict_order(const struct source_verdict *verdict)
{
	static const int orders[] = {
		[SOURCE_FORGOTTEN] = 0,
		[SOURCE_UNLISTED] = 1,
		[SOURCE_OURS] = 2,
		[SOURCE_OTHER_SENDER] = 3,
		[SOURCE_FORWARDER] = 4,
		[SOURCE_UNKNOWN] = 5,
		[SOURCE_FORGER] = 6,
	};

	return orders[verdict->kind];
}

/* What wants doing comes first; forgers, who are many, last. */
static int by_concern(const void *one, const void *other)
{
	const struct source_judgement *a = one, *b = other;
	int order = verdict_order(a->verdict) - verdict_order(b->verdict);

	if (order)
		return order;
	if (a->source->messages != b->source->messages)
		return a->source->messages > b->source->messages ? -1 : 1;
	order = network_order(&a->source->ip, &b->source->ip);
	return order ? order
		     : memcmp(a->source->ip.bytes, b->source->ip.bytes, 16);
}

const struct reported_judgement *reported_judge(struct arena *arena,
	const struct reported *reported, const struct own_prefixes *own)
{
	struct reported_judgement *judgement = arena_new(
		arena, struct reported_judgement);
	size_t count = reported->source_count;
	struct source_judgement *judged = arena_take(
		arena, (count + 1) * sizeof(*judged));
	struct seat *seats = seat_all(arena, reported, own);

	judgement->reported = reported;
	judgement->sources = judged;
	judgement->source_count = count;
	for (size_t i = 0; i < count; i++) {
		struct source_verdict *verdict = arena_new(
			arena, struct source_verdict);

		source_kind_weigh(
			arena, seats[i].source, &seats[i].view, verdict);
		judged[i] = (struct source_judgement){
			.source = seats[i].source, .verdict = verdict
		};
		count_source(arena, judgement, &judged[i]);
	}
	qsort(judged, count, sizeof(*judged), by_concern);
	reported_findings(arena, judgement);
	return judgement;
}
