#include "scenarios/value.h"

#include "probe/base/utf8.h"

enum { NAME_MAX_LEN = 64, DOMAIN_MAX = 253, LABEL_MAX = 63 };

static const uint64_t DURATION_MAX_MS = 3660ull * 24 * 3600 * 1000;
static const uint64_t SIZE_MAX_OCTETS = 1000ull * 1000 * 1000 * 1000;

typedef bool value_reader(struct value *value, const char **why);

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* Letters, digits, and some of these. */
static bool is_made_of(struct span text, const char *more)
{
	for (size_t i = 0; i < text.len; i++)
		if (!ascii_is_alpha(text.at[i]) &&
			!ascii_is_digit(text.at[i]) &&
			(!text.at[i] || !strchr(more, text.at[i])))
			return false;
	return text.len != 0;
}

/* ---- words */

static bool read_name(struct value *value, const char **why)
{
	*why = "a name is wanted: letters, digits, - and _, at most 64";
	if (span_find(value->text, '=') < value->text.len)
		*why = "a name is wanted, and a blank before the =";
	return is_made_of(value->text, "-_") && value->text.len <= NAME_MAX_LEN;
}

static bool read_tag(struct value *value, const char **why)
{
	*why = "a tag is wanted: letters, digits, - _ and .";
	return is_made_of(value->text, "-_.") &&
	       value->text.len <= NAME_MAX_LEN;
}

static bool read_env(struct value *value, const char **why)
{
	*why = "the name of an environment variable is wanted, such as "
	       "MXP_RCPT";
	return is_made_of(value->text, "_") &&
	       !ascii_is_digit(value->text.at[0]);
}

static bool read_text(struct value *value, const char **why)
{
	(void)value;
	(void)why;
	return true;
}

static bool read_file(struct value *value, const char **why)
{
	*why = "the name of a file is wanted";
	return value->text.len != 0;
}

static bool read_interface(struct value *value, const char **why)
{
	*why = "the name of an interface is wanted, such as eth0";
	return is_made_of(value->text, "-_.@:") && value->text.len < 16;
}

static bool read_reason(struct value *value, const char **why)
{
	size_t dot = span_find(value->text, '.');

	*why = "a reason of the codebook is wanted, such as "
	       "google.not-authorized";
	for (size_t i = 0; i < value->text.len; i++)
		if (!is_lower(value->text.at[i]) &&
			!ascii_is_digit(value->text.at[i]) &&
			value->text.at[i] != '-' && value->text.at[i] != '.')
			return false;
	return dot > 0 && dot + 1 < value->text.len;
}

static bool read_record_type(struct value *value, const char **why)
{
	static const char *const types[] = { "A", "AAAA", "MX", "PTR", "TXT",
		"TLSA" };

	*why = "a record type is wanted: A, AAAA, MX, PTR, TXT or TLSA";
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (span_is_nocase(value->text, span_of(types[i]))) {
			value->text = span_of(types[i]);
			return true;
		}
	return false;
}

static bool read_keyword(struct value *value, const char **why)
{
	*why = "an EHLO keyword is wanted, such as STARTTLS or SIZE";
	return is_made_of(value->text, "-");
}

static bool read_operator(struct value *value, const char **why)
{
	struct span text = value->text;

	*why = "<, <=, =, >= or > is wanted";
	return span_is(text, SPAN("<")) || span_is(text, SPAN("<=")) ||
	       span_is(text, SPAN("=")) || span_is(text, SPAN(">=")) ||
	       span_is(text, SPAN(">"));
}

/* Whether it compiles is asked by whoever matches it (meaning.h). */
static bool read_regex(struct value *value, const char **why)
{
	*why = "the regular expression is empty, and fits everything";
	if (!value->text.len)
		return false;
	*why = "the regular expression is longer than 1000 octets";
	return value->text.len <= VALUE_REGEX_MAX;
}

