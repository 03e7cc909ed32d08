#ifndef MXP_KEY_TABLE_H
#define MXP_KEY_TABLE_H

#include <stdint.h>

#include "probe/base/arena.h"

/*
 * Finds what has been seen before by a key of octets.  Strangers choose the
 * keys, so each table hashes them in its own way, which nobody can foresee.
 */
struct key_slot {
	struct span key;
	uint64_t hash;
	void *value;
};

struct key_table {
	struct arena *arena;
	struct key_slot *slots;
	size_t room, count;
	uint64_t seed;
};

void key_table_open(struct key_table *table, struct arena *arena);

/*
 * Where the value of the key is kept: NULL in it, and the key copied, when it
 * is new.  It lives until the next call.
 */
void **key_table_at(struct key_table *table, struct span key);

/* The value; NULL: there is none. */
void *key_table_find(const struct key_table *table, struct span key);

#endif
