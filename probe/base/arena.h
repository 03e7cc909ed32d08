#ifndef MXP_ARENA_H
#define MXP_ARENA_H

#include <stddef.h>

#include "probe/base/attr.h"
#include "probe/base/span.h"

/*
 * An arena is memory with one lifetime.  Everything taken from it is zeroed,
 * is never freed alone, and goes when the arena goes.  Running out of memory
 * ends the program inside arena.c, so no caller checks for it.
 *
 * An arena begins small, since thousands of sessions have one each.  Its blocks
 * double, and when they are large become ARENA_BLOCK_MAX, which is asked for as
 * one page: to get a five-hundredth of it at a time, and to look each of them
 * up, is a tenth of the time that a large log takes.
 */
struct arena;

enum {
	ARENA_BLOCK_MIN = 1024,
	ARENA_BLOCK_MAX = 2 * 1024 * 1024,
};

struct arena *arena_open(void);

/* One whose first block has this room: where what it will hold is known. */
struct arena *arena_open_with(size_t room);
void arena_close(struct arena *arena);

/* Gives all but the first block back; what was taken is gone. */
void arena_empty(struct arena *arena);

void *arena_take(struct arena *arena, size_t size);

/* The room with which it would have needed its first block only; 0: it does. */
size_t arena_wants(const struct arena *arena);

/* The copy is followed by a NUL that its length does not count. */
struct span arena_copy(struct arena *arena, struct span bytes);

/* The same with its ASCII letters small. */
struct span arena_copy_lower(struct arena *arena, struct span text);
struct span arena_print(struct arena *arena, const char *fmt, ...)
	MXP_PRINTF(2, 3);

#define arena_new(arena, type) ((type *)arena_take((arena), sizeof(type)))

/*
 * Room for one more element at the end of a growing array: returns the array,
 * moved to a larger place when `count` has filled it (the old place is lost
 * until the arena closes).  *room is the capacity, 0 at first.
 */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t *room,
	size_t element);

#endif
