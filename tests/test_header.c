#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/mail/header.h"
#include "tests/own_arena.h"

static struct header header;

static void parse(const char *text)
{
	header_parse(arena, span_of(text), &header);
}

static void must_be(size_t at, const char *name, const char *value)
{
	assert_true(at < header.count);
	if (!span_is(header.fields[at].name, span_of(name)))
		fail_msg("%zu is %.*s, not %s", at,
			SPAN_ARG(header.fields[at].name), name);
	if (!span_is(header.fields[at].value, span_of(value)))
		fail_msg("%s is %.*s, not %s", name,
			SPAN_ARG(header.fields[at].value), value);
}

static void fields_are_cut_where_lines_begin(void **state)
{
	(void)state;
	parse("From: a@b\r\nSubject: one\r\n two\r\n\tthree\r\nX:\r\n\r\nbody");
	assert_int_equal(header.count, 3);
	must_be(0, "From", " a@b");
	must_be(1, "Subject", " one\r\n two\r\n\tthree");
	must_be(2, "X", "");
	assert_true(span_is(
		header.fields[1].raw, SPAN("Subject: one\r\n two\r\n\tthree")));
	assert_int_equal(header.oddities, 0);
	assert_int_equal(header.line_count, 6);
	assert_int_equal(header.fields[1].line, 2);
	assert_int_equal(header.fields[2].line, 5);
}

/* One text a row, with what is odd in it. */
static const struct odd_row {
	const char *text;
	unsigned oddities;
	size_t count;
} odd[] = {
	{ .text = "A: 1\nB: 2\r\n\r\n",
		.oddities = HEADER_BARE_LF,
		.count = 2 },
	{ .text = "A: 1\r\n\n", .oddities = HEADER_BARE_LF, .count = 1 },
	{ .text = "A: 1\r2\r\n\r\n", .oddities = HEADER_BARE_CR, .count = 1 },
	{ .text = "A: 1\r\r\n\r\n", .oddities = HEADER_BARE_CR, .count = 1 },
	{ .text = "A: \xe1\r\n\r\n", .oddities = HEADER_8BIT, .count = 1 },
	{ .text = "\xe1: x\r\n\r\n", .oddities = HEADER_8BIT, .count = 1 },
	{ .text = "A : 1\r\n\r\n",
		.oddities = HEADER_SPACE_BEFORE_COLON,
		.count = 1 },
	{ .text = "A: 1\r\n \t\r\n 2\r\n\r\n",
		.oddities = HEADER_BLANK_FOLD,
		.count = 1 },
	{ .text = "From a@b Mon\r\nA: 1\r\n\r\n",
		.oddities = HEADER_MBOX_FROM,
		.count = 1 },
	{ .text = ">From a@b Mon\r\nA: 1\r\n\r\n",
		.oddities = HEADER_MBOX_FROM,
		.count = 1 },
	{ .text = "From : a@b\r\n\r\n",
		.oddities = HEADER_SPACE_BEFORE_COLON,
		.count = 1 },
	{ .text = "A: 1\r\nFrom a@b Mon\r\n\r\n",
		.oddities = HEADER_NOT_A_FIELD,
		.count = 1 },
	{ .text = "A: 1\r\nno field\r\n with a fold\r\nB: 2\r\n\r\n",
		.oddities = HEADER_NOT_A_FIELD,
		.count = 2 },
	{ .text = " fold\r\nA: 1\r\n\r\n",
		.oddities = HEADER_NOT_A_FIELD,
		.count = 1 },
	{ .text = ": 1\r\n\r\n", .oddities = HEADER_NOT_A_FIELD, .count = 0 },
	{ .text = "A: 1\r\n", .oddities = HEADER_NO_EMPTY_LINE, .count = 1 },
	{ .text = "A: 1", .oddities = HEADER_NO_EMPTY_LINE, .count = 1 },
	{ .text = "", .oddities = HEADER_NO_EMPTY_LINE, .count = 0 },
	{ .text = "\r\nA: 1\r\n", .oddities = 0, .count = 0 },
	{ .text = "\r",
		.oddities = HEADER_NO_EMPTY_LINE | HEADER_BARE_CR |
			    HEADER_NOT_A_FIELD,
		.count = 0 },
};

