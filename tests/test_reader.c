#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/mail/reader.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

/* One message a row, and where its body begins. */
static const struct reader_row {
	struct span message, body;
	size_t count;
} rows[] = {
	{ .message = BYTES("A: 1\r\nB: 2\r\n\r\nbody\r\n"),
		.body = BYTES("body\r\n"),
		.count = 2 },
	{ .message = BYTES("A: 1\nB: 2\n\nbody\n"),
		.body = BYTES("body\n"),
		.count = 2 },
	{ .message = BYTES("A: 1\r\n\r\n"), .body = BYTES(""), .count = 1 },
	{ .message = BYTES("A: 1\r\n"), .body = BYTES(""), .count = 1 },
	{ .message = BYTES("A: 1\r\n\r\n\r\n"),
		.body = BYTES("\r\n"),
		.count = 1 },
	{ .message = BYTES("\r\nbody"), .body = BYTES("body"), .count = 0 },
	{ .message = BYTES("\nbody"), .body = BYTES("body"), .count = 0 },
	{ .message = BYTES("A: 1\r\n\r\r\nB: 2\r\n\r\nbody"),
		.body = BYTES("body"),
		.count = 2 },
	{ .message = BYTES("A: 1\r\n \r\nB: 2\r\n\r\nbody"),
		.body = BYTES("body"),
		.count = 2 },
	{ .message = BYTES("A: 1\r\nx\nB: 2\r\n\nbody"),
		.body = BYTES("body"),
		.count = 2 },
	{ .message = BYTES("A: 1\r\n\n\r\n"),
		.body = BYTES("\r\n"),
		.count = 1 },
	{ .message = BYTES(""), .body = BYTES(""), .count = 0 },
};

static void must_be_row(const struct reader_row *row,
	const struct header *header, struct span body)
{
	if (!span_is(body, row->body) || header->count != row->count)
		fail_msg("%.*s: %zu fields, body %.*s", SPAN_ARG(row->message),
			header->count, SPAN_ARG(body));
}

static void a_whole_message_is_split_at_the_empty_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct header header;
		struct span body = mail_split(arena, rows[i].message, &header);

		must_be_row(&rows[i], &header, body);
	}
}

static void read_cut(const struct reader_row *row, size_t first, size_t second)
{
	const size_t cuts[] = { 0, first, second, row->message.len };
	struct mail_reader reader;
	struct span all = SPAN("");

	mail_reader_init(&reader, arena);
	for (size_t i = 0; i < 3; i++) {
		struct span piece = span_part(
			row->message, cuts[i], cuts[i + 1] - cuts[i]);
		struct span body = mail_reader_take(&reader, piece);

		assert_true(body.len <= piece.len);
		all = arena_print(
			arena, "%.*s%.*s", SPAN_ARG(all), SPAN_ARG(body));
	}
	mail_reader_end(&reader);
	must_be_row(row, &reader.header, all);
	assert_int_equal(reader.body_octets, row->body.len);
}

static void how_it_is_cut_does_not_matter(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		for (size_t a = 0; a <= rows[i].message.len; a++)
			for (size_t b = a; b <= rows[i].message.len; b++)
				read_cut(&rows[i], a, b);
}

static void a_body_follows_a_header_that_is_too_large(void **state)
{
	size_t len = HEADER_MAX + 5000;
	char *text = arena_take(arena, len + 16);
	struct mail_reader reader;
	struct header header;
	struct span body = SPAN("");

	(void)state;
	memset(text, 'a', len);
	memcpy(text, "A: ", 3);
	memcpy(text + len, "\r\n\r\nbody", 8);
	mail_reader_init(&reader, arena);
	for (size_t at = 0; at < len + 8; at += 4096)
		body = mail_reader_take(&reader,
			span_part((struct span){ text, len + 8 }, at, 4096));
	mail_reader_end(&reader);
	assert_true(span_is(body, SPAN("body")));
	assert_true(reader.header.oddities & HEADER_TOO_LARGE);
	assert_int_equal(reader.kept_len, HEADER_MAX);
	body = mail_split(arena, (struct span){ text, len + 8 }, &header);
	assert_true(span_is(body, SPAN("body")));
	assert_int_equal(header.oddities, reader.header.oddities);
	assert_int_equal(
		header.fields[0].raw.len, reader.header.fields[0].raw.len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_message_is_split_at_the_empty_line),
		cmocka_unit_test(how_it_is_cut_does_not_matter),
		cmocka_unit_test(a_body_follows_a_header_that_is_too_large),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
