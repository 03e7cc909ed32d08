#include "reports/inbound/log_reply.h"

#include "probe/smtp/status.h"

size_t log_find(struct span text, struct span words)
{
	const char *found;

	if (!words.len || text.len < words.len)
		return text.len;
	found = memmem(text.at, text.len, words.at, words.len);
	return found ? (size_t)(found - text.at) : text.len;
}

bool log_has(struct span text, struct span words)
{
	return log_find(text, words) < text.len;
}

unsigned log_reply_code(struct span text)
{
	if (text.len < 3 || text.at[0] < '2' || text.at[0] > '5' ||
		!ascii_is_digit(text.at[1]) || !ascii_is_digit(text.at[2]))
		return 0;
	if (text.len > 3 && !ascii_is_space(text.at[3]) && text.at[3] != '-')
		return 0;
	return (unsigned)(text.at[0] - '0') * 100 +
	       (unsigned)(text.at[1] - '0') * 10 + (unsigned)(text.at[2] - '0');
}

/* Where " CCC-" or " CCC " stands next; text.len: nowhere. */
static size_t next_line(struct span text, size_t from, char separator)
{
	char mark[5] = { ' ', text.at[0], text.at[1], text.at[2], separator };
	struct span rest = span_part(text, from, text.len);
	size_t at = log_find(rest, (struct span){ mark, sizeof(mark) });

	return at < rest.len ? from + at : text.len;
}

/*
 * "550-a 550-b 550 c": the code stands before each line, and only the last has
 * a blank behind it.  So the first "550 " behind the last "550-" begins the
 * last line, and one before that is part of what was said.
 */
struct span log_reply_part_blanks(struct arena *arena, struct span text)
{
	size_t at = 0, last = 0;
	char *parted;

	if (!log_reply_code(text) || text.len < 4 || text.at[3] != '-')
		return text;
	parted = arena_take(arena, text.len + 1);
	memcpy(parted, text.at, text.len);
	while ((at = next_line(text, at, '-')) < text.len) {
		parted[at++] = '\n';
		last = at;
	}
	at = next_line(text, last, ' ');
	if (at < text.len)
		parted[at] = '\n';
	return (struct span){ parted, text.len };
}

/* The two characters "\n" become one; others stay as they are. */
struct span log_reply_part_escapes(struct arena *arena, struct span text)
{
	static const struct span mark = { "\\n", 2 };
	size_t at = log_find(text, mark), len = 0;
	char *parted;

	if (at == text.len)
		return text;
	parted = arena_take(arena, text.len + 1);
	while (at < text.len) {
		memcpy(parted + len, text.at, at);
		len += at;
		parted[len++] = '\n';
		text = span_part(text, at + mark.len, text.len);
		at = log_find(text, mark);
	}
	if (text.len)
		memcpy(parted + len, text.at, text.len);
	return (struct span){ parted, len + text.len };
}

bool log_reply_take(struct delivery *delivery, struct span text)
{
	struct span line = text;
	unsigned part[3];

	delivery->text = text;
	delivery->code = log_reply_code(text);
	if (!delivery->code)
		return false;
	line = span_cut(&line, '\n');
	line = span_trim(span_part(line, 4, line.len));
	if (status_take(line, delivery->code / 100, part))
		memcpy(delivery->status, part, sizeof(part));
	return true;
}

void log_reply_status(struct delivery *delivery, struct span status)
{
	unsigned part[3];

	if (delivery->status[0] || !status.len)
		return;
	if (status.at[0] < '2' || status.at[0] > '5')
		return;
	if (status_take(status, (unsigned)(status.at[0] - '0'), part) !=
		status.len)
		return;
	memcpy(delivery->status, part, sizeof(part));
	delivery->is_local_status = true;
}

struct words {
	struct span words;
	enum stage stage;
};

static bool take_words(struct delivery *delivery, struct span text,
	const struct words *table, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (log_has(text, table[i].words)) {
			delivery->has_stage = true;
			delivery->stage = table[i].stage;
			return true;
		}
	return false;
}

#define W(text)                                                                \
	{                                                                      \
		(text), sizeof(text) - 1                                       \
	}

