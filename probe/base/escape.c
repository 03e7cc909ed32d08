#include "probe/base/escape.h"

#include "probe/base/utf8.h"

static bool is_visible(uint32_t point)
{
	if (point < 0x20 || (point >= 0x7f && point < 0xa0))
		return false;
	if (point == '\\' || point == 0xad || point == 0x61c)
		return false;
	if (point >= 0x200b && point <= 0x200f) /* zero width, marks */
		return false;
	if (point >= 0x2028 && point <= 0x202e) /* lines, bidi */
		return false;
	if (point >= 0x2060 && point <= 0x206f)
		return false;
	if (point == 0xfeff || (point >= 0xfff0 && point <= 0xfffc))
		return false;
	return point < 0xe0000; /* tags and private */
}

struct span escape_text(struct arena *arena, struct span bytes)
{
	static const char hex[] = "0123456789abcdef";
	char *room = arena_take(arena, bytes.len * 4 + 1);
	size_t at = 0;

	for (size_t i = 0; i < bytes.len;) {
		struct span rest = span_part(bytes, i, bytes.len);
		uint32_t point = 0;
		size_t len = utf8_take(rest, &point);

		if (len && is_visible(point)) {
			memcpy(room + at, rest.at, len);
			at += len;
			i += len;
			continue;
		}
		room[at++] = '\\';
		room[at++] = 'x';
		room[at++] = hex[(unsigned char)rest.at[0] >> 4];
		room[at++] = hex[(unsigned char)rest.at[0] & 15];
		i++;
	}
	return (struct span){ room, at };
}

struct span escape_utf8(struct arena *arena, struct span bytes, bool *is_exact)
{
	char *room = arena_take(arena, bytes.len * 3 + 1);
	size_t at = 0;

	*is_exact = true;
	for (size_t i = 0; i < bytes.len;) {
		struct span rest = span_part(bytes, i, bytes.len);
		uint32_t point;
		size_t len = utf8_take(rest, &point);

		if (!len) {
			memcpy(room + at, "\xef\xbf\xbd", 3);
			at += 3;
			i++;
			*is_exact = false;
			continue;
		}
		memcpy(room + at, rest.at, len);
		at += len;
		i += len;
	}
	return (struct span){ room, at };
}

struct span escape_hex(struct arena *arena, struct span bytes)
{
	static const char hex[] = "0123456789abcdef";
	char *room = arena_take(arena, bytes.len * 2 + 1);

	for (size_t i = 0; i < bytes.len; i++) {
		room[2 * i] = hex[(unsigned char)bytes.at[i] >> 4];
		room[2 * i + 1] = hex[(unsigned char)bytes.at[i] & 15];
	}
	return (struct span){ room, bytes.len * 2 };
}

/* East Asian wide and full-width forms take two columns, marks none. */
static size_t point_columns(uint32_t point)
{
	if ((point >= 0x300 && point <= 0x36f) ||
		(point >= 0x1ab0 && point <= 0x1aff) ||
		(point >= 0x1dc0 && point <= 0x1dff) ||
		(point >= 0x20d0 && point <= 0x20ff) ||
		(point >= 0xfe00 && point <= 0xfe0f) ||
		(point >= 0xfe20 && point <= 0xfe2f))
		return 0;
	if ((point >= 0x1100 && point <= 0x115f) ||
		(point >= 0x2e80 && point <= 0xa4cf) ||
		(point >= 0xac00 && point <= 0xd7a3) ||
		(point >= 0xf900 && point <= 0xfaff) ||
		(point >= 0xfe30 && point <= 0xfe6f) ||
		(point >= 0xff00 && point <= 0xff60) ||
		(point >= 0xffe0 && point <= 0xffe6) ||
		(point >= 0x1f300 && point <= 0x1faff) ||
		(point >= 0x20000 && point <= 0x3fffd))
		return 2;
	return 1;
}

size_t escape_columns(struct span text)
{
	size_t columns = 0;

	for (size_t i = 0; i < text.len;) {
		uint32_t point = 0;
		size_t len = utf8_take(span_part(text, i, text.len), &point);

		columns += len ? point_columns(point) : 1;
		i += len ? len : 1;
	}
	return columns;
}
