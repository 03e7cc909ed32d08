#include "probe/judge/traits.h"

#include <stdlib.h>

#include "probe/base/escape.h"

enum { KEYWORDS_MAX = 64, VALUE_MAX = 4096 };

/* clang-format off */
static const struct trait_row {
	const char *word;
	enum stage stage;
	int watched;            /* enum watched; -1: of no baseline */
} rows[TRAIT_COUNT] = {
	[TRAIT_VERDICT]     = { "verdict",       STAGE_RESOLVE,  WATCHED_VERDICT },
	[TRAIT_MX_SET]      = { "mx-set",        STAGE_RESOLVE,  WATCHED_MX_SET },
	[TRAIT_FAULT]       = { "fault",         STAGE_RESOLVE,  -1 },
	[TRAIT_BANNER]      = { "reply-banner",  STAGE_BANNER,   WATCHED_REPLY },
	[TRAIT_GREETING]    = { "reply-ehlo",    STAGE_EHLO,     WATCHED_REPLY },
	[TRAIT_KEYWORDS]    = { "ehlo-keywords", STAGE_EHLO,     WATCHED_EHLO_KEYWORDS },
	[TRAIT_STARTTLS]    = { "reply-starttls", STAGE_STARTTLS, WATCHED_REPLY },
	[TRAIT_TLS_VERSION] = { "tls-version",   STAGE_TLS,      -1 },
	[TRAIT_CERT_KEY]    = { "cert-key",      STAGE_TLS,      WATCHED_CERT_KEY },
	[TRAIT_CERT_ISSUER] = { "cert-issuer",   STAGE_TLS,      WATCHED_CERT_ISSUER },
	[TRAIT_MAIL]        = { "reply-mail",    STAGE_MAIL,     WATCHED_REPLY },
	[TRAIT_RCPT]        = { "reply-rcpt",    STAGE_RCPT,     WATCHED_REPLY },
	[TRAIT_DATA]        = { "reply-data",    STAGE_DATA,     WATCHED_REPLY },
	[TRAIT_DOT]         = { "reply-dot",     STAGE_DOT,      WATCHED_REPLY },
};
/* clang-format on */

const char *trait_word(enum trait trait)
{
	return rows[trait].word;
}

enum stage trait_stage(enum trait trait)
{
	return rows[trait].stage;
}

bool trait_is_watched(enum trait trait, enum watched watched)
{
	return rows[trait].watched == (int)watched;
}

/* ---- sets of values */

static int by_text(const void *a, const void *b)
{
	const struct span *one = a, *other = b;
	size_t len = one->len < other->len ? one->len : other->len;
	int order = memcmp(one->at, other->at, len);

	if (order)
		return order;
	return one->len < other->len ? -1 : one->len > other->len;
}

/* Cuts off up to the mark; its values never have one in them. */
static struct span cut_value(struct span *rest)
{
	static const struct span mark = { " | ", 3 };
	size_t at = span_find_nocase(*rest, mark);
	struct span value = span_part(*rest, 0, at);

	*rest = span_part(*rest, at + mark.len, rest->len);
	return value;
}

static bool has_value(struct span values, struct span value)
{
	while (values.len)
		if (span_is(cut_value(&values), value))
			return true;
	return false;
}

/* Where the value belongs among the others. */
static struct span with_value(
	struct arena *arena, struct span values, struct span value)
{
	struct span text = SPAN(""), next;
	bool is_put = false;

	while (values.len || !is_put) {
		next = values;
		next = cut_value(&next);
		if (!is_put && (!values.len || by_text(&value, &next) < 0)) {
			next = value;
			is_put = true;
		} else {
			cut_value(&values);
		}
		text = arena_print(arena, "%.*s%s%.*s", SPAN_ARG(text),
			text.len ? " | " : "", SPAN_ARG(next));
	}
	return text;
}

/* On one line, visible, and without the bar that parts values. */
static struct span one_value(struct arena *arena, struct span value)
{
	struct span text = SPAN("");

	value = span_part(escape_text(arena, value), 0, VALUE_MAX);
	if (span_find(value, '|') == value.len)
		return value;
	while (value.len) {
		struct span part = span_cut(&value, '|');

		text = arena_print(arena, "%.*s%.*s%s", SPAN_ARG(text),
			SPAN_ARG(part), value.len ? "\\x7c" : "");
	}
	return text;
}

void traits_add(struct arena *arena, struct traits *traits, enum trait trait,
	struct span value)
{
	struct span *values = &traits->of[trait];

	value = one_value(arena, value);
	if (!value.len || has_value(*values, value) ||
		values->len + value.len > VALUE_MAX)
		return;
	*values = with_value(arena, *values, value);
}

/* ---- of one visit */

static const enum trait replies[] = { TRAIT_BANNER, TRAIT_STARTTLS, TRAIT_MAIL,
	TRAIT_RCPT, TRAIT_DATA, TRAIT_DOT };

void traits_add_reply(struct arena *arena, struct traits *traits,
	enum stage stage, const struct reply *reply)
{
	for (size_t i = 0; i < COUNT_OF(replies); i++)
		if (trait_stage(replies[i]) == stage)
			traits_add(arena, traits, replies[i],
				normal_reply(arena, reply));
}

/* EHLO is asked twice where there is TLS; the keywords are the last one's. */
void traits_add_ehlo(
	struct arena *arena, struct traits *traits, const struct ehlo *ehlo)
{
	struct span words[KEYWORDS_MAX], text = SPAN("");
	size_t count = 0;

