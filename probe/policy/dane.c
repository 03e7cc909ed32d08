#include "probe/policy/dane.h"

enum { BASES_MAX = 2 };

/* The way to the records, and whether DNSSEC vouches for it. */
struct way {
	struct arena *arena;
	struct answers *answers;
	const struct dane_ask *ask;
	struct dane *dane;
	const struct answer *mx; /* NULL: none was asked */
	struct span bases[BASES_MAX];
	size_t base_count;
	struct span gap;           /* what is not vouched for; or empty */
	const struct answer *lost; /* the alias, if it could not be had */
};

static void base_add(struct way *way, struct span base)
{
	way->bases[way->base_count++] = base;
}

static void gap_at(struct way *way, const char *what, struct span name)
{
	if (!way->gap.len)
		way->gap = arena_print(way->arena,
			"DNSSEC does not vouch for the %s of %.*s", what,
			SPAN_ARG(name));
}

/*
 * RFC 7672 section 2.2.2: where a signed alias leads into an unsigned zone,
 * its own name may still have TLSA records.  Who keeps the answer from us must
 * not thereby make them void (2.1.2).  False: open.
 */
static bool take_alias(struct way *way)
{
	const struct answer *alias = answers_get(
		way->answers, way->ask->host, RR_CNAME);

	if (!alias)
		return false;
	base_add(way, way->ask->host);
	if (answer_failed(alias))
		way->lost = alias;
	else if (!alias->secure || alias->kind != ANSWER_DATA)
		gap_at(way, "addresses", way->ask->host);
	return true;
}

/* Where the records may be, the best place first.  False: open. */
static bool take_bases(struct way *way)
{
	const struct dane_ask *ask = way->ask;
	const struct answer *address = answers_get(way->answers, ask->host,
		ask->family == FAMILY_IPV4 ? RR_A : RR_AAAA);

	if (!address)
		return false;
	if (!address->secure && address->canonical.len)
		return take_alias(way);
	if (address->canonical.len && !span_is(address->canonical, ask->host))
		base_add(way, address->canonical);
	base_add(way, ask->host);
	if (!address->secure)
		gap_at(way, "addresses", ask->host);
	return true;
}

/* False: open. */
static bool take_mx(struct way *way)
{
	if (!way->ask->domain.len)
		return true;
	way->mx = answers_get(way->answers, way->ask->domain, RR_MX);
	if (way->mx && !way->mx->secure)
		gap_at(way, "MX", way->ask->domain);
	return way->mx != NULL;
}

/* ---- the records */

static const struct answer *ask_tlsa(struct way *way, struct span base)
{
	struct span name = arena_print(way->arena, "_%u._tcp.%.*s",
		(unsigned)way->ask->port, SPAN_ARG(base));

	return answers_get(way->answers, name, RR_TLSA);
}

static void name_add(struct dane *dane, struct span name)
{
	if (!name.len || dane->name_count == DANE_NAMES_MAX)
		return;
	for (size_t i = 0; i < dane->name_count; i++)
		if (span_is(dane->names[i], name))
			return;
	dane->names[dane->name_count++] = name;
}

/*
 * RFC 7672 section 3.2.2: the base domain, the domain that the mail is for,
 * and what that is an alias of.
 */
static enum dane_state take_records(
	struct way *way, struct span base, const struct answer *tlsa)
{
	struct dane *dane = way->dane;

	dane->base = base;
	dane->records = tlsa->values;
	dane->count = tlsa->value_count < DANE_RECORDS_MAX ? tlsa->value_count
							   : DANE_RECORDS_MAX;
	name_add(dane, base);
	name_add(dane, way->ask->domain);
	if (way->mx)
		name_add(dane, way->mx->canonical);
	if (!tlsa->secure)
		gap_at(way, "TLSA records", base);
	dane->why = way->gap;
	return way->gap.len ? DANE_INSECURE : DANE_BINDING;
}

static enum dane_state unknown(struct way *way, const char *what,
	struct span base, const struct answer *answer)
{
	struct dane *dane = way->dane;

	dane->base = base;
	dane->failed = answer->kind;
	dane->why = arena_print(way->arena,
		"the %s of %.*s could not be looked up: %s%s%.*s", what,
		SPAN_ARG(base), answer_word(answer->kind),
		answer->why.len ? ", " : "", SPAN_ARG(answer->why));
	return DANE_UNKNOWN;
}

/* Both places are asked in one round; the first that has records counts. */
static enum dane_state find_records(struct way *way)
{
	const struct answer *tlsa[BASES_MAX];
	bool is_open = false, is_in_doubt = false;

	for (size_t i = 0; i < way->base_count; i++) {
		tlsa[i] = ask_tlsa(way, way->bases[i]);
		is_open |= !tlsa[i];
	}
	if (is_open)
		return DANE_OPEN;
	for (size_t i = 0; i < way->base_count; i++) {
		is_in_doubt |= answer_failed(tlsa[i]);
		if (answer_failed(tlsa[i]) && !way->gap.len)
			return unknown(
				way, "TLSA records", way->bases[i], tlsa[i]);
		if (tlsa[i]->kind == ANSWER_DATA)
			return take_records(way, way->bases[i], tlsa[i]);
	}
	way->dane->base = way->bases[0];
	way->dane->why = is_in_doubt ? way->gap
				     : arena_print(way->arena,
					       "%.*s has no TLSA record",
					       SPAN_ARG(way->bases[0]));
	return is_in_doubt ? DANE_INSECURE : DANE_NONE;
}

enum dane_state dane_check(struct arena *arena, struct answers *answers,
	const struct dane_ask *ask, struct dane *dane)
{
	struct way way = { .arena = arena,
		.answers = answers,
		.ask = ask,
		.dane = dane,
		.gap = SPAN("") };
	bool is_known;

	*dane = (struct dane){ .base = ask->host, .why = SPAN("") };
	is_known = take_mx(&way);
	is_known &= take_bases(&way);
	if (!is_known)
		return DANE_OPEN;
	if (way.gap.len && !ask->insists) {
		dane->why = way.gap;
		dane->state = DANE_INSECURE;
		return dane->state;
	}
	if (way.lost && !way.gap.len)
		dane->state = unknown(&way, "alias", ask->host, way.lost);
	else
		dane->state = find_records(&way);
	return dane->state;
}

const char *dane_word(enum dane_state state)
{
	switch (state) {
	case DANE_OPEN:
		return "open";
	case DANE_NONE:
		return "none";
	case DANE_INSECURE:
		return "insecure";
	case DANE_UNKNOWN:
		return "unknown";
	case DANE_BINDING:
		return "binding";
	}
	return "";
}
