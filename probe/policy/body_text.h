#ifndef MXP_BODY_TEXT_H
#define MXP_BODY_TEXT_H

#include "probe/base/arena.h"
#include "probe/base/span.h"

/* A body in the making: bytes that grow to at most what was taken for them. */
struct body_text {
	char *bytes;
	size_t len;
};

static inline struct body_text body_text_open(struct arena *arena, size_t room)
{
	return (struct body_text){ arena_take(arena, room + 1), 0 };
}

static inline void body_text_put(struct body_text *out, struct span bytes)
{
	if (bytes.len)
		memcpy(out->bytes + out->len, bytes.at, bytes.len);
	out->len += bytes.len;
}

static inline void body_text_put_byte(struct body_text *out, unsigned byte)
{
	out->bytes[out->len++] = (char)(byte & 0xff);
}

static inline struct span body_text_span(const struct body_text *out)
{
	return (struct span){ out->bytes, out->len };
}

#endif
