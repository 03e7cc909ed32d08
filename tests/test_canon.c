#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/mail/canon.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

/* ---- fields */

static const struct field_row {
	struct span raw, simple, relaxed;
} fields[] = {
	/* RFC 6376 section 3.4.5 */
	{ .raw = BYTES("A: X"),
		.simple = BYTES("A: X"),
		.relaxed = BYTES("a:X") },
	{ .raw = BYTES("B : Y\t\r\n\tZ  "),
		.simple = BYTES("B : Y\t\r\n\tZ  "),
		.relaxed = BYTES("b:Y Z") },
	{ .raw = BYTES("A: a\n b"),
		.simple = BYTES("A: a\r\n b"),
		.relaxed = BYTES("a:a b") },
	{ .raw = BYTES("A:"), .simple = BYTES("A:"), .relaxed = BYTES("a:") },
	{ .raw = BYTES("A: \t "),
		.simple = BYTES("A: \t "),
		.relaxed = BYTES("a:") },
	{ .raw = BYTES("A: \r\n x"),
		.simple = BYTES("A: \r\n x"),
		.relaxed = BYTES("a:x") },
	{ .raw = BYTES("A: x\r\n \r\n y"),
		.simple = BYTES("A: x\r\n \r\n y"),
		.relaxed = BYTES("a:x y") },
	{ .raw = BYTES("A: x\ry\r"),
		.simple = BYTES("A: x\ry\r"),
		.relaxed = BYTES("a:x\ry\r") },
	{ .raw = BYTES("A:a:b\0\xc3\xa4"),
		.simple = BYTES("A:a:b\0\xc3\xa4"),
		.relaxed = BYTES("a:a:b\0\xc3\xa4") },
	{ .raw = BYTES("\n\n\n"),
		.simple = BYTES("\r\n\r\n\r\n"),
		.relaxed = BYTES("\n\n\n") },
};

static void a_field_has_two_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		struct span simple = canon_field(
			arena, CANON_SIMPLE, fields[i].raw);
		struct span relaxed = canon_field(
			arena, CANON_RELAXED, fields[i].raw);

		assert_true(span_is(simple, fields[i].simple));
		if (!span_is(relaxed, fields[i].relaxed))
			fail_msg("%.*s: %.*s", SPAN_ARG(fields[i].raw),
				SPAN_ARG(relaxed));
		assert_true(simple.len <= CANON_FIELD_MAX(fields[i].raw.len));
		assert_true(relaxed.len <= CANON_FIELD_MAX(fields[i].raw.len));
	}
}

/* ---- bodies */

static const struct body_row {
	struct span body, simple, relaxed;
} bodies[] = {
	/* RFC 6376 section 3.4.5 */
	{ .body = BYTES(" C \r\nD \t E\r\n\r\n\r\n"),
		.simple = BYTES(" C \r\nD \t E\r\n"),
		.relaxed = BYTES(" C\r\nD E\r\n") },
	{ .body = BYTES(""), .simple = BYTES("\r\n"), .relaxed = BYTES("") },
	{ .body = BYTES("\r\n"),
		.simple = BYTES("\r\n"),
		.relaxed = BYTES("") },
	{ .body = BYTES("\r\n\r\n"),
		.simple = BYTES("\r\n"),
		.relaxed = BYTES("") },
	{ .body = BYTES(" \r\n"),
		.simple = BYTES(" \r\n"),
		.relaxed = BYTES("") },
	{ .body = BYTES(" \t"),
		.simple = BYTES(" \t\r\n"),
		.relaxed = BYTES("") },
	{ .body = BYTES("a"),
		.simple = BYTES("a\r\n"),
		.relaxed = BYTES("a\r\n") },
	{ .body = BYTES("a\r\n \r\n\t\r\n"),
		.simple = BYTES("a\r\n \r\n\t\r\n"),
		.relaxed = BYTES("a\r\n") },
	{ .body = BYTES("\r\n\r\na\r\n"),
		.simple = BYTES("\r\n\r\na\r\n"),
		.relaxed = BYTES("\r\n\r\na\r\n") },
	{ .body = BYTES("a \r\n \r\n b"),
		.simple = BYTES("a \r\n \r\n b\r\n"),
		.relaxed = BYTES("a\r\n\r\n b\r\n") },
	{ .body = BYTES("a\tb\r\n"),
		.simple = BYTES("a\tb\r\n"),
		.relaxed = BYTES("a b\r\n") },
	{ .body = BYTES("a \tb \r\n"),
		.simple = BYTES("a \tb \r\n"),
		.relaxed = BYTES("a b\r\n") },
	{ .body = BYTES("a\nb\n\n"),
		.simple = BYTES("a\r\nb\r\n"),
		.relaxed = BYTES("a\r\nb\r\n") },
	{ .body = BYTES("a \nb"),
		.simple = BYTES("a \r\nb\r\n"),
		.relaxed = BYTES("a\r\nb\r\n") },
	{ .body = BYTES("a\rb\r\n"),
		.simple = BYTES("a\rb\r\n"),
		.relaxed = BYTES("a\rb\r\n") },
	{ .body = BYTES("a\r\r\nb"),
		.simple = BYTES("a\r\r\nb\r\n"),
		.relaxed = BYTES("a\r\r\nb\r\n") },
	{ .body = BYTES("a \r b"),
		.simple = BYTES("a \r b\r\n"),
		.relaxed = BYTES("a \r b\r\n") },
	{ .body = BYTES("a\r"),
		.simple = BYTES("a\r\r\n"),
		.relaxed = BYTES("a\r\r\n") },
	{ .body = BYTES("\r"),
		.simple = BYTES("\r\r\n"),
		.relaxed = BYTES("\r\r\n") },
	{ .body = BYTES("a\r\n\r\n \r"),
		.simple = BYTES("a\r\n\r\n \r\r\n"),
		.relaxed = BYTES("a\r\n\r\n \r\r\n") },
	{ .body = BYTES("a\r\n\0\r\n"),
		.simple = BYTES("a\r\n\0\r\n"),
		.relaxed = BYTES("a\r\n\0\r\n") },
	{ .body = BYTES("\n\n\r\n\na"),
		.simple = BYTES("\r\n\r\n\r\n\r\na\r\n"),
		.relaxed = BYTES("\r\n\r\n\r\n\r\na\r\n") },
};

