#include "probe/base/utf8.h"

static size_t length_of(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}

size_t utf8_take(struct span text, uint32_t *point)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = (unsigned char)text.at[0];
	size_t len = length_of(first);

	if (len == 0 || len > text.len)
		return 0;
	*point = len == 1 ? first : first & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if ((c & 0xc0) != 0x80)
			return 0;
		*point = *point << 6 | (c & 0x3f);
	}
	if (*point < least[len] || *point > 0x10ffff ||
		(*point >= 0xd800 && *point <= 0xdfff))
		return 0;
	return len;
}

bool utf8_is_whole(struct span text)
{
	for (size_t i = 0; i < text.len;) {
		uint32_t point;
		size_t len = utf8_take(span_part(text, i, text.len), &point);

		if (!len)
			return false;
		i += len;
	}
	return true;
}

bool utf8_is_ascii(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] >= 0x80)
			return false;
	return true;
}

size_t utf8_put(uint32_t point, char room[static UTF8_MAX])
{
	static const unsigned char marks[] = { 0x00, 0xc0, 0xe0, 0xf0 };
	size_t more = point < 0x80 ? 0 : point < 0x800 ? 1 : 2;

	if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		point = 0xfffd;
	else if (point >= 0x10000)
		more = 3;
	for (size_t i = more; i > 0; i--) {
		room[i] = (char)(0x80 | (point & 0x3f));
		point >>= 6;
	}
	room[0] = (char)(marks[more] | point);
	return more + 1;
}
