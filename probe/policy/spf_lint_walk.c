#include "probe/policy/spf_lint_walk.h"

#include "probe/policy/spf_lint_lookups.h"
#include "probe/policy/spf_lint_term.h"

/* The compared terms of one record: more are never written by hand. */
enum { COMPARED_MAX = 256 };

/* ---- what a record is as a whole */

static struct span unqualified(const struct spf_term *term)
{
	return span_part(term->text, term->has_qualifier, term->text.len);
}

static void note_duplicates(struct spf_linting *linting,
	const struct spf_place *place, size_t index)
{
	const struct spf_term *term = &place->record->terms[index];
	struct spf_note *note;

	for (size_t i = 0; i < index && index < COMPARED_MAX; i++) {
		const struct spf_term *one = &place->record->terms[i];

		if (!span_is_nocase(unqualified(one), unqualified(term)))
			continue;
		note = spf_linting_note(
			linting, "spf-duplicate", SPF_INFO, place, term);
		note->text = arena_print(linting->arena,
			"%.*s stands in the record twice; the second one has "
			"no effect%s.",
			SPAN_ARG(term->text),
			spf_term_asks(term) ? " but costs a lookup" : "");
		note->fix = SPAN("remove the second one");
		note->record = spf_place_record(
			linting->arena, place->record, term, SPAN(""));
		return;
	}
}

static void note_unreachable(struct spf_linting *linting,
	const struct spf_place *place, const struct spf_term *term)
{
	struct spf_note *note = spf_linting_note(
		linting, "spf-unreachable", SPF_WARNING, place, term);

	note->text = arena_print(linting->arena,
		"%.*s stands behind all, where nothing is looked at.",
		SPAN_ARG(term->text));
	note->fix = SPAN("move it before all");
}

static void note_redirect_ignored(
	struct spf_linting *linting, const struct spf_place *place)
{
	const struct spf_term *term = place->record->redirect;
	struct spf_note *note = spf_linting_note(
		linting, "spf-redirect-ignored", SPF_WARNING, place, term);

	note->text = arena_print(linting->arena,
		"%.*s has no effect in a record with all (RFC 7208, 6.1).",
		SPAN_ARG(term->text));
	note->fix = SPAN("remove one of them");
	note->record = spf_place_record(
		linting->arena, place->record, term, SPAN(""));
}

static void note_no_all(
	struct spf_linting *linting, const struct spf_place *place)
{
	struct spf_note *note = spf_linting_note(
		linting, "spf-no-all", SPF_WARNING, place, NULL);

	note->text = SPAN("The record ends without all or redirect: who is "
			  "not in it is neutral, as if there were no record.");
	note->fix = SPAN("end it with ~all or -all");
	note->record = arena_print(linting->arena, "%.*s ~all",
		SPAN_ARG(spf_place_record(
			linting->arena, place->record, NULL, SPAN(""))));
}

static void note_length(
	struct spf_linting *linting, const struct spf_place *place)
{
	size_t len = place->record->text.len;
	struct spf_note *note;

	if (len <= SPF_RECORD_FAIR)
		return;
	note = spf_linting_note(linting, "spf-long", SPF_WARNING, place, NULL);
	note->text = arena_print(linting->arena,
		"The record has %zu bytes; above %d the answer may not fit "
		"into one UDP packet (RFC 7208, 3.4).",
		len, SPF_RECORD_FAIR);
	note->fix = arena_print(linting->arena,
		"move some terms to a record of their own and include it; "
		"publish it as strings of at most %d bytes",
		SPF_STRING_MAX);
}

/* ---- the records that a record leads to */

