#include "probe/verbs/file_set.h"

#include "probe/base/hash.h"

enum { ROOM_AT_FIRST = 64 };

/* Numbers of files in one folder follow each other: the high bits of a product
 * part them. */
static size_t place_of(
	const struct file_set *set, const struct named_file *file)
{
	uint64_t hash = ((uint64_t)file->device * HASH_ODD ^
				(uint64_t)file->number) *
			HASH_ODD;

	return (size_t)(hash >> 32) & (set->room - 1);
}

/* Where it is, or would be. */
static struct named_file *find(
	const struct file_set *set, const struct named_file *file)
{
	size_t i = place_of(set, file);

	while (set->at[i].name && (set->at[i].device != file->device ||
					  set->at[i].number != file->number))
		i = (i + 1) & (set->room - 1);
	return &set->at[i];
}

static void grow(struct arena *arena, struct file_set *set)
{
	struct file_set larger = { .count = set->count,
		.room = set->room ? 2 * set->room : ROOM_AT_FIRST };

	larger.at = arena_take(arena, larger.room * sizeof(*larger.at));
	for (size_t i = 0; i < set->room; i++)
		if (set->at[i].name)
			*find(&larger, &set->at[i]) = set->at[i];
	*set = larger;
}

const char *file_set_put(struct arena *arena, struct file_set *set,
	const struct named_file *file)
{
	struct named_file *found;

	if (2 * (set->count + 1) > set->room)
		grow(arena, set);
	found = find(set, file);
	if (found->name)
		return found->name;
	*found = *file;
	set->count++;
	return NULL;
}
