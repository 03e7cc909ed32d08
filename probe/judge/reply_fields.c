#include "probe/judge/reply_fields.h"

#include "probe/judge/wording.h"

/*
 * Nobody writes these fields by a grammar; what is read here is the habit of
 * many servers:
 *
 *	[2001:db8::1      19]                         the client, of Google
 *	SPF [example.org] with ip: [192.0.2.1] = did not pass
 *	Spf= Fail , Dkim= Pass , DMARC= Fail          of Microsoft
 *	blocked using zen.spamhaus.org; https://...
 *	https://support.google.com/mail/?p=NotAuthorizedError
 *	5b1f17b1804b1-4a8si1f.3 - gsmtp               Google's token
 *	[DB3.prod.outlook.com 2024-06-24T08:58:06Z 08DC]       Microsoft's
 *	Greylisted for 300 seconds
 */
enum { WAIT_MAX = 7 * 24 * 3600, NEAR = 96 };

static bool is_blank_at(struct span text, size_t at)
{
	return at >= text.len || text.at[at] == ' ';
}

/* Up to the next blank, without what ends a sentence or a bracket. */
static struct span word_at(struct span text, size_t at)
{
	static const char ends[] = ".,;:)]>\"'";
	size_t len = 0;

	while (!is_blank_at(text, at + len))
		len++;
	while (len && memchr(ends, text.at[at + len - 1], sizeof(ends) - 1))
		len--;
	return span_part(text, at, len);
}

static bool is_domain_byte(char c)
{
	return ascii_is_digit(c) || ascii_is_alpha(c) || c == '-' || c == '_' ||
	       c == '.';
}

/* Two labels at least, the last one of letters. */
static bool is_domain(struct span text)
{
	size_t dot = text.len;

	if (text.len < 4 || text.len > 253 || text.at[0] == '.')
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (!is_domain_byte(text.at[i]))
			return false;
		if (text.at[i] == '.')
			dot = i;
	}
	if (dot + 2 >= text.len)
		return false;
	for (size_t i = dot + 1; i < text.len; i++)
		if (!ascii_is_alpha(text.at[i]))
			return false;
	return true;
}

static void add_domain(
	struct arena *arena, struct span domain, struct reply_fields *fields)
{
	if (!is_domain(domain) || fields->domain_count == REPLY_DOMAINS_MAX)
		return;
	for (size_t i = 0; i < fields->domain_count; i++)
		if (span_is_nocase(fields->domains[i], domain))
			return;
	fields->domains[fields->domain_count++] = arena_copy(arena, domain);
}

/* In brackets, or behind words that announce one. */
static void read_domains(
	struct arena *arena, struct span text, struct reply_fields *fields)
{
	static const char *const before[] = { "mail from ", "policy for ",
		"domain ", "domain: ", "domain=", "domain of " };

	for (size_t i = 0; i < text.len; i++) {
		struct span rest = span_part(text, i, text.len);

		if (rest.at[0] == '[')
			add_domain(arena,
				span_part(rest, 1, span_find(rest, ']') - 1),
				fields);
		for (size_t k = 0; k < COUNT_OF(before); k++)
			if (span_starts_nocase(rest, span_of(before[k])))
				add_domain(arena,
					word_at(rest, strlen(before[k])),
					fields);
	}
}

/* ---- what the server found out */

static struct span result_at(struct span text)
{
	static const char *const results[] = { "did not pass", "didn't pass",
		"not pass", "passed", "pass", "softfail", "failed", "failure",
		"fail", "neutral", "none", "temperror", "permerror",
		"hardfail" };

	while (text.len && (text.at[0] == ' ' || text.at[0] == '='))
		text = span_part(text, 1, text.len);
	for (size_t i = 0; i < COUNT_OF(results); i++)
		if (span_starts_nocase(text, span_of(results[i])))
			return span_part(text, 0, strlen(results[i]));
	return SPAN("");
}

static bool begins_another(struct span rest)
{
	return span_starts_nocase(rest, SPAN("spf")) ||
	       span_starts_nocase(rest, SPAN("dkim")) ||
	       span_starts_nocase(rest, SPAN("dmarc"));
}

/* The word alone, or with "=" near behind it, before another check's name. */
static struct span result_behind(struct span rest)
{
	struct span result = result_at(rest);

	for (size_t i = 0; i < rest.len && i < NEAR && !result.len; i++) {
		struct span part = span_part(rest, i, rest.len);

		if (begins_another(part))
			break;
		if (part.at[0] == '=')
			result = result_at(part);
	}
	return result;
}

static struct span check_result(
	struct arena *arena, struct span text, const char *name)
{
	struct span word = span_of(name);

	for (size_t i = 0; i + word.len < text.len; i++) {
		struct span result;

		if (!span_starts_nocase(span_part(text, i, text.len), word) ||
			(i && is_domain_byte(text.at[i - 1])))
			continue;
		result = result_behind(span_part(text, i + word.len, text.len));
		if (result.len)
			return arena_copy(arena, result);
	}
	return SPAN("");
}

static struct span list_name(struct arena *arena, struct span text)
{
	static const char *const before[] = { "blocked using ", "listed in ",
		"listed by ", "listed at ", "listed on ", "blocked by ",
		"blacklisted by ", "blacklisted at ", "using dnsbl " };