	for (size_t i = 0; i < ehlo->keyword_count && count < KEYWORDS_MAX; i++)
		words[count++] = escape_text(arena, ehlo->keywords[i].word);
	qsort(words, count, sizeof(*words), by_text);
	for (size_t i = 0; i < count; i++)
		text = arena_print(arena, "%.*s%s%.*s", SPAN_ARG(text),
			i ? " " : "", SPAN_ARG(words[i]));
	traits_add(arena, traits, TRAIT_KEYWORDS, count ? text : SPAN("none"));
	text = arena_print(arena, "%.*s %.*s",
		SPAN_ARG(escape_text(arena, ehlo->domain)),
		SPAN_ARG(escape_text(arena, ehlo->greeting)));
	traits_add(arena, traits, TRAIT_GREETING, normal_text(arena, text));
}

void traits_add_hosts(struct arena *arena, struct traits *traits,
	const struct span *hosts, size_t count)
{
	traits_add(
		arena, traits, TRAIT_MX_SET, normal_hosts(arena, hosts, count));
}

void traits_add_fault(struct arena *arena, struct traits *traits,
	struct span failure, struct span stage)
{
	traits_add(arena, traits, TRAIT_FAULT,
		arena_print(arena, "%.*s at %.*s", SPAN_ARG(failure),
			SPAN_ARG(stage)));
}

static void add_tls(
	struct arena *arena, struct traits *traits, const struct session *tls)
{
	const struct certificate *leaf;

	if (!tls)
		return;
	traits_add(arena, traits, TRAIT_TLS_VERSION, tls->version);
	if (!tls->chain_count)
		return;
	leaf = &tls->chain[0];
	traits_add(arena, traits, TRAIT_CERT_KEY,
		escape_hex(
			arena, (struct span){ (const char *)leaf->spki_sha256,
				       sizeof(leaf->spki_sha256) }));
	traits_add(arena, traits, TRAIT_CERT_ISSUER, leaf->issuer);
}

static void add_fault(
	struct arena *arena, struct traits *traits, const struct fault *fault)
{
	if (fault)
		traits_add_fault(arena, traits,
			span_of(failure_word(fault->failure)),
			span_of(stage_word(fault->stage)));
}

static void add_visit(
	struct arena *arena, struct traits *traits, const struct visit *visit)
{
	for (size_t i = 0; i < COUNT_OF(replies); i++) {
		enum stage stage = trait_stage(replies[i]);
		const struct reply *reply = transcript_reply(
			&visit->transcript, stage);

		if (reply)
			traits_add_reply(arena, traits, stage, reply);
	}
	if (visit->has_ehlo)
		traits_add_ehlo(arena, traits, &visit->ehlo);
	add_tls(arena, traits, visit->tls);
	add_fault(arena, traits, visit->fault);
}

/* ---- of a cell */

static void add_exchangers(struct arena *arena, struct traits *traits,
	const struct outcome *outcome)
{
	struct span *hosts = arena_take(
		arena, (outcome->exchanger_count + 1) * sizeof(*hosts));

	for (size_t i = 0; i < outcome->exchanger_count; i++)
		hosts[i] = outcome->exchangers[i].host;
	traits_add_hosts(arena, traits, hosts, outcome->exchanger_count);
}

void traits_of_family(struct arena *arena, const struct outcome *outcome,
	enum family family, struct traits *traits)
{
	*traits = (struct traits){ 0 };
	if (outcome->mx_asked)
		add_exchangers(arena, traits, outcome);
	add_fault(arena, traits, outcome->fault);
	for (size_t i = 0; i < outcome->visit_count; i++)
		if (outcome->visits[i]->state == VISIT_WALKED &&
			outcome->visits[i]->path->family == family)
			add_visit(arena, traits, outcome->visits[i]);
}

struct span trait_of_verdict(struct span word)
{
	if (span_is(word, SPAN("fail")) || span_is(word, SPAN("known")))
		return word;
	if (span_is(word, SPAN("pass")) || span_is(word, SPAN("fixed")) ||
		span_is(word, SPAN("warn")))
		return SPAN("pass");
	return SPAN("");
}

void traits_of_row(struct arena *arena, const struct result_row *row,
	struct traits *traits)
{
	*traits = (struct traits){ 0 };
	if (row->kind == ROW_CELL && row->outcome)
		traits_of_family(arena, row->outcome, row->family, traits);
	for (size_t i = 0; i < TRAIT_COUNT; i++)
		if (traits->of[i].len)
			traits->of[i] = variables_hide(
				arena, row->variables, traits->of[i]);
	traits->of[TRAIT_VERDICT] = trait_of_verdict(span_of(row_word(row)));
}

/* ---- as a text */

struct span traits_print(struct arena *arena, const struct traits *traits)
{
	struct span text = SPAN("");

	for (size_t i = 0; i < TRAIT_COUNT; i++)
		if (traits->of[i].len)
			text = arena_print(arena, "%.*s%s %.*s\n",
				SPAN_ARG(text), rows[i].word,
				SPAN_ARG(traits->of[i]));
	return text;
}

void traits_parse(struct span text, struct traits *traits)
{
	*traits = (struct traits){ 0 };
	while (text.len) {
		struct span line = span_cut(&text, '\n');
		struct span word = span_cut(&line, ' ');

		for (size_t i = 0; i < TRAIT_COUNT; i++)
			if (span_is(word, span_of(rows[i].word)))
				traits->of[i] = line;
	}
}
