#include "probe/judge/delivery_reported.h"

#include "probe/judge/delivery_evidence.h"
#include "probe/judge/delivery_words.h"

enum check { CHECK_SPF, CHECK_DKIM, CHECK_EITHER };

static const struct {
	const char *policy;
	enum check check;
} policies[] = {
	{ "spf", CHECK_SPF },
	{ "dkim", CHECK_DKIM },
	{ "dmarc", CHECK_EITHER },
	{ "auth-any", CHECK_EITHER },
	{ "ipv6-specific", CHECK_EITHER },
	{ "local-policy", CHECK_EITHER },
	{ "unknown", CHECK_EITHER },
};

static bool find_check(struct span policy, enum check *check)
{
	for (size_t i = 0; i < sizeof(policies) / sizeof(*policies); i++) {
		if (!span_is(policy, span_of(policies[i].policy)))
			continue;
		*check = policies[i].check;
		return true;
	}
	return false;
}

static const char *check_phrase(enum check check)
{
	switch (check) {
	case CHECK_SPF:
		return "SPF passed, aligned,";
	case CHECK_DKIM:
		return "DKIM passed, aligned,";
	case CHECK_EITHER:
		break;
	}
	return "SPF or DKIM passed, aligned,";
}

/* ---- whose address it is */

static bool is_same_place(const struct ip *a, const struct ip *b)
{
	if (a->family != b->family)
		return false;
	return ip_is(a, b) ||
	       (a->family == FAMILY_IPV6 && !memcmp(a->bytes, b->bytes, 8));
}

static bool is_source_of(
	const struct delivery_contrast *contrast, const struct ip *ip)
{
	const struct delivery_parties *sources = &contrast->row->sources;

	if (contrast->cause->has_source)
		return is_same_place(&contrast->cause->source, ip);
	for (size_t i = 0; i < sources->count; i++)
		if (is_same_place(&sources->at[i].ip, ip))
			return true;
	return false;
}

/* ---- what is reported of it */

struct told {
	struct change_share share; /* that failed the check */
	const struct mail_source *largest;
};

static uint64_t passed_of(const struct mail_source *source, enum check check)
{
	switch (check) {
	case CHECK_SPF:
		return source->spf_aligned;
	case CHECK_DKIM:
		return source->dkim_aligned;
	case CHECK_EITHER:
		break;
	}
	return source->aligned;
}

static struct told told_of(const struct reported_judgement *reported,
	const struct delivery_contrast *contrast, enum check check)
{
	struct told told = { .largest = NULL };

	for (size_t i = 0; i < reported->source_count; i++) {
		const struct mail_source *source = reported->sources[i].source;
		uint64_t passed = passed_of(source, check);

		if (!source->messages || !is_source_of(contrast, &source->ip))
			continue;
		told.share.tried += source->messages;
		if (passed < source->messages)
			told.share.failed += source->messages - passed;
		if (!told.largest || source->messages > told.largest->messages)
			told.largest = source;
	}
	return told;
}

static uint64_t passed_over(
	const struct family_alignment *alignment, enum check check)
{
	switch (check) {
	case CHECK_SPF:
		return alignment->spf_aligned;
	case CHECK_DKIM:
		return alignment->dkim_aligned;
	case CHECK_EITHER:
		break;
	}
	return alignment->aligned;
}

static struct span other_clause(struct arena *arena,
	const struct reported_judgement *reported,
	const struct mail_source *source, enum check check)
{
	enum family other = delivery_other_family(source->ip.family);
	const struct family_alignment *alignment = alignment_of(
		reported, source->domain, other);

	if (!alignment || !alignment->messages)
		return SPAN("");
	return arena_print(arena, "; over %s for %.*s of %.*s",
		family_word(other),
		SPAN_ARG(delivery_count_text(
			arena, passed_over(alignment, check))),
		SPAN_ARG(delivery_count_text(arena, alignment->messages)));
}

static struct span clause_of(struct arena *arena,
	const struct reported_judgement *reported, const struct told *told,
	enum check check)
{
	uint64_t passed = told->share.tried - told->share.failed;
	char room[IP_TEXT_MAX];

	return arena_print(arena,
		"DMARC reports on %.*s: from %s %s for %.*s of %.*s "
		"messages%.*s",
		SPAN_ARG(told->largest->domain),
		ip_print(&told->largest->ip, room), check_phrase(check),
		SPAN_ARG(delivery_count_text(arena, passed)),
		SPAN_ARG(delivery_count_text(arena, told->share.tried)),
		SPAN_ARG(other_clause(arena, reported, told->largest, check)));
}

/* ---- evidence */

static void append(struct arena *arena, const struct evidence **list,
	size_t *count, struct span text)
{
	struct evidence *longer = arena_take(
		arena, (*count + 1) * sizeof(*longer));

	if (*count)
		memcpy(longer, *list, *count * sizeof(*longer));
	longer[(*count)++].text = text;
	*list = longer;
}

static void weigh(struct arena *arena,
	const struct reported_judgement *reported,
	struct delivery_finding *found)
{
	struct finding *finding = &found->finding;
	struct span text;
	struct told told;
	enum check check;

	if (!found->contrast.cause ||
		found->contrast.cause->fault != PATH_NO_FAULT ||
		!find_check(found->contrast.cause->policy, &check))
		return;
	told = told_of(reported, &found->contrast, check);
	if (!told.largest)
		return;
	text = clause_of(arena, reported, &told, check);
	if (2 * told.share.failed > told.share.tried)
		append(arena, &finding->for_it, &finding->for_count, text);
	else if (10 * told.share.failed <= told.share.tried)
		append(arena, &finding->against, &finding->against_count, text);
}

void delivery_reported_weigh(struct arena *arena,
	const struct reported_judgement *reported,
	struct delivery_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		weigh(arena, reported, &findings->at[i]);
}
