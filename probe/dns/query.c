#include "probe/dns/query.h"

enum { FLAG_RD = 0x0100, FLAG_AD = 0x0020, CLASS_IN = 1, TYPE_OPT = 41 };

static size_t put16(uint8_t *room, size_t at, unsigned number)
{
	room[at] = (uint8_t)(number >> 8);
	room[at + 1] = (uint8_t)number;
	return at + 2;
}

static size_t put_opt(uint8_t *room, size_t at)
{
	room[at++] = 0; /* the root's */
	at = put16(room, at, TYPE_OPT);
	at = put16(room, at, QUERY_UDP_MAX);
	at = put16(room, at, 0);   /* rcode, version */
	at = put16(room, at, 0);   /* flags: no DO */
	return put16(room, at, 0); /* no options */
}

size_t query_print(uint8_t room[static QUERY_MAX], struct span name,
	enum rr_type type, uint16_t id, bool has_edns)
{
	uint8_t wire[NAME_WIRE_MAX];
	size_t len = name_to_wire(name, wire), at = 0;

	if (!len)
		return 0;
	at = put16(room, at, id);
	at = put16(room, at, FLAG_RD | FLAG_AD);
	at = put16(room, at, 1);
	at = put16(room, at, 0);
	at = put16(room, at, 0);
	at = put16(room, at, has_edns ? 1 : 0);
	memcpy(room + at, wire, len);
	at = put16(room, at + len, (unsigned)type);
	at = put16(room, at, CLASS_IN);
	return has_edns ? put_opt(room, at) : at;
}
