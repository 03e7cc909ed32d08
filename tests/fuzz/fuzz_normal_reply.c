/*
 * The text of a reply without what changes in it: bounded, on one line, safe
 * for a terminal, and the same however its words are parted.
 */
#include <stdint.h>

#include "probe/judge/normal_reply.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Each blank twice, and a line end for every other one. */
static struct span normal_reply_wider(struct arena *arena, struct span text)
{
	char *room = arena_take(arena, text.len * 2 + 1);
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		room[len++] = text.at[i];
		if (ascii_is_space(text.at[i]))
			room[len++] = i & 1 ? ' ' : '\n';
	}
	return (struct span){ room, len };
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_open();
	struct span text = { (const char *)bytes, size };
	struct span normal = normal_text(arena, text), wider;

	MUST(normal.len <= 4 * NORMAL_REPLY_MAX);
	for (size_t i = 0; i < normal.len; i++)
		MUST((unsigned char)normal.at[i] >= ' ' &&
			normal.at[i] != 0x7f);
	wider = normal_reply_wider(arena, text);
	if (wider.len <= NORMAL_TEXT_MAX)
		MUST(span_is(normal_text(arena, wider), normal));
	arena_close(arena);
	return 0;
}
