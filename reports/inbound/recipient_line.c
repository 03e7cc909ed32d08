#include "reports/inbound/recipient_line.h"

/*
 * Words that stand right before the recipient.  What may stand between is
 * skipped: blanks, ":", an opening quote or bracket.
 */
static const char *const failures[] = { "deliver to", "delivered to",
	"delivery to", "delivering to", "deliver mail to",
	"delivery failed for", "delivery failure for", "could not be sent to",
	"cannot send to", "your mail to", "your e-mail to", "your email to",
	"your message to", "the message to", "message to",
	"not reach the following recipient", "mail to", "email to",
	"undeliverable to", "undelivered to", "not reach", "failed for",
	"failed to", "failed recipient", "rejected recipient",
	"invalid recipient", "unknown recipient", "unknown user",
	"user unknown", "no such user", "unknown address", "invalid address",
	"bad address", "invalid user", "failed address",
	"undeliverable address", "intended recipient", "addressed to",
	"generated from", "error-for", "mailbox is full", "[smtp", "dda:smtp",
	"final delivery userid", "exceeds allowed size", "failed 20 attempts",
	"attempts", "mailing list", "this group" };

static const char *const labels[] = { "recipient address", "recipient(s)",
	"recipients", "recipient", "rcpt to", "rcpt", "address", "addresses",
	"sent to", "send to", "sending to", "reach", "to user", "user",
	"mailbox", "mailbox of", "mailbox for", "account", "destination",
	"e-mail", "email",
	/* in other tongues */
	"empfänger", "destinataire", "destinatario", "destinatário",
	"geadresseerde", "ontvanger", "адресат", "олучатель", "宛先", "受信者",
	"收件人", "받는 사람" };

static bool is_local_byte(char c)
{
	return (unsigned char)c > ' ' && c != '\x7f' &&
	       !memchr("<>()[]:;,\"@\\", c, 12);
}

/*
 * Marks of East Asian scripts, U+3000 to U+303F and U+FF00 to U+FF7F: they
 * stand right beside an address, and are no part of one.
 */
static bool is_wide_mark(struct span text)
{
	return text.len >= 3 && (memcmp(text.at, "\xe3\x80", 2) == 0 ||
					memcmp(text.at, "\xef\xbc", 2) == 0 ||
					memcmp(text.at, "\xef\xbd", 2) == 0);
}

static bool ends_with_wide_mark(struct span text)
{
	return text.len >= 3 && is_wide_mark(span_part(text, text.len - 3, 3));
}

static size_t local_len(struct span text)
{
	size_t len = 0;

	if (text.len && text.at[0] == '"') {
		len = span_find(span_part(text, 1, 66), '"') + 2;
		return len <= 66 && len < text.len ? len : 0;
	}
	while (len < text.len && len <= 256 && is_local_byte(text.at[len]) &&
		!is_wide_mark(span_part(text, len, 3)))
		len++;
	return len <= 256 ? len : 0;
}

static bool is_domain_byte(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' || c == '_' ||
	       (unsigned char)c >= 0x80;
}

/* Without the dots at its end, which belong to the sentence. */
static size_t domain_len(struct span text)
{
	size_t len = 0;

	if (text.len && text.at[0] == '[') {
		len = span_find(span_part(text, 0, 64), ']');
		return len < 64 && len < text.len ? len + 1 : 0;
	}
	while (len < text.len && len <= 255 &&
		(is_domain_byte(text.at[len]) || text.at[len] == '.') &&
		!is_wide_mark(span_part(text, len, 3)))
		len++;
	while (len && text.at[len - 1] == '.')
		len--;
	return len <= 255 ? len : 0;
}

size_t mailbox_at(struct span text)
{
	size_t local = local_len(text), domain;

	if (!local || local >= text.len || text.at[local] != '@')
		return 0;
	domain = domain_len(span_part(text, local + 1, text.len));
	return domain ? local + 1 + domain : 0;
}

/* ---- the words before it */

static bool ends_with_one(
	struct span line, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct span word = span_of(words[i]);

		if (span_ends_nocase(line, word) &&
			(line.len == word.len ||
				!ascii_is_alpha(
					line.at[line.len - word.len - 1])))
			return true;
	}
	return false;
}

