#ifndef MXP_TESTS_TAR_BY_HAND_H
#define MXP_TESTS_TAR_BY_HAND_H

#include <stdio.h>

#include "probe/base/arena.h"

/*
 * A tar is made a header at a time:
 *
 *	struct tar_by_hand tar = { .own = arena };
 *
 *	tar_add(&tar, "a.log", '0', SPAN("text"));
 *	tar_add_end(&tar);
 *	... tar.bytes ...
 */
struct tar_by_hand {
	struct arena *own;
	struct span bytes;
	size_t room;
	char *header; /* the latest: whoever changes it sums it again */
};

static inline void tar_put(struct tar_by_hand *tar, struct span part)
{
	char *at = (char *)(uintptr_t)tar->bytes.at;

	while (tar->bytes.len + part.len > tar->room)
		at = arena_grow(tar->own, at, tar->room, &tar->room, 1);
	if (part.len)
		memcpy(at + tar->bytes.len, part.at, part.len);
	tar->bytes = (struct span){ at, tar->bytes.len + part.len };
}

static inline void tar_pad(struct tar_by_hand *tar)
{
	static const char zeros[512];

	tar_put(tar, (struct span){ zeros, -tar->bytes.len % 512 });
}

static inline void tar_sum(struct tar_by_hand *tar)
{
	unsigned sum = 0;

	memset(tar->header + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += (unsigned char)tar->header[i];
	snprintf(tar->header + 148, 8, "%06o", sum);
}

static inline void tar_add(struct tar_by_hand *tar, const char *name, char type,
	struct span bytes)
{
	char header[512] = "";

	memcpy(header, name, strlen(name) < 100 ? strlen(name) : 100);
	memcpy(header + 100, "0000644", 7);
	snprintf(header + 124, 12, "%011o", (unsigned)bytes.len);
	memcpy(header + 136, "14752341240", 11); /* 2025-03-01 00:00:00 */
	header[156] = type;
	memcpy(header + 257, "ustar\0" "00", 8);
	tar->header = header;
	tar_sum(tar);
	tar_put(tar, (struct span){ header, sizeof(header) });
	tar_put(tar, bytes);
	tar_pad(tar);
	tar->header = NULL;
}

/* The header of the member before, to be changed. */
static inline void tar_change(struct tar_by_hand *tar, size_t behind, size_t at,
	struct span to)
{
	tar->header = (char *)(uintptr_t)tar->bytes.at + tar->bytes.len -
		      behind - 512;
	memcpy(tar->header + at, to.at, to.len);
	tar_sum(tar);
}

static inline void tar_add_end(struct tar_by_hand *tar)
{
	static const char zeros[1024];

	tar_put(tar, (struct span){ zeros, sizeof(zeros) });
}

#endif