/* ---- names of hosts and mailboxes */

/* Labels of letters in any script; the DNS room knows better, later. */
static bool is_domain(struct span text)
{
	size_t labels = 0;

	if (!text.len || text.len > DOMAIN_MAX)
		return false;
	if (text.at[text.len - 1] == '.')
		text.len--;
	while (text.len) {
		struct span label = span_cut(&text, '.');

		if (!label.len || label.len > LABEL_MAX || label.at[0] == '-' ||
			label.at[label.len - 1] == '-')
			return false;
		for (size_t i = 0; i < label.len; i++)
			if ((unsigned char)label.at[i] < 0x80 &&
				!is_made_of(span_part(label, i, 1), "-_"))
				return false;
		labels++;
	}
	return labels != 0;
}

static bool read_domain(struct value *value, const char **why)
{
	*why = "a domain is wanted, such as example.org";
	return is_domain(value->text);
}

/* An EHLO name may be an address literal (RFC 5321 section 4.1.3). */
static bool is_literal(struct span text)
{
	struct ip ip;

	if (text.len < 2 || text.at[0] != '[' || text.at[text.len - 1] != ']')
		return false;
	text = span_part(text, 1, text.len - 2);
	if (span_starts_nocase(text, SPAN("IPv6:")))
		text = span_part(text, 5, text.len);
	return ip_parse(text, &ip);
}

static bool read_host(struct value *value, const char **why)
{
	*why = "the name of a host is wanted, such as mail.example.org";
	return is_domain(value->text) || is_literal(value->text);
}

static bool read_selector(struct value *value, const char **why)
{
	*why = "a DKIM selector is wanted, such as s2026";
	return is_domain(value->text);
}

static bool read_mailbox(struct value *value, const char **why)
{
	struct span text = value->text, domain;
	size_t at = text.len;

	*why = "a mailbox is wanted, such as user@example.org";
	if (text.len >= 2 && text.at[0] == '<' && text.at[text.len - 1] == '>')
		text = span_part(text, 1, text.len - 2);
	value->text = text;
	if (!text.len)
		return true;
	at = text.len;
	while (at > 0 && text.at[at - 1] != '@')
		at--;
	if (at < 2 || at - 1 > 64)
		return false;
	for (size_t i = 0; i + 1 < at; i++)
		if ((unsigned char)text.at[i] <= ' ' || text.at[i] == 0x7f ||
			text.at[i] == '<' || text.at[i] == '>')
			return false;
	domain = span_part(text, at, text.len);
	return is_domain(domain) || (domain.len > 2 && domain.at[0] == '[' &&
					    domain.at[domain.len - 1] == ']');
}

/* ---- addresses */

static bool read_address(struct value *value, const char **why)
{
	struct span text = value->text;

	*why = "an address is wanted, such as 192.0.2.1 or 2001:db8::1";
	if (text.len > 2 && text.at[0] == '[' && text.at[text.len - 1] == ']')
		text = span_part(text, 1, text.len - 2);
	return ip_parse(text, &value->ip);
}

static bool read_ipv4(struct value *value, const char **why)
{
	if (!read_address(value, why) || value->ip.family != FAMILY_IPV4) {
		*why = "an IPv4 address is wanted, such as 192.0.2.1";
		return false;
	}
	return true;
}

static bool read_ipv6(struct value *value, const char **why)
{
	if (!read_address(value, why) || value->ip.family != FAMILY_IPV6) {
		*why = "an IPv6 address is wanted, such as 2001:db8::1";
		return false;
	}
	return true;
}

/* ---- numbers */

static bool number_in(struct value *value, unsigned long least,
	unsigned long most, size_t digits)
{
	unsigned long number;

	if (!value->text.len || value->text.len > digits ||
		!span_number(value->text, most, &number) || number < least)
		return false;
	value->number = number;
	return true;
}

