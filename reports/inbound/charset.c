#include "reports/inbound/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>

#include "probe/base/attr.h"
#include "probe/base/utf8.h"
#include "probe/mail/header.h"
#include "reports/inbound/transfer_coding.h"

enum { CHARSET_NAME_MAX = 40 };

/* Only what a registered name is made of goes to iconv (RFC 2978 2.3). */
static bool name_of(struct span charset, char room[static CHARSET_NAME_MAX])
{
	if (!charset.len || charset.len >= CHARSET_NAME_MAX)
		return false;
	for (size_t i = 0; i < charset.len; i++) {
		char c = charset.at[i];

		if (!ascii_is_alpha(c) && !ascii_is_digit(c) &&
			!memchr("-_:.", c, 4))
			return false;
		room[i] = c;
	}
	room[charset.len] = '\0';
	return true;
}

static bool has_escape(struct span text)
{
	return span_find(text, '\x1b') < text.len;
}

/* One byte that is none of the charset's: U+FFFD for it, and go on. */
static void skip_byte(char **in, size_t *in_left, char **out, size_t *out_left)
{
	(*in)++;
	(*in_left)--;
	if (*out_left < 3)
		return;
	memcpy(*out, "\xef\xbf\xbd", 3);
	*out += 3;
	*out_left -= 3;
}

static struct span convert(
	struct arena *arena, iconv_t converter, struct span text)
{
	size_t room = text.len * 4 + 4, in_left = text.len, out_left = room;
	struct span copy = arena_copy(arena, text);
	char *start = arena_take(arena, room), *out = start;
	char *in = start; /* iconv wants it writable, and never writes */

	memcpy(&in, &copy.at, sizeof(in));
	while (in_left) {
		size_t got = iconv(converter, &in, &in_left, &out, &out_left);

		if (got != (size_t)-1 || errno == E2BIG)
			break;
		skip_byte(&in, &in_left, &out, &out_left);
	}
	return (struct span){ start, (size_t)(out - start) };
}

static bool is_utf8_name(struct span charset)
{
	return span_is_nocase(charset, SPAN("utf-8")) ||
	       span_is_nocase(charset, SPAN("utf8")) ||
	       span_is_nocase(charset, SPAN("us-ascii"));
}

/*
 * No byte of UTF-7 (RFC 2152) is over 0x7f, nor need one of UTF-16 be, and
 * either may have an ESC that is none.
 */
static bool is_unlike_ascii(struct span charset)
{
	static const char *const names[] = { "utf-16", "utf-32", "ucs-",
		"unicode" };

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (span_starts_nocase(charset, span_of(names[i])))
			return true;
	return span_is_nocase(charset, SPAN("utf-7"));
}

/* The name that iconv has for it. */
static struct span known_name(struct span charset)
{
	if (span_ends_nocase(charset, SPAN("utf-7")))
		return SPAN("utf-7"); /* "unicode-1-1-utf-7", RFC 1642 */
	if (span_starts_nocase(charset, SPAN("x-")))
		return span_part(charset, 2, charset.len);
	return charset;
}

struct span charset_to_utf8(
	struct arena *arena, struct span charset, struct span text)
{
	char name[CHARSET_NAME_MAX];
	struct span converted;
	iconv_t converter;

	charset = known_name(charset);
	if (!is_unlike_ascii(charset)) {
		if (!has_escape(text) &&
			(utf8_is_ascii(text) || is_utf8_name(charset)))
			return text;
		if (has_escape(text) &&
			!span_starts_nocase(charset, SPAN("iso-2022")))
			charset = SPAN("iso-2022-jp");
	}
	if (!name_of(charset, name))
		return text;
	converter = iconv_open("UTF-8", name);
	if (converter == (iconv_t)-1)
		return text;
	converted = convert(arena, converter, text);
	iconv_close(converter);
	return converted;
}

/*
 *      encoded-word = "=?" charset ["*" language] "?" encoding "?"
 *                     encoded-text "?="
 */
struct word {
	struct span charset, encoding, text;
	size_t len;
};

static bool word_at(struct span rest, struct word *word)
{
	struct span left = span_part(rest, 2, rest.len), charset;
	size_t end;

	if (!span_starts_nocase(rest, SPAN("=?")))
		return false;
	charset = span_cut(&left, '?');
	word->charset = span_cut(&charset, '*');
	word->encoding = span_cut(&left, '?');
	end = span_find(left, '?');
	if (end + 1 >= left.len || left.at[end + 1] != '=' ||
		word->encoding.len != 1)
		return false;
	word->text = span_part(left, 0, end);
	word->len = (size_t)(left.at + end + 2 - rest.at);
	return true;
}

static struct span word_text(struct arena *arena, const struct word *word)
{
	char letter = ascii_lower(word->encoding.at[0]), *room;
	struct span text = word->text;

	if (letter == 'b')
		return charset_to_utf8(
			arena, word->charset, base64_read(arena, text));
	if (letter != 'q')
		return text;
	room = arena_take(arena, text.len + 1);
	for (size_t i = 0; i < text.len; i++)
		room[i] = (char)(text.at[i] == '_' ? ' ' : text.at[i]);
	text.at = room;
	return charset_to_utf8(
		arena, word->charset, quoted_printable_read(arena, text));
}

/* Is there only white space between two encoded words? */
static size_t blanks_before_word(struct span rest)
{
	struct word word;
	size_t i = 0;

	while (i < rest.len && ascii_is_space(rest.at[i]))
		i++;
	return word_at(span_part(rest, i, rest.len), &word) ? i : 0;
}

struct span charset_header_text(struct arena *arena, struct span value)
{
	struct span text = header_unfold(arena, value);
	size_t room = text.len * 4 + 4, len = 0, taken;
	char *at;

	if (span_find_nocase(text, SPAN("=?")) == text.len)
		return charset_to_utf8(arena, SPAN(""), text);
	at = arena_take(arena, room);
	for (size_t i = 0; i < text.len; i += taken) {
		struct span rest = span_part(text, i, text.len), next;
		struct word word;

		if (word_at(rest, &word)) {
			next = word_text(arena, &word);
			taken = word.len + blanks_before_word(span_part(
						   rest, word.len, rest.len));
		} else {
			next = span_part(rest, 0, 1);
			taken = 1;
		}
		next = span_part(next, 0, room - len);
		memcpy(at + len, next.at, next.len);
		len += next.len;
	}
	return (struct span){ at, len };
}
