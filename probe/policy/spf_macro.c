#include "probe/policy/spf_macro.h"

#include <inttypes.h>

#include "probe/dns/name.h"

/*
 *	macro-expand  = "%{" macro-letter transformers *delimiter "}" /
 *			"%%" / "%_" / "%-"
 *	macro-letter  = "s" / "l" / "o" / "d" / "i" / "p" / "h" /
 *			"c" / "r" / "t" / "v"
 *	transformers  = *DIGIT [ "r" ]
 *	delimiter     = "." / "-" / "+" / "," / "/" / "_" / "="
 *	macro-literal = %x21-24 / %x26-7E
 *
 * RFC 7208, 7.1.
 */
enum piece { PIECE_END, PIECE_LITERAL, PIECE_MACRO, PIECE_BAD };

struct macro {
	struct span literal; /* of PIECE_LITERAL */
	char letter;         /* in lower case */
	bool is_upper;       /* to be URL-escaped */
	bool is_reversed;
	size_t parts; /* how many at the right; SIZE_MAX: all */
	struct span delimiters;
	const char *why; /* of PIECE_BAD */
};

static struct span after(struct span text, size_t count)
{
	return span_part(text, count, text.len);
}

static bool is_in(char c, const char *set)
{
	return c && strchr(set, c);
}

static enum piece bad(struct macro *macro, const char *why)
{
	macro->why = why;
	return PIECE_BAD;
}

static enum piece take_percent(struct span *rest, struct macro *macro)
{
	static const struct {
		char letter;
		struct span literal;
	} rows[] = {
		{ '%', { "%", 1 } },
		{ '_', { " ", 1 } },
		{ '-', { "%20", 3 } },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (rest->len < 2 || rest->at[1] != rows[i].letter)
			continue;
		macro->literal = rows[i].literal;
		*rest = after(*rest, 2);
		return PIECE_LITERAL;
	}
	return bad(macro, "a % is followed by one of { % _ -");
}

/* At most 128 parts need be kept apart (RFC 7208, 7.3); more are all. */
static bool take_number(struct span *text, size_t *parts)
{
	size_t digits = 0, number = 0;

	while (digits < text->len && ascii_is_digit(text->at[digits])) {
		if (number < 100000)
			number = number * 10 + (size_t)(text->at[digits] - '0');
		digits++;
	}
	*parts = digits ? number : SIZE_MAX;
	*text = after(*text, digits);
	return number > 0 || !digits;
}

static enum piece take_macro(struct span *rest, struct macro *macro)
{
	struct span text = after(*rest, 2);
	size_t end = span_find(text, '}');

	if (end == text.len)
		return bad(macro, "a macro has no closing brace");
	*rest = after(text, end + 1);
	text.len = end;
	macro->letter = text.len ? ascii_lower(text.at[0]) : '\0';
	if (!is_in(macro->letter, "slodiphcrtv"))
		return bad(macro, "there is no such macro letter");
	macro->is_upper = macro->letter != text.at[0];
	text = after(text, 1);
	if (!take_number(&text, &macro->parts))
		return bad(macro, "a macro cannot keep 0 parts");
	macro->is_reversed = text.len && ascii_lower(text.at[0]) == 'r';
	if (macro->is_reversed)
		text = after(text, 1);
	for (size_t i = 0; i < text.len; i++)
		if (!is_in(text.at[i], ".-+,/_="))
			return bad(macro,
				"a macro has something behind its letter "
				"that is no transformer and no delimiter");
	macro->delimiters = text;
	return PIECE_MACRO;
}

static enum piece take_piece(struct span *rest, struct macro *macro)
{
	if (!rest->len)
		return PIECE_END;
	if (rest->at[0] != '%') {
		macro->literal = span_part(*rest, 0, span_find(*rest, '%'));
		*rest = after(*rest, macro->literal.len);
		return PIECE_LITERAL;
	}
	if (rest->len > 1 && rest->at[1] == '{')
		return take_macro(rest, macro);
	return take_percent(rest, macro);
}

static bool is_visible(struct span text, bool may_have_spaces)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (c > '~' || c < ' ' || (c == ' ' && !may_have_spaces))
			return false;
	}
	return true;
}

bool spf_macro_check(struct span text, bool may_have_spaces, uint32_t *letters,
	const char **why)
{
	struct span rest = text;
	struct macro macro;
	enum piece piece;

	*letters = 0;
	if (!is_visible(text, may_have_spaces)) {
		*why = "it has a byte that is no visible ASCII character";
		return false;
	}
	while ((piece = take_piece(&rest, &macro)) != PIECE_END) {
		if (piece == PIECE_BAD) {
			*why = macro.why;
			return false;
		}
		if (piece == PIECE_MACRO)
			*letters |= SPF_LETTER(macro.letter);
	}
	return true;
}

/*
 *	domain-end = ( "." toplabel [ "." ] ) / macro-expand
 *	toplabel   = ( *alphanum ALPHA *alphanum ) /
 *		     ( 1*alphanum "-" *( alphanum / "-" ) alphanum )
 *
 * So no digits alone, and no hyphen at either end.
 */
