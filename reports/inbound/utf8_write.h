#ifndef MXP_UTF8_WRITE_H
#define MXP_UTF8_WRITE_H

#include <stdint.h>
#include <string.h>

/*
 * A code point up to U+10FFFF as UTF-8, of which the octets written are
 * returned.  Half of a surrogate pair is none: U+FFFD.
 */
enum { UTF8_WRITE_MAX = 4 };

static inline size_t utf8_write(char room[static UTF8_WRITE_MAX],
	uint32_t point)
{
	static const uint32_t ends[] = { 0x80, 0x800, 0x10000 };
	size_t len = 1;

	if (point >= 0xd800 && point <= 0xdfff)
		point = 0xfffd;
	while (len < UTF8_WRITE_MAX && point >= ends[len - 1])
		len++;
	if (len == 1) {
		room[0] = (char)point;
		return len;
	}
	for (size_t i = len - 1; i > 0; i--, point >>= 6)
		room[i] = (char)(0x80 | (point & 0x3f));
	room[0] = (char)(0xf00u >> len | point);
	return len;
}

#endif
