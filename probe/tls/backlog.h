#ifndef MXP_BACKLOG_H
#define MXP_BACKLOG_H

#include "probe/base/arena.h"

/*
 * Bytes that wait to be taken.  Thousands of connections have one each, and
 * nearly always an empty one: it holds memory only while something waits.
 * All zero is an empty backlog.
 */
struct backlog {
	struct arena *arena;            /* NULL: nothing waits */
	char *bytes;
	size_t from, to;                /* what waits is between them */
	size_t room;
};

void backlog_add(struct backlog *backlog, const char *bytes, size_t len);

/* What waits; valid until the next call. */
struct span backlog_bytes(const struct backlog *backlog);

/* The first `len` octets were taken. */
void backlog_drop(struct backlog *backlog, size_t len);
void backlog_clear(struct backlog *backlog);

#endif
