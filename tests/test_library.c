#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "probe/base/library.h"

struct libmath {
	double (*cbrt)(double);
	double (*floor)(double);
};

static const struct library_function functions[] = {
	{ "cbrt", offsetof(struct libmath, cbrt) },
	{ "floor", offsetof(struct libmath, floor) },
	{ "no_such_function", 0 },
};

static void a_library_is_called_through_its_table(void **state)
{
	const struct library library = {
		.name = "libm.so.6", .functions = functions, .count = 2
	};
	struct libmath libmath = { 0 };
	const char *why = "";

	(void)state;
	assert_true(library_load(&library, &libmath, &why));
	assert_true(libmath.cbrt(27) > 2.9 && libmath.cbrt(27) < 3.1);
	assert_true(libmath.floor(2.5) > 1.9 && libmath.floor(2.5) < 2.1);
}

static void a_library_that_is_not_there_is_told(void **state)
{
	const struct library library = { .name = "libmxprobe-has-none.so.1",
		.functions = functions,
		.count = 2 };
	struct libmath libmath = { 0 };
	const char *why = "";

	(void)state;
	assert_false(library_load(&library, &libmath, &why));
	assert_non_null(strstr(why, "libmxprobe-has-none.so.1: "));
	assert_null(libmath.cbrt);
}

static void one_that_lacks_a_function_is_not_good_enough(void **state)
{
	const struct library library = { .name = "libm.so.6",
		.functions = functions,
		.count = COUNT_OF(functions) };
	struct libmath libmath = { 0 };
	const char *why = "";

	(void)state;
	assert_false(library_load(&library, &libmath, &why));
	assert_non_null(strstr(why, "no_such_function"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_library_is_called_through_its_table),
		cmocka_unit_test(a_library_that_is_not_there_is_told),
		cmocka_unit_test(one_that_lacks_a_function_is_not_good_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
