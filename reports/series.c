#include "reports/series.h"

enum { SERIES_ROOM_MIN = 64 };

/* FNV-1a, 64 bits. */
static uint64_t hash_of(struct span text)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.at[i]) * 0x100000001b3u;
	return hash;
}

/* There is always a free place. */
static struct series *place_of(const struct series_set *set, struct span labels)
{
	size_t at = hash_of(labels) & (set->room - 1);

	while (set->places[at].labels.len &&
		!span_is(set->places[at].labels, labels))
		at = (at + 1) & (set->room - 1);
	return &set->places[at];
}

static void grow(struct series_set *set)
{
	struct series_set larger = *set;

	larger.room = set->room ? 2 * set->room : SERIES_ROOM_MIN;
	larger.places = arena_take(
		set->arena, larger.room * sizeof(*larger.places));
	for (size_t i = 0; i < set->room; i++)
		if (set->places[i].labels.len)
			*place_of(&larger,
				set->places[i].labels) = set->places[i];
	*set = larger;
}

struct series *series_of(struct series_set *set, struct span labels)
{
	struct series *series;

	if (2 * (set->count + 1) > set->room)
		grow(set);
	series = place_of(set, labels);
	if (series->labels.len)
		return series;
	set->count++;
	series->labels = arena_copy(set->arena, labels);
	return series;
}
