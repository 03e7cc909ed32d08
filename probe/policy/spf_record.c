#include "probe/policy/spf_record.h"

#include "probe/base/utf8.h"
#include "probe/dns/name.h"

static struct span after(struct span text, size_t count)
{
	return span_part(text, count, text.len);
}

bool spf_record_is(struct span text)
{
	return span_starts_nocase(text, SPAN("v=spf1")) &&
	       (text.len == 6 || text.at[6] == ' ');
}

bool spf_term_asks(const struct spf_term *term)
{
	switch (term->kind) {
	case SPF_INCLUDE:
	case SPF_A:
	case SPF_MX:
	case SPF_PTR:
	case SPF_EXISTS:
	case SPF_REDIRECT:
		return true;
	case SPF_ALL:
	case SPF_IP4:
	case SPF_IP6:
	case SPF_EXP:
	case SPF_OTHER:
	case SPF_BAD:
		break;
	}
	return false;
}

bool spf_term_is_modifier(const struct spf_term *term)
{
	return term->kind == SPF_REDIRECT || term->kind == SPF_EXP ||
	       term->kind == SPF_OTHER;
}

static uint64_t big_endian(const uint8_t *bytes, size_t count)
{
	uint64_t all = 0;

	for (size_t i = 0; i < count; i++)
		all = all << 8 | bytes[i];
	return all;
}

struct spf_bits spf_bits_of(const struct ip *ip)
{
	if (ip->family == FAMILY_IPV4)
		return (struct spf_bits){ 0, big_endian(ip->bytes, 4) };
	return (struct spf_bits){ big_endian(ip->bytes, 8),
		big_endian(ip->bytes + 8, 8) };
}

/* The upper `count` of `width` bits. */
static uint64_t upper_bits(unsigned count, unsigned width)
{
	uint64_t all = width == 64 ? UINT64_MAX : (1ull << width) - 1;

	if (count >= width)
		return all;
	return count ? all & ~((1ull << (width - count)) - 1) : 0;
}

struct spf_bits spf_mask(enum family family, unsigned prefix)
{
	if (family == FAMILY_IPV4)
		return (struct spf_bits){ 0, upper_bits(prefix, 32) };
	return (struct spf_bits){ upper_bits(prefix, 64),
		upper_bits(prefix > 64 ? prefix - 64 : 0, 64) };
}

/* One record being read. */
struct reading {
	struct arena *arena;
	struct spf_record *record;
	struct spf_term *terms;
};

static void spoil(struct spf_term *term, const char *why)
{
	term->kind = SPF_BAD;
	term->why = why;
}

/*
 * A length: no leading zero (RFC 7208, 5.6 by way of the ABNF of 5.3).
 * False when the digits are no such number.
 */
static bool take_prefix(struct span digits, unsigned max, uint8_t *prefix)
{
	unsigned long number;

	if (!span_number(digits, max, &number) ||
		(digits.len > 1 && digits.at[0] == '0'))
		return false;
	*prefix = (uint8_t)number;
	return true;
}

/* Where a run of digits with this mark before it begins; text.len: none. */
static size_t find_length(struct span text, struct span mark)
{
	size_t start = text.len;

	while (start && ascii_is_digit(text.at[start - 1]))
		start--;
	if (start < mark.len || start == text.len)
		return text.len;
	start -= mark.len;
	return span_is(span_part(text, start, mark.len), mark) ? start
							       : text.len;
}

/*
 *	dual-cidr-length = [ ip4-cidr-length ] [ "/" ip6-cidr-length ]
 *
 * Taken from the end, since a domain-spec may hold a slash as well.
 */
static bool take_dual_cidr(struct span *text, struct spf_term *term)
{
	size_t six = find_length(*text, SPAN("//"));
	size_t four;

	if (six < text->len && !take_prefix(after(*text, six + 2), 128,
				       &term->prefix[FAMILY_IPV6]))
		return false;
	*text = span_part(*text, 0, six);
	four = find_length(*text, SPAN("/"));
	if (four < text->len && !take_prefix(after(*text, four + 1), 32,
					&term->prefix[FAMILY_IPV4]))
		return false;
	*text = span_part(*text, 0, four);
	return true;
}

/* A backslash is a byte like others here; a name's text gives it a meaning. */
static struct span escape_backslashes(struct arena *arena, struct span text)
{
	char *room;
	size_t len = 0;

	if (span_find(text, '\\') == text.len)
		return text;
	room = arena_take(arena, 2 * text.len);
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '\\')
			room[len++] = '\\';
		room[len++] = text.at[i];
	}
	return (struct span){ room, len };
}

struct span spf_name(struct arena *arena, struct span raw)
{
	const char *why;
	struct span name;

	if (!utf8_is_ascii(raw) ||
		!name_normalise(
			arena, escape_backslashes(arena, raw), &name, &why))
		return SPAN("");
	return name;
}

