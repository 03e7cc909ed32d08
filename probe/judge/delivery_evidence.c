#include "probe/judge/delivery_evidence.h"

#include "probe/judge/delivery_words.h"

const char *delivery_fate_word(const struct delivery_cause *cause)
{
	if (cause->fault != PATH_NO_FAULT)
		return "failed";
	return cause->refused >= cause->deferred ? "refused" : "deferred";
}

struct span delivery_share_text(struct arena *arena, struct change_share share)
{
	struct span failed = delivery_count_text(arena, share.failed);
	struct span tried = delivery_count_text(arena, share.tried);

	return arena_print(
		arena, "%.*s of %.*s", SPAN_ARG(failed), SPAN_ARG(tried));
}

enum family delivery_other_family(enum family family)
{
	return family == FAMILY_IPV4 ? FAMILY_IPV6 : FAMILY_IPV4;
}

/* ---- clauses */

struct clauses {
	struct arena *arena;
	struct evidence *at;
	size_t count, room;
};

static void add(struct clauses *clauses, struct span text)
{
	if (!text.len)
		return;
	clauses->at = arena_grow(clauses->arena, clauses->at, clauses->count,
		&clauses->room, sizeof(*clauses->at));
	clauses->at[clauses->count++] = (struct evidence){ .text = text };
}

static struct span reply_clause(
	struct arena *arena, const struct delivery_cause *cause)
{
	struct span spot = delivery_spot_text(arena, &cause->first);
	struct span text = delivery_reply_text(arena, cause->text, cause->code);

	if (!spot.len)
		return SPAN("");
	if (!text.len)
		return arena_print(arena, "%.*s tells of it, without a reason",
			SPAN_ARG(spot));
	return arena_print(arena, "%.*s: %.*s", SPAN_ARG(spot), SPAN_ARG(text));
}

static struct span change_clause(
	struct arena *arena, const struct delivery_contrast *contrast)
{
	const struct change_point *change = &contrast->change;
	struct span before, during, since, after;

	if (!contrast->has_change)
		return SPAN("");
	before = delivery_share_text(arena, change->before);
	during = delivery_share_text(arena, change->during);
	since = delivery_second_text(arena, change->since_ms);
	if (!change->has_until)
		return arena_print(arena,
			"it began at %.*s: %.*s failed before, %.*s since",
			SPAN_ARG(since), SPAN_ARG(before), SPAN_ARG(during));
	after = delivery_share_text(arena, change->after);
	return arena_print(arena,
		"it began at %.*s and ended at %.*s: %.*s failed before, %.*s "
		"then, %.*s afterwards",
		SPAN_ARG(since),
		SPAN_ARG(delivery_second_text(arena, change->until_ms)),
		SPAN_ARG(before), SPAN_ARG(during), SPAN_ARG(after));
}

static struct span family_clause(struct arena *arena,
	const struct delivery_contrast *contrast, bool is_crowd)
{
	const struct delivery_row *other = contrast->other;
	struct span share;

	if (contrast->parted != PARTED_BY_FAMILY)
		return SPAN("");
	share = delivery_share_text(arena, contrast->other_share);
	return arena_print(arena,
		"over %s to the same destination%s: %.*s for this; accepted: "
		"%.*s",
		family_word(other->family), is_crowd ? "s" : "",
		SPAN_ARG(share),
		SPAN_ARG(delivery_count_text(arena, other->accepted)));
}

static struct span elsewhere_clause(
	struct arena *arena, const struct delivery_contrast *contrast)
{
	if (!contrast->elsewhere.tried || contrast->other_share.tried ||
		contrast->parted == PARTED_IRRELEVANT ||
		contrast->elsewhere.failed)
		return SPAN("");
	return arena_print(arena,
		"%s is not affected elsewhere: %.*s to other destinations "
		"failed for this",
		family_word(delivery_other_family(contrast->row->family)),
		SPAN_ARG(delivery_share_text(arena, contrast->elsewhere)));
}

static struct span party_clause(
	struct arena *arena, const struct delivery_contrast *contrast)
{
	const struct delivery_party *party = contrast->party;
	struct change_share share;
	char room[IP_TEXT_MAX];

	if (!party)
		return SPAN("");
	share.failed = party->refused + party->deferred;
	share.tried = share.failed + party->accepted;
	return arena_print(arena,
		"%s %.*s%s%s%s: %.*s failed, and next to none %s",
		contrast->parted == PARTED_BY_HOST ? "at" : "from",
		SPAN_ARG(party->name), party->name.len ? " [" : "",
		ip_print(&party->ip, room), party->name.len ? "]" : "",
		SPAN_ARG(delivery_share_text(arena, share)),
		contrast->parted == PARTED_BY_HOST
			? "at the other hosts"
			: "from our other addresses");
}

static struct span agreement_clause(
	struct arena *arena, const struct delivery_cause *cause)
{
	struct span count = delivery_count_text(arena, cause->agreed);
	struct span kinds = SPAN("");

