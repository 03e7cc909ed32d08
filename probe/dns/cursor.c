#include "probe/dns/cursor.h"

enum { NAME_JUMPS_MAX = 127 /* a name has no more labels than that */ };

/*
 * A name is labels until an empty one, or until a pointer to where it goes
 * on (RFC 1035, 4.1.4).  A pointer leads before the part it stands in, which
 * is what a compressor can know, and leaves no way to build a loop.
 */
struct name_walk {
	const struct cursor *cursor;
	size_t at;
	size_t part;  /* where the part being read began */
	size_t after; /* where the record goes on; 0: not known yet */
	size_t wire;
	unsigned jumps;
};

static bool jump(struct name_walk *walk)
{
	const struct cursor *cursor = walk->cursor;
	size_t to;

	if (cursor->len - walk->at < 2 || ++walk->jumps > NAME_JUMPS_MAX)
		return false;
	to = (size_t)(cursor->bytes[walk->at] & 0x3f) << 8 |
	     cursor->bytes[walk->at + 1];
	if (!walk->after)
		walk->after = walk->at + 2;
	if (to >= walk->part)
		return false;
	walk->at = walk->part = to;
	return true;
}

/* True with *len the label's, 0 at the end of the name. */
static bool next_label(struct name_walk *walk, size_t *len)
{
	const struct cursor *cursor = walk->cursor;

	while (walk->at < cursor->len &&
		(cursor->bytes[walk->at] & 0xc0) == 0xc0)
		if (!jump(walk))
			return false;
	if (walk->at >= cursor->len || cursor->bytes[walk->at] & 0xc0)
		return false;
	*len = cursor->bytes[walk->at++];
	walk->wire += *len + 1;
	return walk->wire <= NAME_WIRE_MAX && *len <= cursor->len - walk->at;
}

bool cursor_take_name(struct cursor *cursor, char room[static NAME_TEXT_MAX],
	struct span *name)
{
	struct name_walk walk = { cursor, cursor->at, cursor->at, 0, 0, 0 };
	size_t text = 0, len;

	for (;;) {
		if (!next_label(&walk, &len))
			return false;
		if (!len)
			break;
		if (text)
			room[text++] = '.';
		text += name_print_label(
			room + text, cursor->bytes + walk.at, len);
		walk.at += len;
	}
	if (!text)
		room[text++] = '.';
	cursor->at = walk.after ? walk.after : walk.at;
	*name = (struct span){ room, text };
	return true;
}

bool cursor_take_record(struct cursor *cursor, struct wire_record *record)
{
	unsigned len;

	if (!cursor_take_name(cursor, record->owner_room, &record->owner) ||
		!cursor_take16(cursor, &record->type) ||
		!cursor_take16(cursor, &record->class) ||
		!cursor_take32(cursor, &record->ttl) ||
		!cursor_take16(cursor, &len) || len > cursor->len - cursor->at)
		return false;
	if (record->type != WIRE_TYPE_OPT && record->ttl > INT32_MAX)
		record->ttl = 0; /* RFC 2181, 8 */
	record->body = *cursor;
	cursor->at += len;
	record->body.len = cursor->at;
	return true;
}