struct gatherer {
	struct canon_sink sink;
	char room[8192];
	size_t len;
};

static void gather(struct canon_sink *sink, struct span bytes)
{
	struct gatherer *gatherer = OWNER_OF(sink, struct gatherer, sink);

	assert_true(bytes.len > 0);
	assert_true(gatherer->len + bytes.len <= sizeof(gatherer->room));
	memcpy(gatherer->room + gatherer->len, bytes.at, bytes.len);
	gatherer->len += bytes.len;
}

/* In pieces: what is between the cuts. */
static struct span canon_cut(struct gatherer *gatherer, enum canon canon,
	struct span bytes, const size_t *cuts, size_t count)
{
	struct body_canon body;
	size_t at = 0;

	gatherer->sink.take = gather;
	gatherer->len = 0;
	body_canon_init(&body, canon, CANON_WHOLE, &gatherer->sink);
	for (size_t i = 0; i < count; i++) {
		body_canon_take(&body, span_part(bytes, at, cuts[i] - at));
		at = cuts[i];
	}
	body_canon_take(&body, span_part(bytes, at, bytes.len));
	body_canon_end(&body);
	assert_int_equal(body.octets, gatherer->len);
	return (struct span){ gatherer->room, gatherer->len };
}

static void a_body_has_two_forms_however_it_is_cut(void **state)
{
	struct gatherer gatherer;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bodies); i++) {
		const struct body_row *row = &bodies[i];
		size_t cuts[2];

		for (cuts[0] = 0; cuts[0] <= row->body.len; cuts[0]++)
			for (cuts[1] = cuts[0]; cuts[1] <= row->body.len;
				cuts[1]++) {
				struct span got = canon_cut(&gatherer,
					CANON_SIMPLE, row->body, cuts, 2);

				if (!span_is(got, row->simple))
					fail_msg("%zu simple", i);
				got = canon_cut(&gatherer, CANON_RELAXED,
					row->body, cuts, 2);
				if (!span_is(got, row->relaxed))
					fail_msg("%zu relaxed: %.*s", i,
						SPAN_ARG(got));
			}
	}
}

static void the_whole_is_the_same_in_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bodies); i++) {
		assert_true(
			span_is(canon_body(arena, CANON_SIMPLE, bodies[i].body),
				bodies[i].simple));
		assert_true(span_is(
			canon_body(arena, CANON_RELAXED, bodies[i].body),
			bodies[i].relaxed));
	}
}

/*
 * RFC 6376 sections 3.4.3 and 3.4.4 word by word, a line after the other: what
 * the fast one is held against.
 */