bool log_stage_take(struct delivery *delivery, struct span words)
{
	/* clang-format off */
	static const struct words table[] = {
		{ W("RCPT"), STAGE_RCPT },
		{ W("MAIL"), STAGE_MAIL },
		{ W("end of data"), STAGE_DOT },
		{ W("end of DATA"), STAGE_DOT },
		{ W("message body"), STAGE_DOT },
		{ W("DATA status"), STAGE_DOT },
		{ W("DATA 250"), STAGE_DOT },
		{ W("writing message"), STAGE_DOT },
		{ W("TLS negotiation"), STAGE_TLS },
		{ W("TLS handshake"), STAGE_TLS },
		{ W("STARTTLS"), STAGE_STARTTLS },
		{ W("DATA"), STAGE_DATA },
		{ W("EHLO"), STAGE_EHLO },
		{ W("HELO"), STAGE_EHLO },
		{ W("LHLO"), STAGE_EHLO },
		{ W("AUTH"), STAGE_EHLO },
		{ W("XFORWARD"), STAGE_EHLO },
		{ W("greeting"), STAGE_BANNER },
		{ W("initial connection"), STAGE_BANNER },
		{ W("BANNER"), STAGE_BANNER },
		{ W("QUIT"), STAGE_QUIT },
	};
	/* clang-format on */

	/* What follows is an address, which may hold any word. */
	words.len = span_find(words, '<');
	return take_words(delivery, words, table, COUNT_OF(table));
}

bool log_stage_guess(struct delivery *delivery, struct span text)
{
	/* clang-format off */
	static const struct words table[] = {
		{ W("Name service error"), STAGE_RESOLVE },
		{ W("name lookup failure"), STAGE_RESOLVE },
		{ W("Name server"), STAGE_RESOLVE },
		{ W("Host or domain name not found"), STAGE_RESOLVE },
		{ W("Host not found"), STAGE_RESOLVE },
		{ W("Host unknown"), STAGE_RESOLVE },
		{ W("host lookup"), STAGE_RESOLVE },
		{ W("CNAME lookup"), STAGE_RESOLVE },
		{ W("find any host named"), STAGE_RESOLVE },
		{ W("mail exchanger"), STAGE_RESOLVE },
		{ W("does not accept mail (nullMX)"), STAGE_RESOLVE },
		{ W("indicated no SMTP service"), STAGE_RESOLVE },
		{ W("nrouteable address"), STAGE_RESOLVE },
		{ W("nroutable address"), STAGE_RESOLVE },
		{ W("MX records point"), STAGE_RESOLVE },
		{ W("MX record points"), STAGE_RESOLVE },
		{ W("numbered MX"), STAGE_RESOLVE },
		{ W("loops back to myself"), STAGE_RESOLVE },
		{ W("No MX found"), STAGE_RESOLVE },
		{ W("Domain does not exist"), STAGE_RESOLVE },
		{ W("onnection refused"), STAGE_CONNECT },
		{ W("etwork is unreachable"), STAGE_CONNECT },
		{ W("No route to host"), STAGE_CONNECT },
		{ W("ost is unreachable"), STAGE_CONNECT },
		{ W("Permission denied"), STAGE_CONNECT },
		{ W("Address family"), STAGE_CONNECT },
		{ W("establish an SMTP connection"), STAGE_CONNECT },
		{ W("TLS handshake"), STAGE_TLS },
		{ W("TLS session"), STAGE_TLS },
		{ W("TLS negotiation"), STAGE_TLS },
		{ W("start TLS"), STAGE_TLS },
		{ W("SSL_connect"), STAGE_TLS },
		{ W("gnutls_handshake"), STAGE_TLS },
		{ W("ertificate"), STAGE_TLS },
		{ W("DANE"), STAGE_TLS },
		{ W("TLS is required"), STAGE_STARTTLS },
	};
	/* clang-format on */

	return take_words(delivery, text, table, COUNT_OF(table));
}

/* A socket of both families names IPv4 so, and IPv4 is what was spoken (RFC
 * 4291 2.5.5.2). */
static bool take_ip(struct span text, struct ip *ip)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (!ip_parse(text, ip))
		return false;
	if (ip->family == FAMILY_IPV6 &&
		memcmp(ip->bytes, mapped, sizeof(mapped)) == 0) {
		struct ip plain = { .family = FAMILY_IPV4 };

		memcpy(plain.bytes, ip->bytes + sizeof(mapped), 4);
		*ip = plain;
	}
	return true;
}