static bool read_family(struct value *value, const char **why)
{
	*why = "4 or 6 is wanted";
	return (span_is(value->text, SPAN("4")) ||
		       span_is(value->text, SPAN("6"))) &&
	       number_in(value, 4, 6, 1);
}

static bool read_number(struct value *value, const char **why)
{
	*why = "a number is wanted, at most 999999999";
	return number_in(value, 0, 999999999, 9);
}

static bool read_port(struct value *value, const char **why)
{
	*why = "a port is wanted: 1 to 65535";
	return number_in(value, 1, 65535, 5);
}

static bool read_code(struct value *value, const char **why)
{
	*why = "a reply code is wanted: three digits, such as 250 or 550";
	return value->text.len == 3 && number_in(value, 200, 599, 3);
}

/* RFC 3463 section 2: a class of 2, 4 or 5 and two numbers below 1000. */
static bool read_status(struct value *value, const char **why)
{
	struct span text = value->text;
	unsigned long part[3];

	*why = "an enhanced status is wanted, such as 5.7.1";
	for (unsigned i = 0; i < 3; i++) {
		struct span word = span_cut(&text, '.');

		if (!word.len || word.len > 3 ||
			!span_number(word, 999, &part[i]))
			return false;
		value->number = value->number * 1000 + part[i];
	}
	return span_find(value->text, '.') == 1 &&
	       value->text.at[value->text.len - 1] != '.' && !text.len &&
	       (part[0] == 2 || part[0] == 4 || part[0] == 5);
}

static bool read_tls_version(struct value *value, const char **why)
{
	*why = "a TLS version is wanted: 1.0, 1.1, 1.2 or 1.3";
	if (value->text.len != 3 || value->text.at[0] != '1' ||
		value->text.at[1] != '.' || value->text.at[2] < '0' ||
		value->text.at[2] > '3')
		return false;
	value->number = 10 + (uint64_t)(value->text.at[2] - '0');
	return true;
}

/*
 * A decimal number in thousandths: "1.5" is 1500.  At most nine digits stand
 * before the point and three behind it, so that nothing overflows.
 */
static bool thousandths(struct span text, uint64_t *number)
{
	bool has_point = span_find(text, '.') < text.len;
	struct span whole = span_cut(&text, '.');
	unsigned long before, behind = 0;

	if (!whole.len || whole.len > 9 ||
		!span_number(whole, 999999999, &before))
		return false;
	if (has_point &&
		(!text.len || text.len > 3 || !span_number(text, 999, &behind)))
		return false;
	for (size_t i = text.len; i < 3; i++)
		behind *= 10;
	*number = (uint64_t)before * 1000 + behind;
	return true;
}

static bool read_ratio(struct value *value, const char **why)
{
	*why = "a ratio is wanted, such as 3 or 1.5";
	return thousandths(value->text, &value->number);
}

struct unit {
	const char *word;
	uint64_t worth;
};

/* The longest unit that ends the text; NULL: none does. */
static const struct unit *unit_of(
	struct span *text, const struct unit *units, size_t count)
{
	struct span letters = *text;

	while (letters.len && !ascii_is_alpha(letters.at[0]))
		letters = span_part(letters, 1, letters.len);
	for (size_t i = 0; i < count; i++)
		if (span_is(letters, span_of(units[i].word))) {
			text->len -= letters.len;
			return &units[i];
		}
	return NULL;
}

/* In units, at most so much in all. */
static bool scaled(struct value *value, struct span text,
	const struct unit *unit, uint64_t most)
{
	if (!thousandths(text, &value->number) ||
		value->number / 1000 > most / unit->worth)
		return false;
	value->number = value->number * unit->worth / 1000;
	return value->number <= most;
}

