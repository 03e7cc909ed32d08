#include "reports/inbound/diagnostic.h"

#include "reports/inbound/diagnostic_peer.h"
#include "reports/inbound/diagnostic_stage.h"

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

/*
 * "554 <user@example.org>... 550 Host unknown": Sendmail's own word before
 * what it heard or found.
 */
static void skip_own_word(struct span text, struct diagnostic *diagnostic)
{
	enum { WORD_MAX = 340 };
	struct span dots = SPAN("... ");
	size_t start = diagnostic->reply_at + 4, at;
	struct span word = span_part(text, start, WORD_MAX);
	unsigned code;

	word = span_part(word, 0, span_find(word, '\n'));
	at = span_find_nocase(word, dots);
	if (at == word.len || word.at[0] != '<' || word.at[at - 1] != '>')
		return;
	code = reply_code_at(span_part(text, start + at + dots.len, text.len));
	if (!code)
		return;
	diagnostic->code = code;
	diagnostic->reply_at = start + at + dots.len;
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
	if (diagnostic->code)
		skip_own_word(text, diagnostic);
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
	diagnostic_find_stage(&folded, diagnostic);
	diagnostic_find_peer(text, diagnostic);
	diagnostic->is_given_up = diagnostic_gives_up(&folded);
}
