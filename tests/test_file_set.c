#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/verbs/file_set.h"
#include "tests/own_arena.h"

static const char *put(
	struct file_set *set, dev_t device, ino_t number, const char *name)
{
	struct named_file file = {
		.device = device, .number = number, .name = name
	};

	return file_set_put(arena, set, &file);
}

static void a_file_is_known_again_by_any_name(void **state)
{
	struct file_set set = { .count = 0 };

	(void)state;
	assert_null(put(&set, 1, 7, "mail.log"));
	assert_string_equal(put(&set, 1, 7, "link"), "mail.log");
	assert_string_equal(put(&set, 1, 7, "mail.log"), "mail.log");
	assert_int_equal(set.count, 1);
}

static void the_same_number_on_another_device_is_another(void **state)
{
	struct file_set set = { .count = 0 };

	(void)state;
	/* So many that some come to stand at the same place. */
	for (unsigned turn = 0; turn < 2; turn++)
		for (dev_t i = 0; i < 1000; i++)
			assert_int_equal(
				put(&set, i, 7, "a") != NULL, turn != 0);
	assert_int_equal(set.count, 1000);
	assert_null(put(&set, 7, 1001, "b"));
	assert_string_equal(put(&set, 7, 1001, "c"), "b");
}

/* Each against all before it would be 10,000,000,000 comparisons. */
static void a_folder_of_very_many_takes_no_longer_for_each(void **state)
{
	struct file_set set = { .count = 0 };

	(void)state;
	for (unsigned turn = 0; turn < 2; turn++)
		for (ino_t i = 0; i < 200000; i++)
			assert_int_equal(
				put(&set, 5, 64 * i, "a") != NULL, turn != 0);
	assert_int_equal(set.count, 200000);
	assert_true(set.room >= 2 * set.count && set.room <= 4 * set.count);
}

static void numbers_at_the_ends_are_numbers(void **state)
{
	struct file_set set = { .count = 0 };

	(void)state;
	assert_null(put(&set, 0, 0, "a"));
	assert_null(put(&set, (dev_t)-1, (ino_t)-1, "b"));
	assert_string_equal(put(&set, 0, 0, "c"), "a");
	assert_string_equal(put(&set, (dev_t)-1, (ino_t)-1, "c"), "b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_known_again_by_any_name),
		cmocka_unit_test(the_same_number_on_another_device_is_another),
		cmocka_unit_test(
			a_folder_of_very_many_takes_no_longer_for_each),
		cmocka_unit_test(numbers_at_the_ends_are_numbers),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
