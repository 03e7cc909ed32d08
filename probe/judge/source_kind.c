#include "probe/judge/source_kind.h"

enum {
	STEADY_PER_DAY = 100, /* messages a day that a host sends by itself */
	STEADY_DAYS = 2,
	BURST = 100,         /* messages in a day that none of that is */
	CROWD = 8,           /* addresses of a network that fail alike */
	VOLUME_MIN = 20,     /* messages, for a share of ours to mean much */
	SEVERAL = 3,         /* receivers */
	MARGIN_UNKNOWN = 10, /* points between the first two kinds */
	MARGIN_LIKELY = 25,
};

const char *source_kind_word(enum source_kind kind)
{
	switch (kind) {
	case SOURCE_OURS:
		return "ours";
	case SOURCE_UNLISTED:
		return "not-in-spf";
	case SOURCE_FORGOTTEN:
		return "forgotten-host";
	case SOURCE_FORWARDER:
		return "forwarder";
	case SOURCE_OTHER_SENDER:
		return "other-sender";
	case SOURCE_FORGER:
		return "forger";
	case SOURCE_UNKNOWN:
		return "unknown";
	}
	return "";
}

const char *source_kind_phrase(enum source_kind kind)
{
	switch (kind) {
	case SOURCE_OURS:
		return "yours";
	case SOURCE_UNLISTED:
		return "yours, not in SPF";
	case SOURCE_FORGOTTEN:
		return "a forgotten host of yours";
	case SOURCE_FORWARDER:
		return "a forwarder";
	case SOURCE_OTHER_SENDER:
		return "a sender of its own name";
	case SOURCE_FORGER:
		return "a forger";
	case SOURCE_UNKNOWN:
		return "not to be told";
	}
	return "";
}

bool source_passes_spf(const struct mail_source *source)
{
	return source->spf_aligned &&
	       source->spf_aligned * 2 >= source->messages;
}

/* ---- the names in a source's mail */

struct weighing {
	struct arena *arena;
	const struct mail_source *source;
	const struct source_view *view;
	uint64_t
		messages; /* those of failure reports, if there are no others */
};

static bool is_own_name(const struct weighing *weighing, struct span name)
{
	return name.len && span_is(org_domain(weighing->arena,
					   weighing->view->suffixes, name),
				   weighing->view->org_domain);
}

/* The first name that is ours, or is not; NULL: none. */
static const struct source_name *name_that(const struct weighing *weighing,
	const struct source_names *names, bool is_own)
{
	for (size_t i = 0; i < names->count; i++)
		if (names->at[i].name.len &&
			is_own_name(weighing, names->at[i].name) == is_own)
			return &names->at[i];
	return NULL;
}

static struct span tell_name(const struct weighing *weighing,
	const struct source_name *name, const char *before, const char *behind)
{
	if (!name)
		return SPAN("");
	return arena_print(weighing->arena, "%s%.*s%s", before,
		SPAN_ARG(name->name), behind);
}

static struct span tell_share(const struct weighing *weighing, uint64_t count,
	const char *before, const char *behind)
{
	return arena_print(weighing->arena, "%s%llu of %llu%s", before,
		(unsigned long long)count,
		(unsigned long long)weighing->source->messages, behind);
}

/* ---- signs: a clause, or nothing where it is not to be seen */

static struct span listed(const struct weighing *weighing)
{
	return weighing->view->is_listed ? SPAN("you call the address yours")
					 : SPAN("");
}

static struct span spf_passes(const struct weighing *weighing)
{
	if (!source_passes_spf(weighing->source))
		return SPAN("");
	return tell_share(weighing, weighing->source->spf_aligned,
		"SPF passes and is aligned for ", "");
}

static struct span spf_passes_rarely(const struct weighing *weighing)
{
	const struct mail_source *source = weighing->source;

	if (!source->spf_aligned || source_passes_spf(source))
		return SPAN("");
	return tell_share(weighing, source->spf_aligned,
		"SPF passes and is aligned for only ", "");
}