static void what_is_odd_is_noted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(odd); i++) {
		parse(odd[i].text);
		if (header.oddities != odd[i].oddities ||
			header.count != odd[i].count)
			fail_msg("%zu: %x, %zu fields", i, header.oddities,
				header.count);
	}
}

static void an_oddity_belongs_to_its_field(void **state)
{
	(void)state;
	parse("A: 1\r\nB: \xe1\r\nC: 1\n 2\r\n\r\n");
	assert_int_equal(header.fields[0].oddities, 0);
	assert_int_equal(header.fields[1].oddities, HEADER_8BIT);
	assert_int_equal(header.fields[2].oddities, HEADER_BARE_LF);
}

static void a_nul_is_a_byte_and_noted(void **state)
{
	(void)state;
	header_parse(arena, SPAN("A: 1\0002\r\n\r\n"), &header);
	assert_int_equal(header.oddities, HEADER_NUL);
	assert_true(span_is(header.fields[0].value, SPAN(" 1\0002")));
}

static void names_are_found_in_any_case(void **state)
{
	(void)state;
	parse("To: 1\r\nfrom: 2\r\nFROM: 3\r\n\r\n");
	assert_int_equal(header_find(&header, SPAN("From"), 0), 1);
	assert_int_equal(header_find(&header, SPAN("From"), 2), 2);
	assert_int_equal(header_find(&header, SPAN("From"), 3), 3);
	assert_int_equal(header_find(&header, SPAN("From"), 9), 3);
	assert_int_equal(header_count(&header, SPAN("From")), 2);
	assert_int_equal(header_count(&header, SPAN("Fro")), 0);
	assert_ptr_equal(header_get(&header, SPAN("From")), &header.fields[1]);
	assert_null(header_get(&header, SPAN("Cc")));
}

static void folds_open_into_one_line(void **state)
{
	(void)state;
	assert_true(span_is(header_unfold(arena, SPAN(" a\r\n b\n\tc \r\n ")),
		SPAN("a b\tc")));
	assert_true(span_is(header_unfold(arena, SPAN("a\rb")), SPAN("a\rb")));
}

static void too_many_fields_are_dropped_and_noted(void **state)
{
	char *text = arena_take(arena, 6 * (HEADER_FIELDS_MAX + 2));

	(void)state;
	for (size_t i = 0; i < HEADER_FIELDS_MAX + 1; i++)
		memcpy(text + 6 * i, "A: 1\r\n", 6);
	parse(text);
	assert_int_equal(header.count, HEADER_FIELDS_MAX);
	assert_true(header.oddities & HEADER_TOO_LARGE);
}

static void too_many_octets_are_dropped_and_noted(void **state)
{
	char *text = arena_take(arena, HEADER_MAX + 100);

	(void)state;
	memset(text, 'a', HEADER_MAX + 99);
	memcpy(text, "A: ", 3);
	parse(text);
	assert_int_equal(header.count, 1);
	assert_int_equal(header.fields[0].raw.len, HEADER_MAX);
	assert_true(header.oddities & HEADER_TOO_LARGE);
}

static void a_name_is_printable_without_a_colon(void **state)
{
	(void)state;
	assert_true(header_name_is_valid(SPAN("X-!#$%&'*+-.^_`|~9")));
	assert_false(header_name_is_valid(SPAN("")));
	assert_false(header_name_is_valid(SPAN("a b")));
	assert_false(header_name_is_valid(SPAN("a:")));
	assert_false(header_name_is_valid(SPAN("\xe1")));
	assert_false(header_name_is_valid(SPAN("a\x7f")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_cut_where_lines_begin),
		cmocka_unit_test(what_is_odd_is_noted),
		cmocka_unit_test(an_oddity_belongs_to_its_field),
		cmocka_unit_test(a_nul_is_a_byte_and_noted),
		cmocka_unit_test(names_are_found_in_any_case),
		cmocka_unit_test(folds_open_into_one_line),
		cmocka_unit_test(too_many_fields_are_dropped_and_noted),
		cmocka_unit_test(too_many_octets_are_dropped_and_noted),
		cmocka_unit_test(a_name_is_printable_without_a_colon),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
