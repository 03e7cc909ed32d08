#include "probe/policy/spf_lint_term.h"

#include "probe/policy/spf_repair.h"

static void note_syntax(struct spf_linting *linting,
	const struct spf_place *place, const struct spf_term *term)
{
	struct spf_note *note = spf_linting_note(
		linting, "spf-syntax", SPF_ERROR, place, term);
	struct span better = spf_repair_term(linting->arena, term->text);

	note->text = arena_print(linting->arena,
		"\"%.*s\": %s.  One wrong term makes the whole record a "
		"permerror.",
		SPAN_ARG(term->text), term->why);
	if (!better.len)
		return;
	note->fix = arena_print(linting->arena, "write %.*s", SPAN_ARG(better));
	note->record = spf_place_record(
		linting->arena, place->record, term, better);
}

static void note_modifier(struct spf_linting *linting,
	const struct spf_place *place, const struct spf_term *term)
{
	struct span better = spf_repair_term(linting->arena, term->text);
	struct spf_note *note;

	if (span_is_nocase(term->text, SPAN("v=spf1"))) {
		note = spf_linting_note(
			linting, "spf-version-twice", SPF_WARNING, place, term);
		note->text = SPAN("v=spf1 stands in the midst of the record: "
				  "two records were put together.");
		note->fix = SPAN("keep the first v=spf1 only");
		note->record = spf_place_record(
			linting->arena, place->record, term, SPAN(""));
	}
	if (!better.len)
		return;
	note = spf_linting_note(
		linting, "spf-no-mechanism", SPF_ERROR, place, term);
	note->text = arena_print(linting->arena,
		"%.*s is a modifier that no receiver knows, and has no effect.",
		SPAN_ARG(term->text));
	note->fix = arena_print(linting->arena, "write %.*s", SPAN_ARG(better));
	note->record = spf_place_record(
		linting->arena, place->record, term, better);
}

static void note_all(struct spf_linting *linting, const struct spf_place *place,
	const struct spf_term *term)
{
	struct spf_note *note;

	if (term->qualifier == '+') {
		note = spf_linting_note(
			linting, "spf-all-pass", SPF_ERROR, place, term);
		note->text = SPAN("The whole world passes: no receiver can "
				  "tell mail of this domain from forgeries.");
		note->fix = SPAN("write -all");
		note->record = spf_place_record(
			linting->arena, place->record, term, SPAN("-all"));
	} else if (term->qualifier == '?' && !place->depth) {
		note = spf_linting_note(
			linting, "spf-all-neutral", SPF_WARNING, place, term);
		note->text = SPAN("Nobody fails: the record tells receivers "
				  "as little as none would.");
		note->fix = SPAN("write ~all, and -all when all is well");
		note->record = spf_place_record(
			linting->arena, place->record, term, SPAN("~all"));
	}
}

static void note_wide(struct spf_linting *linting,
	const struct spf_place *place, const struct spf_term *term,
	enum family family)
{
	enum { WIDE_IPV4 = 12, WIDE_IPV6 = 24 };
	unsigned prefix = term->prefix[family];
	struct spf_note *note;

	if (term->qualifier != '+' ||
		prefix >= (family == FAMILY_IPV4 ? WIDE_IPV4 : WIDE_IPV6))
		return;
	note = spf_linting_note(linting, "spf-wide",
		prefix ? SPF_WARNING : SPF_ERROR, place, term);
	note->families = 1u << family;
	note->text = arena_print(linting->arena,
		"%.*s lets %s %s address pass.", SPAN_ARG(term->text),
		prefix ? "a very large part of all" : "every",
		family_word(family));
	note->fix = SPAN("list the networks that really send");
}

static void note_wide_hosts(struct spf_linting *linting,
	const struct spf_place *place, const struct spf_term *term)
{
	struct spf_note *note;

	if (term->prefix[FAMILY_IPV4] == 32 && term->prefix[FAMILY_IPV6] == 128)
		return;
	note = spf_linting_note(linting, "spf-wide", SPF_INFO, place, term);
	note->text = arena_print(linting->arena,
		"%.*s lets the neighbours of these hosts pass too.",
		SPAN_ARG(term->text));
	note->fix = SPAN("leave the prefix length out, unless the whole "
			 "network is yours");
}

static void note_ptr(struct spf_linting *linting, const struct spf_place *place,
	const struct spf_term *term)
{
	struct spf_note *note = spf_linting_note(
		linting, "spf-ptr", SPF_WARNING, place, term);

	note->text = SPAN("ptr is slow, fails when the reverse zone does, and "
			  "should not be used (RFC 7208, 5.5); some receivers "
			  "pass over it.");
	note->fix = SPAN("list the addresses with ip4: and ip6:");
	note->record = spf_place_record(
		linting->arena, place->record, term, SPAN(""));
}

void spf_lint_term(struct spf_linting *linting, const struct spf_place *place,
	const struct spf_term *term)
{
	if (term->kind == SPF_BAD)
		note_syntax(linting, place, term);
	else if (term->kind == SPF_OTHER)
		note_modifier(linting, place, term);
	else if (term->kind == SPF_ALL)
		note_all(linting, place, term);
	else if (term->kind == SPF_PTR)
		note_ptr(linting, place, term);
	else if (term->kind == SPF_IP4)
		note_wide(linting, place, term, FAMILY_IPV4);
	else if (term->kind == SPF_IP6)
		note_wide(linting, place, term, FAMILY_IPV6);
	else if (term->kind == SPF_A || term->kind == SPF_MX)
		note_wide_hosts(linting, place, term);
}
