#include "reports/inbound/diagnostic.h"

#include "reports/inbound/folded_text.h"

/* ---- the reply */

static bool is_word(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c);
}

/* Three digits of a refusal: 400 to 599, the second 0 to 5. */
static unsigned three_digits(struct span text)
{
	if (text.len < 3 || (text.at[0] != '4' && text.at[0] != '5') ||
		text.at[1] < '0' || text.at[1] > '5' ||
		!ascii_is_digit(text.at[2]))
		return 0;
	if (text.len > 3 && (is_word(text.at[3]) || text.at[3] == '@'))
		return 0;
	return (unsigned)(text.at[0] - '0') * 100 +
	       (unsigned)(text.at[1] - '0') * 10 + (unsigned)(text.at[2] - '0');
}

unsigned reply_code_at(struct span text)
{
	unsigned code = three_digits(text);

	if (!code || text.len == 3)
		return code;
	if (!memchr(" -\t\r\n:#,;)]\"'", text.at[3], 13))
		return 0;
	return code;
}

size_t status_at_start(struct span text, unsigned status[static 3])
{
	unsigned part[3] = { 0, 0, 0 }, at = 0, digits = 0;
	size_t i = text.len && text.at[0] == '#' ? 1 : 0;

	for (; i < text.len; i++) {
		if (ascii_is_digit(text.at[i]) && digits < 3) {
			part[at] = part[at] * 10 + (unsigned)(text.at[i] - '0');
			digits++;
		} else if (text.at[i] == '.' && at < 2 && digits) {
			at++;
			digits = 0;
		} else {
			break;
		}
	}
	if (at != 2 || !digits || (part[0] != 4 && part[0] != 5))
		return 0;
	/* Not the first three parts of an address or of a version. */
	if (i < text.len && (ascii_is_digit(text.at[i]) ||
				    (text.at[i] == '.' && i + 1 < text.len &&
					    ascii_is_digit(text.at[i + 1]))))
		return 0;
	memcpy(status, part, sizeof(part));
	return i;
}

/* What may stand between a code and its status: "550-'5.7.1", "550: 5.2.2". */
static size_t status_behind_code(struct span text, unsigned status[static 3])
{
	size_t i = 3;

	while (i < text.len && i < 8 && memchr(" -:#'\"(\t", text.at[i], 8))
		i++;
	if (i < text.len && i > 3 && text.at[i - 1] == '#')
		i--;
	return status_at_start(span_part(text, i, text.len), status);
}

/* How sure it is that three digits are a reply code; the greatest wins. */
enum trust {
	TRUST_NONE,
	TRUST_LOOSE,  /* somewhere, with words behind it */
	TRUST_PLACE,  /* where a reply begins: a line, "said:", "<<<" */
	TRUST_MIXED,  /* with an enhanced status of another class */
	TRUST_STATUS, /* with one of its own class */
};

static const char *const before_reply[] = { "said:", "said", "<<<",
	"reason:", "returned was:", "responded:", "response:", "response was:",
	"error:", "code:", "responsecode", "smtp;", "[", "(", "\"",
	"reply:", "error", "with:", "status:", "status", "->", "=", "'",
	"error_code", "code" };

/* Words that make three digits something else. */
static const char *const no_code_before[] = { "port", "line", "error-codes",
	"answer=", "page", "id", "size" };
static const char *const no_code_behind[] = { "seconds", "bytes", "kb", "mb",
	"minutes", "hours", "days", "recipients", "messages", "characters",
	"/tcp", "gmt", "times" };

static bool ends_with_one(
	struct span text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_ends_nocase(text, span_of(words[i])))
			return true;
	return false;
}

static bool starts_with_one(
	struct span text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_starts_nocase(text, span_of(words[i])))
			return true;
	return false;
}

/* "480-555-2500", "call 555-2500": three digits of a telephone number. */
static bool is_telephone(struct span text, size_t at)
{
	size_t i = at + 4;

	if (at > 1 && text.at[at - 1] == '-' && ascii_is_digit(text.at[at - 2]))
		return true;
	if (at + 3 >= text.len || text.at[at + 3] != '-')
		return false;
	while (i < text.len && ascii_is_digit(text.at[i]))
		i++;
	return i == at + 8 && (i == text.len || !is_word(text.at[i]));
}

