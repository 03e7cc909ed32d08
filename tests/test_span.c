#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>

#include "probe/base/span.h"

static const struct span nothing;

static void spans_are_the_same_by_their_bytes(void **state)
{
	(void)state;
	assert_true(span_is(SPAN("a\0b"), SPAN("a\0b")));
	assert_false(span_is(SPAN("a\0b"), SPAN("a\0c")));
	assert_false(span_is(SPAN("a"), SPAN("ab")));
	assert_true(span_is(nothing, SPAN("")));
}

static void case_is_folded_in_ascii_alone(void **state)
{
	(void)state;
	assert_true(span_is_nocase(SPAN("StartTLS"), SPAN("STARTTLS")));
	assert_true(span_is_nocase(nothing, SPAN("")));
	assert_false(span_is_nocase(SPAN("a"), SPAN("ab")));
	assert_false(span_is_nocase(SPAN("["), SPAN("{")));
	assert_false(span_is_nocase(SPAN("@"), SPAN("`")));
	assert_false(span_is_nocase(SPAN("\303\211"), SPAN("\303\251")));
}

static void starts_and_ends_are_found_in_any_case(void **state)
{
	(void)state;
	assert_true(span_starts_nocase(SPAN("IPv6:::1"), SPAN("ipv6:")));
	assert_false(span_starts_nocase(SPAN("IPv"), SPAN("ipv6:")));
	assert_true(span_starts_nocase(nothing, nothing));
	assert_true(span_ends_nocase(SPAN("mx.Example"), SPAN(".example")));
	assert_false(span_ends_nocase(SPAN("example"), SPAN(".example")));
	assert_true(span_ends_nocase(SPAN("x"), SPAN("")));
}

static void what_is_not_found_is_at_the_end(void **state)
{
	(void)state;
	assert_int_equal(span_find(SPAN("a:b:c"), ':'), 1);
	assert_int_equal(span_find(SPAN("abc"), ':'), 3);
	assert_int_equal(span_find(SPAN("a\0c"), '\0'), 1);
	assert_int_equal(span_find(nothing, 'a'), 0);
	assert_int_equal(
		span_find_nocase(SPAN("so SpamHaus"), SPAN("spamhaus")), 3);
	assert_int_equal(span_find_nocase(SPAN("spam"), SPAN("spamhaus")), 4);
	assert_int_equal(span_find_nocase(SPAN("spam"), SPAN("")), 0);
	assert_int_equal(span_find_nocase(nothing, SPAN("a")), 0);
}

static void a_part_is_never_outside(void **state)
{
	struct span text = SPAN("abcde");

	(void)state;
	assert_true(span_is(span_part(text, 1, 3), SPAN("bcd")));
	assert_true(span_is(span_part(text, 3, SIZE_MAX), SPAN("de")));
	assert_int_equal(span_part(text, 5, 1).len, 0);
	assert_ptr_equal(span_part(text, 99, 99).at, text.at + 5);
	assert_int_equal(span_part(nothing, 0, 1).len, 0);
	assert_null(span_part(nothing, 1, 1).at);
}

static void blanks_are_trimmed_at_both_ends(void **state)
{
	(void)state;
	assert_true(span_is(span_trim(SPAN(" \t a b \t")), SPAN("a b")));
	assert_true(span_is(span_trim(SPAN("\r\n")), SPAN("\r\n")));
	assert_int_equal(span_trim(SPAN("  ")).len, 0);
	assert_int_equal(span_trim(nothing).len, 0);
}

static void a_cut_takes_the_first_word_and_its_end(void **state)
{
	struct span rest = SPAN("a,,b");

	(void)state;
	assert_true(span_is(span_cut(&rest, ','), SPAN("a")));
	assert_true(span_is(span_cut(&rest, ','), SPAN("")));
	assert_true(span_is(rest, SPAN("b")));
	assert_true(span_is(span_cut(&rest, ','), SPAN("b")));
	assert_int_equal(rest.len, 0);
	assert_int_equal(span_cut(&rest, ',').len, 0);
	rest = SPAN("a,");
	assert_true(span_is(span_cut(&rest, ','), SPAN("a")));
	assert_int_equal(rest.len, 0);
}