static struct span dkim_alone(const struct weighing *weighing)
{
	const struct mail_source *source = weighing->source;

	if (source_passes_spf(source) || !source->dkim_aligned ||
		source->dkim_aligned * 2 < source->messages)
		return SPAN("");
	return tell_share(weighing, source->dkim_aligned,
		"your DKIM signature is intact in ",
		", and SPF does not pass for you");
}

static struct span dkim_uncounted(const struct weighing *weighing)
{
	if (weighing->source->aligned)
		return SPAN("");
	return tell_name(weighing,
		name_that(weighing, &weighing->source->dkim_passed, true),
		"a signature of ", " is intact, though not counted as aligned");
}

static struct span nothing_passes(const struct weighing *weighing)
{
	if (weighing->source->aligned ||
		name_that(weighing, &weighing->source->dkim_passed, true))
		return SPAN("");
	return SPAN("neither SPF nor DKIM passes for you");
}

static struct span foreign_spf(const struct weighing *weighing)
{
	return tell_name(weighing,
		name_that(weighing, &weighing->source->spf_passed, false),
		"SPF passes for ", ", which is not yours");
}

static struct span foreign_dkim(const struct weighing *weighing)
{
	return tell_name(weighing,
		name_that(weighing, &weighing->source->dkim_passed, false),
		"it is signed by ", ", which is not yours");
}

static struct span own_signature_broken(const struct weighing *weighing)
{
	return tell_name(weighing,
		name_that(weighing, &weighing->source->dkim_failed, true),
		"a signature of ", " is there, but broken on its way");
}

static struct span receiver_says_forwarded(const struct weighing *weighing)
{
	static const enum reported_override ways[] = { OVERRIDE_FORWARDED,
		OVERRIDE_MAILING_LIST, OVERRIDE_TRUSTED_FORWARDER };
	const struct mail_source *source = weighing->source;

	for (size_t i = 0; i < COUNT_OF(ways); i++)
		if (source->overrides[ways[i]])
			return arena_print(weighing->arena,
				"the receiver says \"%s\" of it",
				override_word(ways[i]));
	if (source->arc_trusted)
		return SPAN("the receiver trusts an ARC seal on it");
	return SPAN("");
}

static struct span near_own(const struct weighing *weighing)
{
	const struct source_view *view = weighing->view;

	if (!view->own_near || source_passes_spf(weighing->source))
		return SPAN("");
	return arena_print(weighing->arena,
		"%zu of your addresses %s in the same network (%s)",
		view->own_near, view->own_near == 1 ? "is" : "are",
		weighing->source->ip.family == FAMILY_IPV6 ? "/48" : "/24");
}

static struct span own_host_name(const struct weighing *weighing)
{
	const struct mail_source *source = weighing->source;

	if (is_own_name(weighing, source->host_name))
		return arena_print(weighing->arena, "its name is %.*s",
			SPAN_ARG(source->host_name));
	return tell_name(weighing, name_that(weighing, &source->helo, true),
		"it says EHLO as ", "");
}

/* A name below ours: mail of a host's own accounts, root@web3.example.org. */
static struct span host_as_sender(const struct weighing *weighing)
{
	const struct mail_source *source = weighing->source;
	const struct source_names *lists[] = { &source->envelope,
		&source->from };

	if (source->aligned || source->spf_refused)
		return SPAN("");
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		const struct source_name *name = name_that(
			weighing, lists[i], true);

		if (name && !span_is(name->name, weighing->view->org_domain))
			return tell_name(weighing, name, "it sends as ",
				", a name below yours");
	}
	return SPAN("");
}

static struct span steady(const struct weighing *weighing)
{
	const struct mail_source *source = weighing->source;

	if (source->day_count < STEADY_DAYS ||
		weighing->messages / source->day_count > STEADY_PER_DAY)
		return SPAN("");
	return arena_print(weighing->arena,
		"it sends little and steadily: %llu message%s on %zu days",
		(unsigned long long)weighing->messages,
		weighing->messages == 1 ? "" : "s", source->day_count);
}

