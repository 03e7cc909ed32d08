#include "probe/base/base64.h"

#include <stdint.h>

enum {
	BLANK = 64,
	PADDING = 65,
	FOREIGN = 66,
};

/* What each byte under 0x80 stands for: RFC 4648 table 1. */
/* clang-format off */
static const uint8_t values[128] = {
	66, 66, 66, 66, 66, 66, 66, 66, 66, 64, 64, 66, 66, 64, 66, 66,
	66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66,
	64, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66, 62, 66, 66, 66, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 66, 66, 66, 65, 66, 66,
	66, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 66, 66, 66, 66, 66,
	66, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 66, 66, 66, 66, 66,
};
/* clang-format on */

static unsigned letter_value(unsigned char c)
{
	return c < sizeof(values) ? values[c] : FOREIGN;
}

/* Only padding and white space may follow the last letter. */
static bool is_padding(struct span rest, size_t letters)
{
	size_t padding = 0;

	for (size_t i = 0; i < rest.len; i++) {
		unsigned value = letter_value((unsigned char)rest.at[i]);

		if (value == PADDING)
			padding++;
		else if (value != BLANK)
			return false;
	}
	return letters % 4 != 1 &&
	       (padding == 0 || (letters + padding) % 4 == 0) && padding < 3;
}

bool base64_decode(struct arena *arena, struct span text, struct span *bytes)
{
	char *room = arena_take(arena, BASE64_DECODED_MAX(text.len));
	size_t letters = 0, len = 0, i;
	uint32_t bits = 0;

	for (i = 0; i < text.len; i++) {
		unsigned value = letter_value((unsigned char)text.at[i]);

		if (value == BLANK)
			continue;
		if (value > BLANK)
			break;
		bits = bits << 6 | value;
		if (letters++ % 4 != 0) /* the first of four gives no octet */
			room[len++] = (char)(bits >> (8 - letters % 4 * 2) % 8);
	}
	*bytes = (struct span){ room, len };
	return is_padding(span_part(text, i, text.len), letters);
}

struct span base64_encode(struct arena *arena, struct span bytes)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t len = BASE64_ENCODED_LEN(bytes.len);
	char *room = arena_take(arena, len + 1);
	char *to = room;

	for (size_t i = 0; i < bytes.len; i += 3) {
		size_t left = bytes.len - i;
		uint32_t bits = (uint32_t)(unsigned char)bytes.at[i] << 16;

		if (left > 1)
			bits |= (uint32_t)(unsigned char)bytes.at[i + 1] << 8;
		if (left > 2)
			bits |= (unsigned char)bytes.at[i + 2];
		*to++ = letters[bits >> 18 & 63];
		*to++ = letters[bits >> 12 & 63];
		*to++ = left > 1 ? letters[bits >> 6 & 63] : '=';
		*to++ = left > 2 ? letters[bits & 63] : '=';
	}
	return (struct span){ room, len };
}
