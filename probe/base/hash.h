#ifndef MXP_HASH_H
#define MXP_HASH_H

#include <stdint.h>

#include "probe/base/span.h"

/* For tables in memory: nothing that is written down depends on it. */
#define HASH_ODD UINT64_C(0x9e3779b97f4a7c15)

/* At most 8 octets as one number; of up to 3, and of more than 4, some may be
 * in it twice. */
static inline uint64_t hash_short(struct span text)
{
	const unsigned char *at = (const unsigned char *)text.at;
	uint32_t first, last;

	if (text.len >= sizeof(first)) {
		memcpy(&first, text.at, sizeof(first));
		memcpy(&last, text.at + text.len - sizeof(last), sizeof(last));
		return first | (uint64_t)last << 32;
	}
	if (!text.len)
		return 0;
	return at[0] | (uint64_t)at[text.len / 2] << 8 |
	       (uint64_t)at[text.len - 1] << 16;
}

/* The hash so far, and this text: all 64 bits are good.  Begin with any number. */
static inline uint64_t hash_mix(uint64_t hash, struct span text)
{
	uint64_t word;

	hash = (hash ^ text.len) * HASH_ODD;
	for (; text.len > sizeof(word); text.at += 8, text.len -= 8) {
		memcpy(&word, text.at, sizeof(word));
		hash = (hash ^ word) * HASH_ODD;
		hash ^= hash >> 32;
	}
	hash = (hash ^ hash_short(text)) * HASH_ODD;
	return hash ^ hash >> 32;
}

#endif