static struct span burst(const struct weighing *weighing)
{
	const struct mail_source *source = weighing->source;
	size_t days = source->day_count ? source->day_count : 1;

	if (source->aligned || weighing->messages / days < BURST)
		return SPAN("");
	return arena_print(weighing->arena, "it sends %llu messages a day",
		(unsigned long long)(weighing->messages / days));
}

static struct span spf_refuses(const struct weighing *weighing)
{
	const struct mail_source *source = weighing->source;

	if (!source->spf_refused ||
		!name_that(weighing, &source->envelope, true))
		return SPAN("");
	return SPAN("the SPF record says that it may not send for you");
}

static struct span own_envelope(const struct weighing *weighing)
{
	if (weighing->source->aligned)
		return SPAN("");
	return tell_name(weighing,
		name_that(weighing, &weighing->source->envelope, true),
		"it uses ", " in MAIL FROM");
}

static struct span crowd(const struct weighing *weighing)
{
	const struct source_view *view = weighing->view;

	if (weighing->source->aligned || view->own_near ||
		view->failing_near < CROWD)
		return SPAN("");
	return arena_print(weighing->arena,
		"%zu other addresses of its network fail in the same way",
		view->failing_near);
}

static struct span never_signed(const struct weighing *weighing)
{
	const struct mail_source *source = weighing->source;

	if (!weighing->view->we_sign || source->dkim_aligned ||
		name_that(weighing, &source->dkim_failed, true) ||
		name_that(weighing, &source->dkim_passed, true))
		return SPAN("");
	return SPAN("your other mail is signed, and this never was");
}

static struct span many_receivers(const struct weighing *weighing)
{
	if (weighing->source->reporters.count < SEVERAL ||
		!dkim_alone(weighing).len)
		return SPAN("");
	return arena_print(weighing->arena, "%zu receivers see it",
		weighing->source->reporters.count);
}

static struct span one_receiver(const struct weighing *weighing)
{
	if (weighing->source->reporters.count != 1 || !dkim_alone(weighing).len)
		return SPAN("");
	return SPAN("only one receiver sees it");
}

/* What is forwarded is a small part of what was sent. */
static struct span large_share(const struct weighing *weighing)
{
	const struct mail_source *source = weighing->source;
	uint64_t own = weighing->view->own_messages;

	if (source->messages < VOLUME_MIN || !dkim_alone(weighing).len ||
		source->messages < own / 10)
		return SPAN("");
	return arena_print(weighing->arena,
		"it sends %llu messages, the addresses in SPF %llu",
		(unsigned long long)source->messages, (unsigned long long)own);
}

static struct span family_without_spf(const struct weighing *weighing)
{
	enum family family = weighing->source->ip.family;
	enum family other = family == FAMILY_IPV6 ? FAMILY_IPV4 : FAMILY_IPV6;

	if (!dkim_alone(weighing).len || weighing->view->has_own[family] ||
		!weighing->view->has_own[other])
		return SPAN("");
	return arena_print(weighing->arena,
		"SPF passes for your %s addresses and for no %s one",
		family_word(other), family_word(family));
}

/* ---- their weights */

