#include "probe/judge/delivery_findings.h"

#include <stdlib.h>

#include "probe/judge/delivery_evidence.h"
#include "probe/judge/delivery_words.h"
#include "probe/judge/docket.h"
#include "probe/judge/probe_command.h"

/* ---- the sentence with the numbers */

static struct span cause_name(const struct delivery_cause *cause)
{
	if (cause->fault != PATH_NO_FAULT)
		return span_of(path_fault_phrase(cause->fault));
	if (cause->id.len)
		return cause->id;
	if (span_is(cause->policy, SPAN("unknown")))
		return SPAN("for a reason that the codebook does not know");
	return cause->policy;
}

static struct span time_clause(
	struct arena *arena, const struct delivery_contrast *contrast)
{
	const struct change_point *change = &contrast->change;
	struct span since;

	if (!contrast->has_change)
		return SPAN("");
	since = delivery_minute_text(arena, change->since_ms);
	if (!change->has_until)
		return arena_print(arena, " since %.*s", SPAN_ARG(since));
	return arena_print(arena, " from %.*s to %.*s", SPAN_ARG(since),
		SPAN_ARG(delivery_minute_text(arena, change->until_ms)));
}

static struct span other_clause(
	struct arena *arena, const struct delivery_contrast *contrast)
{
	const struct delivery_row *row = contrast->row;
	const char *family;

	if (!row->has_family || contrast->parted == PARTED_IRRELEVANT)
		return SPAN("");
	family = family_word(delivery_other_family(row->family));
	if (!contrast->other_share.tried && contrast->has_hidden)
		return arena_print(arena,
			"; nothing that can be read tells of %s", family);
	if (!contrast->other_share.tried && contrast->elsewhere.tried &&
		!contrast->elsewhere.failed)
		return arena_print(arena,
			"; %s was not tried there, and is not affected "
			"elsewhere",
			family);
	if (!contrast->other_share.tried)
		return arena_print(arena, "; %s was not tried", family);
	return arena_print(arena, "; %s: %.*s", family,
		SPAN_ARG(delivery_share_text(arena, contrast->other_share)));
}

static bool is_of_both(const struct delivery_contrast *contrast)
{
	return contrast->parted == PARTED_IRRELEVANT && contrast->other_cause;
}

/* "IPv6 to Google" */
static struct span subject_of(
	struct arena *arena, const struct delivery_finding *finding)
{
	const struct delivery_row *row = finding->contrast.row;
	bool names_family = row->has_family && !is_of_both(&finding->contrast);

	if (!names_family && finding->crowd)
		return SPAN("");
	if (!names_family)
		return finding->destination;
	if (finding->crowd)
		return span_of(family_word(row->family));
	return arena_print(arena, "%s to %.*s", family_word(row->family),
		SPAN_ARG(finding->destination));
}

static struct span party_clause(
	struct arena *arena, const struct delivery_contrast *contrast)
{
	const struct delivery_party *party = contrast->party;
	char room[IP_TEXT_MAX];

	if (!party)
		return SPAN("");
	if (contrast->parted == PARTED_BY_HOST && party->name.len)
		return arena_print(arena, " at %.*s", SPAN_ARG(party->name));
	return arena_print(arena, " %s %s",
		contrast->parted == PARTED_BY_HOST ? "at" : "from",
		ip_print(&party->ip, room));
}

static struct span crowd_clause(
	struct arena *arena, const struct delivery_finding *finding)
{
	if (!finding->crowd)
		return SPAN("");
	return arena_print(arena, " at %.*s", SPAN_ARG(finding->destination));
}

/* "IPv6 to Google: 312 of 318 refused since 2024-09-07 10:51
 * (google.not-authorized); IPv4: 0 of 1,204"
 * "IPv6: 4,120 of 4,305 refused at 318 destinations since ..." */
static struct span title_of(
	struct arena *arena, const struct delivery_finding *finding)
{
	const struct delivery_contrast *contrast = &finding->contrast;
	struct span name = cause_name(contrast->cause);
	struct span head = arena_print(arena, "%.*s%.*s",
		SPAN_ARG(subject_of(arena, finding)),
		SPAN_ARG(party_clause(arena, contrast)));

	return arena_print(arena, "%.*s%s%.*s %s%.*s%.*s (%.*s)%.*s",
		SPAN_ARG(head), head.len ? ": " : "",
		SPAN_ARG(delivery_share_text(arena, contrast->share)),
		delivery_fate_word(contrast->cause),
		SPAN_ARG(crowd_clause(arena, finding)),
		SPAN_ARG(time_clause(arena, contrast)), SPAN_ARG(name),
		SPAN_ARG(other_clause(arena, contrast)));
}

/* ---- what it is and what to do */

static enum severity severity_of(const struct delivery_finding *finding)
{
	const struct delivery_cause *cause = finding->contrast.cause;

