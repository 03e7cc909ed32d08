#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/option_values.h"

/* clang-format off */
static const struct duration_case {
	const char *text;
	bool is_well;
	unsigned ms;
} durations[] = {
	{ "10", true, 10000 },
	{ "1.5", true, 1500 },
	{ "1.005s", true, 1005 },
	{ "90s", true, 90000 },
	{ "90S", true, 90000 },
	{ "500ms", true, 500 },
	{ "1.9ms", true, 1 },
	{ "2m", true, 120000 },
	{ "0.25m", true, 15000 },
	{ "0", true, 0 },
	{ "86400", true, 86400000 },
	{ "1440m", true, 86400000 },
	{ "86401", false, 0 },
	{ "1441m", false, 0 },
	{ "1.0005", false, 0 },
	{ "1.x", false, 0 },
	{ ".5", false, 0 },
	{ "-1", false, 0 },
	{ "1h", false, 0 },
	{ "1 s", false, 0 },
	{ "s", false, 0 },
	{ "", false, 0 },
	{ "99999999999999999999", false, 0 },
};
/* clang-format on */

static void a_duration_has_seconds_where_no_unit_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(durations); i++) {
		const struct duration_case *one = &durations[i];
		const char *why = NULL;
		unsigned ms = 0;
		bool is_well = option_duration(span_of(one->text), &ms, &why);

		if (is_well != one->is_well || (is_well && ms != one->ms))
			fail_msg("\"%s\": %d, %u", one->text, is_well, ms);
		assert_non_null(why);
	}
}

static void nobody_is_waited_for_in_no_time(void **state)
{
	const char *why;
	unsigned ms;

	(void)state;
	assert_true(option_timeout(SPAN("1ms"), &ms, &why));
	assert_false(option_timeout(SPAN("0"), &ms, &why));
	assert_non_null(strstr(why, "more than 0"));
	assert_false(option_timeout(SPAN("x"), &ms, &why));
	assert_non_null(strstr(why, "a duration"));
}

static void a_number_stays_within_its_bounds(void **state)
{
	unsigned number;
	uint16_t port;

	(void)state;
	assert_true(option_whole(SPAN("2"), 2, 5, &number));
	assert_int_equal(number, 2);
	assert_true(option_whole(SPAN("5"), 2, 5, &number));
	assert_int_equal(number, 5);
	assert_false(option_whole(SPAN("1"), 2, 5, &number));
	assert_false(option_whole(SPAN("6"), 2, 5, &number));
	assert_false(option_whole(SPAN("3x"), 2, 5, &number));
	assert_true(option_port(SPAN("65535"), &port));
	assert_int_equal(port, 65535);
	assert_false(option_port(SPAN("0"), &port));
	assert_false(option_port(SPAN("65536"), &port));
}

static void a_word_is_one_of_a_few(void **state)
{
	static const char *const words[] = { "best", "all" };

	(void)state;
	assert_int_equal(option_word(SPAN("best"), words, 2), 0);
	assert_int_equal(option_word(SPAN("all"), words, 2), 1);
	assert_int_equal(option_word(SPAN("al"), words, 2), -1);
	assert_int_equal(option_word(SPAN(""), words, 2), -1);
}

static void a_line_end_is_in_no_word(void **state)
{
	(void)state;
	assert_true(option_is_one_word(SPAN("mx.example")));
	assert_true(option_is_one_word(SPAN("m\xc3\xbc.example")));
	assert_false(option_is_one_word(SPAN("")));
	assert_false(option_is_one_word(SPAN("a b")));
	assert_false(option_is_one_word(SPAN("a\r\nQUIT")));
	assert_false(option_is_one_word(SPAN("a\x7f")));
}

static void a_file_has_a_name(void **state)
{
	struct arena *arena = arena_open();
	struct span value = { "a.pcap, and more", 6 };
	const char *name, *why;

	(void)state;
	assert_true(option_file(arena, value, &name, &why));
	assert_string_equal(name, "a.pcap");
	assert_false(option_file(arena, SPAN(""), &name, &why));
	assert_string_equal(why, "the name of a file is wanted");
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_duration_has_seconds_where_no_unit_is),
		cmocka_unit_test(nobody_is_waited_for_in_no_time),
		cmocka_unit_test(a_number_stays_within_its_bounds),
		cmocka_unit_test(a_word_is_one_of_a_few),
		cmocka_unit_test(a_line_end_is_in_no_word),
		cmocka_unit_test(a_file_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
