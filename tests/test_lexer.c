#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "scenarios/lexer.h"

/*
 * One letter a token: w word, s string, c comma, : colon, ! bad, and a line
 * feed for the end of a line.
 */
static struct span shape(struct arena *arena, struct span text)
{
	static const char letters[] = {
		[TOKEN_WORD] = 'w',
		[TOKEN_STRING] = 's',
		[TOKEN_REGEX] = 'r',
		[TOKEN_COMMA] = 'c',
		[TOKEN_COLON] = ':',
		[TOKEN_BAD] = '!',
		[TOKEN_END] = '\n',
	};
	struct span all = SPAN("");
	struct lexer lexer;
	struct token token;

	lexer_init(&lexer, SPAN("f"), text);
	for (token = lexer_next(&lexer); token.kind != TOKEN_EOF;
		token = lexer_next(&lexer))
		all = arena_print(
			arena, "%.*s%c", SPAN_ARG(all), letters[token.kind]);
	return all;
}

static void tokens_are_cut_where_a_reader_would_cut(void **state)
{
	static const struct row {
		const char *text, *shape;
	} rows[] = {
		{ "", "" },
		{ "\n \n# a\n\t# b\n", "" },
		{ "a", "w\n" },
		{ "a\n\nb", "w\nw\n" },
		{ "a\r\nb\r\n", "w\nw\n" },
		{ "a\r", "w\n" },
		{ "\xef\xbb\xbf"
		  "a",
			"w\n" },
		{ "a, b ,c", "wcwcw\n" },
		{ "a #b", "w\n" },
		{ "a#b", "w\n" },
		{ "\"a#b\" c", "sw\n" },
		{ "\"a\\\"b\" c", "sw\n" },
		{ "\"a\\\\\" c", "sw\n" },
		{ "\"a b", "!\n" },
		{ "\"a\\", "!\n" },
		{ "\"a\nb", "!\nw\n" },
		{ "\"\"", "s\n" },
		{ "family 6: step", "ww:w\n" },
		{ "family 6 : step", "ww:w\n" },
		{ "2001:db8:: a", "ww\n" },
		{ "::1", "w\n" },
		{ "a>=1.2", "www\n" },
		{ "a >=1.2", "www\n" },
		{ "a=>b", "www\n" },
		{ "SRS0=x=y@d", "w\n" },
		{ "<> <a@b> < 3", "wwww\n" },
		{ "a \\\n b", "ww\n" },
		{ "a \\\r\n b", "ww\n" },
		{ "a\\\nb", "w\nw\n" },
		{ "\\\na", "w\nw\n" },
		{ "a \\", "ww\n" },
		{ "a\x01"
		  "b c",
			"w!ww\n" },
		{ "a \xff\xfe b", "w!w\n" },
		{ "a\rb", "w!w\n" },
		{ "/etc/motd /a b/", "www\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena *arena = arena_open();
		struct span found = shape(arena, span_of(rows[i].text));

		if (!span_is(found, span_of(rows[i].shape)))
			fail_msg("%s: %.*s", rows[i].text, SPAN_ARG(found));
		arena_close(arena);
	}
}

static void a_token_knows_its_line_and_column(void **state)
{
	struct span text = SPAN("ab \"c d\"\n\n  e: \\\n f");
	static const unsigned places[][3] = { { 1, 1, 2 }, { 1, 4, 5 },
		{ 1, 9, 0 }, { 3, 3, 1 }, { 3, 4, 1 }, { 4, 2, 1 },
		{ 4, 3, 0 } };
	struct lexer lexer;

	(void)state;
	lexer_init(&lexer, SPAN("f"), text);
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		struct token token = lexer_next(&lexer);

		assert_int_equal(token.place.line, places[i][0]);
		assert_int_equal(token.place.column, places[i][1]);
		assert_int_equal(token.place.width, places[i][2]);
	}
	assert_int_equal(lexer_next(&lexer).kind, TOKEN_EOF);
	assert_int_equal(lexer_next(&lexer).kind, TOKEN_EOF);
}

static void a_regular_expression_is_read_on_demand(void **state)
{
	static const struct row {
		const char *text, *raw, *next;
		bool ignores_case;
	} rows[] = {
		{ "/a b,c/ d", "a b,c", "d", false },
		{ "/a \\/ \"b/i d", "a \\/ \"b", "d", true },
		{ "/#/ d", "#", "d", false },
		{ "/ / d", " ", "d", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct lexer lexer;
		struct token token;

		lexer_init(&lexer, SPAN("f"), span_of(rows[i].text));
		token = lexer_next(&lexer);
		token = lexer_again_as_regex(&lexer, &token);
		assert_int_equal(token.kind, TOKEN_REGEX);
		assert_true(span_is(token.raw, span_of(rows[i].raw)));
		assert_int_equal(token.ignores_case, rows[i].ignores_case);
		token = lexer_next(&lexer);
		assert_true(span_is(token.raw, span_of(rows[i].next)));
	}
}

static void a_regular_expression_ends_with_its_line(void **state)
{
	struct lexer lexer;
	struct token token;

	(void)state;
	lexer_init(&lexer, SPAN("f"), SPAN("/a\\\nb/"));
	token = lexer_next(&lexer);
	token = lexer_again_as_regex(&lexer, &token);
	assert_int_equal(token.kind, TOKEN_BAD);
	assert_int_equal(lexer_next(&lexer).kind, TOKEN_END);
}

static void a_long_line_is_told_once(void **state)
{
	struct arena *arena = arena_open();
	char *text = arena_take(arena, 2 * LEXER_LINE_MAX);

	(void)state;
	memset(text, 'a', 2 * LEXER_LINE_MAX);
	text[LEXER_LINE_MAX + 2] = '\n';
	text[LEXER_LINE_MAX + 4] = '\n';
	assert_true(
		span_is(shape(arena, (struct span){ text, LEXER_LINE_MAX + 5 }),
			SPAN("!\nw\n")));
	text[LEXER_LINE_MAX] = '\n';
	assert_true(
		span_is(shape(arena, (struct span){ text, LEXER_LINE_MAX + 1 }),
			SPAN("w\n")));
	arena_close(arena);
}

/* Every two bytes, between letters: it ends, and no token is lost. */
static void any_bytes_come_to_an_end(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (unsigned i = 0; i < 0x10000; i++) {
		char text[] = "a??b";
		struct lexer lexer;
		struct token token = { .kind = TOKEN_WORD };
		size_t count = 0, at = 0;

		text[1] = (char)(unsigned char)(i >> 8);
		text[2] = (char)(unsigned char)(i & 0xff);
		lexer_init(&lexer, SPAN("f"), (struct span){ text, 4 });
		while (token.kind != TOKEN_EOF) {
			token = lexer_next(&lexer);
			assert_true(token.from >= at);
			at = token.from;
			assert_true(++count < 12);
		}
		assert_int_equal(at, 4);
	}
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_are_cut_where_a_reader_would_cut),
		cmocka_unit_test(a_token_knows_its_line_and_column),
		cmocka_unit_test(a_regular_expression_is_read_on_demand),
		cmocka_unit_test(a_regular_expression_ends_with_its_line),
		cmocka_unit_test(a_long_line_is_told_once),
		cmocka_unit_test(any_bytes_come_to_an_end),
	};

	return cmocka_run_group_tests_name("lexer", tests, NULL, NULL);
}