bool log_relay_take(struct delivery *delivery, struct span address)
{
	static const struct span tag = { "IPv6:", 5 };
	struct ip ip;

	if (address.len > 1 && address.at[0] == '[') {
		address = span_part(address, 1, address.len);
		address.len = span_find(address, ']');
	}
	if (span_starts_nocase(address, tag))
		address = span_part(address, tag.len, address.len);
	if (!take_ip(address, &ip))
		return false;
	delivery->relay = ip;
	delivery->has_relay = true;
	delivery->has_family = true;
	delivery->family = delivery->relay.family;
	return true;
}

/* Most names end with a letter that no address has. */
static bool may_be_ip(struct span name)
{
	return name.len && (name.at[name.len - 1] == ':' ||
				   ascii_hex_digit(name.at[name.len - 1]) >= 0);
}

void log_relay_name(struct delivery *delivery, struct span name)
{
	struct ip ip;

	if (name.len && name.at[name.len - 1] == '.')
		name.len--;
	if (may_be_ip(name) && ip_parse(name, &ip))
		return;
	delivery->relay_host = name;
}

static bool bracketed_ip(struct span text, struct ip *ip)
{
	static const struct span tag = { "IPv6:", 5 };
	size_t open;

	while ((open = span_find(text, '[')) < text.len) {
		struct span word = span_part(text, open + 1, IP_TEXT_MAX + 8);
		size_t len = 0;

		if (span_starts_nocase(word, tag))
			word = span_part(word, tag.len, word.len);
		while (len < word.len && word.at[len] != ']' &&
			word.at[len] != ' ')
			len++;
		if (len < word.len && take_ip(span_part(word, 0, len), ip))
			return true;
		text = span_part(text, open + 1, text.len);
	}
	return false;
}

/* Hexadecimal digits, "." and ":": a bit for each octet from "." on. */
static bool is_of_address(char c)
{
	const uint64_t are = UINT64_C(0x1fff) | UINT64_C(0x3f) << ('A' - '.') |
			     UINT64_C(0x3f) << ('a' - '.');
	unsigned bit = (unsigned char)c - (unsigned)'.';

	return bit < 64 && c != '/' && (are >> bit & 1);
}

static bool is_of_word(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' || c == '_';
}

/* A run of what addresses are made of; the end of a sentence is not of it. */
static bool bare_ip(struct span run, struct ip *ip)
{
	while (run.len > 2 && (run.at[run.len - 1] == '.' ||
				      (run.at[run.len - 1] == ':' &&
					      run.at[run.len - 2] != ':')))
		run.len--;
	return run.len >= 4 && take_ip(run, ip);
}

bool log_quoted_ip(struct span text, struct ip *ip)
{
	size_t at = 0;

	if (bracketed_ip(text, ip))
		return true;
	while (at < text.len) {
		size_t end = at;
		bool in_word;

		while (end < text.len && is_of_address(text.at[end]))
			end++;
		in_word = (at && is_of_word(text.at[at - 1])) ||
			  (end < text.len && is_of_word(text.at[end]));
		if (end >= at + 4 && !in_word &&
			bare_ip(span_part(text, at, end - at), ip))
			return true;
		at = end + 1;
	}
	return false;
}

static int64_t unit_ms(char unit)
{
	switch (unit) {
	case 'w':
		return 7 * INT64_C(86400000);
	case 'd':
		return INT64_C(86400000);
	case 'h':
		return INT64_C(3600000);
	case 'm':
		return INT64_C(60000);
	case 's':
		return INT64_C(1000);
	}
	return 0;
}

/* 1*( 1*DIGIT [ "." 1*DIGIT ] [ unit ] ), of which only the last may lack its
 * unit; seconds then. */
bool log_duration(struct span text, int64_t *ms)
{
	size_t at = 0;

	*ms = 0;
	if (!text.len || text.len > 24)
		return false;
	while (at < text.len) {
		int64_t whole = 0, part = 0, scale = 1, unit;

		if (!ascii_is_digit(text.at[at]))
			return false;
		for (; at < text.len && ascii_is_digit(text.at[at]); at++)
			if (whole < INT64_C(1000000000))
				whole = whole * 10 + (text.at[at] - '0');
		if (at < text.len && text.at[at] == '.')
			at++;
		for (; at < text.len && ascii_is_digit(text.at[at]); at++)
			if (scale < 1000) {
				part = part * 10 + (text.at[at] - '0');
				scale *= 10;
			}
		unit = at < text.len ? unit_ms(text.at[at++]) : 1000;
		if (!unit)
			return false;
		*ms += whole * unit + part * unit / scale;
	}
	return true;
}
