#include "pcap/fragments.h"

#include <stdlib.h>

/*
 * Each datagram under way has its octets in one buffer and a bit for each unit
 * of eight, which is what fragments are measured in; the last one alone may end
 * within a unit.
 */
enum { UNIT = 8, UNITS_MAX = DATAGRAM_MAX / UNIT + 1 };

struct datagram {
	struct ends ends;
	uint32_t id;
	uint8_t protocol;
	bool is_used;
	bool differ;
	uint64_t began; /* order of first fragments */
	uint8_t *bytes;
	uint8_t *have; /* a byte for each unit */
	size_t room;   /* octets, a multiple of UNIT */
	size_t len;    /* 0: the last one is not here */
	size_t units;  /* that are here */
};

struct fragments {
	struct datagram datagrams[FRAGMENTS_MAX];
	size_t octets;
	uint64_t clock;
	uint64_t lost;
	struct datagram done; /* the one given out last */
};

struct fragments *fragments_open(void)
{
	struct fragments *fragments = calloc(1, sizeof(*fragments));

	if (!fragments)
		abort();
	return fragments;
}

static void release(struct fragments *fragments, struct datagram *datagram)
{
	fragments->octets -= datagram->room;
	free(datagram->bytes);
	free(datagram->have);
	*datagram = (struct datagram){ .is_used = false };
}

void fragments_close(struct fragments *fragments)
{
	for (size_t i = 0; i < FRAGMENTS_MAX; i++)
		release(fragments, &fragments->datagrams[i]);
	free(fragments->done.bytes);
	free(fragments->done.have);
	free(fragments);
}

uint64_t fragments_lost(const struct fragments *fragments)
{
	return fragments->lost;
}

static struct datagram *oldest(
	struct fragments *fragments, const struct datagram *but)
{
	struct datagram *found = NULL;

	for (size_t i = 0; i < FRAGMENTS_MAX; i++) {
		struct datagram *one = &fragments->datagrams[i];

		if (one->is_used && one != but &&
			(!found || one->began < found->began))
			found = one;
	}
	return found;
}

static bool is_of(
	const struct datagram *datagram, const struct fragment *fragment)
{
	return datagram->is_used && datagram->id == fragment->id &&
	       datagram->protocol == fragment->protocol &&
	       memcmp(&datagram->ends, &fragment->ends,
		       sizeof(datagram->ends)) == 0;
}

static struct datagram *find(
	struct fragments *fragments, const struct fragment *fragment)
{
	struct datagram *unused = NULL;

	for (size_t i = 0; i < FRAGMENTS_MAX; i++) {
		struct datagram *one = &fragments->datagrams[i];

		if (is_of(one, fragment))
			return one;
		if (!one->is_used && !unused)
			unused = one;
	}
	if (!unused) {
		unused = oldest(fragments, NULL);
		release(fragments, unused);
		fragments->lost++;
	}
	unused->is_used = true;
	unused->began = fragments->clock++;
	unused->ends = fragment->ends;
	unused->id = fragment->id;
	unused->protocol = fragment->protocol;
	return unused;
}

static void make_room(
	struct fragments *fragments, struct datagram *datagram, size_t len)
{
	size_t room = datagram->room ? datagram->room : 2048;

	while (room < len)
		room *= 2;
	if (room == datagram->room)
		return;
	while (fragments->octets + room > FRAGMENTS_OCTETS_MAX) {
		struct datagram *victim = oldest(fragments, datagram);

		if (!victim)
			break;
		release(fragments, victim);
		fragments->lost++;
	}
	datagram->bytes = realloc(datagram->bytes, room);
	datagram->have = realloc(datagram->have, room / UNIT);
	if (!datagram->bytes || !datagram->have)
		abort();
	memset(datagram->have + datagram->room / UNIT, 0,
		(room - datagram->room) / UNIT);
	fragments->octets += room - datagram->room;
	datagram->room = room;
}

static void put_unit(struct datagram *datagram, size_t at, struct span bytes)
{
	uint8_t *place = datagram->bytes + at;

	if (datagram->have[at / UNIT]) {
		if (memcmp(place, bytes.at, bytes.len) != 0)
			datagram->differ = true;
		return;
	}
	memcpy(place, bytes.at, bytes.len);
	datagram->have[at / UNIT] = 1;
	datagram->units++;
}

static bool is_whole(const struct datagram *datagram)
{
	size_t units = (datagram->len + UNIT - 1) / UNIT;

	if (!datagram->len || datagram->units < units)
		return false;
	for (size_t i = 0; i < units; i++)
		if (!datagram->have[i])
			return false;
	return true;
}

static void give_out(struct fragments *fragments, struct datagram *datagram,
	struct span *bytes, bool *differ)
{
	free(fragments->done.bytes);
	free(fragments->done.have);
	fragments->done = *datagram;
	fragments->octets -= datagram->room;
	*datagram = (struct datagram){ .is_used = false };
	*bytes = (struct span){ (const char *)fragments->done.bytes,
		fragments->done.len };
	*differ = fragments->done.differ;
}

bool fragments_add(struct fragments *fragments, const struct fragment *fragment,
	struct span *datagram, bool *differ)
{
	size_t end = fragment->offset + fragment->bytes.len;
	struct datagram *one;

	if (!fragment->bytes.len || end > DATAGRAM_MAX)
		return false;
	if (!fragment->is_last && fragment->bytes.len % UNIT)
		return false;
	one = find(fragments, fragment);
	make_room(fragments, one, end + UNIT);
	for (size_t at = 0; at < fragment->bytes.len; at += UNIT)
		put_unit(one, fragment->offset + at,
			span_part(fragment->bytes, at, UNIT));
	if (fragment->is_last && !one->len)
		one->len = end;
	if (!is_whole(one))
		return false;
	give_out(fragments, one, datagram, differ);
	return true;
}
