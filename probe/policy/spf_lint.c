#include "probe/policy/spf_lint.h"

#include "probe/policy/spf_repair.h"

/* The compared terms of one record: more are never written by hand. */
enum { COMPARED_MAX = 256, LISTED_MAX = 8, MERGED_MAX = 4096 };

struct linting {
	struct arena *arena;
	struct answers *answers;
	const struct spf_lint_query *query;
	struct spf_lint *lint;
	struct spf_note spare;           /* for a note too many */
	unsigned families;               /* of the sources, or both */
	struct span costs;               /* "include:a 4, mx 1" */
	struct span voids[FAMILY_COUNT]; /* "a.example (a:a.example)" */
	bool open;
};

/* A record, and the one that leads to it. */
struct place {
	const struct place *outer;
	struct span domain; /* as it was written */
	struct span name;   /* as the DNS is asked for it */
	const struct spf_record *record;
	unsigned depth;
};

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

/* ---- notes */

static struct spf_note *add_note(struct linting *linting, const char *id,
	enum spf_severity severity, const struct place *place,
	const struct spf_term *term)
{
	struct spf_lint *lint = linting->lint;
	struct spf_note *note = &linting->spare;

	if (lint->count < SPF_NOTES_MAX)
		note = &lint->notes[lint->count++];
	else
		lint->was_cut = true;
	*note = (struct spf_note){ .id = id,
		.severity = severity,
		.families = SPF_FAMILIES,
		.domain = place->domain };
	if (term)
		note->term = term->text;
	return note;
}

static size_t put(char *room, size_t len, struct span text)
{
	if (!text.len)
		return len;
	if (len)
		room[len++] = ' ';
	memcpy(room + len, text.at, text.len);
	return len + text.len;
}

/* The record with other text in the place of a term; "": without it. */
static struct span replaced(struct arena *arena,
	const struct spf_record *record, const struct spf_term *term,
	struct span with)
{
	char *room = arena_take(arena, record->text.len + with.len + 1);
	size_t len = put(room, 0, SPAN("v=spf1"));

	for (size_t i = 0; i < record->count; i++) {
		const struct spf_term *one = &record->terms[i];

		len = put(room, len, one == term ? with : one->text);
	}
	return (struct span){ room, len };
}

static struct span listed(
	struct arena *arena, struct span list, struct span more)
{
	return arena_print(arena, "%.*s%s%.*s", SPAN_ARG(list),
		list.len ? ", " : "", SPAN_ARG(more));
}

/* ---- lookups */

static const struct answer *ask(
	struct linting *linting, struct span name, enum rr_type type)
{
	const struct answer *answer = answers_get(linting->answers, name, type);

	if (!answer)
		linting->open = true;
	return answer;
}

static bool is_void(const struct answer *answer)
{
	return answer &&
	       (answer->kind == ANSWER_NONE || answer->kind == ANSWER_NO_NAME);
}