/* clang-format off */
static const struct sign {
	struct span (*tell)(const struct weighing *weighing);
	int points[SOURCE_UNKNOWN];
} signs[] = {
	/*                         ours unlst forgt forwd other forgr */
	{ listed,                 {  60,  60,  60,  -60,  -60, -100 } },
	{ spf_passes,             {  60, -20, -60,  -10,  -30,  -60 } },
	{ spf_passes_rarely,      {  15,  10, -15,    0,  -10,  -20 } },
	{ dkim_alone,             {   5,  25, -40,   30,  -20,  -80 } },
	{ dkim_uncounted,         {   0,  10, -20,   25,  -10,  -40 } },
	{ nothing_passes,         { -20, -20,  20,    0,    5,   20 } },
	{ foreign_spf,            {   0, -25, -25,   20,   25,    0 } },
	{ foreign_dkim,           {   0,  -5, -20,   10,   25,    0 } },
	{ own_signature_broken,   {   0,   5,   0,   25,  -10,  -15 } },
	{ receiver_says_forwarded, { -10, -20, -20,  60,    0,  -10 } },
	{ near_own,               {   0,  25,  30,  -15,    0,  -20 } },
	{ own_host_name,          {   5,  10,  35,  -10,   -5,  -10 } },
	{ host_as_sender,         {   0,   0,  20,  -10,    0,   -5 } },
	{ steady,                 {   0,   0,  25,    0,    0,    0 } },
	{ burst,                  {   0,   0, -10,    0,    0,   10 } },
	{ spf_refuses,            {   0,   0,   0,    5,    0,   10 } },
	{ own_envelope,           {   0,   0,   5,    0,  -10,    5 } },
	{ crowd,                  {   0,   0, -30,    0,    0,   20 } },
	{ never_signed,           {   0, -20,   0,  -25,    5,   10 } },
	{ many_receivers,         {   0,  20,   0,  -15,    0,    0 } },
	{ one_receiver,           {   0,   0,   0,   10,    0,    0 } },
	{ large_share,            {   0,  25,   0,  -20,    0,    0 } },
	{ family_without_spf,     {   0,  10,   0,    0,    0,    0 } },
};
/* clang-format on */

static void rank(const int totals[SOURCE_UNKNOWN],
	struct source_verdict *verdict, int *margin)
{
	int first = 0, second = -1;

	for (int kind = 1; kind < SOURCE_UNKNOWN; kind++)
		if (totals[kind] > totals[first])
			first = kind;
	for (int kind = 0; kind < SOURCE_UNKNOWN; kind++)
		if (kind != first &&
			(second < 0 || totals[kind] > totals[second]))
			second = kind;
	verdict->kind = (enum source_kind)first;
	verdict->second = (enum source_kind)second;
	*margin = totals[first] - totals[second];
}

/* Where the kind is not to be told, all that is known is told for it. */
static void put_evidence(struct source_verdict *verdict, bool is_unknown,
	const int points[SOURCE_UNKNOWN], struct span clause)
{
	int weight = points[verdict->kind];

	if (is_unknown || weight > 0) {
		if (verdict->for_count < SOURCE_EVIDENCE_MAX)
			verdict->for_it[verdict->for_count++] = clause;
		return;
	}
	if (weight < 0 && verdict->against_count < SOURCE_EVIDENCE_MAX)
		verdict->against[verdict->against_count++] = clause;
}

static enum confidence confidence_of(
	const struct weighing *weighing, int margin)
{
	if (weighing->view->is_listed || source_passes_spf(weighing->source))
		return CONFIRMED;
	return margin >= MARGIN_LIKELY ? LIKELY : SUSPECTED;
}

void source_kind_weigh(struct arena *arena, const struct mail_source *source,
	const struct source_view *view, struct source_verdict *verdict)
{
	struct weighing weighing = { .arena = arena,
		.source = source,
		.view = view,
		.messages = source->messages ? source->messages
					     : source->failure_reports };
	struct span clauses[COUNT_OF(signs)];
	int totals[SOURCE_UNKNOWN] = { 0 };
	int margin;

	*verdict = (struct source_verdict){ .kind = SOURCE_UNKNOWN };
	for (size_t i = 0; i < COUNT_OF(signs); i++) {
		clauses[i] = signs[i].tell(&weighing);
		for (int k = 0; clauses[i].len && k < SOURCE_UNKNOWN; k++)
			totals[k] += signs[i].points[k];
	}
	rank(totals, verdict, &margin);
	for (size_t i = 0; i < COUNT_OF(signs); i++)
		if (clauses[i].len)
			put_evidence(verdict, margin < MARGIN_UNKNOWN,
				signs[i].points, clauses[i]);
	verdict->confidence = confidence_of(&weighing, margin);
	if (margin >= MARGIN_UNKNOWN)
		return;
	verdict->second = verdict->kind;
	verdict->kind = SOURCE_UNKNOWN;
}
