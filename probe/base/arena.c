#include "probe/base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

/*
 * Under AddressSanitizer each piece stands alone: what was not taken, and a
 * gap behind each piece, is poisoned, so that reading past the end of a
 * buffer is found although the block goes on.
 */
#if defined(__has_feature)
#	if __has_feature(address_sanitizer)
#		define ARENA_ASAN
#	endif
#elif defined(__SANITIZE_ADDRESS__)
#	define ARENA_ASAN
#endif
#ifdef ARENA_ASAN
#	include <sanitizer/asan_interface.h>
/* What is mapped is not searched for what points to the rest: no large pages. */
enum { GAP = 16, HAS_LARGE_PAGES = false };
#else
#	define ASAN_POISON_MEMORY_REGION(at, size)   ((void)(at), (void)(size))
#	define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
enum { GAP = 0, HAS_LARGE_PAGES = true };
#endif

struct block {
	struct block *older;
	size_t used;
	size_t size;
	bool is_clear;  /* nothing was ever written behind `used` */
	bool is_mapped; /* large pages of its own */
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *newest;
	struct block *first;
};

static void *must(void *memory)
{
	if (!memory) {
		fputs("mxprobe: out of memory\n", stderr);
		abort();
	}
	return memory;
}

/*
 * Beyond IN_PAGES the system gives memory in pages, which are clear, and not
 * there until somebody writes to them.  Beyond IN_LARGE_PAGES it is asked for
 * large ones.
 */
enum { IN_PAGES = 128 * 1024, IN_LARGE_PAGES = 1024 * 1024 };

/* A large page has to begin at a multiple of its size. */
static void *map_pages(size_t size)
{
	const size_t page = ARENA_BLOCK_MAX;
	char *map = mmap(NULL, size + page, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t before;

	if (map == MAP_FAILED)
		must(NULL);
	before = (page - (uintptr_t)map % page) % page;
	if (before)
		munmap(map, before);
	munmap(map + before + size, page - before);
	/* Where there are no such pages, small ones do as well. */
	(void)madvise(map + before, size, MADV_HUGEPAGE);
	return map + before;
}

static struct block *block_new(size_t size, struct block *older)
{
	size_t whole = sizeof(struct block) + size;
	size_t pages = (whole + ARENA_BLOCK_MAX - 1) / ARENA_BLOCK_MAX;
	bool is_mapped = HAS_LARGE_PAGES && whole >= IN_LARGE_PAGES;
	struct block *block;

	if (is_mapped) {
		whole = pages * ARENA_BLOCK_MAX;
		block = map_pages(whole);
	} else {
		block = must(
			whole < IN_PAGES ? malloc(whole) : calloc(1, whole));
	}
	block->older = older;
	block->used = 0;
	block->size = whole - sizeof(struct block);
	block->is_mapped = is_mapped;
	block->is_clear = whole >= IN_PAGES;
	ASAN_POISON_MEMORY_REGION(block->bytes, block->size);
	return block;
}

static void block_free(struct block *block)
{
	if (block->is_mapped)
		munmap(block, sizeof(*block) + block->size);
	else
		free(block);
}

struct arena *arena_open_with(size_t room)
{
	struct arena *arena = must(malloc(sizeof(*arena)));

	arena->newest = arena->first = block_new(room, NULL);
	return arena;
}

struct arena *arena_open(void)
{
	return arena_open_with(ARENA_BLOCK_MIN);
}

void arena_close(struct arena *arena)
{
	struct block *block = arena->newest;

	while (block) {
		struct block *older = block->older;

		block_free(block);
		block = older;
	}
	free(arena);
}

void arena_empty(struct arena *arena)
{
	struct block *block = arena->newest;

	while (block) {
		struct block *older = block->older;

		if (block != arena->first)
			block_free(block);
		block = older;
	}
	arena->newest = arena->first;
	arena->first->older = NULL;
	arena->first->used = 0;
	arena->first->is_clear = false;
	ASAN_POISON_MEMORY_REGION(arena->first->bytes, arena->first->size);
}

size_t arena_wants(const struct arena *arena)
{
	const struct block *block = arena->newest;
	size_t sum = 0;

	if (!block->older)
		return 0;
	for (; block; block = block->older)
		sum += block->used;
	return sum;
}

/*
 * A block with room for `size` bytes.  What is larger than a whole new block
 * gets one of its own behind the newest, which keeps its free room and its
 * place in the doubling.
 */
static struct block *block_for(struct arena *arena, size_t size)
{
	struct block *newest = arena->newest;
	size_t next = newest->size * 2;

	if (size <= newest->size - newest->used)
		return newest;
	if (next > IN_PAGES)
		next = ARENA_BLOCK_MAX - sizeof(*newest);
	if (size > next)
		return newest->older = block_new(size, newest->older);
	return arena->newest = block_new(next, newest);
}

void *arena_take(struct arena *arena, size_t size)
{
	size_t step = alignof(max_align_t);
	size_t whole;
	struct block *block;
	void *memory;

	if (size > SIZE_MAX / 4)
		must(NULL);
	whole = (size + GAP + step - 1) / step * step;
	block = block_for(arena, whole);
	memory = block->bytes + block->used;
	block->used += whole;
	ASAN_UNPOISON_MEMORY_REGION(memory, size);
	return block->is_clear ? memory : memset(memory, 0, size);
}

struct span arena_copy(struct arena *arena, struct span bytes)
{
	char *copy = arena_take(arena, bytes.len + 1);

	if (bytes.len)
		memcpy(copy, bytes.at, bytes.len);
	return (struct span){ copy, bytes.len };
}

struct span arena_copy_lower(struct arena *arena, struct span text)
{
	char *copy = arena_take(arena, text.len + 1);

	for (size_t i = 0; i < text.len; i++)
		copy[i] = ascii_lower(text.at[i]);
	return (struct span){ copy, text.len };
}

enum { PRINT_ROOM = 256 };

struct span arena_print(struct arena *arena, const char *fmt, ...)
{
	va_list args, again;
	char room[PRINT_ROOM]; /* most texts are short: printed once */
	int len;
	char *text;

	va_start(args, fmt);
	va_copy(again, args);
	len = vsnprintf(room, sizeof(room), fmt, args);
	if (len < 0) /* over INT_MAX */
		must(NULL);
	text = arena_take(arena, (size_t)len + 1);
	if ((size_t)len < sizeof(room))
		memcpy(text, room, (size_t)len + 1);
	else
		vsnprintf(text, (size_t)len + 1, fmt, again);
	va_end(again);
	va_end(args);
	return (struct span){ text, (size_t)len };
}

void *arena_grow(struct arena *arena, void *array, size_t count, size_t *room,
	size_t element)
{
	void *larger;

	if (count < *room)
		return array;
	*room = *room ? *room * 2 : 8;
	if (*room > SIZE_MAX / 4 / element)
		must(NULL);
	larger = arena_take(arena, *room * element);
	if (count)
		memcpy(larger, array, count * element);
	return larger;
}