static bool read_duration(struct value *value, const char **why)
{
	static const struct unit units[] = { { "ms", 1 }, { "s", 1000 },
		{ "m", 60 * 1000 }, { "min", 60 * 1000 }, { "h", 3600 * 1000 },
		{ "d", 24 * 3600 * 1000 } };
	struct span text = value->text;
	const struct unit *unit = unit_of(&text, units, COUNT_OF(units));

	*why = "a duration is wanted, such as 500ms, 30s, 5m, 6h or 2d";
	if (!unit) {
		if (is_made_of(value->text, "") &&
			ascii_is_digit(value->text.at[value->text.len - 1]))
			*why = "a duration is wanted with its unit: ms, s, m, "
			       "h or d";
		return false;
	}
	return scaled(value, text, unit, DURATION_MAX_MS);
}

static bool read_size(struct value *value, const char **why)
{
	static const struct unit units[] = { { "", 1 }, { "k", 1000 },
		{ "M", 1000 * 1000 }, { "G", 1000 * 1000 * 1000 },
		{ "Ki", 1024 }, { "Mi", 1024 * 1024 },
		{ "Gi", 1024 * 1024 * 1024 } };
	struct span text = value->text;
	const struct unit *unit = unit_of(&text, units, COUNT_OF(units));

	*why = "a size in octets is wanted, such as 35882577, 25M or 25Mi";
	return unit && scaled(value, text, unit, SIZE_MAX_OCTETS);
}

static unsigned days_of_month(unsigned long year, unsigned long month)
{
	static const unsigned days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && is_leap);
}

static bool read_date(struct value *value, const char **why)
{
	struct span text = value->text;
	unsigned long year, month, day;

	*why = "a date is wanted, such as 2027-01-31";
	if (text.len != 10 || text.at[4] != '-' || text.at[7] != '-' ||
		!span_number(span_part(text, 0, 4), 9999, &year) ||
		!span_number(span_part(text, 5, 2), 99, &month) ||
		!span_number(span_part(text, 8, 2), 99, &day) || year < 1970)
		return false;
	*why = "there is no such day";
	if (month < 1 || month > 12 || day < 1 ||
		day > days_of_month(year, month))
		return false;
	for (unsigned long y = 1970; y < year; y++)
		value->number += 337 + days_of_month(y, 2);
	for (unsigned long m = 1; m < month; m++)
		value->number += days_of_month(year, m);
	value->number += day - 1;
	return true;
}

/* ---- the table */

static bool looks_like_code(struct span text)
{
	return text.len >= 3 && text.len <= 4 && ascii_is_digit(text.at[0]) &&
	       span_find(text, '.') == text.len;
}

static bool looks_like_status(struct span text)
{
	return text.len > 1 && ascii_is_digit(text.at[0]) &&
	       span_find(text, '.') < text.len;
}

static bool looks_like_operator(struct span text)
{
	return text.len && !span_is(text, SPAN("=>")) &&
	       strchr("<=>", text.at[0]) && text.at[0];
}

static bool looks_like_regex(struct span text)
{
	return text.len && text.at[0] == '/';
}

static bool looks_like_keyword(struct span text)
{
	return is_made_of(text, "-");
}