static void count_void(struct linting *linting, enum family family,
	const struct spf_term *term, struct span name)
{
	struct span *list = &linting->voids[family];

	if (++linting->lint->voids[family] <= LISTED_MAX)
		*list = listed(linting->arena, *list,
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

static void note_one_family(struct linting *linting, const struct place *place,
	const struct spf_term *term, struct span name, enum family missing)
{
	static const char *const types[] = { "A", "AAAA" };
	enum family other = missing == FAMILY_IPV4 ? FAMILY_IPV6 : FAMILY_IPV4;
	bool concerns_us = linting->families & 1u << missing;
	struct spf_note *note = add_note(linting, "spf-one-family",
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
	note->record = replaced(linting->arena, place->record, term, networks);
}

/* The name that a term without macros means. */
static struct span named_by(
	const struct place *place, const struct spf_term *term)
{
	return term->spec.len ? term->name : place->name;
}

static void note_void(struct linting *linting, const struct place *place,
	const struct spf_term *term, struct span name, const char *types)
{
	struct spf_note *note = add_note(
		linting, "spf-void", SPF_WARNING, place, term);

	note->text = arena_print(linting->arena,
		"%.*s has no %s: the term matches nobody, and costs every "
		"sender a void lookup, of which the third is a permerror.",
		SPAN_ARG(name), types);
	note->fix = arena_print(linting->arena, "remove %.*s, or publish %s",
		SPAN_ARG(term->text), types);
	if (span_is(name, named_by(place, term)))
		note->record = replaced(
			linting->arena, place->record, term, SPAN(""));
}

static void look_at_addresses(struct linting *linting,
	const struct place *place, const struct spf_term *term,
	struct span name)
{
	const struct answer *four = ask(linting, name, RR_A);
	const struct answer *six = ask(linting, name, RR_AAAA);

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

static void count_void_twice(
	struct linting *linting, const struct spf_term *term, struct span name)
{
	count_void(linting, FAMILY_IPV4, term, name);
	count_void(linting, FAMILY_IPV6, term, name);
}

static void look_at_exchangers(struct linting *linting,
	const struct place *place, const struct spf_term *term,
	struct span name)
{
	const struct answer *answer = ask(linting, name, RR_MX);
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
		note = add_note(
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

static void look_at_exists(struct linting *linting, const struct place *place,
	const struct spf_term *term, struct span name)
{
	if (!is_void(ask(linting, name, RR_A)))
		return;
	count_void_twice(linting, term, name);
	note_void(linting, place, term, name, "A");
}

/* ---- one term */

static void note_syntax(struct linting *linting, const struct place *place,
	const struct spf_term *term)
{
	struct spf_note *note = add_note(
		linting, "spf-syntax", SPF_ERROR, place, term);
	struct span better = spf_repair_term(linting->arena, term->text);

	note->text = arena_print(linting->arena,
		"\"%.*s\": %s.  One wrong term makes the whole record a "
		"permerror.",
		SPAN_ARG(term->text), term->why);
	if (!better.len)
		return;
	note->fix = arena_print(linting->arena, "write %.*s", SPAN_ARG(better));
	note->record = replaced(linting->arena, place->record, term, better);
}

static void note_modifier(struct linting *linting, const struct place *place,
	const struct spf_term *term)
{
	struct span better = spf_repair_term(linting->arena, term->text);
	struct spf_note *note;

	if (span_is_nocase(term->text, SPAN("v=spf1"))) {
		note = add_note(
			linting, "spf-version-twice", SPF_WARNING, place, term);
		note->text = SPAN("v=spf1 stands in the midst of the record: "
				  "two records were put together.");
		note->fix = SPAN("keep the first v=spf1 only");
		note->record = replaced(
			linting->arena, place->record, term, SPAN(""));
	}
	if (!better.len)
		return;
	note = add_note(linting, "spf-no-mechanism", SPF_ERROR, place, term);
	note->text = arena_print(linting->arena,
		"%.*s is a modifier that no receiver knows, and has no effect.",
		SPAN_ARG(term->text));
	note->fix = arena_print(linting->arena, "write %.*s", SPAN_ARG(better));
	note->record = replaced(linting->arena, place->record, term, better);
}

static void note_all(struct linting *linting, const struct place *place,
	const struct spf_term *term)
{
	struct spf_note *note;

	if (term->qualifier == '+') {
		note = add_note(
			linting, "spf-all-pass", SPF_ERROR, place, term);
		note->text = SPAN("The whole world passes: no receiver can "
				  "tell mail of this domain from forgeries.");
		note->fix = SPAN("write -all");
		note->record = replaced(
			linting->arena, place->record, term, SPAN("-all"));
	} else if (term->qualifier == '?' && !place->depth) {
		note = add_note(
			linting, "spf-all-neutral", SPF_WARNING, place, term);
		note->text = SPAN("Nobody fails: the record tells receivers "
				  "as little as none would.");
		note->fix = SPAN("write ~all, and -all when all is well");
		note->record = replaced(
			linting->arena, place->record, term, SPAN("~all"));
	}
}

static void note_wide(struct linting *linting, const struct place *place,
	const struct spf_term *term, enum family family)
{
	enum { WIDE_IPV4 = 12, WIDE_IPV6 = 24 };
	unsigned prefix = term->prefix[family];
	struct spf_note *note;

	if (term->qualifier != '+' ||
		prefix >= (family == FAMILY_IPV4 ? WIDE_IPV4 : WIDE_IPV6))
		return;
	note = add_note(linting, "spf-wide", prefix ? SPF_WARNING : SPF_ERROR,
		place, term);
	note->families = 1u << family;
	note->text = arena_print(linting->arena,
		"%.*s lets %s %s address pass.", SPAN_ARG(term->text),
		prefix ? "a very large part of all" : "every",
		family_word(family));
	note->fix = SPAN("list the networks that really send");
}

static void note_wide_hosts(struct linting *linting, const struct place *place,
	const struct spf_term *term)
{
	struct spf_note *note;

	if (term->prefix[FAMILY_IPV4] == 32 && term->prefix[FAMILY_IPV6] == 128)
		return;
	note = add_note(linting, "spf-wide", SPF_INFO, place, term);
	note->text = arena_print(linting->arena,
		"%.*s lets the neighbours of these hosts pass too.",
		SPAN_ARG(term->text));
	note->fix = SPAN("leave the prefix length out, unless the whole "
			 "network is yours");
}

static void note_ptr(struct linting *linting, const struct place *place,
	const struct spf_term *term)
{
	struct spf_note *note = add_note(
		linting, "spf-ptr", SPF_WARNING, place, term);

	note->text = SPAN("ptr is slow, fails when the reverse zone does, and "
			  "should not be used (RFC 7208, 5.5); some receivers "
			  "pass over it.");
	note->fix = SPAN("list the addresses with ip4: and ip6:");
	note->record = replaced(linting->arena, place->record, term, SPAN(""));
}

static void follow(struct linting *linting, const struct place *place,
	const struct spf_term *term);

static void look_at_asking(struct linting *linting, const struct place *place,
	const struct spf_term *term)
{
	struct span name = named_by(place, term);

	if (++linting->lint->lookups > SPF_LINT_LOOKUPS_MAX || !name.len)
		return;
	if (term->kind == SPF_INCLUDE || term->kind == SPF_REDIRECT)
		follow(linting, place, term);
	else if (term->kind == SPF_A)
		look_at_addresses(linting, place, term, name);
	else if (term->kind == SPF_MX)
		look_at_exchangers(linting, place, term, name);
	else if (term->kind == SPF_EXISTS)
		look_at_exists(linting, place, term, name);
}

static void look_at_term(struct linting *linting, const struct place *place,
	const struct spf_term *term)
{
	unsigned before = linting->lint->lookups;

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
	if (!spf_term_asks(term))
		return;
	look_at_asking(linting, place, term);
	if (!place->depth && before < SPF_LINT_LOOKUPS_MAX)
		linting->costs = listed(linting->arena, linting->costs,
			arena_print(linting->arena, "%.*s %u",
				SPAN_ARG(term->text),
				linting->lint->lookups - before));
}

/* ---- one record */

static bool is_modifier(const struct spf_term *term)
{
	return term->kind == SPF_REDIRECT || term->kind == SPF_EXP ||
	       term->kind == SPF_OTHER;
}

static struct span unqualified(const struct spf_term *term)
{
	return span_part(term->text, term->has_qualifier, term->text.len);
}

static void note_duplicates(
	struct linting *linting, const struct place *place, size_t index)
{
	const struct spf_term *term = &place->record->terms[index];
	struct spf_note *note;

	for (size_t i = 0; i < index && index < COMPARED_MAX; i++) {
		const struct spf_term *one = &place->record->terms[i];

		if (!span_is_nocase(unqualified(one), unqualified(term)))
			continue;
		note = add_note(
			linting, "spf-duplicate", SPF_INFO, place, term);
		note->text = arena_print(linting->arena,
			"%.*s stands in the record twice; the second one has "
			"no effect%s.",
			SPAN_ARG(term->text),
			spf_term_asks(term) ? " but costs a lookup" : "");
		note->fix = SPAN("remove the second one");
		note->record = replaced(
			linting->arena, place->record, term, SPAN(""));
		return;
	}
}

static void note_unreachable(struct linting *linting, const struct place *place,
	const struct spf_term *term)
{
	struct spf_note *note = add_note(
		linting, "spf-unreachable", SPF_WARNING, place, term);

	note->text = arena_print(linting->arena,
		"%.*s stands behind all, where nothing is looked at.",
		SPAN_ARG(term->text));
	note->fix = SPAN("move it before all");
}

static void note_redirect_ignored(
	struct linting *linting, const struct place *place)
{
	const struct spf_term *term = place->record->redirect;
	struct spf_note *note = add_note(
		linting, "spf-redirect-ignored", SPF_WARNING, place, term);

	note->text = arena_print(linting->arena,
		"%.*s has no effect in a record with all (RFC 7208, 6.1).",
		SPAN_ARG(term->text));
	note->fix = SPAN("remove one of them");
	note->record = replaced(linting->arena, place->record, term, SPAN(""));
}

static void note_no_all(struct linting *linting, const struct place *place)
{
	struct spf_note *note = add_note(
		linting, "spf-no-all", SPF_WARNING, place, NULL);

	note->text = SPAN("The record ends without all or redirect: who is "
			  "not in it is neutral, as if there were no record.");
	note->fix = SPAN("end it with ~all or -all");
	note->record = arena_print(linting->arena, "%.*s ~all",
		SPAN_ARG(replaced(
			linting->arena, place->record, NULL, SPAN(""))));
}

static void note_length(struct linting *linting, const struct place *place)
{
	size_t len = place->record->text.len;
	struct spf_note *note;

	if (len <= SPF_RECORD_FAIR)
		return;
	note = add_note(linting, "spf-long", SPF_WARNING, place, NULL);
	note->text = arena_print(linting->arena,
		"The record has %zu bytes; above %d the answer may not fit "
		"into one UDP packet (RFC 7208, 3.4).",
		len, SPF_RECORD_FAIR);
	note->fix = arena_print(linting->arena,
		"move some terms to a record of their own and include it; "
		"publish it as strings of at most %d bytes",
		SPF_STRING_MAX);
}

static void look_at_record(struct linting *linting, const struct place *place)
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
		if (was_all && !is_modifier(term) && term->kind != SPF_BAD)
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

/* ---- the records that a record leads to */

static void note_leads_nowhere(struct linting *linting,
	const struct place *place, const struct spf_term *term, size_t count)
{
	struct spf_note *note = add_note(
		linting, "spf-include-none", SPF_ERROR, place, term);

	note->text = arena_print(linting->arena,
		"%.*s has %s SPF record: a receiver that comes to %.*s gives "
		"permerror.",
		SPAN_ARG(term->name), count ? "more than one" : "no",
		SPAN_ARG(term->text));
	note->fix = arena_print(
		linting->arena, "remove %.*s", SPAN_ARG(term->text));
	note->record = replaced(linting->arena, place->record, term, SPAN(""));
}

static bool is_loop(struct linting *linting, const struct place *place,
	const struct spf_term *term)
{
	const struct place *at = place;
	struct spf_note *note;

	while (at && !span_is(at->name, term->name))
		at = at->outer;
	if (!at)
		return false;
	note = add_note(linting, "spf-loop", SPF_ERROR, place, term);
	note->text = arena_print(linting->arena,
		"%.*s leads back to a record on the way to it: a permerror "
		"after ten lookups.",
		SPAN_ARG(term->text));
	note->fix = arena_print(
		linting->arena, "remove %.*s", SPAN_ARG(term->text));
	note->record = replaced(linting->arena, place->record, term, SPAN(""));
	linting->lint->lookups += SPF_LOOKUPS_MAX;
	return true;
}

static void follow(struct linting *linting, const struct place *place,
	const struct spf_term *term)
{
	struct place next = { .outer = place,
		.domain = term->spec,
		.name = term->name,
		.depth = place->depth + 1 };
	const struct answer *answer;
	struct span text;
	size_t count;

	if (is_loop(linting, place, term))
		return;
	answer = ask(linting, term->name, RR_TXT);
	if (!answer || answer_failed(answer))
		return;
	count = spf_records_find(answer, &text);
	if (count != 1) {
		note_leads_nowhere(linting, place, term, count);
		return;
	}
	next.record = spf_record_compile(linting->arena, text);
	look_at_record(linting, &next);
}

/* ---- what all of it comes to */

static void note_lookups(struct linting *linting, const struct place *place)
{
	unsigned lookups = linting->lint->lookups;
	struct spf_note *note;

	if (lookups < SPF_LOOKUPS_MAX)
		return;
	note = add_note(linting, "spf-lookups",
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

static void note_void_limit(
	struct linting *linting, const struct place *place, enum family family)
{
	unsigned voids = linting->lint->voids[family];
	struct spf_note *note;

	if (voids <= SPF_VOIDS_MAX)
		return;
	note = add_note(linting, "spf-void-limit",
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

/* ---- our own addresses */

static struct span term_for(struct arena *arena, const struct ip *ip)
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

static enum spf_result check_source(struct linting *linting,
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

static void note_source(struct linting *linting, const struct place *place,
	const struct ip *source, const struct spf_check *check)
{
	struct spf_note *note = add_note(
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
	note->fix = arena_print(linting->arena, "add %.*s",
		SPAN_ARG(term_for(linting->arena, source)));
}

/* One note an address; each has the record that lets all of them pass. */
static void look_at_sources(struct linting *linting, const struct place *place)
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
			SPAN_ARG(term_for(linting->arena, &query->sources[i])));
	}
	for (size_t i = first; i < linting->lint->count; i++)
		linting->lint->notes[i].record = added(
			linting->arena, place->record->text, terms);
}

/* ---- the domain's own records */

static struct span all_sources(struct linting *linting)
{
	struct span terms = SPAN("");

	for (size_t i = 0; i < linting->query->source_count; i++)
		terms = arena_print(linting->arena, "%.*s %.*s",
			SPAN_ARG(terms),
			SPAN_ARG(term_for(
				linting->arena, &linting->query->sources[i])));
	return terms;
}

static void note_none(struct linting *linting, const struct place *place)
{
	struct span terms = all_sources(linting);
	struct spf_note *note = add_note(
		linting, "spf-none", SPF_ERROR, place, NULL);

	note->text = arena_print(linting->arena, "%.*s has no SPF record.",
		SPAN_ARG(place->domain));
	note->record = arena_print(linting->arena, "v=spf1%.*s %s",
		SPAN_ARG(terms), terms.len ? "~all" : "-all");
	note->fix = arena_print(
		linting->arena, "publish TXT \"%.*s\"", SPAN_ARG(note->record));
}

/* What is nearly a record does nothing; is it the only one? */
static bool note_near_records(struct linting *linting,
	const struct place *place, const struct answer *answer)
{
	bool was_near = false;

	for (size_t i = 0; i < answer->value_count; i++) {
		struct span better = spf_repair_record(
			linting->arena, answer->values[i]);
		struct spf_note *note;

		if (!better.len)
			continue;
		note = add_note(
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
static struct span merged(struct linting *linting, const struct answer *answer)
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

static void note_many(struct linting *linting, const struct place *place,
	const struct answer *answer, size_t count)
{
	struct spf_note *note = add_note(
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

static void look_at_domain(struct linting *linting, struct place *place)
{
	const struct answer *answer = ask(linting, place->name, RR_TXT);
	struct span text;
	size_t count;

	if (!answer)
		return;
	if (answer_failed(answer)) {
		add_note(linting, "spf-unknown", SPF_WARNING, place, NULL)
			->text = arena_print(linting->arena,
			"The DNS did not tell the SPF record of %.*s (%s).",
			SPAN_ARG(place->domain), answer_word(answer->kind));
		return;
	}
	count = spf_records_find(answer, &text);
	if (!note_near_records(linting, place, answer) && !count)
		note_none(linting, place);
	if (count > 1)
		note_many(linting, place, answer, count);
	if (count != 1)
		return;
	place->record = spf_record_compile(linting->arena, text);
	look_at_record(linting, place);
	note_lookups(linting, place);
	note_void_limit(linting, place, FAMILY_IPV4);
	note_void_limit(linting, place, FAMILY_IPV6);
	if (!place->record->bad)
		look_at_sources(linting, place);
}

/* ---- the EHLO name */

static void note_helo_none(struct linting *linting, const struct place *place)
{
	struct spf_note *note = add_note(
		linting, "spf-helo-none", SPF_INFO, place, NULL);

	note->text = arena_print(linting->arena,
		"The EHLO name %.*s has no SPF record; receivers check it for "
		"bounces, whose MAIL FROM is empty (RFC 7208, 2.3).",
		SPAN_ARG(place->domain));
	note->record = SPAN("v=spf1 a -all");
	note->fix = arena_print(linting->arena, "publish TXT \"%.*s\" for %.*s",
		SPAN_ARG(note->record), SPAN_ARG(place->domain));
}

static void note_helo(struct linting *linting, const struct place *place,
	const struct ip *source, const struct spf_check *check)
{
	struct spf_note *note = add_note(
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
		SPAN_ARG(term_for(linting->arena, source)),
		SPAN_ARG(place->domain));
	if (check->record.len)
		note->record = added(linting->arena, check->record,
			term_for(linting->arena, source));
}

static void look_at_helo(struct linting *linting)
{
	const struct spf_lint_query *query = linting->query;
	struct place place = { .domain = query->helo,
		.name = spf_name(linting->arena, query->helo) };
	const struct answer *answer;
	struct span text;

	if (span_find(place.name, '.') == place.name.len ||
		query->helo.at[0] == '[')
		return;
	answer = ask(linting, place.name, RR_TXT);
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

bool spf_lint(struct arena *arena, struct answers *answers,
	const struct spf_lint_query *query, struct spf_lint *lint)
{
	struct linting linting = {
		.arena = arena, .answers = answers, .query = query, .lint = lint
	};
	struct place place = { .domain = query->domain,
		.name = spf_name(arena, query->domain) };

	*lint = (struct spf_lint){ .count = 0 };
	for (size_t i = 0; i < query->source_count; i++)
		linting.families |= 1u << query->sources[i].family;
	if (!linting.families)
		linting.families = SPF_FAMILIES;
	if (place.name.len)
		look_at_domain(&linting, &place);
	if (query->helo.len)
		look_at_helo(&linting);
	return !linting.open;
}