static enum trust trust_at(struct span text, size_t at, unsigned code)
{
	struct span before = span_part(text, 0, at), behind;
	unsigned status[3];

	if (at && (is_word(text.at[at - 1]) ||
			  memchr(".@/_%&?+", text.at[at - 1], 8)))
		return TRUST_NONE;
	if (is_telephone(text, at))
		return TRUST_NONE;
	/* "#550 5.1.1" of Exchange is one, "reason#550" of a link is not. */
	if (at > 1 && text.at[at - 1] == '#' &&
		!ascii_is_space(text.at[at - 2]))
		return TRUST_NONE;
	behind = span_part(text, at, text.len);
	if (status_behind_code(behind, status))
		return status[0] == code / 100 ? TRUST_STATUS : TRUST_MIXED;
	while (before.len && ascii_is_blank(before.at[before.len - 1]))
		before.len--;
	if (!before.len || before.at[before.len - 1] == '\n')
		return TRUST_PLACE;
	if (ends_with_one(before, no_code_before, COUNT_OF(no_code_before)) ||
		starts_with_one(span_trim(span_part(behind, 3, 20)),
			no_code_behind, COUNT_OF(no_code_behind)))
		return TRUST_NONE;
	if (ends_with_one(before, before_reply, COUNT_OF(before_reply)) ||
		before.at[before.len - 1] == ':')
		return TRUST_PLACE;
	return TRUST_LOOSE;
}

/*
 * "554 4.4.7 expired<421 4.4.2 timed out>": of one line that which fits itself
 * is the server's; on a further line it is an older attempt.
 */
static bool is_settled(enum trust best, char c)
{
	return best == TRUST_STATUS || (best == TRUST_MIXED && c == '\n');
}

static void find_reply(struct span text, struct diagnostic *diagnostic)
{
	enum trust best = TRUST_NONE;

	for (size_t i = 0; i < text.len && !is_settled(best, text.at[i]); i++) {
		struct span rest;
		enum trust trust;
		unsigned code;

		if (text.at[i] != '4' && text.at[i] != '5')
			continue;
		rest = span_part(text, i, text.len);
		code = reply_code_at(rest);
		if (!code)
			continue;
		trust = trust_at(text, i, code);
		if (trust <= best)
			continue;
		best = trust;
		diagnostic->code = code;
		diagnostic->reply_at = i;
	}
}

/* ---- the enhanced status */

static bool may_begin_status(struct span text, size_t at)
{
	if (at == 0)
		return true;
	return !is_word(text.at[at - 1]) &&
	       !memchr(".-_/@", text.at[at - 1], 5);
}

/*
 * That behind the code first, whatever its class: "550 4.4.7" is what Exchange
 * says of a message that expired.  Else the first of the same class.
 */
static void find_status(struct span text, struct diagnostic *diagnostic)
{
	struct span reply = span_part(text, diagnostic->reply_at, text.len);
	unsigned status[3], class = diagnostic->code / 100;

	if (class && status_behind_code(reply, status)) {
		memcpy(diagnostic->status, status, sizeof(status));
		return;
	}
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if ((c != '4' && c != '5' && c != '#') ||
			!may_begin_status(text, i))
			continue;
		if (!status_at_start(span_part(text, i, 16), status) ||
			(class && status[0] != class))
			continue;
		memcpy(diagnostic->status, status, sizeof(status));
		return;
	}
}

/* ---- where in the session */

