#include "probe/mail/encoded_word.h"

#include <stdint.h>

#include "probe/base/base64.h"

/*
 *      encoded-word = "=?" charset ["*" language] "?" encoding "?"
 *                     encoded-text "?="
 *
 * RFC 2047 section 2, and RFC 2231 section 5 for the language.
 */
struct word {
	struct span charset, encoding, text;
	size_t len; /* of the whole word */
};

/* Is there one at the start? */
static bool take_word(struct span text, struct word *word)
{
	struct span rest = span_part(text, 2, text.len), charset;
	size_t end;

	if (!span_starts_nocase(text, SPAN("=?")))
		return false;
	charset = span_cut(&rest, '?');
	word->charset = span_cut(&charset, '*');
	word->encoding = span_cut(&rest, '?');
	end = span_find(rest, '?');
	if (end + 1 >= rest.len || rest.at[end + 1] != '=')
		return false;
	word->text = span_part(rest, 0, end);
	if (span_find(word->text, ' ') < word->text.len)
		return false;
	word->len = (size_t)(rest.at + end + 2 - text.at);
	return word->charset.len != 0;
}

/* RFC 2047 section 4.2: "_" is a space, =XX an octet. */
static bool decode_q(struct arena *arena, struct span text, struct span *bytes)
{
	char *room = arena_take(arena, text.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		int high, low;

		if (text.at[i] != '=') {
			room[len++] = (char)(text.at[i] == '_' ? ' '
							       : text.at[i]);
			continue;
		}
		if (i + 2 >= text.len)
			return false;
		high = ascii_hex_digit(text.at[i + 1]);
		low = ascii_hex_digit(text.at[i + 2]);
		if (high < 0 || low < 0)
			return false;
		room[len++] = (char)(high * 16 + low);
		i += 2;
	}
	*bytes = (struct span){ room, len };
	return true;
}

/* The octets 0x80 to 0x9f of windows-1252 are left out: they are rare. */
static struct span from_latin1(struct arena *arena, struct span bytes)
{
	char *room = arena_take(arena, 2 * bytes.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char byte = (unsigned char)bytes.at[i];

		if (byte >= 0x80)
			room[len++] = (char)(0xc0 | byte >> 6);
		room[len++] = (char)(byte >= 0x80 ? 0x80 | (byte & 0x3f)
						  : byte);
	}
	return (struct span){ room, len };
}

static bool decode(
	struct arena *arena, const struct word *word, struct span *bytes)
{
	bool is_latin = span_is_nocase(word->charset, SPAN("iso-8859-1")) ||
			span_is_nocase(word->charset, SPAN("windows-1252"));

	if (!is_latin && !span_is_nocase(word->charset, SPAN("utf-8")) &&
		!span_is_nocase(word->charset, SPAN("us-ascii")))
		return false;
	if (span_is_nocase(word->encoding, SPAN("b"))) {
		if (!base64_decode(arena, word->text, bytes))
			return false;
	} else if (!span_is_nocase(word->encoding, SPAN("q")) ||
		   !decode_q(arena, word->text, bytes)) {
		return false;
	}
	if (is_latin)
		*bytes = from_latin1(arena, *bytes);
	return true;
}

/* A decoded word is never more than twice what it was made of. */
struct span encoded_words_decode(struct arena *arena, struct span text)
{
	char *room = arena_take(arena, 2 * text.len + 1);
	size_t len = 0, last_word = SIZE_MAX;

	for (size_t i = 0; i < text.len;) {
		struct span bytes;
		struct word word;

		if (!take_word(span_part(text, i, text.len), &word) ||
			!decode(arena, &word, &bytes)) {
			if (!ascii_is_space(text.at[i]))
				last_word = SIZE_MAX;
			room[len++] = text.at[i++];
			continue;
		}
		/* Only blanks since the last word: they part nothing. */
		if (last_word != SIZE_MAX)
			len = last_word;
		memcpy(room + len, bytes.at, bytes.len);
		len += bytes.len;
		last_word = len;
		i += word.len;
	}
	return (struct span){ room, len };
}