static enum recipient_form form_of_words(struct span before)
{
	if (ends_with_one(before, failures, COUNT_OF(failures)))
		return RECIPIENT_PHRASE;
	if (ends_with_one(before, labels, COUNT_OF(labels)))
		return RECIPIENT_LABEL;
	return RECIPIENT_NONE;
}

bool recipient_line_leads(struct span line)
{
	static const char *const leads[] = { ":", "\xef\xbc\x9a", "deliver to",
		"delivered to", "delivery to", "delivering to",
		"could not be sent to", "undeliverable to", "not reach",
		"delivery failed for", "pu etre delivre a" };

	for (size_t i = 0; i < COUNT_OF(leads); i++)
		if (span_ends_nocase(line, span_of(leads[i])))
			return true;
	return false;
}

/* ---- at the start of a line */

/* "1) " and "2. " */
static size_t number_len(struct span line)
{
	size_t len = 0;

	while (len < 4 && len < line.len && ascii_is_digit(line.at[len]))
		len++;
	if (!len || len + 1 >= line.len || !memchr(").:", line.at[len], 3) ||
		!ascii_is_blank(line.at[len + 1]))
		return 0;
	return len + 1;
}

static struct span without_bullet(struct span line)
{
	size_t len = number_len(line);

	if (len)
		return span_trim(span_part(line, len, line.len));

	while (len < 2 && len < line.len && memchr("*-+.", line.at[len], 4))
		len++;
	if (len && len < line.len && ascii_is_blank(line.at[len]))
		return span_trim(span_part(line, len, line.len));
	if (span_starts_nocase(line, SPAN("\xe2\x80\xa2")))
		return span_trim(span_part(line, 3, line.len));
	return line;
}

static struct span without_scheme(struct span text)
{
	static const char *const schemes[] = { "mailto:", "smtp:", "rfc822;",
		"rfc822:" };

	for (size_t i = 0; i < COUNT_OF(schemes); i++)
		if (span_starts_nocase(text, span_of(schemes[i])))
			return span_part(text, strlen(schemes[i]), text.len);
	return text;
}

/*
 * An address with its quotes or brackets: *rest is what stands behind them,
 * not trimmed.  *is_angled: it stood between < and >.
 */
static struct span take_address(
	struct span text, struct span *rest, bool *is_angled)
{
	char open = text.len ? text.at[0] : '\0';
	bool is_open = open == '<' || open == '"' || open == '\'';
	char close = (char)(open == '<' ? '>' : open);
	size_t len;

	*is_angled = open == '<';
	if (is_open)
		text = span_part(text, 1, text.len);
	text = without_scheme(text);
	len = mailbox_at(text);
	*rest = span_part(text, len, text.len);
	if (len && is_open && rest->len && rest->at[0] == close)
		*rest = span_part(*rest, 1, rest->len);
	return span_part(text, 0, len);
}

/* Is this the end of the line, but for a mark? */
static bool is_end(struct span rest)
{
	rest = span_trim(rest);
	return !rest.len || (rest.len == 1 && memchr(".,;", rest.at[0], 3));
}

/* What may part an address from its reason; its length, or 0. */
static size_t parting(struct span rest, bool is_angled)
{
	struct span words = span_trim(rest);

	if (span_starts_nocase(words, SPAN("...")))
		return (size_t)(words.at + 3 - rest.at);
	if (rest.at[0] == ':')
		return 1;
	if (!ascii_is_blank(rest.at[0]))
		return 0;
	if (memchr("([-:", words.at[0], 4) || rest.at[0] == '\t' || is_angled ||
		span_starts_nocase(words, SPAN("on ")))
		return 1;
	return 0;
}

/* "user@example.org<mailto:user@example.org>", "... (user@example.org)" */
static struct span without_copy(struct span rest, struct span address)
{
	struct span copy = span_trim(rest);

	if (!copy.len || (copy.at[0] != '<' && copy.at[0] != '('))
		return rest;
	copy = without_scheme(span_part(copy, 1, copy.len));
	if (!span_starts_nocase(copy, address))
		return rest;
	return span_part(copy, address.len + 1, copy.len);
}

enum { NAME_MAX_LEN = 64 };

