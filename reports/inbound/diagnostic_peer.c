#include "reports/inbound/diagnostic_peer.h"

#include "reports/inbound/folded_text.h"

static bool is_word(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c);
}

static bool is_host_byte(char c)
{
	return is_word(c) || c == '.' || c == '-' || c == '_' ||
	       (unsigned char)c >= 0x80;
}

static size_t ip_len(struct span text)
{
	size_t len = 0;

	while (len < text.len && len < IP_TEXT_MAX &&
		(ascii_hex_digit(text.at[len]) >= 0 || text.at[len] == ':' ||
			text.at[len] == '.'))
		len++;
	return len;
}

/* An address at the start, with or without brackets; its length or 0. */
static size_t take_ip(struct span text, struct ip *ip)
{
	size_t start = 0, len;
	struct span bare;

	if (text.len && (text.at[0] == '[' || text.at[0] == '('))
		start = 1;
	if (span_starts_nocase(span_part(text, start, text.len), SPAN("IPv6:")))
		start += 5;
	bare = span_part(text, start, text.len);
	len = ip_len(bare);
	/* "192.0.2.1:25" and "192.0.2.1." */
	while (len) {
		bare.len = len;
		if (ip_parse(bare, ip))
			return start + len;
		len--;
		while (len && bare.at[len] != ':' && bare.at[len] != '.')
			len--;
	}
	return 0;
}

static unsigned take_port(struct span text)
{
	unsigned long port;
	size_t i = 0, len = 0;

	while (i < text.len && (text.at[i] == ']' || text.at[i] == ')'))
		i++;
	if (i >= text.len || text.at[i] != ':')
		return 0;
	text = span_part(text, i + 1, 5);
	while (len < text.len && ascii_is_digit(text.at[len]))
		len++;
	return span_number(span_part(text, 0, len), 65535, &port)
		       ? (unsigned)port
		       : 0;
}

static void take_address(struct span text, struct diagnostic *diagnostic)
{
	size_t len = take_ip(text, &diagnostic->ip);

	if (!len)
		return;
	diagnostic->has_ip = true;
	diagnostic->port = take_port(span_part(text, len, text.len));
}

/* "(TCP|17.111.174.67|47323|192.0.2.225|25)": ours, then the server's. */
static bool take_tcp(struct span text, struct diagnostic *diagnostic)
{
	unsigned long port = 0;
	struct span part;

	if (!span_starts_nocase(text, SPAN("(TCP|")))
		return false;
	for (unsigned i = 0; i < 3; i++)
		span_cut(&text, '|');
	part = span_cut(&text, '|');
	diagnostic->has_ip = ip_parse(part, &diagnostic->ip);
	part = span_cut(&text, ')');
	if (diagnostic->has_ip && span_number(part, 65535, &port))
		diagnostic->port = (unsigned)port;
	return true;
}

void peer_read(struct span text, struct diagnostic *diagnostic)
{
	size_t len = 0, end;

	while (text.len && (ascii_is_space(text.at[0]) || text.at[0] == '<'))
		text = span_part(text, 1, text.len);
	if (take_ip(text, &diagnostic->ip)) {
		take_address(text, diagnostic);
		return;
	}
	while (len < text.len && is_host_byte(text.at[len]))
		len++;
	end = len;
	while (end && text.at[end - 1] == '.')
		end--;
	if (!end || memchr(text.at, '.', end) == NULL)
		return;
	diagnostic->host = span_part(text, 0, end);
	text = span_part(text, len, text.len);
	while (text.len && (ascii_is_space(text.at[0]) || text.at[0] == '>'))
		text = span_part(text, 1, text.len);
	if (!take_tcp(text, diagnostic) && text.len &&
		(text.at[0] == '[' || text.at[0] == '('))
		take_address(text, diagnostic);
}

/*
 * What stands before a server's name, or behind it.  Behind: the name and the
 * address are the words that end there.
 */
static const char *const before_peer[] = { "while talking to ", "by host ",
	"smtp server <", "remote host ", "connected to ", "connect to ",
	"smtp connection to ", "connect to remote server ", "refused by ",
	"remote system: dns;", "giving up on ", "remote server ",
	"host: ", "host ", "domain by ", " by ", "tried to connect to ",
	"lost connection with ", "conversation with ", "mail server ",
	"server " };
static const char *const behind_peer[] = { " did not like our ",
	" does not like recipient", " said:", " rejected your message",
	" gave this error", " returned ", " failed after i sent",
	" failed on data", " failed with" };

/* The name, or the name and the address, that end at `end`. */
static struct span words_before(struct span text, size_t end)
{
	size_t at = end;

	while (at && !ascii_is_space(text.at[at - 1]))
		at--;
	if (at < end && text.at[at] == '[' && at) {
		at--;
		while (at && !ascii_is_space(text.at[at - 1]))
			at--;
	}
	return span_part(text, at, end - at);
}

static bool has_peer(const struct diagnostic *diagnostic)
{
	return diagnostic->host.len || diagnostic->has_ip;
}

/* "mx.example.org. [192.0.2.1]", whatever stands before it. */
static void find_named_address(struct span text, struct diagnostic *diagnostic)
{
	for (size_t i = 1; i < text.len; i++) {
		size_t end = i, start;
		struct ip ip;

		if (text.at[i] != '[' ||
			!take_ip(span_part(text, i, text.len), &ip))
			continue;
		while (end && ascii_is_blank(text.at[end - 1]))
			end--;
		start = end;
		while (start && is_host_byte(text.at[start - 1]))
			start--;
		peer_read(span_part(text, start, text.len), diagnostic);
		if (diagnostic->has_ip)
			return;
		diagnostic->host = SPAN("");
	}
}

void diagnostic_find_peer(struct span text, struct diagnostic *diagnostic)
{
	struct folded_text low;

	if (diagnostic->code)
		text = span_part(text, 0, diagnostic->reply_at);
	folded_text_read_in_place(&low, text);
	for (size_t i = 0; i < COUNT_OF(behind_peer); i++) {
		size_t at = folded_text_find(&low, behind_peer[i], 0);

		if (at < low.len)
			peer_read(words_before(text, at), diagnostic);
		if (has_peer(diagnostic))
			return;
	}
	for (size_t i = 0; i < COUNT_OF(before_peer); i++) {
		size_t len = strlen(before_peer[i]);
		size_t at = folded_text_find(&low, before_peer[i], 0);

		while (at < low.len && !has_peer(diagnostic)) {
			peer_read(span_part(text, at + len, 512), diagnostic);
			at = folded_text_find(&low, before_peer[i], at + len);
		}
		if (has_peer(diagnostic))
			return;
	}
	find_named_address(text, diagnostic);
}
