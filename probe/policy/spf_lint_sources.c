#include "probe/policy/spf_lint_sources.h"

struct span spf_source_term(struct arena *arena, const struct ip *ip)
{
	return arena_print(arena, "%s:%.*s",
		ip->family == FAMILY_IPV4 ? "ip4" : "ip6",
		SPAN_ARG(ip_text(arena, ip)));
}

static struct span added(
	struct arena *arena, struct span record, struct span terms)
{
	return arena_print(arena, "v=spf1 %.*s%.*s", SPAN_ARG(terms),
		SPAN_ARG(span_part(record, 6, record.len)));
}

static enum spf_result check_source(struct spf_linting *linting,
	const struct ip *source, struct span from, struct spf_check *check)
{
	struct spf_query query = {
		.ip = *source,
		.helo = linting->query->helo,
		.mail_from = from,
		.cache = linting->query->cache,
	};
	enum spf_result result = spf_check(
		linting->arena, linting->answers, &query, check);

	if (result == SPF_OPEN)
		linting->open = true;
	return result;
}

static void note_source(struct spf_linting *linting,
	const struct spf_place *place, const struct ip *source,
	const struct spf_check *check)
{
	struct spf_note *note = spf_linting_note(
		linting, "spf-source-missing", SPF_ERROR, place, NULL);

	note->families = 1u << source->family;
	note->term = check->term;
	if (check->result == SPF_NEUTRAL)
		note->severity = SPF_WARNING;
	note->text = arena_print(linting->arena,
		"Mail from %.*s gets %s, not pass%s%.*s%s%.*s%s%.*s.",
		SPAN_ARG(ip_text(linting->arena, source)),
		spf_result_word(check->result), check->term.len ? ": " : "",
		SPAN_ARG(check->term), check->term.len ? " in " : "",
		SPAN_ARG(check->term.len ? check->term_domain : SPAN("")),
		check->why.len ? ": " : "", SPAN_ARG(check->why));
}

/* One note an address; each has the terms, and the record, that let all of them
 * pass. */
void spf_lint_sources(
	struct spf_linting *linting, const struct spf_place *place)
{
	const struct spf_lint_query *query = linting->query;
	size_t first = linting->lint->count;
	struct span terms = SPAN("");

	for (size_t i = 0; i < query->source_count; i++) {
		struct spf_check check;
		enum spf_result result = check_source(
			linting, &query->sources[i], place->domain, &check);

		if (result == SPF_OPEN || result == SPF_PASS ||
			result == SPF_TEMPERROR)
			continue;
		note_source(linting, place, &query->sources[i], &check);
		terms = arena_print(linting->arena, "%.*s%s%.*s",
			SPAN_ARG(terms), terms.len ? " " : "",
			SPAN_ARG(spf_source_term(
				linting->arena, &query->sources[i])));
	}
	for (size_t i = first; i < linting->lint->count; i++) {
		struct spf_note *note = &linting->lint->notes[i];

		note->fix = arena_print(
			linting->arena, "add %.*s", SPAN_ARG(terms));
		note->record = added(
			linting->arena, place->record->text, terms);
	}
}

/* ---- the EHLO name */

static void note_helo_none(
	struct spf_linting *linting, const struct spf_place *place)
{
	struct spf_note *note = spf_linting_note(
		linting, "spf-helo-none", SPF_INFO, place, NULL);

	note->text = arena_print(linting->arena,
		"The EHLO name %.*s has no SPF record; receivers check it for "
		"bounces, whose MAIL FROM is empty (RFC 7208, 2.3).",
		SPAN_ARG(place->domain));
	note->record = SPAN("v=spf1 a -all");
	note->fix = arena_print(linting->arena, "publish TXT \"%.*s\" for %.*s",
		SPAN_ARG(note->record), SPAN_ARG(place->domain));
}

static void note_helo(struct spf_linting *linting,
	const struct spf_place *place, const struct ip *source,
	const struct spf_check *check)
{
	struct spf_note *note = spf_linting_note(
		linting, "spf-helo-fail", SPF_WARNING, place, NULL);

	note->families = 1u << source->family;
	note->term = check->term;
	note->text = arena_print(linting->arena,
		"A bounce from %.*s with EHLO %.*s gets %s%s%.*s.",
		SPAN_ARG(ip_text(linting->arena, source)),
		SPAN_ARG(place->domain), spf_result_word(check->result),
		check->why.len ? ": " : "", SPAN_ARG(check->why));
	note->fix = arena_print(linting->arena,
		"add %.*s to the record of %.*s",
		SPAN_ARG(spf_source_term(linting->arena, source)),
		SPAN_ARG(place->domain));
	if (check->record.len)
		note->record = added(linting->arena, check->record,
			spf_source_term(linting->arena, source));
}

void spf_lint_helo(struct spf_linting *linting)
{
	const struct spf_lint_query *query = linting->query;
	struct spf_place place = { .domain = query->helo,
		.name = spf_name(linting->arena, query->helo) };
	const struct answer *answer;
	struct span text;

	if (span_find(place.name, '.') == place.name.len ||
		query->helo.at[0] == '[')
		return;
	answer = spf_linting_ask(linting, place.name, RR_TXT);
	if (!answer || answer_failed(answer))
		return;
	if (!spf_records_find(answer, &text)) {
		note_helo_none(linting, &place);
		return;
	}
	for (size_t i = 0; i < query->source_count; i++) {
		struct spf_check check;
		enum spf_result result = check_source(
			linting, &query->sources[i], SPAN(""), &check);

		if (result == SPF_FAIL || result == SPF_SOFTFAIL ||
			result == SPF_PERMERROR)
			note_helo(linting, &place, &query->sources[i], &check);
	}
}