	for (size_t k = 0; k < COUNT_OF(before); k++) {
		size_t at = span_find_nocase(text, span_of(before[k]));
		struct span word;

		if (at == text.len)
			continue;
		word = word_at(text, at + strlen(before[k]));
		if (is_domain(word) ||
			span_starts_nocase(word, SPAN("spamhaus")))
			return arena_copy(arena, word);
	}
	return SPAN("");
}

/* ---- where to read on, and under which token */

static void read_links(
	struct arena *arena, struct span text, struct reply_fields *fields)
{
	for (size_t i = 0; i < text.len; i++) {
		struct span rest = span_part(text, i, text.len), link;

		if (!span_starts_nocase(rest, SPAN("http://")) &&
			!span_starts_nocase(rest, SPAN("https://")))
			continue;
		link = word_at(rest, 0);
		if (fields->link_count < REPLY_LINKS_MAX)
			fields->links[fields->link_count++] = arena_copy(
				arena, link);
		i += link.len;
	}
}

static struct span keyword(struct arena *arena, struct span text)
{
	size_t at = span_find_nocase(text, SPAN("?p="));
	size_t len = 0;

	if (at == text.len)
		return SPAN("");
	at += 3;
	while (at + len < text.len && text.at[at + len] != '.' &&
		is_domain_byte(text.at[at + len]))
		len++;
	return arena_copy(arena, span_part(text, at, len));
}

static struct span google_token(struct span text)
{
	size_t end = span_find_nocase(text, SPAN(" - gsmtp"));
	size_t at = end;

	if (end == text.len)
		return SPAN("");
	while (at && text.at[at - 1] != ' ')
		at--;
	return span_part(text, at, end - at + strlen(" - gsmtp"));
}

static struct span microsoft_token(struct span text)
{
	size_t host = span_find_nocase(text, SPAN("outlook.com "));
	size_t at = host;

	if (host == text.len)
		return SPAN("");
	while (at && text.at[at - 1] != '[' && text.at[at - 1] != ']')
		at--;
	if (!at || text.at[at - 1] != '[')
		return SPAN("");
	text = span_part(text, at, text.len);
	return span_part(text, 0, span_find(text, ']'));
}

static struct span other_token(struct span text)
{
	static const char *const before[] = {
		" id=", " id: ", "(id:", " ref=", "error code: ", "reference: "
	};

	for (size_t k = 0; k < COUNT_OF(before); k++) {
		size_t at = span_find_nocase(text, span_of(before[k]));

		if (at < text.len)
			return word_at(text, at + strlen(before[k]));
	}
	return SPAN("");
}

static struct span token(struct arena *arena, struct span text)
{
	struct span found = google_token(text);

	if (!found.len)
		found = microsoft_token(text);
	if (!found.len)
		found = other_token(text);
	return arena_copy(arena, found);
}

/* ---- when to come back */

static unsigned long unit_at(struct span text)
{
	static const struct {
		const char *word;
		unsigned long seconds;
	} units[] = { { "sec", 1 }, { "min", 60 }, { "hour", 3600 },
		{ "day", 24 * 3600L } };

	text = span_trim(text);
	for (size_t i = 0; i < COUNT_OF(units); i++)
		if (span_starts_nocase(text, span_of(units[i].word)))
			return units[i].seconds;
	if (text.len && ascii_lower(text.at[0]) == 's' &&
		(text.len == 1 || !ascii_is_alpha(text.at[1])))
		return 1;
	return 0;
}

/* "in 300 seconds", "for 5 minutes", "at least 60s". */
static bool announces_wait(struct span before)
{
	static const char *const words[] = { " in", " for", " after", " least",
		" wait", " another", " within" };

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (span_ends_nocase(before, span_of(words[i])))
			return true;
	return false;
}

static void read_wait(struct span text, struct reply_fields *fields)
{
	for (size_t i = 1; i < text.len && !fields->has_wait; i++) {
		unsigned long number = 0, unit;
		size_t len = 0;

		if (text.at[i - 1] != ' ' || !ascii_is_digit(text.at[i]) ||
			!announces_wait(span_part(text, 0, i - 1)))
			continue;
		while (i + len < text.len && ascii_is_digit(text.at[i + len]))
			len++;
		unit = unit_at(span_part(text, i + len, text.len));
		if (!unit ||
			!span_number(
				span_part(text, i, len), WAIT_MAX, &number) ||
			number > WAIT_MAX / unit)
			continue;
		fields->has_wait = true;
		fields->wait_s = (unsigned)(number * unit);
	}
}

void reply_fields_read(
	struct arena *arena, struct span text, struct reply_fields *fields)
{
	char room[WORDING_MAX];
	unsigned status[3];
	struct span said = wording_from_code(text);

	*fields = (struct reply_fields){ 0 };
	wording_status(said, status);
	said = wording_unfolded(room, said, wording_code(said), status);
	fields->has_ip = wording_ip(said, &fields->ip);
	read_domains(arena, said, fields);
	fields->spf = check_result(arena, said, "spf");
	fields->dkim = check_result(arena, said, "dkim");
	fields->dmarc = check_result(arena, said, "dmarc");
	fields->list = list_name(arena, said);
	read_links(arena, said, fields);
	fields->keyword = keyword(arena, said);
	fields->token = token(arena, said);
	read_wait(said, fields);
}