static bool take_spec(
	struct reading *reading, struct spf_term *term, struct span spec)
{
	const char *why;

	if (!spf_domain_spec_check(spec, &term->letters, &why)) {
		spoil(term, why);
		return false;
	}
	if (term->letters & SPF_LETTERS_OF_EXP) {
		spoil(term, "%{c}, %{r} and %{t} are for explanations only");
		return false;
	}
	term->spec = spec;
	term->is_plain = span_find(spec, '%') == spec.len;
	if (term->is_plain)
		term->name = spf_name(reading->arena, spec);
	return true;
}

/* What stands behind the name of a mechanism. */
enum argument {
	ARGUMENT_NONE,
	ARGUMENT_SPEC, /* ":" domain-spec */
	ARGUMENT_SPEC_OR_NONE,
	ARGUMENT_HOSTS, /* [ ":" domain-spec ] [ dual-cidr-length ] */
	ARGUMENT_IP4,
	ARGUMENT_IP6,
};

static void read_spec(
	struct reading *reading, struct spf_term *term, struct span rest)
{
	if (!rest.len || rest.at[0] != ':')
		spoil(term, "a domain is given after a colon");
	else
		(void)take_spec(reading, term, after(rest, 1));
}

static void read_hosts(
	struct reading *reading, struct spf_term *term, struct span rest)
{
	if (!take_dual_cidr(&rest, term)) {
		spoil(term, "a prefix length is at most 32 for IPv4 (after /) "
			    "and 128 for IPv6 (after //)");
		return;
	}
	if (!rest.len)
		return;
	if (rest.at[0] != ':')
		spoil(term, "a domain is given after a colon, a prefix length "
			    "after a slash");
	else
		(void)take_spec(reading, term, after(rest, 1));
}

static void read_network(
	struct spf_term *term, struct span rest, enum family family)
{
	unsigned max = family == FAMILY_IPV4 ? 32 : 128;
	struct span text = after(rest, 1);
	struct span address = span_cut(&text, '/');
	struct ip ip;

	if (!rest.len || rest.at[0] != ':') {
		spoil(term, "an address is given after a colon");
		return;
	}
	if (!ip_parse(address, &ip) || ip.family != family) {
		spoil(term, family == FAMILY_IPV4 ? "that is no IPv4 address"
						  : "that is no IPv6 address");
		return;
	}
	if (address.len + 1 < rest.len &&
		!take_prefix(text, max, &term->prefix[family])) {
		spoil(term, "that is no prefix length for such an address");
		return;
	}
	term->network = spf_bits_of(&ip);
	term->mask = spf_mask(family, term->prefix[family]);
}

static void read_argument(struct reading *reading, struct spf_term *term,
	enum argument argument, struct span rest)
{
	switch (argument) {
	case ARGUMENT_NONE:
		if (rest.len)
			spoil(term, "this mechanism takes nothing behind it");
		return;
	case ARGUMENT_SPEC_OR_NONE:
		if (rest.len)
			read_spec(reading, term, rest);
		return;
	case ARGUMENT_SPEC:
		read_spec(reading, term, rest);
		return;
	case ARGUMENT_HOSTS:
		read_hosts(reading, term, rest);
		return;
	case ARGUMENT_IP4:
		read_network(term, rest, FAMILY_IPV4);
		return;
	case ARGUMENT_IP6:
		read_network(term, rest, FAMILY_IPV6);
		return;
	}
}

static void read_mechanism(
	struct reading *reading, struct spf_term *term, struct span text)
{
	static const struct {
		const char *name;
		enum spf_kind kind;
		enum argument argument;
	} rows[] = {
		{ "all", SPF_ALL, ARGUMENT_NONE },
		{ "include", SPF_INCLUDE, ARGUMENT_SPEC },
		{ "a", SPF_A, ARGUMENT_HOSTS },
		{ "mx", SPF_MX, ARGUMENT_HOSTS },
		{ "ptr", SPF_PTR, ARGUMENT_SPEC_OR_NONE },
		{ "ip4", SPF_IP4, ARGUMENT_IP4 },
		{ "ip6", SPF_IP6, ARGUMENT_IP6 },
		{ "exists", SPF_EXISTS, ARGUMENT_SPEC },
	};
	size_t len = 0;

	while (len < text.len && text.at[len] != ':' && text.at[len] != '/')
		len++;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (!span_is_nocase(
			    span_part(text, 0, len), span_of(rows[i].name)))
			continue;
		term->kind = rows[i].kind;
		read_argument(
			reading, term, rows[i].argument, after(text, len));
		return;
	}
	spoil(term, "there is no such mechanism");
}

/* name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ), then "=". */
static bool is_modifier(struct span text, size_t *equals)
{
	*equals = span_find(text, '=');
	if (*equals == text.len || !*equals || !ascii_is_alpha(text.at[0]))
		return false;
	for (size_t i = 0; i < *equals; i++) {
		char c = text.at[i];

		if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '-' &&
			c != '_' && c != '.')
			return false;
	}
	return true;
}

