#include "reports/inbound/log_memory.h"

#include <stdalign.h>
#include <stdint.h>

#include "probe/base/hash.h"

enum { WAYS = 4, SETS_MIN = 512, OCTETS_MIN = 128 * 1024, WORD_MAX = 1024 };

/*
 * Where in the ring: counted from the first octet ever kept, plus 1, and taken
 * modulo 2^32, which is all the same for a ring that is smaller.  A set has a
 * line of the cache for itself.
 */
struct place {
	uint32_t at[LOG_FACT_COUNT]; /* 0: not known */
	uint32_t hash;
	uint32_t used; /* by the clock; 0: free */
};

struct set {
	alignas(64) struct place ways[WAYS];
};

struct log_memory {
	struct arena *arena;
	struct set *sets;
	size_t set_count;
	size_t keys; /* that came in since it last grew, and are not gone */
	char *ring;
	char *spare; /* of the same room; NULL: not needed yet */
	size_t room;
	uint32_t head; /* octets ever kept since it was moved, likewise */
	uint32_t clock;
	bool is_full; /* the ring has its last size and went round, or will */
};

/* A record in the ring: both lengths, the key, the value. */
struct record {
	uint16_t key_len;
	uint16_t value_len;
};

static uint32_t hash_of(struct span key)
{
	return (uint32_t)hash_mix(0, key);
}

/* The arena aligns for any type of the language, which 64 is not. */
static struct set *take_sets(struct arena *arena, size_t count)
{
	char *memory = arena_take(arena, (count + 1) * sizeof(struct set));
	size_t past = (uintptr_t)memory % sizeof(struct set);

	return (struct set *)(void *)(memory + sizeof(struct set) - past);
}

struct log_memory *log_memory_open(struct arena *arena)
{
	struct log_memory *memory = arena_new(arena, struct log_memory);

	memory->arena = arena;
	memory->set_count = SETS_MIN;
	memory->sets = take_sets(arena, SETS_MIN);
	memory->room = OCTETS_MIN;
	memory->ring = arena_take(arena, OCTETS_MIN);
	return memory;
}

/* The oldest of its set, with what it knew gone. */
static struct place *oldest(struct set *set)
{
	struct place *place = &set->ways[0];

	for (size_t i = 1; i < WAYS; i++)
		if (set->ways[i].used < place->used)
			place = &set->ways[i];
	return place;
}

static struct set *set_of(const struct log_memory *memory, uint32_t hash)
{
	return &memory->sets[hash & (memory->set_count - 1)];
}

static void grow_sets(struct log_memory *memory)
{
	struct set *old = memory->sets;
	size_t count = memory->set_count;

	memory->keys = 0;
	if (count >= LOG_MEMORY_SETS_MAX)
		return;
	memory->set_count = count * 4;
	memory->sets = take_sets(memory->arena, memory->set_count);
	for (size_t i = 0; i < count; i++)
		for (size_t way = 0; way < WAYS; way++)
			if (old[i].ways[way].used)
				*oldest(set_of(memory, old[i].ways[way].hash)) =
					old[i].ways[way];
}

/* Of a ring that has not gone round: 0 for what is not known. */
static size_t record_len(const struct log_memory *memory, uint32_t place)
{
	struct record record;

	if (!place)
		return 0;
	memcpy(&record, memory->ring + place - 1, sizeof(record));
	return sizeof(record) + record.key_len + record.value_len;
}

static size_t used_octets(const struct log_memory *memory)
{
	size_t sum = 0;

	for (size_t i = 0; i < memory->set_count * WAYS; i++) {
		const struct place *place =
			&memory->sets[i / WAYS].ways[i % WAYS];

		for (int fact = 0; place->used && fact < LOG_FACT_COUNT; fact++)
			sum += record_len(memory, place->at[fact]);
	}
	return sum;
}

/* What is still known moves; what is gone, or was told anew, stays behind. */
static void move_ring(struct log_memory *memory, char *ring)
{
	uint32_t head = 0;

	for (size_t i = 0; i < memory->set_count * WAYS; i++) {
		struct place *place = &memory->sets[i / WAYS].ways[i % WAYS];

		for (int fact = 0; place->used && fact < LOG_FACT_COUNT;
			fact++) {
			size_t len = record_len(memory, place->at[fact]);

			if (!len)
				continue;
			memcpy(ring + head, memory->ring + place->at[fact] - 1,
				len);
			place->at[fact] = head + 1;
			head += (uint32_t)len;
		}
	}
	memory->head = head;
}

static void swap_rings(struct log_memory *memory)
{
	char *ring = memory->ring;

	if (!memory->spare)
		memory->spare = arena_take(memory->arena, memory->room);
	move_ring(memory, memory->spare);
	memory->ring = memory->spare;
	memory->spare = ring;
}