/* The first row that fits wins, so what is particular stands above. */
/* clang-format off */
static const struct stage_row {
	const char *phrase;
	enum stage stage;
} stages[] = {
	/* Postfix */
	{ "in reply to end of data",             STAGE_DOT },
	{ "in reply to message body",            STAGE_DOT },
	{ "in reply to bdat",                    STAGE_DOT },
	{ "in reply to rcpt",                    STAGE_RCPT },
	{ "in reply to mail",                    STAGE_MAIL },
	{ "in reply to data",                    STAGE_DATA },
	{ "in reply to ehlo",                    STAGE_EHLO },
	{ "in reply to helo",                    STAGE_EHLO },
	{ "in reply to starttls",                STAGE_STARTTLS },
	{ "refused to talk to me",               STAGE_BANNER },
	{ "while receiving the initial server",  STAGE_BANNER },
	{ "while performing the ehlo",           STAGE_EHLO },
	{ "while performing the helo",           STAGE_EHLO },
	{ "while sending mail from",             STAGE_MAIL },
	{ "while sending rcpt to",               STAGE_RCPT },
	{ "while sending end of data",           STAGE_DOT },
	{ "while sending message body",          STAGE_DOT },
	{ "while sending data command",          STAGE_DATA },
	{ "tls is required",                     STAGE_STARTTLS },
	{ "cannot start tls",                    STAGE_TLS },
	{ "server certificate not",              STAGE_TLS },
	/* Exim */
	{ "after end of data",                   STAGE_DOT },
	{ "after end-of-data",                   STAGE_DOT },
	{ "after rcpt to",                       STAGE_RCPT },
	{ "after pipelined rcpt to",             STAGE_RCPT },
	{ "after mail from",                     STAGE_MAIL },
	{ "after pipelined mail from",           STAGE_MAIL },
	{ "after sending data block",            STAGE_DOT },
	{ "after data",                          STAGE_DATA },
	{ "after pipelined end of data",         STAGE_DOT },
	{ "after pipelined data",                STAGE_DATA },
	{ "after ehlo",                          STAGE_EHLO },
	{ "after helo",                          STAGE_EHLO },
	{ "after starttls",                      STAGE_STARTTLS },
	{ "after initial connection",            STAGE_BANNER },
	{ "unroutable address",                  STAGE_RESOLVE },
	/* qmail */
	{ "does not like recipient",             STAGE_RCPT },
	{ "sender was rejected",                 STAGE_MAIL },
	{ "greeting failed",                     STAGE_BANNER },
	{ "name was rejected",                   STAGE_EHLO },
	{ "failed on data command",              STAGE_DATA },
	{ "failed after i sent the message",     STAGE_DOT },
	{ "most progress was rcpt to",           STAGE_RCPT },
	{ "most progress was mail from",         STAGE_MAIL },
	{ "most progress was initial",           STAGE_BANNER },
	/* DragonFly */
	{ "did not like our final data",         STAGE_DOT },
	{ "did not like our rcpt to",            STAGE_RCPT },
	{ "did not like our mail from",          STAGE_MAIL },
	{ "did not like our data",               STAGE_DATA },
	{ "did not like our ehlo",               STAGE_EHLO },
	{ "did not like our helo",               STAGE_EHLO },
	/* others */
	{ "after rcpt command",                  STAGE_RCPT },
	{ "after mail command",                  STAGE_MAIL },
	{ "after data command",                  STAGE_DATA },
	{ "following rcpt command",              STAGE_RCPT },
	{ "following mail command",              STAGE_MAIL },
	{ "following data command",              STAGE_DATA },
	{ "[rcpt_to]",                           STAGE_RCPT },
	{ "[mail_from]",                         STAGE_MAIL },
	{ "[data]",                              STAGE_DATA },
	{ "smtp:rcpt",                           STAGE_RCPT },
	{ "smtp:mail",                           STAGE_MAIL },
	{ "smtp:data",                           STAGE_DATA },
	{ ">>> rcpt to:",                        STAGE_RCPT },
	{ ">>> mail from:",                      STAGE_MAIL },
	/* no session at all */
	{ "unrouteable address",                 STAGE_RESOLVE },
	{ "domain does not exist",               STAGE_RESOLVE },
	{ "illegal host/domain",                 STAGE_RESOLVE },
	{ "unknown host",                        STAGE_RESOLVE },
	{ "invalid domain",                      STAGE_RESOLVE },
	{ "dns error:",                          STAGE_RESOLVE },
	{ "host not found",                      STAGE_RESOLVE },
	{ "host unknown",                        STAGE_RESOLVE },
	{ "domain name not found",               STAGE_RESOLVE },
	{ "host name lookup",                    STAGE_RESOLVE },
	{ "find any host named",                 STAGE_RESOLVE },
	{ "no mx found",                         STAGE_RESOLVE },
	{ "name service error",                  STAGE_RESOLVE },
	{ "does not accept mail (nullmx)",       STAGE_RESOLVE },
	{ "connection refused",                  STAGE_CONNECT },
	{ "connection timed out",                STAGE_CONNECT },
	{ "operation timed out",                 STAGE_CONNECT },
	{ "network is unreachable",              STAGE_CONNECT },
	{ "no route to host",                    STAGE_CONNECT },
	{ "establish an smtp connection",        STAGE_CONNECT },
	{ "unable to connect to",                STAGE_CONNECT },
};

