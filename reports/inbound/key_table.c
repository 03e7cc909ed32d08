#include "reports/inbound/key_table.h"

#include <sys/random.h>

enum { ROOM_FIRST = 64 };

void key_table_open(struct key_table *table, struct arena *arena)
{
	*table = (struct key_table){ .arena = arena };
	if (getrandom(&table->seed, sizeof(table->seed), GRND_NONBLOCK) < 0)
		table->seed = (uint64_t)(uintptr_t)table;
}

/* FNV-1a from a start of its own, and stirred, as the low bits are used. */
static uint64_t hash_of(const struct key_table *table, struct span key)
{
	uint64_t hash = 0xcbf29ce484222325 ^ table->seed;

	for (size_t i = 0; i < key.len; i++)
		hash = (hash ^ (unsigned char)key.at[i]) * 0x100000001b3;
	hash ^= hash >> 32;
	hash *= table->seed | 1;
	return hash ^ hash >> 29;
}

/* Of a key that is there, or where it belongs; there is always a free one. */
static struct key_slot *slot_of(
	const struct key_table *table, struct span key, uint64_t hash)
{
	size_t at = hash & (table->room - 1);

	while (table->slots[at].key.at &&
		(table->slots[at].hash != hash ||
			!span_is(table->slots[at].key, key)))
		at = (at + 1) & (table->room - 1);
	return &table->slots[at];
}

static void grow(struct key_table *table)
{
	struct key_table larger = *table;

	larger.room = table->room ? table->room * 2 : ROOM_FIRST;
	larger.slots = arena_take(
		table->arena, larger.room * sizeof(*larger.slots));
	for (size_t i = 0; i < table->room; i++) {
		struct key_slot *slot = &table->slots[i];

		if (slot->key.at)
			*slot_of(&larger, slot->key, slot->hash) = *slot;
	}
	*table = larger;
}

void **key_table_at(struct key_table *table, struct span key)
{
	uint64_t hash = hash_of(table, key);
	struct key_slot *slot;

	if (table->count >= table->room / 2)
		grow(table);
	slot = slot_of(table, key, hash);
	if (!slot->key.at) {
		slot->key = arena_copy(table->arena, key);
		slot->hash = hash;
		table->count++;
	}
	return &slot->value;
}

void *key_table_find(const struct key_table *table, struct span key)
{
	if (!table->room)
		return NULL;
	return slot_of(table, key, hash_of(table, key))->value;
}
