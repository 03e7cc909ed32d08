#include "probe/policy/spf_lint_lookups.h"

enum { LISTED_MAX = 8 };

static bool is_void(const struct answer *answer)
{
	return answer &&
	       (answer->kind == ANSWER_NONE || answer->kind == ANSWER_NO_NAME);
}

static void count_void(struct spf_linting *linting, enum family family,
	const struct spf_term *term, struct span name)
{
	struct span *list = &linting->voids[family];

	if (++linting->lint->voids[family] <= LISTED_MAX)
		*list = spf_linting_list(linting->arena, *list,
			arena_print(linting->arena, "%.*s (%.*s)",
				SPAN_ARG(name), SPAN_ARG(term->text)));
}

/* "ip4:192.0.2.1 ip4:192.0.2.2", in place of a name that has just those. */
static struct span as_networks(
	struct arena *arena, const struct answer *answer, char qualifier)
{
	struct span all = SPAN("");

	if (!answer || answer->value_count > LISTED_MAX)
		return all;
	for (size_t i = 0; i < answer->value_count; i++) {
		struct ip ip;

		if (!ip_parse(answer->values[i], &ip))
			continue;
		all = arena_print(arena, "%.*s%s%.*s%s:%.*s", SPAN_ARG(all),
			all.len ? " " : "", qualifier == '+' ? 0 : 1,
			&qualifier, ip.family == FAMILY_IPV4 ? "ip4" : "ip6",
			SPAN_ARG(answer->values[i]));
	}
	return all;
}

/* The name that a term without macros means. */
static struct span named_by(
	const struct spf_place *place, const struct spf_term *term)
{
	return term->spec.len ? term->name : place->name;
}

static void note_one_family(struct spf_linting *linting,
	const struct spf_place *place, const struct spf_term *term,
	struct span name, enum family missing)
{
	static const char *const types[] = { "A", "AAAA" };
	enum family other = missing == FAMILY_IPV4 ? FAMILY_IPV6 : FAMILY_IPV4;
	bool concerns_us = linting->families & 1u << missing;
	struct spf_note *note = spf_linting_note(linting, "spf-one-family",
		concerns_us ? SPF_WARNING : SPF_INFO, place, term);
	struct span networks = as_networks(linting->arena,
		answers_known(linting->answers, name,
			other == FAMILY_IPV4 ? RR_A : RR_AAAA),
		term->qualifier);

	note->families = 1u << missing;
	note->text = arena_print(linting->arena,
		"%.*s has %s but no %s: for a sender over %s, %.*s is a void "
		"lookup, and the third of those is a permerror.",
		SPAN_ARG(name), types[other], types[missing],
		family_word(missing), SPAN_ARG(term->text));
	note->fix = arena_print(linting->arena, "publish %s for %.*s",
		types[missing], SPAN_ARG(name));
	if (term->kind != SPF_A || !networks.len ||
		term->prefix[FAMILY_IPV4] < 32 ||
		term->prefix[FAMILY_IPV6] < 128)
		return;
	note->fix = arena_print(linting->arena,
		"%.*s, or write %.*s in place of %.*s", SPAN_ARG(note->fix),
		SPAN_ARG(networks), SPAN_ARG(term->text));
	note->record = spf_place_record(
		linting->arena, place->record, term, networks);
}

static void note_void(struct spf_linting *linting,
	const struct spf_place *place, const struct spf_term *term,
	struct span name, const char *types)
{
	struct spf_note *note = spf_linting_note(
		linting, "spf-void", SPF_WARNING, place, term);

	note->text = arena_print(linting->arena,
		"%.*s has no %s: the term matches nobody, and costs every "
		"sender a void lookup, of which the third is a permerror.",
		SPAN_ARG(name), types);
	note->fix = arena_print(linting->arena, "remove %.*s, or publish %s",
		SPAN_ARG(term->text), types);
	if (span_is(name, named_by(place, term)))
		note->record = spf_place_record(
			linting->arena, place->record, term, SPAN(""));
}

static void look_at_addresses(struct spf_linting *linting,
	const struct spf_place *place, const struct spf_term *term,
	struct span name)
{
	const struct answer *four = spf_linting_ask(linting, name, RR_A);
	const struct answer *six = spf_linting_ask(linting, name, RR_AAAA);

	if (!four || !six)
		return;
	if (is_void(four))
		count_void(linting, FAMILY_IPV4, term, name);
	if (is_void(six))
		count_void(linting, FAMILY_IPV6, term, name);
	if (is_void(four) && is_void(six))
		note_void(linting, place, term, name, "A or AAAA");
	else if (is_void(four) && six->kind == ANSWER_DATA)
		note_one_family(linting, place, term, name, FAMILY_IPV4);
	else if (is_void(six) && four->kind == ANSWER_DATA)
		note_one_family(linting, place, term, name, FAMILY_IPV6);
}

static void count_void_twice(struct spf_linting *linting,
	const struct spf_term *term, struct span name)
{
	count_void(linting, FAMILY_IPV4, term, name);
	count_void(linting, FAMILY_IPV6, term, name);
}

static void look_at_exchangers(struct spf_linting *linting,
	const struct spf_place *place, const struct spf_term *term,
	struct span name)
{
	const struct answer *answer = spf_linting_ask(linting, name, RR_MX);
	struct spf_note *note;
	struct span host;
	unsigned preference;

	if (is_void(answer)) {
		count_void_twice(linting, term, name);
		note_void(linting, place, term, name, "MX");
	}
	if (!answer || answer->kind != ANSWER_DATA)
		return;
	if (answer->value_count > SPF_NAMES_MAX) {
		note = spf_linting_note(
			linting, "spf-mx-names", SPF_ERROR, place, term);
		note->text = arena_print(linting->arena,
			"%.*s has %zu mail exchangers; more than %d are a "
			"permerror.",
			SPAN_ARG(name), answer->value_count, SPF_NAMES_MAX);
		note->fix = arena_print(linting->arena,
			"list the addresses with ip4: and ip6: in place of "
			"%.*s",
			SPAN_ARG(term->text));
		return;
	}
	for (size_t i = 0; i < answer->value_count; i++)
		if (answer_mx(answer->values[i], &preference, &host) &&
			!span_is(host, SPAN(".")))
			look_at_addresses(linting, place, term, host);
}

static void look_at_exists(struct spf_linting *linting,
	const struct spf_place *place, const struct spf_term *term,
	struct span name)
{
	if (!is_void(spf_linting_ask(linting, name, RR_A)))
		return;
	count_void_twice(linting, term, name);
	note_void(linting, place, term, name, "A");
}

void spf_lint_lookups(struct spf_linting *linting,
	const struct spf_place *place, const struct spf_term *term)
{
	struct span name = named_by(place, term);

	if (!name.len)
		return;
	if (term->kind == SPF_A)
		look_at_addresses(linting, place, term, name);
	else if (term->kind == SPF_MX)
		look_at_exchangers(linting, place, term, name);
	else if (term->kind == SPF_EXISTS)
		look_at_exists(linting, place, term, name);
}
