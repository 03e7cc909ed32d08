#ifndef MXP_CURSOR_H
#define MXP_CURSOR_H

#include "probe/base/attr.h"
#include "probe/dns/name.h"

/*
 * A cursor is a place in a DNS message (RFC 1035, 4), and where the part that
 * may be read ends.  The bytes are a stranger's: each taking says whether they
 * are there, and where it says no the cursor may stand anywhere in its part.
 */
struct cursor {
	const uint8_t *bytes;           /* of the whole message: names point
					   back into it */
	size_t len;
	size_t at;
};

enum {
	CURSOR_RECORDS_MAX = 1024,      /* looked at in a message */
};

/* What enum rr_type does not have: no answer is asked for by them. */
enum {
	WIRE_CLASS_IN = 1,
	WIRE_TYPE_DNAME = 39,           /* RFC 6672 */
	WIRE_TYPE_OPT = 41,             /* RFC 6891 */
};

/* A record of any section; its body is read with the body's own cursor, which
 * ends where the record's data end. */
struct wire_record {
	char owner_room[NAME_TEXT_MAX];
	struct span owner;              /* in the room, normalised */
	unsigned type;
	unsigned class;
	uint32_t ttl;                   /* seconds; of an OPT record as it is */
	struct cursor body;
};

static inline struct cursor cursor_of(struct span message)
{
	return (struct cursor){ (const uint8_t *)message.at, message.len, 0 };
}

static inline struct span cursor_rest(const struct cursor *cursor)
{
	return (struct span){ (const char *)cursor->bytes + cursor->at,
		cursor->len - cursor->at };
}

static inline bool cursor_take16(struct cursor *cursor, unsigned *number)
{
	if (cursor->len - cursor->at < 2)
		return false;
	*number = (unsigned)cursor->bytes[cursor->at] << 8 |
		  cursor->bytes[cursor->at + 1];
	cursor->at += 2;
	return true;
}

static inline bool cursor_take32(struct cursor *cursor, uint32_t *number)
{
	unsigned high, low;

	if (!cursor_take16(cursor, &high) || !cursor_take16(cursor, &low))
		return false;
	*number = (uint32_t)high << 16 | low;
	return true;
}

/* A name, compressed or not, in the form of probe/dns/name.h; it lies in the
 * room. */
bool cursor_take_name(struct cursor *cursor, char room[static NAME_TEXT_MAX],
	struct span *name) MXP_MUST_USE;

bool cursor_take_record(struct cursor *cursor,
	struct wire_record *record) MXP_MUST_USE;

#endif