static void read_known_modifier(struct reading *reading, struct spf_term *term,
	enum spf_kind kind, struct span value)
{
	const struct spf_term **place = kind == SPF_REDIRECT
						? &reading->record->redirect
						: &reading->record->exp;

	term->kind = kind;
	if (!take_spec(reading, term, value))
		return;
	if (*place)
		spoil(term, "this modifier stands there twice");
	else
		*place = term;
}

static void read_modifier(
	struct reading *reading, struct spf_term *term, size_t equals)
{
	struct span name = span_part(term->text, 0, equals);
	struct span value = after(term->text, equals + 1);
	const char *why;

	term->kind = SPF_OTHER;
	if (span_is_nocase(name, SPAN("redirect")))
		read_known_modifier(reading, term, SPF_REDIRECT, value);
	else if (span_is_nocase(name, SPAN("exp")))
		read_known_modifier(reading, term, SPF_EXP, value);
	else if (!spf_macro_check(value, false, &term->letters, &why))
		spoil(term, why);
}

static void read_term(struct reading *reading, struct spf_term *term)
{
	struct span text = term->text;
	size_t equals;

	term->qualifier = '+';
	term->prefix[FAMILY_IPV4] = 32;
	term->prefix[FAMILY_IPV6] = 128;
	if (is_modifier(text, &equals)) {
		read_modifier(reading, term, equals);
		return;
	}
	term->has_qualifier = text.at[0] == '+' || text.at[0] == '-' ||
			      text.at[0] == '~' || text.at[0] == '?';
	if (term->has_qualifier) {
		term->qualifier = text.at[0];
		text = after(text, 1);
	}
	read_mechanism(reading, term, text);
}

/* record = "v=spf1" *( 1*SP ( directive / modifier ) ) *SP */
static struct span next_term(struct span *rest)
{
	struct span term = SPAN("");

	while (rest->len && !term.len)
		term = span_cut(rest, ' ');
	return term;
}

static size_t count_terms(struct span rest)
{
	size_t count = 0;

	while (next_term(&rest).len)
		count++;
	return count;
}

const struct spf_record *spf_record_compile(
	struct arena *arena, struct span text)
{
	struct spf_record *record = arena_new(arena, struct spf_record);
	struct reading reading = { .arena = arena, .record = record };
	struct span rest = after(text, 6);

	record->text = text;
	record->count = count_terms(rest);
	reading.terms = arena_take(
		arena, (record->count + 1) * sizeof(*reading.terms));
	record->terms = reading.terms;
	for (size_t i = 0; i < record->count; i++) {
		struct spf_term *term = &reading.terms[i];

		term->text = next_term(&rest);
		read_term(&reading, term);
		if (term->kind == SPF_BAD && !record->bad)
			record->bad = term;
	}
	return record;
}

/* The cache itself lives in an arena, its records in another. */
struct spf_cache {
	struct arena *own;
	struct arena *arena;
	size_t bytes;
	const struct spf_record *slots[SPF_CACHE_SLOTS];
};

struct spf_cache *spf_cache_open(void)
{
	struct arena *own = arena_open();
	struct spf_cache *cache = arena_new(own, struct spf_cache);

	cache->own = own;
	cache->arena = arena_open();
	return cache;
}

void spf_cache_close(struct spf_cache *cache)
{
	arena_close(cache->arena);
	arena_close(cache->own);
}

void spf_cache_make_room(struct spf_cache *cache)
{
	if (cache->bytes <= SPF_CACHE_BYTES_MAX)
		return;
	arena_empty(cache->arena);
	cache->bytes = 0;
	memset(cache->slots, 0, sizeof(cache->slots));
}

/*
 * Eight words from all over the record tell most of them apart; whether it is
 * the same one is decided by all of its bytes.
 */
static size_t slot_of(struct span text)
{
	enum { WORDS = 8 };
	uint64_t hash = text.len, word;

	for (size_t i = 0; i < WORDS && text.len >= sizeof(word); i++) {
		memcpy(&word,
			text.at + (text.len - sizeof(word)) * i / (WORDS - 1),
			sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
		hash ^= hash >> 32;
	}
	return hash % SPF_CACHE_SLOTS;
}

const struct spf_record *spf_cache_compile(
	struct spf_cache *cache, struct span text)
{
	size_t slot = slot_of(text);
	const struct spf_record *record;

	for (size_t i = 0; i < 2; i++) {
		record = cache->slots[slot ^ i];
		if (record && span_is(record->text, text))
			return record;
	}
	if (cache->slots[slot])
		slot ^= 1;
	record = spf_record_compile(
		cache->arena, arena_copy(cache->arena, text));
	cache->bytes += text.len + record->count * sizeof(*record->terms);
	cache->slots[slot] = record;
	return record;
}