	if (!cause->agreed)
		return SPAN("");
	count = delivery_cause_total(cause) == 1
			? SPAN("it")
			: arena_print(arena, "%.*s of them", SPAN_ARG(count));
	for (int i = 0; i < WITNESS_KINDS; i++)
		if (cause->witnessed[i])
			kinds = arena_print(arena, "%.*s%s%s", SPAN_ARG(kinds),
				kinds.len ? " and " : "",
				witness_kind_word((enum witness_kind)i));
	return arena_print(
		arena, "%.*s agree on %.*s", SPAN_ARG(kinds), SPAN_ARG(count));
}

static struct span source_clause(
	struct arena *arena, const struct delivery_cause *cause)
{
	char room[IP_TEXT_MAX];

	if (!cause->has_source || cause->fault != PATH_NO_FAULT)
		return SPAN("");
	return arena_print(
		arena, "our address was %s", ip_print(&cause->source, room));
}

/* "the most at example.net (50), example.org (38) and 316 others" */
static struct span crowd_clause(
	struct arena *arena, const struct delivery_finding *told)
{
	const struct delivery_member *largest[DELIVERY_CROWD_NAMED];
	size_t count, others;
	struct span text = SPAN("the most at");

	if (!told->crowd)
		return SPAN("");
	count = delivery_crowd_largest(told->crowd, largest);
	for (size_t i = 0; i < count; i++)
		text = arena_print(arena, "%.*s%s %.*s (%.*s)", SPAN_ARG(text),
			i ? "," : "",
			SPAN_ARG(delivery_destination_text(
				told->crowd->codebook, largest[i]->row)),
			SPAN_ARG(delivery_count_text(arena,
				delivery_cause_total(largest[i]->cause))));
	others = told->crowd->destinations > count
			 ? told->crowd->destinations - count
			 : 0;
	if (!others)
		return text;
	return arena_print(arena, "%.*s and %s%.*s other%s", SPAN_ARG(text),
		told->crowd->has_others ? "more than " : "",
		SPAN_ARG(delivery_count_text(arena, others)),
		others == 1 ? "" : "s");
}

/* A relay of our own, or one that has many domains. */
static struct span host_clause(
	struct arena *arena, const struct delivery_finding *told)
{
	const struct delivery_party *host = NULL;
	char room[IP_TEXT_MAX];

	if (told->crowd)
		host = delivery_crowd_host(told->crowd);
	if (!host)
		return SPAN("");
	return arena_print(arena,
		"all of them went to one server, %.*s%s%s%s: it may be that "
		"server's and no matter of the destinations",
		SPAN_ARG(host->name), host->name.len ? " [" : "",
		ip_print(&host->ip, room), host->name.len ? "]" : "");
}

static void weigh_for(
	struct clauses *clauses, const struct delivery_finding *told)
{
	struct arena *arena = clauses->arena;
	const struct delivery_contrast *contrast = &told->contrast;
	const struct delivery_cause *cause = contrast->cause;

	add(clauses, reply_clause(arena, cause));
	add(clauses, change_clause(arena, contrast));
	add(clauses, family_clause(arena, contrast, told->crowd != NULL));
	add(clauses, crowd_clause(arena, told));
	add(clauses, host_clause(arena, told));
	add(clauses, elsewhere_clause(arena, contrast));
	add(clauses, party_clause(arena, contrast));
	add(clauses, agreement_clause(arena, cause));
	add(clauses, source_clause(arena, cause));
	if (cause->row && cause->row->is_ipv6_only)
		add(clauses, SPAN("the receiver has this rule for IPv6 alone"));
	else if (cause->row && cause->row->is_source_bound)
		add(clauses, SPAN("the rule is about the connecting address"));
}

static void weigh_other(
	struct clauses *clauses, const struct delivery_contrast *contrast)
{
	struct arena *arena = clauses->arena;
	const struct delivery_row *row = contrast->row;
	const char *family;

	if (contrast->parted == PARTED_BY_NOTHING)
		add(clauses, SPAN("both families fail alike: it is not the "
				  "family"));
	if (contrast->parted != PARTED_UNDECIDED)
		return;
	if (!row->has_family) {
		add(clauses, SPAN("over which family it was is not told"));
		return;
	}
	family = family_word(delivery_other_family(row->family));
	if (!contrast->other_share.tried && contrast->has_hidden)
		add(clauses,
			arena_print(arena,
				"nothing that can be read tells of %s there: "
				"sessions are hidden by TLS",
				family));
	else if (!contrast->other_share.tried)
		add(clauses,
			arena_print(arena,
				"%s was not tried there: nothing can be said "
				"of it",
				family));
	else if (contrast->other_share.failed * contrast->share.tried >
		 contrast->share.failed * contrast->other_share.tried)
		add(clauses,
			arena_print(arena, "it is worse over %s: %.*s", family,
				SPAN_ARG(delivery_share_text(
					arena, contrast->other_share))));
	else if (!contrast->other->accepted)
		add(clauses,
			arena_print(arena,
				"nothing was accepted over %s either", family));
	else
		add(clauses,
			arena_print(arena,
				"%.*s over %s: too few to say that it is the "
				"family",
				SPAN_ARG(delivery_share_text(
					arena, contrast->other_share)),
				family));
}