static void grow_ring(struct log_memory *memory)
{
	char *larger = arena_take(memory->arena, memory->room * 4);

	move_ring(memory, larger);
	memory->ring = larger;
	memory->spare = NULL;
	memory->room *= 4;
}

/* Messages come and go, and few are known at a time: so long as those fill
 * less than half of the ring, it does not grow, and stays in a near cache.  One
 * of the last size has no second one beside it, and goes round. */
void log_memory_tidy(struct log_memory *memory)
{
	if (memory->is_full || memory->room == LOG_MEMORY_OCTETS_MAX ||
		memory->head < memory->room / 4 * 3)
		return;
	if (used_octets(memory) <= memory->room / 2)
		swap_rings(memory);
	else
		grow_ring(memory);
}

/* Somebody may still read what was found: the old ring stays as it is. */
static void make_room(struct log_memory *memory, size_t more)
{
	if (memory->head + more <= memory->room || memory->is_full)
		return;
	if (memory->room < LOG_MEMORY_OCTETS_MAX)
		grow_ring(memory);
	else
		memory->is_full = true;
}

/* Room for a record in one piece: the end of the ring may stay unused. */
static char *ring_take(struct log_memory *memory, size_t len)
{
	size_t at;

	make_room(memory, len);
	at = memory->head % memory->room;
	if (at + len > memory->room) {
		memory->head += (uint32_t)(memory->room - at);
		at = 0;
	}
	memory->head += (uint32_t)len;
	return memory->ring + at;
}

static uint32_t ring_put(
	struct log_memory *memory, struct span key, struct span value)
{
	struct record record = { (uint16_t)key.len, (uint16_t)value.len };
	size_t len = sizeof(record) + key.len + value.len;
	char *at = ring_take(memory, len);
	uint32_t place;

	memcpy(at, &record, sizeof(record));
	memcpy(at + sizeof(record), key.at, key.len);
	if (value.len)
		memcpy(at + sizeof(record) + key.len, value.at, value.len);
	place = memory->head - (uint32_t)len + 1;
	return place ? place : 1;
}

/* Is it still there, and under this key?  What was there before may look like
 * a record of any length. */
static struct span ring_get(
	const struct log_memory *memory, uint32_t place, struct span key)
{
	const struct span nothing = { 0 };
	struct record record;
	size_t at = (place - 1) % memory->room;

	if (place == 0 || memory->head - (place - 1) > memory->room ||
		at + sizeof(record) > memory->room)
		return nothing;
	memcpy(&record, memory->ring + at, sizeof(record));
	at += sizeof(record);
	if (record.key_len != key.len ||
		at + key.len + record.value_len > memory->room ||
		memcmp(memory->ring + at, key.at, key.len) != 0)
		return nothing;
	return (struct span){ memory->ring + at + key.len, record.value_len };
}

static struct place *find(const struct log_memory *memory, uint32_t hash)
{
	struct set *set = set_of(memory, hash);

	for (size_t i = 0; i < WAYS; i++)
		if (set->ways[i].used && set->ways[i].hash == hash)
			return &set->ways[i];
	return NULL;
}

void log_memory_keep(struct log_memory *memory, struct span key,
	enum log_fact fact, struct span value)
{
	uint32_t hash = hash_of(key);
	struct place *place;

	if (!key.len || key.len > WORD_MAX || value.len > WORD_MAX)
		return;
	place = find(memory, hash);
	if (!place) {
		if (memory->keys++ > memory->set_count * 2)
			grow_sets(memory);
		place = oldest(set_of(memory, hash));
		*place = (struct place){ .hash = hash };
	}
	if (++memory->clock == 0)
		memory->clock = 1;
	place->used = memory->clock;
	place->at[fact] = ring_put(memory, key, value);
}

struct log_known log_memory_find(
	const struct log_memory *memory, struct span key)
{
	struct log_known known = { 0 };
	const struct place *place;

	if (!key.len || key.len > WORD_MAX)
		return known;
	place = find(memory, hash_of(key));
	for (int fact = 0; place && fact < LOG_FACT_COUNT; fact++)
		known.of[fact] = ring_get(memory, place->at[fact], key);
	return known;
}

bool log_memory_is_full(const struct log_memory *memory)
{
	return memory->is_full;
}

void log_memory_drop(struct log_memory *memory, struct span key)
{
	struct place *place;

	if (!key.len || key.len > WORD_MAX)
		return;
	place = find(memory, hash_of(key));
	if (!place)
		return;
	*place = (struct place){ .used = 0 };
	if (memory->keys)
		memory->keys--;
}
