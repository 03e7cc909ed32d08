#include "probe/smtp/ehlo.h"

#include <limits.h>

/* The first word; *rest keeps what follows it, trimmed. */
static struct span take_word(struct span *rest)
{
	struct span word = span_trim(*rest);
	size_t len = 0;

	while (len < word.len && !ascii_is_blank(word.at[len]))
		len++;
	*rest = span_trim(span_part(word, len, word.len));
	return span_part(word, 0, len);
}

static bool is_in_literal(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == ':' || c == '.' ||
	       c == '-' || c == '_';
}

/*
 * An address, perhaps with RFC 5321's "IPv6:" before it and the sentence's
 * full stop behind.  "::" and its like are punctuation, not us.
 */
static bool is_address(struct span word, struct ip *ip)
{
	if (span_starts_nocase(word, SPAN("IPv6:")))
		word = span_part(word, 5, word.len);
	if (ip_parse(word, ip))
		return ip_kind(ip) != IP_UNSPECIFIED;
	if (word.len &&
		(word.at[word.len - 1] == '.' || word.at[word.len - 1] == ':'))
		word.len--;
	return ip_parse(word, ip) && ip_kind(ip) != IP_UNSPECIFIED;
}

static bool find_echo(struct span text, struct ip *ip)
{
	size_t at = 0;

	while (at < text.len) {
		size_t end = at;

		while (end < text.len && is_in_literal(text.at[end]))
			end++;
		if (is_address(span_part(text, at, end - at), ip))
			return true;
		at = end + 1;
	}
	return false;
}

static void take_size(struct ehlo *ehlo)
{
	const struct ehlo_keyword *row = ehlo_find(ehlo, SPAN("SIZE"));
	unsigned long octets = 0;

	if (!row)
		return;
	ehlo->size = true;
	if (span_number(row->parameters, ULONG_MAX, &octets))
		ehlo->size_max = octets;
}

static void take_keywords(
	struct ehlo *ehlo, const struct reply *reply, struct ehlo_keyword *rows)
{
	ehlo->keywords = rows;
	for (size_t i = 1; i < reply->line_count; i++) {
		struct span rest = reply->lines[i];
		struct span word = take_word(&rest);

		if (word.len)
			rows[ehlo->keyword_count++] = (struct ehlo_keyword){
				.word = word, .parameters = rest
			};
	}
}

const struct ehlo_keyword *ehlo_find(const struct ehlo *ehlo, struct span word)
{
	for (size_t i = 0; i < ehlo->keyword_count; i++)
		if (span_is_nocase(ehlo->keywords[i].word, word))
			return &ehlo->keywords[i];
	return NULL;
}

void ehlo_parse(
	struct arena *arena, const struct reply *reply, struct ehlo *ehlo)
{
	struct span first = reply->lines[0];

	*ehlo = (struct ehlo){ .domain = take_word(&first) };
	ehlo->greeting = first;
	ehlo->has_echo = find_echo(first, &ehlo->echo);
	take_keywords(ehlo, reply,
		arena_take(arena,
			reply->line_count * sizeof(struct ehlo_keyword)));
	ehlo->starttls = ehlo_find(ehlo, SPAN("STARTTLS"));
	ehlo->pipelining = ehlo_find(ehlo, SPAN("PIPELINING"));
	ehlo->smtputf8 = ehlo_find(ehlo, SPAN("SMTPUTF8"));
	ehlo->eightbitmime = ehlo_find(ehlo, SPAN("8BITMIME"));
	ehlo->enhanced_codes = ehlo_find(ehlo, SPAN("ENHANCEDSTATUSCODES"));
	ehlo->chunking = ehlo_find(ehlo, SPAN("CHUNKING"));
	take_size(ehlo);
}
