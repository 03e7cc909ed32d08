#include "probe/policy/spf_lint.h"

#include "probe/policy/spf_lint_records.h"
#include "probe/policy/spf_lint_sources.h"
#include "probe/policy/spf_lint_walk.h"

const char *spf_severity_word(enum spf_severity severity)
{
	switch (severity) {
	case SPF_INFO:
		return "info";
	case SPF_WARNING:
		return "warning";
	case SPF_ERROR:
		return "error";
	}
	return "";
}

/* ---- what all of it comes to */

static void note_lookups(
	struct spf_linting *linting, const struct spf_place *place)
{
	unsigned lookups = linting->lint->lookups;
	struct spf_note *note;

	if (lookups < SPF_LOOKUPS_MAX)
		return;
	note = spf_linting_note(linting, "spf-lookups",
		lookups > SPF_LOOKUPS_MAX ? SPF_ERROR : SPF_INFO, place, NULL);
	if (lookups > SPF_LOOKUPS_MAX)
		note->text = arena_print(linting->arena,
			"A sender whom nothing matches costs %u lookups where "
			"%d are allowed, a permerror: %.*s.",
			lookups, SPF_LOOKUPS_MAX, SPAN_ARG(linting->costs));
	else
		note->text = arena_print(linting->arena,
			"All %u lookups that are allowed are used: %.*s.  The "
			"next one, also in a record that is included, is a "
			"permerror.",
			lookups, SPAN_ARG(linting->costs));
	note->fix = SPAN("write ip4: and ip6: for names that are yours, and "
			 "remove what no longer sends");
}

static void note_void_limit(struct spf_linting *linting,
	const struct spf_place *place, enum family family)
{
	unsigned voids = linting->lint->voids[family];
	struct spf_note *note;

	if (voids <= SPF_VOIDS_MAX)
		return;
	note = spf_linting_note(linting, "spf-void-limit",
		linting->families & 1u << family ? SPF_ERROR : SPF_WARNING,
		place, NULL);
	note->families = 1u << family;
	note->text = arena_print(linting->arena,
		"A sender over %s whom nothing matches before costs %u void "
		"lookups, and the third is a permerror (421 at some "
		"receivers): %.*s.",
		family_word(family), voids, SPAN_ARG(linting->voids[family]));
	note->fix = arena_print(linting->arena,
		"publish %s for these names, or write ip4: and ip6: in place "
		"of the terms, or put the addresses that send before them",
		family == FAMILY_IPV4 ? "A" : "AAAA");
}

/* ---- a domain */

static void look_at_domain(struct spf_linting *linting, struct spf_place *place)
{
	const struct answer *answer = spf_linting_ask(
		linting, place->name, RR_TXT);
	struct span text;

	if (!answer)
		return;
	if (answer_failed(answer)) {
		spf_linting_note(
			linting, "spf-unknown", SPF_WARNING, place, NULL)
			->text = arena_print(linting->arena,
			"The DNS did not tell the SPF record of %.*s (%s).",
			SPAN_ARG(place->domain), answer_word(answer->kind));
		return;
	}
	if (!spf_lint_records(linting, place, answer, &text))
		return;
	place->record = spf_record_compile(linting->arena, text);
	spf_lint_walk(linting, place);
	note_lookups(linting, place);
	note_void_limit(linting, place, FAMILY_IPV4);
	note_void_limit(linting, place, FAMILY_IPV6);
	if (!place->record->bad)
		spf_lint_sources(linting, place);
}

bool spf_lint(struct arena *arena, struct answers *answers,
	const struct spf_lint_query *query, struct spf_lint *lint)
{
	struct spf_linting linting = {
		.arena = arena, .answers = answers, .query = query, .lint = lint
	};
	struct spf_place place = { .domain = query->domain,
		.name = spf_name(arena, query->domain) };

	*lint = (struct spf_lint){ .count = 0 };
	for (size_t i = 0; i < query->source_count; i++)
		linting.families |= 1u << query->sources[i].family;
	if (!linting.families)
		linting.families = SPF_FAMILIES;
	if (place.name.len)
		look_at_domain(&linting, &place);
	if (query->helo.len)
		spf_lint_helo(&linting);
	return !linting.open;
}
