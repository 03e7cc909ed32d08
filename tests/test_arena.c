#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdalign.h>
#include <stdlib.h>

#include "probe/base/arena.h"

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
	enum { COUNT = 500 };
	struct arena *arena = arena_open();
	unsigned char *pieces[COUNT];

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		pieces[i] = arena_take(arena, i);
		assert_int_equal(
			(uintptr_t)pieces[i] % alignof(max_align_t), 0);
		for (size_t at = 0; at < i; at++)
			assert_int_equal(pieces[i][at], 0);
		memset(pieces[i], (int)(i & 0xff), i);
	}
	for (size_t i = 0; i < COUNT; i++)
		for (size_t at = 0; at < i; at++)
			assert_int_equal(pieces[i][at], i & 0xff);
	arena_close(arena);
}

static void a_large_piece_leaves_room_for_small_ones(void **state)
{
	struct arena *arena = arena_open();
	char *before = arena_take(arena, 16);
	char *large = arena_take(arena, 1024 * 1024);
	char *after = arena_take(arena, 16);

	(void)state;
	large[0] = large[1024 * 1024 - 1] = 'x';
	assert_true(after > before && after - before < ARENA_BLOCK_MIN);
	arena_close(arena);
}

static void a_copy_ends_in_a_nul(void **state)
{
	struct arena *arena = arena_open();
	char text[] = "abc";
	struct span copy = arena_copy(arena, span_of(text));

	(void)state;
	text[0] = 'x';
	assert_string_equal(copy.at, "abc");
	assert_int_equal(copy.len, 3);
	copy = arena_copy(arena, (struct span){ NULL, 0 });
	assert_int_equal(copy.len, 0);
	assert_string_equal(copy.at, "");
	copy = arena_copy_lower(arena, SPAN("MX.Example-1\xc3\x84["));
	assert_string_equal(copy.at, "mx.example-1\xc3\x84[");
	assert_int_equal(copy.len, 15);
	arena_close(arena);
}

static void text_of_any_length_is_printed(void **state)
{
	struct arena *arena = arena_open();
	struct span text = arena_print(arena, "%s-%05d", "abc", 42);

	(void)state;
	assert_string_equal(text.at, "abc-00042");
	assert_int_equal(text.len, 9);
	assert_int_equal(arena_print(arena, "%s", "").len, 0);
	for (int len = 250; len < 262; len++) {
		text = arena_print(arena, "%0*d", len, 7);
		assert_int_equal(text.len, len);
		assert_int_equal(strlen(text.at), len);
		assert_int_equal(text.at[len - 1], '7');
	}
	text = arena_print(arena, "%0*d", 100000, 0);
	assert_int_equal(text.len, 100000);
	assert_int_equal(strlen(text.at), 100000);
	arena_close(arena);
}

static void an_array_grows_and_keeps_what_it_has(void **state)
{
	struct arena *arena = arena_open();
	int *numbers = NULL;
	size_t room = 0;

	(void)state;
	for (size_t i = 0; i < 10000; i++) {
		numbers = arena_grow(
			arena, numbers, i, &room, sizeof(*numbers));
		assert_true(room > i);
		numbers[i] = (int)i;
	}
	for (size_t i = 0; i < 10000; i++)
		assert_int_equal(numbers[i], i);
	arena_close(arena);
}

static void an_arena_tells_what_room_it_would_have_wanted(void **state)
{
	struct arena *arena = arena_open_with(4096);
	size_t wanted;

	(void)state;
	arena_take(arena, 2000);
	arena_take(arena, 2000);
	assert_int_equal(arena_wants(arena), 0);
	arena_take(arena, 2000);
	arena_take(arena, 100 * 1000);
	wanted = arena_wants(arena);
	assert_in_range(wanted, 106000, 106000 + 4 * 32);
	arena_close(arena);
	arena = arena_open_with(wanted);
	for (size_t i = 0; i < 3; i++)
		arena_take(arena, 2000);
	arena_take(arena, 100 * 1000);
	assert_int_equal(arena_wants(arena), 0);
	arena_close(arena);
}

static void an_emptied_arena_begins_again_in_its_first_block(void **state)
{
	struct arena *arena = arena_open_with(4096);
	char *first = arena_take(arena, 1000), *again;

	(void)state;
	memset(first, 'x', 1000);
	arena_take(arena, 100 * 1000); /* a block of its own */
	for (size_t i = 0; i < 100; i++)
		arena_take(arena, 1000); /* and some that double */
	arena_empty(arena);
	again = arena_take(arena, 1000);
	assert_ptr_equal(again, first);
	assert_int_equal(again[999], 0);
	arena_empty(arena);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
		cmocka_unit_test(a_large_piece_leaves_room_for_small_ones),
		cmocka_unit_test(a_copy_ends_in_a_nul),
		cmocka_unit_test(text_of_any_length_is_printed),
		cmocka_unit_test(an_array_grows_and_keeps_what_it_has),
		cmocka_unit_test(an_arena_tells_what_room_it_would_have_wanted),
		cmocka_unit_test(
			an_emptied_arena_begins_again_in_its_first_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
