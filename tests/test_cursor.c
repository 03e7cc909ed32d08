#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "probe/dns/cursor.h"

#define BYTES(literal)                                                         \
	{                                                                      \
		literal, sizeof(literal) - 1                                   \
	}
#define LABEL_63                                                               \
	"\x3f"                                                                 \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define TEXT_63                                                                \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* clang-format off */
static const struct name_case {
	const char *name;
	struct span bytes;
	size_t at;                      /* where the name begins */
	const char *text;               /* NULL: it is none */
	size_t after;
} names[] = {
	{ "labels", BYTES("\2mx\7example\0"), 0, "mx.example", 12 },
	{ "the root", BYTES("\0"), 0, ".", 1 },
	{ "upper case", BYTES("\2MX\0"), 0, "mx", 4 },
	{ "a dot in a label", BYTES("\3a.b\0"), 0, "a\\046b", 5 },
	{ "a pointer", BYTES("\1a\0\xc0\0"), 3, "a", 5 },
	{ "labels and a pointer", BYTES("\1a\0\1b\xc0\0"), 3, "b.a", 7 },
	{ "a pointer to a pointer", BYTES("\1a\0\xc0\0\1b\xc0\3"), 5, "b.a",
	  9 },
	{ "a pointer to itself", BYTES("\xc0\0"), 0, NULL, 0 },
	{ "a pointer forward", BYTES("\xc0\2\1a\0"), 0, NULL, 0 },
	{ "a pointer into its own label", BYTES("\1a\xc0\0"), 0, NULL, 0 },
	{ "two pointers at each other", BYTES("\xc0\2\xc0\0"), 2, NULL, 0 },
	{ "a label of a kind that is not", BYTES("\x41z\0"), 0, NULL, 0 },
	{ "255 octets", BYTES(LABEL_63 LABEL_63 LABEL_63
		"\x3d" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0"), 0,
	  TEXT_63 "." TEXT_63 "." TEXT_63 ".aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 255 },
	{ "256 octets", BYTES(LABEL_63 LABEL_63 LABEL_63
		"\x3e" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0"), 0, NULL, 0 },
};
/* clang-format on */

/* Of a copy without a byte behind it, so that a sanitizer sees an overrun. */
static bool take(struct span bytes, size_t at, char room[static NAME_TEXT_MAX],
	struct span *text, size_t *after)
{
	char *copy = malloc(bytes.len + 1);
	struct cursor cursor;
	bool is_name;

	memcpy(copy + 1, bytes.at, bytes.len);
	cursor = cursor_of((struct span){ copy + 1, bytes.len });
	cursor.at = at;
	is_name = cursor_take_name(&cursor, room, text);
	*after = cursor.at;
	free(copy);
	return is_name;
}

static void a_name_is_read_wherever_its_labels_lie(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const struct name_case *name = &names[i];
		char room[NAME_TEXT_MAX];
		struct span text;
		size_t after;
		bool is_name = take(name->bytes, name->at, room, &text, &after);

		if (is_name != (name->text != NULL))
			fail_msg("%s", name->name);
		if (is_name && (!span_is(text, span_of(name->text)) ||
				       after != name->after))
			fail_msg("%s: %.*s, %zu", name->name, SPAN_ARG(text),
				after);
	}
}

static void a_name_that_is_cut_is_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const struct name_case *name = &names[i];
		char room[NAME_TEXT_MAX];
		struct span text;
		size_t after;

		for (size_t len = name->at; name->text && len < name->after;
			len++)
			if (take(span_part(name->bytes, 0, len), name->at, room,
				    &text, &after))
				fail_msg("%s, %zu octets", name->name, len);
	}
}

#define RECORD "\1a\0\0\1\0\1\0\0\1\x2c\0\2hi"

static void a_record_ends_where_its_data_do(void **state)
{
	struct span bytes = BYTES(RECORD "more");
	struct cursor cursor = cursor_of(bytes);
	struct wire_record record;

	(void)state;
	assert_true(cursor_take_record(&cursor, &record));
	assert_true(span_is(record.owner, SPAN("a")));
	assert_int_equal(record.type, 1);
	assert_int_equal(record.class, WIRE_CLASS_IN);
	assert_int_equal(record.ttl, 300);
	assert_true(span_is(cursor_rest(&record.body), SPAN("hi")));
	assert_true(span_is(cursor_rest(&cursor), SPAN("more")));
}

static void a_record_that_is_cut_is_none(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(RECORD) - 1; len++) {
		struct cursor cursor = cursor_of((struct span){ RECORD, len });
		struct wire_record record;

		assert_false(cursor_take_record(&cursor, &record));
	}
}

/* RFC 2181 section 8; what an OPT record has there is no time. */
static void a_time_with_its_highest_bit_set_is_none(void **state)
{
	struct span a = BYTES("\0\0\1\0\1\x80\0\0\1\0\0");
	struct span opt = BYTES("\0\0\x29\0\1\x80\0\0\1\0\0");
	struct cursor cursor = cursor_of(a);
	struct wire_record record;

	(void)state;
	assert_true(cursor_take_record(&cursor, &record));
	assert_int_equal(record.ttl, 0);
	cursor = cursor_of(opt);
	assert_true(cursor_take_record(&cursor, &record));
	assert_int_equal(record.ttl, 0x80000001);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_read_wherever_its_labels_lie),
		cmocka_unit_test(a_name_that_is_cut_is_none),
		cmocka_unit_test(a_record_ends_where_its_data_do),
		cmocka_unit_test(a_record_that_is_cut_is_none),
		cmocka_unit_test(a_time_with_its_highest_bit_set_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
