#include "reports/inbound/transfer_coding.h"

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_is_digit(c))
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* A line of other bytes ends it: a footer that a list put there. */
struct span base64_read(struct arena *arena, struct span text)
{
	char *room = arena_take(arena, text.len / 4 * 3 + 4);
	unsigned held = 0, bits = 0;
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		int value = base64_value(text.at[i]);

		if (ascii_is_space(text.at[i]))
			continue;
		if (value < 0)
			break;
		held = held << 6 | (unsigned)value;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		room[len++] = (char)(held >> bits & 0xff);
	}
	return (struct span){ room, len };
}

/* The length of a line end behind the "=", blanks before it included; or 0. */
static size_t soft_break(struct span rest)
{
	size_t i = 0;

	while (i < rest.len && ascii_is_blank(rest.at[i]))
		i++;
	if (i < rest.len && rest.at[i] == '\r')
		i++;
	return i < rest.len && rest.at[i] == '\n' ? i + 1 : 0;
}

struct span quoted_printable_read(struct arena *arena, struct span text)
{
	char *room = arena_take(arena, text.len + 1);
	size_t len = 0;

	while (text.len) {
		size_t plain = span_find(text, '='), taken = 1;
		struct span rest = span_part(text, plain + 1, text.len);
		int high = rest.len > 1 ? ascii_hex_digit(rest.at[0]) : -1;
		int low = rest.len > 1 ? ascii_hex_digit(rest.at[1]) : -1;

		memcpy(room + len, text.at, plain);
		len += plain;
		if (plain == text.len)
			break;
		if (high >= 0 && low >= 0) {
			room[len++] = (char)(high * 16 + low);
			taken = 3;
		} else if (soft_break(rest)) {
			taken = 1 + soft_break(rest);
		} else {
			room[len++] = '=';
		}
		text = span_part(text, plain + taken, text.len);
	}
	return (struct span){ room, len };
}

struct span transfer_decode(
	struct arena *arena, struct span word, struct span text)
{
	if (span_is_nocase(word, SPAN("base64")))
		return base64_read(arena, text);
	if (span_is_nocase(word, SPAN("quoted-printable")))
		return quoted_printable_read(arena, text);
	return text;
}