static const struct kind_row {
	const char *word, *phrase;
	value_reader *read;
	bool (*looks)(struct span text); /* NULL: anything does */
	bool may_be_secret;
} kinds[] = {
	/* clang-format off */
	[VALUE_NAME] = { "NAME", "a name", read_name, NULL, false },
	[VALUE_PATH] = { "PATH", "the name of a path", read_name, NULL, false },
	[VALUE_PROBE] = { "PROBE", "the name of a probe", read_name, NULL, false },
	[VALUE_SERVER] = { "SERVER", "the name of a server", read_name, NULL, false },
	[VALUE_TWIN] = { "TWIN", "the name of a twin", read_name, NULL, false },
	[VALUE_TAG] = { "TAG", "a tag", read_tag, NULL, false },
	[VALUE_TEXT] = { "TEXT", "a text, such as \"text\"", read_text, NULL, true },
	[VALUE_FILE] = { "FILE", "the name of a file", read_file, NULL, false },
	[VALUE_ENV] = { "ENV", "the name of an environment variable", read_env, NULL, false },
	[VALUE_MAILBOX] = { "MAILBOX", "a mailbox, such as user@example.org", read_mailbox, NULL, true },
	[VALUE_DOMAIN] = { "DOMAIN", "a domain, such as example.org", read_domain, NULL, true },
	[VALUE_HOST] = { "HOST", "the name of a host, such as mail.example.org", read_host, NULL, true },
	[VALUE_INTERFACE] = { "INTERFACE", "the name of an interface, such as eth0", read_interface, NULL, false },
	[VALUE_SELECTOR] = { "SELECTOR", "a DKIM selector", read_selector, NULL, false },
	[VALUE_IPV4] = { "IPV4", "an IPv4 address, such as 192.0.2.1", read_ipv4, NULL, false },
	[VALUE_IPV6] = { "IPV6", "an IPv6 address, such as 2001:db8::1", read_ipv6, NULL, false },
	[VALUE_ADDRESS] = { "ADDRESS", "an address, such as 192.0.2.1 or 2001:db8::1", read_address, NULL, false },
	[VALUE_FAMILY] = { "FAMILY", "4 or 6", read_family, NULL, false },
	[VALUE_NUMBER] = { "NUMBER", "a number", read_number, NULL, false },
	[VALUE_RATIO] = { "RATIO", "a ratio, such as 3 or 1.5", read_ratio, NULL, false },
	[VALUE_PORT] = { "PORT", "a port", read_port, NULL, false },
	[VALUE_DURATION] = { "DURATION", "a duration, such as 500ms, 30s or 6h", read_duration, NULL, false },
	[VALUE_SIZE] = { "SIZE", "a size, such as 35882577 or 25M", read_size, NULL, false },
	[VALUE_DATE] = { "DATE", "a date, such as 2027-01-31", read_date, NULL, false },
	[VALUE_CODE] = { "CODE", "a reply code, such as 550", read_code, looks_like_code, false },
	[VALUE_STATUS] = { "STATUS", "an enhanced status, such as 5.7.1", read_status, looks_like_status, false },
	[VALUE_REASON] = { "REASON", "a reason of the codebook, such as google.not-authorized", read_reason, NULL, false },
	[VALUE_RECORD_TYPE] = { "TYPE", "a record type, such as TXT", read_record_type, NULL, false },
	[VALUE_KEYWORD] = { "KEYWORD", "an EHLO keyword, such as SIZE", read_keyword, looks_like_keyword, false },
	[VALUE_TLS_VERSION] = { "VERSION", "a TLS version, such as 1.2", read_tls_version, NULL, false },
	[VALUE_OPERATOR] = { "OPERATOR", "<, <=, =, >= or >", read_operator, looks_like_operator, false },
	[VALUE_REGEX] = { "REGEX", "a regular expression, such as /mx[0-9]+/", read_regex, looks_like_regex, false },
	/* clang-format on */
};

const char *value_kind_word(enum value_kind kind)
{
	return kinds[kind].word;
}

const char *value_kind_phrase(enum value_kind kind)
{
	return kinds[kind].phrase;
}

bool value_kind_of(struct span word, enum value_kind *kind)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (span_is(word, span_of(kinds[i].word))) {
			*kind = (enum value_kind)i;
			return true;
		}
	return false;
}

bool value_looks_like(enum value_kind kind, struct span text)
{
	return !kinds[kind].looks || kinds[kind].looks(text);
}

bool value_read(struct value *value, const char **why)
{
	value->number = 0;
	if (!value->has_secret)
		return kinds[value->kind].read(value, why);
	*why = "a secret may stand only where a text, a mailbox, a domain or "
	       "a host is wanted";
	return kinds[value->kind].may_be_secret;
}
