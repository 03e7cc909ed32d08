#include "reports/inbound/marked_text.h"

#include "probe/base/utf8.h"

/* Octets that it takes to tell, and those that a code unit of UTF-16 becomes,
 * with those of half a pair before it. */
enum { START = 4, UNIT_MAX = 6 };

/* It doubles: a text that grows comes in pieces of ever other sizes. */
static char *room_for(
	struct marked_text *text, struct arena *arena, size_t size)
{
	if (size > text->size) {
		text->size = size > 2 * text->size ? size : 2 * text->size;
		text->room = arena_take(arena, text->size);
	}
	return text->room;
}

void marked_text_begin(struct marked_text *text)
{
	text->form = MARKED_TEXT_BEGINS;
	text->held_len = 0;
	text->surrogate = 0;
}

/* ---- UTF-16 (RFC 2781) */

static bool is_first(uint16_t unit)
{
	return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_second(uint16_t unit)
{
	return unit >= 0xdc00 && unit <= 0xdfff;
}

static size_t put_unit(struct marked_text *text, uint16_t unit, char *out)
{
	uint16_t first = text->surrogate;
	size_t len = 0;

	text->surrogate = 0;
	if (first && is_second(unit))
		return utf8_put(0x10000 + ((uint32_t)(first - 0xd800) << 10) +
					(uint32_t)(unit - 0xdc00),
			out);
	if (first)
		len = utf8_put(first, out);
	if (is_first(unit))
		text->surrogate = unit;
	else
		len += utf8_put(unit, out + len);
	return len;
}

static uint16_t unit_of(const struct marked_text *text, char first, char second)
{
	unsigned a = (unsigned char)first, b = (unsigned char)second;

	return (uint16_t)(text->form == MARKED_TEXT_LITTLE_ENDIAN ? a | b << 8
								  : a << 8 | b);
}

static struct span convert(
	struct marked_text *text, struct arena *arena, struct span piece)
{
	char *out;
	size_t len = 0, at = 0;

	if (!piece.len)
		return SPAN("");
	out = room_for(text, arena, (piece.len / 2 + 1) * UNIT_MAX);
	if (text->held_len)
		len = put_unit(text,
			unit_of(text, text->held[0], piece.at[at++]), out);
	text->held_len = 0;
	for (; at + 1 < piece.len; at += 2)
		len += put_unit(text,
			unit_of(text, piece.at[at], piece.at[at + 1]),
			out + len);
	if (at < piece.len)
		text->held[text->held_len++] = piece.at[at];
	return (struct span){ out, len };
}

/* ---- how it begins */

static bool is_letter(char c)
{
	return c == '\t' || (c >= ' ' && c <= '~');
}

static bool is_zero(char c)
{
	return c == 0;
}

/* Two code units of ASCII. */
static bool alternates(
	struct span start, bool (*first)(char), bool (*second)(char))
{
	return start.len >= START && first(start.at[0]) &&
	       second(start.at[1]) && first(start.at[2]) && second(start.at[3]);
}

/* How long the mark is. */
static size_t take_mark(struct marked_text *text, struct span start)
{
	static const struct {
		struct span mark;
		enum marked_form form;
	} marks[] = { { { "\xef\xbb\xbf", 3 }, MARKED_TEXT_PLAIN },
		{ { "\xff\xfe", 2 }, MARKED_TEXT_LITTLE_ENDIAN },
		{ { "\xfe\xff", 2 }, MARKED_TEXT_BIG_ENDIAN } };

	for (size_t i = 0; i < COUNT_OF(marks); i++) {
		struct span mark = marks[i].mark;

		if (!span_is(span_part(start, 0, mark.len), mark))
			continue;
		text->form = marks[i].form;
		return mark.len;
	}
	text->form = MARKED_TEXT_PLAIN;
	if (alternates(start, is_letter, is_zero))
		text->form = MARKED_TEXT_LITTLE_ENDIAN;
	else if (alternates(start, is_zero, is_letter))
		text->form = MARKED_TEXT_BIG_ENDIAN;
	return 0;
}

static struct span hold(struct marked_text *text, struct span start)
{
	memcpy(text->held, start.at, start.len);
	text->held_len = start.len;
	return SPAN("");
}

/* What is held and the piece, in one. */
static struct span join(
	struct marked_text *text, struct arena *arena, struct span piece)
{
	size_t len = text->held_len + piece.len;
	char *out;

	if (!text->held_len)
		return piece;
	out = arena_take(arena, len);
	memcpy(out, text->held, text->held_len);
	memcpy(out + text->held_len, piece.at, piece.len);
	return (struct span){ out, len };
}

static struct span begin(
	struct marked_text *text, struct arena *arena, struct span piece)
{
	size_t mark;

	if (!piece.len)
		return piece;
	piece = join(text, arena, piece);
	if (piece.len < START)
		return hold(text, piece);
	text->held_len = 0;
	mark = take_mark(text, piece);
	piece = span_part(piece, mark, piece.len);
	if (text->form == MARKED_TEXT_PLAIN)
		return piece;
	return convert(text, arena, piece);
}

struct span marked_text_take(
	struct marked_text *text, struct arena *arena, struct span piece)
{
	switch (text->form) {
	case MARKED_TEXT_PLAIN:
		return piece;
	case MARKED_TEXT_LITTLE_ENDIAN:
	case MARKED_TEXT_BIG_ENDIAN:
		return convert(text, arena, piece);
	case MARKED_TEXT_BEGINS:
		break;
	}
	return begin(text, arena, piece);
}

static struct span rest_of(const struct marked_text *text)
{
	struct span start = { text->held, text->held_len };

	switch (text->form) {
	case MARKED_TEXT_PLAIN:
		break;
	case MARKED_TEXT_BEGINS:
		return start;
	case MARKED_TEXT_LITTLE_ENDIAN:
	case MARKED_TEXT_BIG_ENDIAN:
		if (text->held_len || text->surrogate)
			return SPAN("\xef\xbf\xbd");
		break;
	}
	return SPAN("");
}

struct span marked_text_end(struct marked_text *text)
{
	struct span rest = rest_of(text);

	/* What is held stays where it is until the next call. */
	marked_text_begin(text);
	return rest;
}