/* "Some Body <user@example.org>", "Some Body<mailto:user@example.org>" */
static struct recipient_line behind_name(struct span line)
{
	struct recipient_line found = { .form = RECIPIENT_NONE };
	size_t open = span_find(line, '<');
	struct span rest;
	bool is_angled;

	if (open == 0 || open >= line.len || open > NAME_MAX_LEN ||
		span_find(span_part(line, 0, open), ':') < open)
		return found;
	found.address = take_address(
		span_part(line, open, line.len), &rest, &is_angled);
	if (found.address.len && is_end(rest) &&
		form_of_words(span_trim(span_part(line, 0, open))) ==
			RECIPIENT_NONE)
		found.form = RECIPIENT_ALONE;
	return found;
}

static struct recipient_line at_start(struct span line)
{
	struct recipient_line found = { .form = RECIPIENT_NONE };
	struct span rest;
	bool is_angled;
	size_t len;

	line = without_bullet(line);
	found.address = take_address(line, &rest, &is_angled);
	if (!found.address.len)
		return behind_name(line);
	rest = without_copy(rest, found.address);
	if (is_end(rest)) {
		found.form = RECIPIENT_ALONE;
		return found;
	}
	len = parting(rest, is_angled);
	found.form = len ? RECIPIENT_HEAD : RECIPIENT_LABEL;
	rest = span_trim(span_part(rest, len, rest.len));
	/* "user@example.org on Thu, 29 Apr 2010 00:00:00 -0000" */
	if (!is_angled && span_starts_nocase(rest, SPAN("on ")))
		rest = SPAN("");
	found.rest = rest;
	return found;
}

/* ---- behind words */

/* The words that end before an address, without what opens it. */
static size_t words_end(struct span line, size_t at)
{
	for (;;) {
		if (ends_with_wide_mark(span_part(line, 0, at)))
			at -= 3;
		else if (at && memchr(" \t:(=[<\"'", line.at[at - 1], 9))
			at--;
		else
			return at;
	}
}

/*
 * From each "@" back to where its local part begins; the words before that
 * decide.
 */
static struct recipient_line behind_words(struct span line)
{
	struct recipient_line found = { .form = RECIPIENT_NONE };
	size_t i = 0;

	while ((i += span_find(span_part(line, i, line.len), '@')) < line.len) {
		size_t start = i, len;
		struct span rest, before;

		while (start && i - start <= 256 &&
			is_local_byte(line.at[start - 1]) &&
			line.at[start - 1] != '\'' &&
			line.at[start - 1] != '=' &&
			!ends_with_wide_mark(span_part(line, 0, start)))
			start--;
		rest = span_part(line, start, line.len);
		len = mailbox_at(rest);
		before = span_part(line, 0, words_end(line, start));
		found.form = len ? form_of_words(before) : RECIPIENT_NONE;
		if (found.form != RECIPIENT_NONE) {
			found.address = span_part(rest, 0, len);
			rest = span_part(rest, len, rest.len);
			found.rest = span_trim(rest);
			return found;
		}
		i++;
	}
	return found;
}

struct recipient_line recipient_line_read(struct span line)
{
	struct recipient_line found = at_start(line), words;

	if (found.form > RECIPIENT_LABEL)
		return found;
	words = behind_words(line);
	return words.form > found.form ? words : found;
}

/* An address, with its brackets, at the start; what stands behind is *rest. */
static struct span first_address(struct span line, struct span *rest)
{
	bool is_angled;
	struct span address = take_address(span_trim(line), rest, &is_angled);

	*rest = span_trim(*rest);
	return address;
}

static bool is_comma(struct span rest)
{
	return rest.len && (rest.at[0] == ',' || rest.at[0] == ';');
}

/* RFC 5322 section 2.1.1 knows no line over 998; what is longer is no list. */
enum { LIST_LINE_MAX = 4096 };

struct span recipient_line_cut(struct span *line)
{
	struct span rest, address = first_address(*line, &rest), next = rest;

	if (!address.len || !is_comma(rest) || line->len > LIST_LINE_MAX)
		return SPAN("");
	while (is_comma(next)) {
		next = span_trim(span_part(next, 1, next.len));
		if (next.len && !first_address(next, &next).len)
			return SPAN("");
	}
	if (next.len)
		return SPAN("");
	*line = span_trim(span_part(rest, 1, rest.len));
	return address;
}
