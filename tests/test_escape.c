#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/base/escape.h"
#include "probe/base/utf8.h"
#include "tests/spans.h"

/* clang-format off */
static const struct escape_case {
	struct span bytes;
	const char *text;               /* for a terminal */
	const char *utf8;               /* for JSON; NULL: the same bytes */
} cases[] = {
	{ BYTES(""), "", NULL },
	{ BYTES("250 OK ~"), "250 OK ~", NULL },
	{ BYTES("a\\b"), "a\\x5cb", NULL },
	{ BYTES("\033[2J"), "\\x1b[2J", NULL },
	{ BYTES("a\r\n\tb\177"), "a\\x0d\\x0a\\x09b\\x7f", NULL },
	{ BYTES("\303\251"), "\303\251", NULL },
	{ BYTES("\346\227\245"), "\346\227\245", NULL },
	{ BYTES("\360\237\230\200"), "\360\237\230\200", NULL },
	/* C1: CSI and NEL. */
	{ BYTES("\302\233"), "\\xc2\\x9b", NULL },
	{ BYTES("\302\205"), "\\xc2\\x85", NULL },
	/* Right-to-left override, isolates, zero width space, BOM, line
	 * separator, soft hyphen. */
	{ BYTES("\342\200\256"), "\\xe2\\x80\\xae", NULL },
	{ BYTES("\342\201\246"), "\\xe2\\x81\\xa6", NULL },
	{ BYTES("\342\200\213"), "\\xe2\\x80\\x8b", NULL },
	{ BYTES("\357\273\277"), "\\xef\\xbb\\xbf", NULL },
	{ BYTES("\342\200\250"), "\\xe2\\x80\\xa8", NULL },
	{ BYTES("\302\255"), "\\xc2\\xad", NULL },
	/* Latin-1, torn, overlong, a surrogate, beyond the last. */
	{ BYTES("\351t"), "\\xe9t", "\357\277\275t" },
	{ BYTES("\303"), "\\xc3", "\357\277\275" },
	{ BYTES("\342\202"), "\\xe2\\x82", "\357\277\275\357\277\275" },
	{ BYTES("\300\257"), "\\xc0\\xaf", "\357\277\275\357\277\275" },
	{ BYTES("\340\202\251"), "\\xe0\\x82\\xa9",
		"\357\277\275\357\277\275\357\277\275" },
	{ BYTES("\355\240\200"), "\\xed\\xa0\\x80",
		"\357\277\275\357\277\275\357\277\275" },
	{ BYTES("\364\220\200\200"), "\\xf4\\x90\\x80\\x80",
		"\357\277\275\357\277\275\357\277\275\357\277\275" },
	{ BYTES("\377"), "\\xff", "\357\277\275" },
};
/* clang-format on */

static void a_terminal_gets_nothing_it_would_obey(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena *arena = arena_open();

		print_message("# %s\n", cases[i].text);
		assert_true(span_is(escape_text(arena, cases[i].bytes),
			span_of(cases[i].text)));
		arena_close(arena);
	}
}

static void json_gets_utf8_and_is_told_when_it_differs(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena *arena = arena_open();
		bool is_exact;
		struct span text = escape_utf8(
			arena, cases[i].bytes, &is_exact);

		print_message("# %s\n", cases[i].text);
		assert_int_equal(is_exact, cases[i].utf8 == NULL);
		assert_int_equal(is_exact, utf8_is_whole(cases[i].bytes));
		assert_true(span_is(text, cases[i].utf8 ? span_of(cases[i].utf8)
							: cases[i].bytes));
		arena_close(arena);
	}
}

/* All of one, two and three bytes: nothing but what is visible comes out. */
static void no_bytes_whatever_make_a_control(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 256; first++) {
		struct arena *arena = arena_open();

		for (unsigned second = 0; second < 256; second++) {
			char bytes[] = { (char)first, (char)second, '\x80' };
			struct span text = escape_text(
				arena, (struct span){ bytes, 3 });

			assert_true(text.len >= 3 && text.len <= 12);
			assert_true(utf8_is_whole(text));
			for (size_t i = 0; i < text.len; i++)
				assert_true((unsigned char)text.at[i] >= 0x20 &&
					    text.at[i] != 0x7f);
		}
		arena_close(arena);
	}
}

static void a_nul_is_shown(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	assert_true(span_is(escape_text(arena, SPAN("a\0b")), SPAN("a\\x00b")));
	arena_close(arena);
}

static void hexadecimal_has_two_digits_a_byte(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	assert_true(span_is(
		escape_hex(arena, SPAN("\0\x0f\xa0\xff")), SPAN("000fa0ff")));
	assert_int_equal(escape_hex(arena, SPAN("")).len, 0);
	arena_close(arena);
}

static void columns_are_counted_as_a_terminal_does(void **state)
{
	(void)state;
	assert_int_equal(escape_columns(SPAN("")), 0);
	assert_int_equal(escape_columns(SPAN("abc")), 3);
	assert_int_equal(escape_columns(SPAN("\303\251")), 1);
	assert_int_equal(escape_columns(SPAN("e\314\201")), 1);
	assert_int_equal(escape_columns(SPAN("\346\227\245\346\234\254")), 4);
	assert_int_equal(escape_columns(SPAN("\360\237\230\200")), 2);
	assert_int_equal(escape_columns(SPAN("\342\235\244\357\270\217")), 1);
}

static void utf8_without_a_high_byte_is_ascii(void **state)
{
	(void)state;
	assert_true(utf8_is_ascii(SPAN("")));
	assert_true(utf8_is_ascii(SPAN("a\177\0")));
	assert_false(utf8_is_ascii(SPAN("a\200")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_gets_nothing_it_would_obey),
		cmocka_unit_test(json_gets_utf8_and_is_told_when_it_differs),
		cmocka_unit_test(no_bytes_whatever_make_a_control),
		cmocka_unit_test(a_nul_is_shown),
		cmocka_unit_test(hexadecimal_has_two_digits_a_byte),
		cmocka_unit_test(columns_are_counted_as_a_terminal_does),
		cmocka_unit_test(utf8_without_a_high_byte_is_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