static void a_number_is_whole_and_within_its_limit(void **state)
{
	unsigned long number = 7;

	(void)state;
	assert_true(span_number(SPAN("0"), 9, &number));
	assert_int_equal(number, 0);
	assert_true(span_number(SPAN("65535"), 65535, &number));
	assert_int_equal(number, 65535);
	assert_true(span_number(SPAN("0007"), 9, &number));
	assert_false(span_number(SPAN("65536"), 65535, &number));
	assert_false(span_number(SPAN("8"), 7, &number));
	assert_false(span_number(SPAN(""), 9, &number));
	assert_false(span_number(SPAN("1 "), 9, &number));
	assert_false(span_number(SPAN("-1"), 9, &number));
	assert_false(span_number(SPAN("+1"), 9, &number));
	assert_int_equal(number, 7);
	assert_true(
		span_number(SPAN("18446744073709551615"), ULONG_MAX, &number));
	assert_true(number == ULONG_MAX);
	assert_false(
		span_number(SPAN("18446744073709551616"), ULONG_MAX, &number));
	assert_false(span_number(
		SPAN("99999999999999999999999"), ULONG_MAX, &number));
}

static void a_hexadecimal_digit_has_a_value_in_either_case(void **state)
{
	static const char digits[] = "0123456789abcdef";

	(void)state;
	for (int i = 0; i < 16; i++)
		assert_int_equal(ascii_hex_digit(digits[i]), i);
	assert_int_equal(ascii_hex_digit('A'), 10);
	assert_int_equal(ascii_hex_digit('F'), 15);
	for (const char *c = "/:@G`g \xb0"; *c; c++)
		assert_int_equal(ascii_hex_digit(*c), -1);
	assert_int_equal(ascii_hex_digit('\0'), -1);
}

static void a_fold_is_space_and_not_blank(void **state)
{
	(void)state;
	assert_true(ascii_is_blank(' ') && ascii_is_blank('\t'));
	assert_false(ascii_is_blank('\r') || ascii_is_blank('\n'));
	assert_true(ascii_is_space('\r') && ascii_is_space('\n'));
	assert_false(ascii_is_space('\0') || ascii_is_space('\v'));
}

static void a_line_has_its_text_without_its_end(void **state)
{
	static const struct {
		const char *line, *text;
	} rows[] = {
		{ "a\r\n", "a" },
		{ "a\n", "a" },
		{ "a\r", "a" },
		{ "a", "a" },
		{ "\r\n", "" },
		{ "\n", "" },
		{ "\r", "" },
		{ "", "" },
		{ "a\r\r\n", "a\r" },
		{ "a\n\r\n", "a\n" },
		{ "\ra ", "\ra " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(span_is(span_line_text(span_of(rows[i].line)),
			span_of(rows[i].text)));
	assert_int_equal(span_line_text((struct span){ NULL, 0 }).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_are_the_same_by_their_bytes),
		cmocka_unit_test(case_is_folded_in_ascii_alone),
		cmocka_unit_test(starts_and_ends_are_found_in_any_case),
		cmocka_unit_test(what_is_not_found_is_at_the_end),
		cmocka_unit_test(a_part_is_never_outside),
		cmocka_unit_test(blanks_are_trimmed_at_both_ends),
		cmocka_unit_test(a_cut_takes_the_first_word_and_its_end),
		cmocka_unit_test(a_number_is_whole_and_within_its_limit),
		cmocka_unit_test(
			a_hexadecimal_digit_has_a_value_in_either_case),
		cmocka_unit_test(a_fold_is_space_and_not_blank),
		cmocka_unit_test(a_line_has_its_text_without_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