static void note_leads_nowhere(struct spf_linting *linting,
	const struct spf_place *place, const struct spf_term *term,
	size_t count)
{
	struct spf_note *note = spf_linting_note(
		linting, "spf-include-none", SPF_ERROR, place, term);

	note->text = arena_print(linting->arena,
		"%.*s has %s SPF record: a receiver that comes to %.*s gives "
		"permerror.",
		SPAN_ARG(term->name), count ? "more than one" : "no",
		SPAN_ARG(term->text));
	note->fix = arena_print(
		linting->arena, "remove %.*s", SPAN_ARG(term->text));
	note->record = spf_place_record(
		linting->arena, place->record, term, SPAN(""));
}

static bool is_loop(struct spf_linting *linting, const struct spf_place *place,
	const struct spf_term *term)
{
	const struct spf_place *at = place;
	struct spf_note *note;

	while (at && !span_is(at->name, term->name))
		at = at->outer;
	if (!at)
		return false;
	note = spf_linting_note(linting, "spf-loop", SPF_ERROR, place, term);
	note->text = arena_print(linting->arena,
		"%.*s leads back to a record on the way to it: a permerror "
		"after ten lookups.",
		SPAN_ARG(term->text));
	note->fix = arena_print(
		linting->arena, "remove %.*s", SPAN_ARG(term->text));
	note->record = spf_place_record(
		linting->arena, place->record, term, SPAN(""));
	linting->lint->lookups += SPF_LOOKUPS_MAX;
	return true;
}

static void follow(struct spf_linting *linting, const struct spf_place *place,
	const struct spf_term *term)
{
	struct spf_place next = { .outer = place,
		.domain = term->spec,
		.name = term->name,
		.depth = place->depth + 1 };
	const struct answer *answer;
	struct span text;
	size_t count;

	if (is_loop(linting, place, term))
		return;
	answer = spf_linting_ask(linting, term->name, RR_TXT);
	if (!answer || answer_failed(answer))
		return;
	count = spf_records_find(answer, &text);
	if (count != 1) {
		note_leads_nowhere(linting, place, term, count);
		return;
	}
	next.record = spf_record_compile(linting->arena, text);
	spf_lint_walk(linting, &next);
}

/* ---- its terms */

static void look_at_asking(struct spf_linting *linting,
	const struct spf_place *place, const struct spf_term *term)
{
	if (++linting->lint->lookups > SPF_LINT_LOOKUPS_MAX)
		return;
	if (term->kind != SPF_INCLUDE && term->kind != SPF_REDIRECT)
		spf_lint_lookups(linting, place, term);
	else if (term->name.len)
		follow(linting, place, term);
}

static void look_at_term(struct spf_linting *linting,
	const struct spf_place *place, const struct spf_term *term)
{
	unsigned before = linting->lint->lookups;

	spf_lint_term(linting, place, term);
	if (!spf_term_asks(term))
		return;
	look_at_asking(linting, place, term);
	if (!place->depth && before < SPF_LINT_LOOKUPS_MAX)
		linting->costs = spf_linting_list(linting->arena,
			linting->costs,
			arena_print(linting->arena, "%.*s %u",
				SPAN_ARG(term->text),
				linting->lint->lookups - before));
}

void spf_lint_walk(struct spf_linting *linting, const struct spf_place *place)
{
	const struct spf_record *record = place->record;
	bool was_all = false;

	note_length(linting, place);
	for (size_t i = 0; i < record->count; i++) {
		const struct spf_term *term = &record->terms[i];

		if (linting->lint->was_cut)
			return;
		if (term->kind == SPF_REDIRECT)
			continue;
		note_duplicates(linting, place, i);
		if (was_all && !spf_term_is_modifier(term) &&
			term->kind != SPF_BAD)
			note_unreachable(linting, place, term);
		else
			look_at_term(linting, place, term);
		was_all = was_all || term->kind == SPF_ALL;
	}
	if (record->redirect && was_all)
		note_redirect_ignored(linting, place);
	else if (record->redirect)
		look_at_term(linting, place, record->redirect);
	else if (!was_all && !place->depth && !record->bad)
		note_no_all(linting, place);
}