	if (cause->row && span_is(cause->row->severity, SPAN("info")))
		return SEVERITY_INFO;
	if (span_starts_nocase(cause->policy, SPAN("mailbox-")))
		return SEVERITY_WARN;
	return finding->is_lost ? SEVERITY_FAIL : SEVERITY_WARN;
}

/* The /48 that a site gets (RFC 6177). */
static struct span range_text(struct arena *arena, const struct ip *ip)
{
	struct ip prefix = *ip;
	char room[IP_TEXT_MAX];

	memset(prefix.bytes + 6, 0, 10);
	return arena_print(arena, "%s/48", ip_print(&prefix, room));
}

/* The other family is no way out where it fails too. */
static bool may_be_family(const struct delivery_contrast *contrast)
{
	if (contrast->parted == PARTED_UNDECIDED)
		return !contrast->other_share.tried &&
		       contrast->elsewhere.tried && !contrast->elsewhere.failed;
	return contrast->parted == PARTED_BY_FAMILY;
}

static struct span remedy_of(struct arena *arena,
	const struct codebook *codebook, const struct delivery_finding *finding)
{
	const struct delivery_contrast *contrast = &finding->contrast;
	const struct delivery_cause *cause = contrast->cause;

	if (span_is(cause->policy, SPAN("not-authorized-ip")) &&
		may_be_family(contrast) &&
		contrast->row->family == FAMILY_IPV6 && cause->has_source &&
		cause->source.family == FAMILY_IPV6)
		return arena_print(arena,
			"ask the provider of %.*s to have the range cleared, "
			"or send to %.*s over IPv4 only (mxprobe DOMAIN --mta "
			"postfix tells how)",
			SPAN_ARG(range_text(arena, &cause->source)),
			SPAN_ARG(finding->crowd ? SPAN("them")
						: finding->destination));
	if (cause->row && cause->row->remedy.len)
		return cause->row->remedy;
	return codebook_policy_words(codebook, cause->policy).remedy;
}

static void describe(struct arena *arena, const struct codebook *codebook,
	struct delivery_finding *told)
{
	const struct delivery_cause *cause = told->contrast.cause;
	struct finding *finding = &told->finding;

	if (cause->fault != PATH_NO_FAULT) {
		path_fault_describe(cause->fault, finding);
	} else {
		finding->id = cause->id.len ? cause->id : SPAN("reply.unknown");
		if (!cause->id.len && !span_is(cause->policy, SPAN("unknown")))
			finding->id = cause->policy;
		finding->policy = cause->policy;
		finding->blame = rules_policy_blame(cause->policy);
		finding->meaning = cause->meaning;
		finding->remedy = remedy_of(arena, codebook, told);
		if (cause->row)
			finding->reference = cause->row->reference;
	}
	finding->severity = severity_of(told);
}

/* Packets show it, or two who know it of their own agree. */
static enum confidence confidence_of(const struct delivery_cause *cause)
{
	return cause->agreed || cause->witnessed[WITNESS_CAPTURE] ? CONFIRMED
								  : LIKELY;
}

static void set_stage(struct delivery_finding *told)
{
	const struct delivery_cause *cause = told->contrast.cause;
	uint64_t most = 0;

	for (int i = 0; i < STAGE_COUNT; i++) {
		if (cause->stages[i] <= most)
			continue;
		most = cause->stages[i];
		told->has_stage = true;
		told->finding.stage = (enum stage)i;
	}
}

static struct span command_for(
	struct arena *arena, const struct delivery_finding *told)
{
	const struct delivery_cause *cause = told->contrast.cause;
	const struct delivery_row *row = told->contrast.row;
	const struct delivery_parties *hosts = &row->hosts;
	struct probe_wish wish = { .domain = cause->domain,
		.host = cause->host,
		.sender_domain = cause->sender_domain,
		.policy = cause->policy,
		.fault = cause->fault,
		.has_stage = told->has_stage,
		.stage = told->finding.stage,
		.has_source = cause->has_source,
		.source = cause->source };

	if (!wish.domain.len && !row->is_provider && !row->is_server)
		wish.domain = row->destination;
	if (hosts->count) {
		wish.has_server = true;
		wish.server = hosts->at[0].ip;
	}
	return probe_command(arena, &wish);
}

/* Refused for good; or broken, and not made good by another try. */
static bool is_lost(const struct delivery_contrast *contrast)
{
	const struct next_tries *tries = contrast->cause->next_tries;

	if (contrast->cause->refused)
		return true;
	if (contrast->cause->fault == PATH_NO_FAULT)
		return false;
	if (!tries->messages)
		return !contrast->other || !contrast->other->accepted;
	return tries->other_family + tries->other_host + tries->same_host <
	       tries->messages;
}

/* ---- all of them */