static void weigh_against(
	struct clauses *clauses, const struct delivery_contrast *contrast)
{
	struct change_share share = contrast->share;

	weigh_other(clauses, contrast);
	if (contrast->parted == PARTED_BY_FAMILY &&
		!contrast->cause->next_tries->other_family &&
		contrast->cause->fault == PATH_NO_FAULT &&
		change_gain(share, contrast->other_share) < CHANGE_APART)
		add(clauses, SPAN("these are few deliveries: chance may have "
				  "made the difference"));
	if (contrast->cause->row && contrast->cause->row->is_source_bound &&
		share.failed < share.tried && contrast->row->accepted)
		add(clauses,
			arena_print(clauses->arena,
				"not all of them: %.*s of %.*s deliveries over "
				"the same family had another end",
				SPAN_ARG(delivery_count_text(clauses->arena,
					share.tried - share.failed)),
				SPAN_ARG(delivery_count_text(
					clauses->arena, share.tried))));
}

void delivery_evidence_weigh(
	struct arena *arena, struct delivery_finding *finding)
{
	struct clauses for_it = { .arena = arena };
	struct clauses against = { .arena = arena };

	weigh_for(&for_it, finding);
	weigh_against(&against, &finding->contrast);
	finding->finding.for_it = for_it.at;
	finding->finding.for_count = for_it.count;
	finding->finding.against = against.at;
	finding->finding.against_count = against.count;
}

/* ---- what the mail server did next */

static struct span accepted_text(
	struct arena *arena, const struct delivery_contrast *contrast)
{
	const struct next_tries *tries = contrast->cause->next_tries;
	uint64_t most = tries->other_family;
	struct span where = SPAN("");

	if (tries->other_family)
		where = arena_print(arena, "over %s",
			family_word(
				delivery_other_family(contrast->row->family)));
	if (tries->other_host > most) {
		most = tries->other_host;
		where = SPAN("at another host");
	}
	if (tries->same_host > most) {
		most = tries->same_host;
		where = SPAN("at the same host later");
	}
	if (!most)
		return SPAN("");
	return arena_print(arena, "%.*s of %.*s message%s accepted %.*s%s%.*s",
		SPAN_ARG(delivery_count_text(arena, most)),
		SPAN_ARG(delivery_count_text(arena, tries->messages)),
		tries->messages == 1 ? " was" : "s were", SPAN_ARG(where),
		tries->has_example ? ", the first after " : "",
		SPAN_ARG(tries->has_example ? delivery_wait_text(arena,
						      tries->example_wait_ms)
					    : SPAN("")));
}

/* A message that failed over both families stands with the first of them. */
static struct span both_text(
	struct arena *arena, const struct delivery_contrast *contrast)
{
	struct next_tries tries = *contrast->cause->next_tries;

	if (contrast->other_cause)
		next_tries_join(&tries, contrast->other_cause->next_tries);
	if (!tries.failed_both)
		return SPAN("");
	if (tries.failed_both >= tries.messages)
		return SPAN("tried over both families, in vain");
	return arena_print(arena,
		"%.*s of %.*s messages were tried over both families, in vain",
		SPAN_ARG(delivery_count_text(arena, tries.failed_both)),
		SPAN_ARG(delivery_count_text(arena, tries.messages)));
}

/* A session that names no recipient is no message's; but the mail server goes
 * on to the other family if it can, and there it is seen. */
static struct span seen_after_text(
	struct arena *arena, const struct delivery_contrast *contrast)
{
	const struct delivery_row *other = contrast->other;

	if (!other || !other->accepted ||
		contrast->cause->fault == PATH_NO_FAULT ||
		contrast->cause->next_tries->messages)
		return SPAN("");
	return arena_print(arena, "over %s it accepted %.*s deliver%s",
		family_word(other->family),
		SPAN_ARG(delivery_count_text(arena, other->accepted)),
		other->accepted == 1 ? "y" : "ies");
}

struct span delivery_next_text(
	struct arena *arena, const struct delivery_contrast *contrast)
{
	const struct delivery_row *row = contrast->row;
	const struct delivery_cause *cause = contrast->cause;
	struct span accepted = accepted_text(arena, contrast);
	struct span both = both_text(arena, contrast);
	bool is_only_captured = !cause->witnessed[WITNESS_LOG] &&
				!cause->witnessed[WITNESS_BOUNCE];
	const char *end;

	if (accepted.len)
		return accepted;
	if (both.len)
		return both;
	if (is_only_captured)
		return seen_after_text(arena, contrast);
	end = cause->refused ? "given up and bounced" : "left in the queue";
	if (!row->has_family || !cause->witnessed[WITNESS_LOG] ||
		contrast->parted == PARTED_IRRELEVANT)
		return span_of(end);
	return arena_print(arena, "%s; no attempt over %s is told of", end,
		family_word(delivery_other_family(row->family)));
}
