#include "probe/policy/spf_repair.h"

enum { REPAIRED_MAX = 2048 };

static struct span after(struct span text, size_t count)
{
	return span_part(text, count, text.len);
}

static bool is_sound(struct arena *arena, struct span term)
{
	struct span text = arena_print(arena, "v=spf1 %.*s", SPAN_ARG(term));
	const struct spf_record *record = spf_record_compile(arena, text);

	return record->count == 1 && !record->bad;
}

/* Marks that editors and word processors leave behind. */
static struct span without_marks(struct span term)
{
	static const char marks[] = "\"';,.:\\";

	while (term.len && strchr(marks, term.at[term.len - 1]))
		term.len--;
	while (term.len && strchr("\"'\\,;", term.at[0]))
		term = after(term, 1);
	return term;
}

/* A minus sign or a dash of Unicode for a hyphen, a swung dash for a tilde. */
static struct span with_ascii_qualifier(struct arena *arena, struct span term)
{
	static const struct {
		struct span bytes;
		char qualifier;
	} rows[] = {
		{ { "\xe2\x88\x92", 3 }, '-' },
		{ { "\xe2\x80\x90", 3 }, '-' },
		{ { "\xe2\x80\x91", 3 }, '-' },
		{ { "\xe2\x80\x93", 3 }, '-' },
		{ { "\xe2\x80\x94", 3 }, '-' },
		{ { "\xef\xbc\x8d", 3 }, '-' },
		{ { "\xcb\x9c", 2 }, '~' },
		{ { "\xe2\x88\xbc", 3 }, '~' },
		{ { "\xef\xbd\x9e", 3 }, '~' },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (span_is(span_part(term, 0, rows[i].bytes.len),
			    rows[i].bytes))
			return arena_print(arena, "%c%.*s", rows[i].qualifier,
				SPAN_ARG(after(term, rows[i].bytes.len)));
	return term;
}

/* An address, perhaps with a length behind a slash. */
static bool starts_with_ip(struct span text, struct ip *ip)
{
	struct span rest = text;

	return ip_parse(span_cut(&rest, '/'), ip);
}

static struct span as_network(struct arena *arena, struct span text)
{
	struct ip ip;

	if (!starts_with_ip(text, &ip))
		return SPAN("");
	return arena_print(arena, "%s:%.*s",
		ip.family == FAMILY_IPV4 ? "ip4" : "ip6", SPAN_ARG(text));
}

/* What people write, and the mechanism or modifier that they mean. */
static struct span right_name(struct span name)
{
	static const char *const rows[][2] = {
		{ "ipv4", "ip4:" },
		{ "ipv6", "ip6:" },
		{ "ip", "ip4:" },
		{ "ip4", "ip4:" },
		{ "ip6", "ip6:" },
		{ "a", "a:" },
		{ "mx", "mx:" },
		{ "include", "include:" },
		{ "includes", "include:" },
		{ "inlcude", "include:" },
		{ "incude", "include:" },
		{ "inclue", "include:" },
		{ "includ", "include:" },
		{ "incl", "include:" },
		{ "exists", "exists:" },
		{ "exist", "exists:" },
		{ "ptr", "ptr:" },
		{ "host", "a:" },
		{ "aaaa", "a:" },
		{ "redirect", "redirect=" },
		{ "redir", "redirect=" },
		{ "exp", "exp=" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (span_is_nocase(name, span_of(rows[i][0])))
			return span_of(rows[i][1]);
	return SPAN("");
}

/* The name of the mechanism, and the mark behind it. */
static struct span rewritten(struct arena *arena, struct span term)
{
	size_t end = 0;
	struct span name, value, network;

	while (end < term.len && term.at[end] != ':' && term.at[end] != '=')
		end++;
	name = right_name(span_part(term, 0, end));
	value = after(term, end + 1);
	while (value.len && (value.at[0] == ':' || value.at[0] == '='))
		value = after(value, 1);
	network = as_network(arena, value);
	if (network.len)
		return network;
	if (!name.len || !value.len)
		return SPAN("");
	return arena_print(arena, "%.*s%.*s", SPAN_ARG(name), SPAN_ARG(value));
}

static struct span as_all(struct span body)
{
	return span_is_nocase(body, SPAN("all")) ||
			       span_is_nocase(body, SPAN("al")) ||
			       span_is_nocase(body, SPAN("alll"))
		       ? SPAN("all")
		       : SPAN("");
}

static struct span repaired_body(struct arena *arena, struct span body)
{
	struct span all = as_all(body), network = as_network(arena, body);

	if (all.len)
		return all;
	if (network.len)
		return network;
	if (is_sound(arena, body) && span_find(body, '=') == body.len)
		return body;
	return rewritten(arena, body);
}

struct span spf_repair_term(struct arena *arena, struct span term)
{
	struct span text = with_ascii_qualifier(arena, without_marks(term));
	char qualifier = '\0';
	struct span body;

	if (text.len > 1 && strchr("+-~?", text.at[0])) {
		qualifier = text.at[0];
		text = after(text, 1);
	}
	body = repaired_body(arena, text);
	if (!body.len)
		return body;
	if (qualifier && span_find(body, '=') == body.len)
		body = arena_print(arena, "%c%.*s", qualifier, SPAN_ARG(body));
	return is_sound(arena, body) && !span_is(body, term) ? body : SPAN("");
}

/* "v=spf1" with what people put into it or around it; what is behind. */
static bool take_version(struct span *text)
{
	static const char *const starts[] = { "v=spf1", "v =spf1", "v= spf1",
		"v = spf1", "v:spf1", "v=spf2", "v=spf", "spf1", "v-spf1" };

	while (text->len && strchr(" \t\"'\\", text->at[0]))
		*text = after(*text, 1);
	for (size_t i = 0; i < COUNT_OF(starts); i++) {
		if (!span_starts_nocase(*text, span_of(starts[i])))
			continue;
		*text = after(*text, strlen(starts[i]));
		return true;
	}
	return false;
}

/* Commas and semicolons are taken for spaces. */
static struct span cut_term(struct span *rest)
{
	size_t end = 0;
	struct span term;

	while (end < rest->len && !strchr(" ,;", rest->at[end]))
		end++;
	term = span_part(*rest, 0, end);
	*rest = after(*rest, end + 1);
	return term;
}

struct span spf_repair_record(struct arena *arena, struct span text)
{
	struct span rest = text, fixed = SPAN("v=spf1");

	/* Sender ID (RFC 4406) is no slip, and of the past. */
	if (text.len > REPAIRED_MAX || spf_record_is(text) ||
		span_starts_nocase(text, SPAN("spf2.0/")) ||
		!take_version(&rest))
		return SPAN("");
	while (rest.len && strchr(" .;,:-\"'\\", rest.at[0]) &&
		!(rest.at[0] == '-' && rest.len > 1 && rest.at[1] == 'a'))
		rest = after(rest, 1);
	while (rest.len) {
		struct span term = cut_term(&rest);
		struct span better = spf_repair_term(arena, term);

		if (term.len)
			fixed = arena_print(arena, "%.*s %.*s", SPAN_ARG(fixed),
				SPAN_ARG(better.len ? better : term));
	}
	return fixed;
}