static struct delivery_finding *new_finding(
	struct arena *arena, struct delivery_findings *findings)
{
	findings->at = arena_grow(arena, findings->at, findings->count,
		&findings->room, sizeof(*findings->at));
	findings->at[findings->count] =
		(struct delivery_finding){ .has_stage = false };
	return &findings->at[findings->count++];
}

/* The contrast is known. */
static void tell(struct arena *arena, const struct codebook *codebook,
	struct delivery_finding *told)
{
	const struct delivery_contrast *contrast = &told->contrast;
	const struct delivery_row *row = contrast->row;

	told->is_lost = is_lost(contrast);
	told->finding.has_family = row->has_family && !is_of_both(contrast) &&
				   contrast->parted != PARTED_BY_NOTHING;
	told->finding.family = row->family;
	set_stage(told);
	describe(arena, codebook, told);
	told->finding.title = title_of(arena, told);
	told->finding.confidence = confidence_of(contrast->cause);
	told->next = delivery_next_text(arena, contrast);
	delivery_evidence_weigh(arena, told);
	told->command = command_for(arena, told);
}

static void tell_member(const struct delivery_crowds *crowds,
	const struct delivery_member *member,
	struct delivery_findings *findings)
{
	struct delivery_finding *told;
	const struct codebook *codebook = crowds->table->codebook;

	if (findings->count == DELIVERY_FINDINGS_MAX) {
		findings->left_out++;
		return;
	}
	told = new_finding(crowds->arena, findings);
	delivery_member_contrast(crowds, member, &told->contrast);
	told->destination = delivery_destination_text(codebook, member->row);
	tell(crowds->arena, codebook, told);
}

static void tell_crowd(const struct delivery_crowds *crowds,
	struct delivery_crowd *crowd, struct delivery_findings *findings)
{
	struct delivery_finding *told;

	if (crowd->is_told)
		return;
	crowd->is_told = true;
	if (findings->count == DELIVERY_FINDINGS_MAX) {
		findings->left_out += crowd->destinations;
		return;
	}
	told = new_finding(crowds->arena, findings);
	told->crowd = crowd;
	delivery_crowd_contrast(crowds, crowd, &told->contrast);
	told->destination = arena_print(crowds->arena, "%s%.*s destinations",
		crowd->has_others ? "more than " : "",
		SPAN_ARG(delivery_count_text(
			crowds->arena, crowd->destinations)));
	tell(crowds->arena, crowds->table->codebook, told);
}

static int by_bytes(struct span a, struct span b)
{
	size_t shorter = a.len < b.len ? a.len : b.len;
	int order = shorter ? memcmp(a.at, b.at, shorter) : 0;

	if (order)
		return order;
	return a.len < b.len ? -1 : a.len > b.len;
}

static int by_time(const struct delivery_spot *a, const struct delivery_spot *b)
{
	if (a->has_time != b->has_time)
		return a->has_time ? -1 : 1;
	if (!a->has_time || a->time_ms == b->time_ms)
		return 0;
	return a->time_ms < b->time_ms ? -1 : 1;
}

/* What is wrong with recipients comes behind what may be wrong with us. */
static bool is_of_recipients(const struct delivery_finding *finding)
{
	return finding->contrast.parted == PARTED_IRRELEVANT;
}

/* The gravest, the most, the earliest; then whatever makes one order of it. */
static int by_gravity(const void *a, const void *b)
{
	const struct delivery_finding *left = a, *right = b;
	const struct delivery_cause *one = left->contrast.cause;
	const struct delivery_cause *two = right->contrast.cause;
	int order = (int)right->finding.severity - (int)left->finding.severity;

	if (!order)
		order = is_of_recipients(left) - is_of_recipients(right);
	if (order)
		return order;
	if (delivery_cause_total(one) != delivery_cause_total(two))
		return delivery_cause_total(one) > delivery_cause_total(two)
			       ? -1
			       : 1;
	order = by_time(&one->first, &two->first);
	if (!order)
		order = by_bytes(left->destination, right->destination);
	if (!order)
		order = by_bytes(left->finding.title, right->finding.title);
	return order;
}

void delivery_findings_make(struct arena *arena,
	const struct delivery_table *table, struct delivery_findings *findings)
{
	struct delivery_crowds *crowds = arena_new(
		arena, struct delivery_crowds);

	*findings = (struct delivery_findings){ .count = 0 };
	delivery_crowds_find(arena, table, crowds);
	for (size_t i = 0; i < crowds->count; i++)
		if (delivery_crowd_of(&crowds->members[i]))
			tell_crowd(crowds, crowds->members[i].crowd, findings);
	for (size_t i = 0; i < crowds->count; i++)
		if (!delivery_crowd_of(&crowds->members[i]))
			tell_member(crowds, &crowds->members[i], findings);
	if (findings->count)
		qsort(findings->at, findings->count, sizeof(*findings->at),
			by_gravity);
}