static bool is_toplabel(struct span label)
{
	bool is_number = true;

	if (!label.len || label.at[0] == '-' || label.at[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		char c = label.at[i];

		if (!ascii_is_digit(c) && !ascii_is_alpha(c) && c != '-')
			return false;
		is_number = is_number && ascii_is_digit(c);
	}
	return !is_number;
}

static bool ends_in_toplabel(struct span literal)
{
	size_t dot;

	literal = name_without_dot(literal);
	for (dot = literal.len; dot && literal.at[dot - 1] != '.';)
		dot--;
	return dot && is_toplabel(after(literal, dot));
}

bool spf_domain_spec_check(
	struct span text, uint32_t *letters, const char **why)
{
	struct span rest = text, last = text;
	struct macro macro;

	if (!spf_macro_check(text, false, letters, why))
		return false;
	while (rest.len) {
		last = rest;
		(void)take_piece(&rest, &macro);
	}
	*why = !text.len ? "it names no domain"
			 : "it does not end in a top-level domain";
	return last.len && (last.at[0] == '%' || ends_in_toplabel(last));
}

/* Where the bytes go: the first ones are kept, or the last ones. */
struct sink {
	char *room; /* for twice the limit */
	size_t len;
	size_t limit;
	bool keeps_end;
};

static void put(struct sink *sink, char c)
{
	if (sink->len < 2 * sink->limit) {
		sink->room[sink->len++] = c;
		return;
	}
	if (!sink->keeps_end)
		return;
	memmove(sink->room, sink->room + sink->limit, sink->limit);
	sink->len = sink->limit;
	sink->room[sink->len++] = c;
}

static void put_all(struct sink *sink, struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		put(sink, text.at[i]);
}

/* RFC 3986 section 2.3: all but the unreserved are escaped. */
static void put_escaped(struct sink *sink, struct span text)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (ascii_is_alpha(c) || ascii_is_digit(c) ||
			is_in(c, "-._~")) {
			put(sink, c);
			continue;
		}
		put(sink, '%');
		put(sink, digits[(unsigned char)c >> 4]);
		put(sink, digits[(unsigned char)c & 15]);
	}
}

/* IPv6 is all its nibbles, each a label (RFC 7208, 7.3). */
static struct span dotted_ip(struct arena *arena, const struct ip *ip)
{
	static const char digits[] = "0123456789ABCDEF";
	char *room;

	if (ip->family == FAMILY_IPV4)
		return ip_text(arena, ip);
	room = arena_take(arena, 64);
	for (size_t i = 0; i < 16; i++) {
		room[4 * i] = digits[ip->bytes[i] >> 4];
		room[4 * i + 1] = '.';
		room[4 * i + 2] = digits[ip->bytes[i] & 15];
		room[4 * i + 3] = '.';
	}
	return (struct span){ room, 63 };
}

static struct span value_of(
	struct arena *arena, char letter, const struct spf_macro_values *values)
{
	switch (letter) {
	case 's':
		return values->sender;
	case 'l':
		return values->local;
	case 'o':
		return values->sender_domain;
	case 'd':
		return values->domain;
	case 'i':
		return dotted_ip(arena, &values->ip);
	case 'p':
		return values->validated_name;
	case 'v':
		return values->ip.family == FAMILY_IPV4 ? SPAN("in-addr")
							: SPAN("ip6");
	case 'h':
		return values->helo;
	case 'c':
		return ip_text(arena, &values->ip);
	case 'r':
		return values->receiver.len ? values->receiver
					    : SPAN("unknown");
	case 't':
		return arena_print(arena, "%" PRId64, values->now);
	}
	return SPAN("");
}

static bool is_delimiter(const struct macro *macro, char c)
{
	if (!macro->delimiters.len)
		return c == '.';
	return span_find(macro->delimiters, c) < macro->delimiters.len;
}

/* Returns the parts, *count of them: one more than there are delimiters. */
static struct span *split(struct arena *arena, const struct macro *macro,
	struct span value, size_t *count)
{
	struct span *parts;
	size_t start = 0;

	*count = 1;
	for (size_t i = 0; i < value.len; i++)
		*count += is_delimiter(macro, value.at[i]);
	parts = arena_take(arena, *count * sizeof(*parts));
	*count = 0;
	for (size_t i = 0; i <= value.len; i++) {
		if (i < value.len && !is_delimiter(macro, value.at[i]))
			continue;
		parts[(*count)++] = span_part(value, start, i - start);
		start = i + 1;
	}
	return parts;
}

static void put_macro(struct arena *arena, struct sink *sink,
	const struct macro *macro, const struct spf_macro_values *values)
{
	size_t count, first;
	struct span *parts = split(
		arena, macro, value_of(arena, macro->letter, values), &count);

	first = macro->parts < count ? count - macro->parts : 0;
	for (size_t i = first; i < count; i++) {
		struct span part =
			parts[macro->is_reversed ? count - 1 - i : i];

		if (i > first)
			put(sink, '.');
		if (macro->is_upper)
			put_escaped(sink, part);
		else
			put_all(sink, part);
	}
}

static void expand(struct arena *arena, struct sink *sink, struct span text,
	const struct spf_macro_values *values)
{
	struct macro macro;
	enum piece piece;

	sink->room = arena_take(arena, 2 * sink->limit);
	while ((piece = take_piece(&text, &macro)) != PIECE_END) {
		if (piece == PIECE_LITERAL)
			put_all(sink, macro.literal);
		else if (piece == PIECE_MACRO)
			put_macro(arena, sink, &macro, values);
		else
			return;
	}
}

struct span spf_macro_name(struct arena *arena, struct span text,
	const struct spf_macro_values *values)
{
	struct sink sink = { .limit = SPF_NAME_MAX + 2, .keeps_end = true };
	struct span name;

	expand(arena, &sink, text, values);
	name = name_without_dot((struct span){ sink.room, sink.len });
	if (name.len <= SPF_NAME_MAX)
		return name;
	name = after(name, name.len - SPF_NAME_MAX - 1);
	return after(name, span_find(name, '.') + 1);
}

struct span spf_macro_explanation(struct arena *arena, struct span text,
	const struct spf_macro_values *values)
{
	struct sink sink = { .limit = SPF_EXPLANATION_MAX / 2 };

	expand(arena, &sink, text, values);
	return (struct span){ sink.room, sink.len };
}