static const char *const given_up[] = {
	"in the queue too long",
	"retry timeout exceeded",
	"delivery time expired",
	"delivery expired",
	"message expired",
	"envelope expired",
	"could not be delivered for",
	"could not deliver for the last",
	"will be deleted from queue",
	"queue lifetime",
	"too old",
	"failing for a long time",
};
/* clang-format on */

/*
 * Once a server has replied, words about the network are its own.  Sendmail
 * gives its own findings the form of a reply, "550 Host unknown", and says so
 * right behind the code.
 */
static bool is_sendmails(const struct folded_text *folded)
{
	static const char *const words[] = { "host unknown",
		"5.1.2 host unknown" };
	struct span text = { folded->room, folded->len };

	if (!reply_code_at(text))
		return false;
	text = span_part(text, 4, text.len);
	return starts_with_one(text, words, COUNT_OF(words));
}

/* See log_exim.c: Exim takes the one for the other. */
static bool is_connect_or_banner(const struct folded_text *folded)
{
	return folded_text_find(folded, "timeout after initial connection",
		       0) != folded->len;
}

static void find_stage(
	const struct folded_text *folded, struct diagnostic *diagnostic)
{
	if (is_connect_or_banner(folded))
		return;
	for (size_t i = 0; i < COUNT_OF(stages); i++) {
		if (diagnostic->code && stages[i].stage <= STAGE_CONNECT &&
			!is_sendmails(folded))
			continue;
		if (folded_text_find(folded, stages[i].phrase, 0) ==
			folded->len)
			continue;
		diagnostic->has_stage = true;
		diagnostic->stage = stages[i].stage;
		diagnostic->may_be_earlier = stages[i].stage >= STAGE_DATA &&
					     strstr(stages[i].phrase,
						     "after pipelined ");
		return;
	}
}

/* ---- the server */

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
	"connect to remote server ", "refused by ", "remote system: dns;",
	"giving up on ", "remote server ", "host: ", "host ", "domain by ",
	" by ", "tried to connect to ", "lost connection with ",
	"conversation with ", "mail server ", "server " };
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

/* Only before the reply: a reply names servers for many reasons. */
static void find_peer(struct span text, struct diagnostic *diagnostic)
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

void diagnostic_read_reply(struct span text, struct diagnostic *diagnostic)
{
	text = span_part(text, 0, DIAGNOSTIC_TEXT_MAX);
	*diagnostic = (struct diagnostic){ .code = 0 };
	find_reply(text, diagnostic);
	find_status(text, diagnostic);
}

void diagnostic_read(struct span text, struct diagnostic *diagnostic)
{
	struct folded_text folded;

	diagnostic_read_reply(text, diagnostic);
	text = span_part(text, 0, DIAGNOSTIC_TEXT_MAX);
	if (!text.len)
		return;
	folded_text_read(&folded, text);
	find_stage(&folded, diagnostic);
	find_peer(text, diagnostic);
	diagnostic->is_given_up = folded_text_has(
		&folded, given_up, COUNT_OF(given_up));
}
