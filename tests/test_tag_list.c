#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/policy/tag_list.h"
#include "tests/own_arena.h"

static struct tag_list list;

static void names_and_values_are_trimmed(void **state)
{
	(void)state;
	assert_true(tag_list_parse(arena,
		SPAN(" v = 1 ;\r\n\ta=rsa-sha256; h=a : b\r\n c ; x1= "
		     ";b=ab==;"),
		&list));
	assert_int_equal(list.count, 5);
	assert_true(span_is(tag_list_value(&list, "v"), SPAN("1")));
	assert_true(span_is(tag_list_value(&list, "a"), SPAN("rsa-sha256")));
	assert_true(span_is(tag_list_value(&list, "h"), SPAN("a : b\r\n c")));
	assert_true(span_is(tag_list_value(&list, "b"), SPAN("ab==")));
	assert_non_null(tag_list_get(&list, "x1"));
	assert_int_equal(tag_list_value(&list, "x1").len, 0);
	assert_null(tag_list_get(&list, "A"));
	assert_true(span_is(tag_list_get(&list, "v")->raw, SPAN(" 1 ")));
}

static const struct tag_row {
	const char *text;
	enum tag_fault fault;
	size_t at, count;
} rows[] = {
	{ .text = "", .fault = TAG_EMPTY_LIST },
	{ .text = " \r\n ", .fault = TAG_EMPTY_PIECE },
	{ .text = ";", .fault = TAG_EMPTY_PIECE },
	{ .text = "a=1", .count = 1 },
	{ .text = "a=1; ", .count = 1 },
	{ .text = "a=1;b=2;", .count = 2 },
	{ .text = "a=1;;b=2", .fault = TAG_EMPTY_PIECE, .at = 4, .count = 2 },
	{ .text = "a=1;b=2;;", .fault = TAG_EMPTY_PIECE, .at = 8, .count = 2 },
	{ .text = ";a=1", .fault = TAG_EMPTY_PIECE, .count = 1 },
	{ .text = "a=1; b; c=2", .fault = TAG_NO_EQUALS, .at = 4, .count = 2 },
	{ .text = "=1;b=2", .fault = TAG_BAD_NAME, .count = 1 },
	{ .text = "1a=1;b=2", .fault = TAG_BAD_NAME, .count = 1 },
	{ .text = "a-b=1;b=2", .fault = TAG_BAD_NAME, .count = 1 },
	{ .text = "a b=1;b=2", .fault = TAG_BAD_NAME, .count = 1 },
	{ .text = "a_9=1", .count = 1 },
	{ .text = "a=1\x01;b=2", .fault = TAG_BAD_VALUE, .count = 1 },
	{ .text = "a=1\x7f;b=2", .fault = TAG_BAD_VALUE, .count = 1 },
	{ .text = "a=\xc3\xa4;b=2", .count = 2 },
	{ .text = "a=1;A=2", .count = 2 },
	{ .text = "a=1;b=2;a=3", .fault = TAG_DUPLICATE, .at = 8, .count = 3 },
	{ .text = "a=b=c=d", .count = 1 },
};

static void the_first_fault_is_told_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct tag_row *row = &rows[i];
		bool is_good = tag_list_parse(arena, span_of(row->text), &list);

		assert_int_equal(is_good, list.fault == TAG_OK);
		if (list.fault != row->fault || list.count != row->count ||
			list.fault_at != row->at)
			fail_msg("%s: %s at %zu, %zu tags", row->text,
				tag_fault_text(list.fault), list.fault_at,
				list.count);
	}
}

static void of_two_with_one_name_the_first_counts(void **state)
{
	(void)state;
	assert_false(tag_list_parse(arena, SPAN("a=1;a=2"), &list));
	assert_true(span_is(tag_list_value(&list, "a"), SPAN("1")));
	assert_true(span_is(list.fault_text, SPAN("a=2")));
}

static void a_list_has_an_end(void **state)
{
	char text[8 * (TAG_LIST_MAX + 2)] = "";
	char *at = text;

	(void)state;
	for (int i = 0; i < TAG_LIST_MAX + 1; i++) {
		memcpy(at, "aaa=1;", 6);
		at[1] = (char)('a' + i / 16);
		at[2] = (char)('a' + i % 16);
		at += 6;
	}
	assert_false(tag_list_parse(arena, span_of(text), &list));
	assert_int_equal(list.fault, TAG_TOO_MANY);
	assert_int_equal(list.count, TAG_LIST_MAX);
}

static void white_space_goes_out_of_a_value(void **state)
{
	(void)state;
	assert_true(
		span_is(tag_squeeze(arena, SPAN(" a b\r\n\tc ")), SPAN("abc")));
	assert_int_equal(tag_squeeze(arena, SPAN("")).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_values_are_trimmed),
		cmocka_unit_test(the_first_fault_is_told_with_its_place),
		cmocka_unit_test(of_two_with_one_name_the_first_counts),
		cmocka_unit_test(a_list_has_an_end),
		cmocka_unit_test(white_space_goes_out_of_a_value),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
