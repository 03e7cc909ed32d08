#include "reports/preflight_fixes.h"

struct listing {
	struct screen *screen;
	const struct preflight_query *query;
	const struct preflight *preflight;
};

/* One remedy, and all the checks and sources that it mends. */
struct remedy {
	struct span fix;
	bool checks[CHECK_COUNT];
	bool sources[PREFLIGHT_SOURCES_MAX];
	bool is_of_message; /* one of the checks is */
};

struct remedies {
	struct remedy *at;
	size_t count, room;
};

static struct remedy *remedy_of(
	struct listing *listing, struct remedies *remedies, struct span fix)
{
	for (size_t i = 0; i < remedies->count; i++)
		if (span_is(remedies->at[i].fix, fix))
			return &remedies->at[i];
	remedies->at = arena_grow(listing->screen->arena, remedies->at,
		remedies->count, &remedies->room, sizeof(*remedies->at));
	remedies->at[remedies->count] = (struct remedy){ .fix = fix };
	return &remedies->at[remedies->count++];
}

static void add_remedy(struct listing *listing, struct remedies *remedies,
	const struct preflight_line *line, enum check check, size_t source)
{
	struct remedy *remedy;

	if (!line->is_asked || !line->fix.len)
		return;
	remedy = remedy_of(listing, remedies, line->fix);
	remedy->checks[check] = true;
	remedy->sources[source] = true;
	remedy->is_of_message |= check_is_of_message(check);
}

static struct remedies remedies_of(struct listing *listing)
{
	const struct preflight *preflight = listing->preflight;
	struct remedies remedies = { 0 };

	for (unsigned i = 0; i < CHECK_COUNT; i++)
		for (size_t at = 0; at < preflight->source_count; at++)
			add_remedy(listing, &remedies,
				&preflight->sources[at].lines[i], (enum check)i,
				at);
	for (unsigned i = 0; i < ASIDE_COUNT; i++)
		for (size_t at = 0; at < preflight->source_count; at++)
			add_remedy(listing, &remedies,
				&preflight->sources[at].asides[i],
				preflight_aside_check((enum preflight_aside)i),
				at);
	return remedies;
}

static struct span add_word(
	struct listing *listing, struct span words, struct span word)
{
	return arena_print(listing->screen->arena, "%.*s%s%.*s",
		SPAN_ARG(words), words.len ? ", " : "", SPAN_ARG(word));
}

static struct span labels_of(
	struct listing *listing, const struct remedy *remedy)
{
	struct span labels = SPAN("");

	for (unsigned i = 0; i < CHECK_COUNT; i++)
		if (remedy->checks[i])
			labels = add_word(listing, labels,
				span_of(check_title((enum check)i)));
	return labels;
}

/* The addresses that need it; nothing where all do. */
static struct span addresses_of(
	struct listing *listing, const struct remedy *remedy)
{
	const struct preflight *preflight = listing->preflight;
	struct span addresses = SPAN("");
	size_t count = 0;

	for (size_t i = 0; i < preflight->source_count; i++) {
		if (!remedy->sources[i])
			continue;
		count++;
		addresses = add_word(listing, addresses,
			ip_text(listing->screen->arena,
				&preflight->sources[i].ip));
	}
	if (remedy->is_of_message || count == preflight->source_count)
		return SPAN("");
	return arena_print(
		listing->screen->arena, " for %.*s", SPAN_ARG(addresses));
}

/* The first rule of a profile that asks for one of these checks. */
static const struct profile_rule *rule_for(
	const struct profile *profile, const struct remedy *remedy)
{
	for (size_t i = 0; i < profile->rule_count; i++)
		if (remedy->checks[profile->rules[i].check])
			return &profile->rules[i];
	return NULL;
}

static void put_remedy(struct listing *listing, const struct remedy *remedy)
{
	struct screen *screen = listing->screen;
	struct span names = SPAN(""), page = SPAN("");

	screen_paragraph(screen, 2, (struct mark){ "fix", TONE_PLAIN }, 7,
		arena_print(screen->arena, "%.*s%.*s: %.*s",
			SPAN_ARG(labels_of(listing, remedy)),
			SPAN_ARG(addresses_of(listing, remedy)),
			SPAN_ARG(screen_safe(screen, remedy->fix))));
	for (size_t i = 0; i < listing->query->profile_count; i++) {
		const struct profile *profile = listing->query->profiles[i];
		const struct profile_rule *rule = rule_for(profile, remedy);

		if (!rule)
			continue;
		names = add_word(listing, names, profile->name);
		if (!page.len)
			page = rule->page;
	}
	if (names.len)
		screen_paragraph(screen, 2, (struct mark){ "", TONE_PLAIN }, 7,
			arena_print(screen->arena, "asked by %.*s: %.*s",
				SPAN_ARG(names), SPAN_ARG(page)));
}

void preflight_fixes(struct screen *screen, const struct preflight_query *query,
	const struct preflight *preflight)
{
	struct listing listing = { screen, query, preflight };
	struct remedies remedies = remedies_of(&listing);

	for (size_t i = 0; i < remedies.count; i++)
		put_remedy(&listing, &remedies.at[i]);
}