static struct span by_the_book(enum canon canon, struct span body)
{
	char *room = arena_take(arena, 2 * body.len + 3);
	size_t len = 0, last_text = 0;

	while (body.len) {
		size_t line_len = span_find(body, '\n');
		bool has_end = line_len < body.len;
		struct span line = span_part(body, 0, line_len);

		body = span_part(body, line_len + 1, body.len);
		if (has_end && line.len && line.at[line.len - 1] == '\r')
			line.len--;
		for (size_t i = 0; i < line.len; i++) {
			bool is_blank = line.at[i] == ' ' || line.at[i] == '\t';
			bool is_relaxed = canon == CANON_RELAXED && is_blank;

			if (!is_relaxed)
				room[len++] = line.at[i];
			else if (span_trim(span_part(line, i, line.len)).len &&
				 (i == 0 || (line.at[i - 1] != ' ' &&
						    line.at[i - 1] != '\t')))
				room[len++] = ' ';
		}
		if (len > last_text)
			last_text = room[len - 1] == '\n' ? last_text : len;
		room[len++] = '\r';
		room[len++] = '\n';
	}
	if (last_text || canon == CANON_SIMPLE) {
		room[last_text] = '\r';
		room[last_text + 1] = '\n';
		last_text += 2;
	}
	return (struct span){ room, last_text };
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

#define LONG_WORD                                                              \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"     \
	"0123456789abcdef0123456789abcdef"

/* Mostly words, so that long runs occur, and every kind of trouble. */
static struct span random_body(uint32_t *seed)
{
	static const char *const pieces[] = { "word", "\r\n", " ", "\t", "\n",
		"\r", "  ", " \r\n", "\r\n\r\n", "a longer piece of text; ",
		LONG_WORD, "\xc3\xa4" };
	size_t count = next_random(seed) % 40;
	char *room = arena_take(arena, 40 * 110);
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t pick = next_random(seed);
		struct span piece = span_of(
			pieces[pick & 1 ? 0 : pick / 2 % COUNT_OF(pieces)]);

		memcpy(room + len, piece.at, piece.len);
		len += piece.len;
	}
	return (struct span){ room, len };
}

static void the_fast_way_is_the_way_of_the_book(void **state)
{
	uint32_t seed = 6376;
	struct gatherer gatherer;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct arena *outer = arena;
		enum canon canon = i & 1 ? CANON_RELAXED : CANON_SIMPLE;
		struct span body, want, got;
		size_t cut;

		arena = arena_open();
		body = random_body(&seed);
		cut = body.len ? next_random(&seed) % body.len : 0;
		want = by_the_book(canon, body);
		got = canon_cut(&gatherer, canon, body, &cut, 1);
		if (!span_is(got, want))
			fail_msg("%u: %.*s, not %.*s", i, SPAN_ARG(got),
				SPAN_ARG(want));
		arena_close(arena);
		arena = outer;
	}
}

static void a_limit_ends_what_goes_out_and_not_the_count(void **state)
{
	struct span text = SPAN("one  two\r\nthree\r\n\r\n");
	struct span whole = SPAN("one two\r\nthree\r\n");

	(void)state;
	for (size_t limit = 0; limit < whole.len + 3; limit++) {
		struct gatherer gatherer = { .sink = { gather } };
		struct body_canon body;

		body_canon_init(&body, CANON_RELAXED, limit, &gatherer.sink);
		body_canon_take(&body, text);
		body_canon_end(&body);
		assert_int_equal(body.octets, whole.len);
		assert_true(
			span_is((struct span){ gatherer.room, gatherer.len },
				span_part(whole, 0, limit)));
	}
}

static void words_name_the_forms(void **state)
{
	enum canon canon;

	(void)state;
	assert_true(canon_parse(SPAN("relaxed"), &canon));
	assert_int_equal(canon, CANON_RELAXED);
	assert_true(canon_parse(SPAN("simple"), &canon));
	assert_int_equal(canon, CANON_SIMPLE);
	assert_false(canon_parse(SPAN("Relaxed"), &canon));
	assert_false(canon_parse(SPAN("nowsp"), &canon));
	assert_false(canon_parse(SPAN(""), &canon));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_field_has_two_forms),
		cmocka_unit_test(a_body_has_two_forms_however_it_is_cut),
		cmocka_unit_test(the_whole_is_the_same_in_memory),
		cmocka_unit_test(the_fast_way_is_the_way_of_the_book),
		cmocka_unit_test(a_limit_ends_what_goes_out_and_not_the_count),
		cmocka_unit_test(words_name_the_forms),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
