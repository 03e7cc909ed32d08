#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/base/base64.h"
#include "tests/spans.h"

/* RFC 4648 section 10, and what mail adds. */
static const struct base64_row {
	struct span text, bytes;
} rows[] = {
	{ .text = BYTES(""), .bytes = BYTES("") },
	{ .text = BYTES("Zg=="), .bytes = BYTES("f") },
	{ .text = BYTES("Zm8="), .bytes = BYTES("fo") },
	{ .text = BYTES("Zm9v"), .bytes = BYTES("foo") },
	{ .text = BYTES("Zm9vYg=="), .bytes = BYTES("foob") },
	{ .text = BYTES("Zm9vYmE="), .bytes = BYTES("fooba") },
	{ .text = BYTES("Zm9vYmFy"), .bytes = BYTES("foobar") },
	{ .text = BYTES("+/+/AA=="), .bytes = BYTES("\xfb\xff\xbf\0") },
};

static const struct span lenient[] = {
	BYTES("Zm9vYg"), BYTES(" Zm9v\r\n\tYg = ="), BYTES("Zm9vYg==\n"),
	BYTES("Zm9vYh=="), /* bits left over */
};

static const struct span broken[] = {
	BYTES("Z"),
	BYTES("Zm9vY"),
	BYTES("Zm9v="),
	BYTES("Zm9vYg="),
	BYTES("Zm9vYg==="),
	BYTES("Zm9v===="),
	BYTES("Zm9vYg==Zm9v"),
	BYTES("Zm9v-_"),
	BYTES("Zm9v\0Zm9v"),
	BYTES("Zm9v\xc3"),
	BYTES("="),
};

static void bytes_become_text_and_come_back(void **state)
{
	struct arena *arena = arena_open();
	struct span got;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		got = base64_encode(arena, rows[i].bytes);
		assert_true(span_is(got, rows[i].text));
		assert_int_equal(
			got.len, BASE64_ENCODED_LEN(rows[i].bytes.len));
		assert_true(base64_decode(arena, rows[i].text, &got));
		assert_true(span_is(got, rows[i].bytes));
	}
	arena_close(arena);
}

static void every_octet_survives(void **state)
{
	struct arena *arena = arena_open();
	char all[256];
	struct span got, bytes = { all, sizeof(all) };

	(void)state;
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (char)i;
	for (size_t len = 0; len <= sizeof(all); len++) {
		bytes.len = len;
		assert_true(base64_decode(
			arena, base64_encode(arena, bytes), &got));
		assert_true(span_is(got, bytes));
		assert_true(
			got.len <= BASE64_DECODED_MAX(BASE64_ENCODED_LEN(len)));
	}
	arena_close(arena);
}

static void folds_and_missing_padding_are_let_through(void **state)
{
	struct arena *arena = arena_open();
	struct span got;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lenient); i++) {
		assert_true(base64_decode(arena, lenient[i], &got));
		assert_true(span_is(got, SPAN("foob")));
	}
	arena_close(arena);
}

static void what_is_not_base64_is_refused(void **state)
{
	struct arena *arena = arena_open();
	struct span got;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(broken); i++)
		if (base64_decode(arena, broken[i], &got))
			fail_msg("taken: %.*s", SPAN_ARG(broken[i]));
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_become_text_and_come_back),
		cmocka_unit_test(every_octet_survives),
		cmocka_unit_test(folds_and_missing_padding_are_let_through),
		cmocka_unit_test(what_is_not_base64_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
