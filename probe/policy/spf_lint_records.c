#include "probe/policy/spf_lint_records.h"

#include "probe/policy/spf_lint_sources.h"
#include "probe/policy/spf_repair.h"

/* Bytes of a record that is made of several. */
enum { MERGED_MAX = 4096 };

static struct span all_sources(struct spf_linting *linting)
{
	struct span terms = SPAN("");

	for (size_t i = 0; i < linting->query->source_count; i++)
		terms = arena_print(linting->arena, "%.*s %.*s",
			SPAN_ARG(terms),
			SPAN_ARG(spf_source_term(
				linting->arena, &linting->query->sources[i])));
	return terms;
}

static void note_none(
	struct spf_linting *linting, const struct spf_place *place)
{
	struct span terms = all_sources(linting);
	struct spf_note *note = spf_linting_note(
		linting, "spf-none", SPF_ERROR, place, NULL);

	note->text = arena_print(linting->arena, "%.*s has no SPF record.",
		SPAN_ARG(place->domain));
	note->record = arena_print(linting->arena, "v=spf1%.*s %s",
		SPAN_ARG(terms), terms.len ? "~all" : "-all");
	note->fix = arena_print(
		linting->arena, "publish TXT \"%.*s\"", SPAN_ARG(note->record));
}

/* What is nearly a record does nothing; is it the only one? */
static bool note_near_records(struct spf_linting *linting,
	const struct spf_place *place, const struct answer *answer)
{
	bool was_near = false;

	for (size_t i = 0; i < answer->value_count; i++) {
		struct span better = spf_repair_record(
			linting->arena, answer->values[i]);
		struct spf_note *note;

		if (!better.len)
			continue;
		note = spf_linting_note(
			linting, "spf-near-record", SPF_ERROR, place, NULL);
		note->term = answer->values[i];
		note->text = SPAN("This TXT record begins as one of SPF might, "
				  "but a record begins with v=spf1 and a "
				  "space: receivers pass over it.");
		note->fix = arena_print(
			linting->arena, "publish \"%.*s\"", SPAN_ARG(better));
		note->record = better;
		was_near = true;
	}
	return was_near;
}

static bool has_term(struct span record, struct span text)
{
	while (record.len)
		if (span_is_nocase(span_cut(&record, ' '), text))
			return true;
	return false;
}

/*
 * All mechanisms of all records, each once, and the end of the first.  Of
 * records that no person wrote, none.
 */
static struct span merged(
	struct spf_linting *linting, const struct answer *answer)
{
	struct span all = SPAN("v=spf1"), end = SPAN("");

	for (size_t i = 0; i < answer->value_count; i++) {
		struct span rest = answer->values[i];

		if (!spf_record_is(rest))
			continue;
		if (all.len + rest.len > MERGED_MAX)
			return SPAN("");
		(void)span_cut(&rest, ' ');
		while (rest.len) {
			struct span term = span_cut(&rest, ' ');

			if (span_ends_nocase(term, SPAN("all")) ||
				span_starts_nocase(term, SPAN("redirect=")))
				end = end.len ? end : term;
			else if (term.len && !has_term(all, term))
				all = arena_print(linting->arena, "%.*s %.*s",
					SPAN_ARG(all), SPAN_ARG(term));
		}
	}
	return arena_print(linting->arena, "%.*s%s%.*s", SPAN_ARG(all),
		end.len ? " " : "", SPAN_ARG(end));
}

static void note_many(struct spf_linting *linting,
	const struct spf_place *place, const struct answer *answer,
	size_t count)
{
	struct spf_note *note = spf_linting_note(
		linting, "spf-many-records", SPF_ERROR, place, NULL);

	note->text = arena_print(linting->arena,
		"%.*s has %zu SPF records, a permerror for every sender "
		"(RFC 7208, 4.5).",
		SPAN_ARG(place->domain), count);
	note->record = merged(linting, answer);
	note->fix = arena_print(linting->arena,
		"publish one in their place%s%.*s",
		note->record.len ? ": " : "", SPAN_ARG(note->record));
}

bool spf_lint_records(struct spf_linting *linting,
	const struct spf_place *place, const struct answer *answer,
	struct span *text)
{
	size_t count = spf_records_find(answer, text);

	if (!note_near_records(linting, place, answer) && !count)
		note_none(linting, place);
	if (count > 1)
		note_many(linting, place, answer, count);
	return count == 1;
}
