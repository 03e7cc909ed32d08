#include "probe/tls/backlog.h"

enum { BACKLOG_ROOM_MIN = 768 };

static void grow(struct backlog *backlog, size_t len)
{
	struct span waits = backlog_bytes(backlog);
	struct arena *arena = arena_open();
	size_t room = BACKLOG_ROOM_MIN;
	char *bytes;

	while (room < waits.len + len)
		room *= 2;
	bytes = arena_take(arena, room);
	if (waits.len)
		memcpy(bytes, waits.at, waits.len);
	if (backlog->arena)
		arena_close(backlog->arena);
	*backlog = (struct backlog){ arena, bytes, 0, waits.len, room };
}

void backlog_add(struct backlog *backlog, const char *bytes, size_t len)
{
	if (len == 0)
		return;
	if (len > backlog->room - backlog->to)
		grow(backlog, len);
	memcpy(backlog->bytes + backlog->to, bytes, len);
	backlog->to += len;
}

struct span backlog_bytes(const struct backlog *backlog)
{
	if (!backlog->arena)
		return SPAN("");
	return (struct span){ backlog->bytes + backlog->from,
		backlog->to - backlog->from };
}

void backlog_drop(struct backlog *backlog, size_t len)
{
	backlog->from += len;
	if (backlog->from >= backlog->to)
		backlog_clear(backlog);
}

void backlog_clear(struct backlog *backlog)
{
	if (backlog->arena)
		arena_close(backlog->arena);
	*backlog = (struct backlog){ 0 };
}
