#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/judge/pattern_match.h"
#include "probe/smtp/reply_parser.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

static enum pattern_result match(const char *pattern, const char *text)
{
	return pattern_match(span_of(pattern), false, span_of(text));
}

static void a_pattern_fits_or_does_not(void **state)
{
	static const struct row {
		const char *pattern, *text;
		bool fits;
	} rows[] = {
		{ "mx\\.google\\.com ESMTP", "220 mx.google.com ESMTP x",
			true },
		{ "mx\\.google\\.com", "220 mxxgoogle.com", false },
		{ "^a$", "b\r\na\r\nc", true },
		{ "^a.c$", "a\nc", false },
		{ "", "", true },
		{ "\xc3\xbc", "gr\xc3\xbc\xc3\x9f", true },
		{ "^gr..$", "gr\xc3\xbc\xc3\x9f", true },
		{ "\\bdenied\\b", "access denied.", true },
		{ "b", "a\xff\xfe b", true },
		{ "a.b",
			"a\xff"
			"b",
			false },
		{ "(*UTF)a", "a", true },
		{ "(?i)A", "a", true },
		{ "A", "a", false },
		{ "(a)\\1", "aa", true },
		{ "x(?=y)", "xy", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (match(rows[i].pattern, rows[i].text) !=
			(rows[i].fits ? PATTERN_FITS : PATTERN_FITS_NOT))
			fail_msg("%s", rows[i].pattern);
	assert_int_equal(pattern_match(SPAN("ESMTP"), true, SPAN("esmtp")),
		PATTERN_FITS);
}

static void what_does_not_compile_says_where(void **state)
{
	static const struct row {
		const char *pattern;
		size_t at;
		const char *why;
	} rows[] = {
		{ "^(220|221", 9, "missing closing parenthesis" },
		{ "a)", 1, "unmatched closing parenthesis" },
		{ "[a", 2, "missing terminating ] for character class" },
		{ "ab**", 3,
			"quantifier does not follow a repeatable item" },
		{ "*a", 0, "quantifier does not follow a repeatable item" },
		{ "a\\", 2, "\\ at end of pattern" },
		{ "\xff", 0, "UTF-8 error: illegal byte (0xfe or 0xff)" },
		{ "(?<n", 4, NULL },
		{ "a\\C", 3, NULL },
	};
	struct span why;
	size_t at;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (pattern_check(
			    arena, span_of(rows[i].pattern), false, &at, &why))
			fail_msg("%s", rows[i].pattern);
		if (at != rows[i].at ||
			(rows[i].why &&
				!span_ends_nocase(why, span_of(rows[i].why))))
			fail_msg("%s: %zu %.*s", rows[i].pattern, at,
				SPAN_ARG(why));
	}
}

static void what_compiles_is_taken(void **state)
{
	static const char *const good[] = { "^220 ", "a|b", "[]a]+", "[^]]",
		"(?:a(b))?", "\\(", "a{2,3}", "(?=x)y", "\\d+\\.", "[\\]]",
		"a|*b" };
	char deep[200];
	struct span why;
	size_t at;

	(void)state;
	for (size_t i = 0; i + 1 < COUNT_OF(good); i++)
		assert_true(pattern_check(
			arena, span_of(good[i]), true, &at, &why));
	memset(deep, '(', 51);
	deep[51] = 'a';
	memset(deep + 52, ')', 51);
	assert_false(pattern_check(
		arena, (struct span){ deep, 103 }, false, &at, &why));
	assert_true(pattern_check(
		arena, (struct span){ deep + 1, 101 }, false, &at, &why));
}

static void a_search_without_end_is_given_up(void **state)
{
	static const char *const patterns[] = { "(a+)+$", "(a|aa)+$",
		"(?:a?){500}b", "(.*)*x", "(?R)a", "(?:(?:a+)+)+[b-d]",
		"(a*)*(a*)*(a*)*b" };
	char text[PATTERN_TEXT_MAX];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '!';
	for (size_t i = 0; i < COUNT_OF(patterns); i++)
		if (pattern_match(span_of(patterns[i]), false,
			    (struct span){ text, sizeof(text) }) ==
			PATTERN_FITS)
			fail_msg("%s", patterns[i]);
	assert_int_equal(pattern_match(SPAN("(a+)+$"), false,
				 (struct span){ text, sizeof(text) }),
		PATTERN_GIVEN_UP);
}

/* Work grows with every octet of the text: the turns of all are counted. */
static void the_turns_of_all_places_are_counted_together(void **state)
{
	char text[PATTERN_TEXT_MAX];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '!';
	assert_int_equal(pattern_match(SPAN("a{0,4000}[abc]!!"), false,
				 (struct span){ text, sizeof(text) }),
		PATTERN_GIVEN_UP);
}

static void no_more_than_the_first_octets_are_looked_at(void **state)
{
	static char text[PATTERN_TEXT_MAX + 10];

	(void)state;
	memset(text, '.', sizeof(text));
	text[PATTERN_TEXT_MAX] = 'x';
	assert_int_equal(pattern_match(SPAN("x"), false,
				 (struct span){ text, sizeof(text) }),
		PATTERN_FITS_NOT);
	text[PATTERN_TEXT_MAX - 1] = 'x';
	assert_int_equal(pattern_match(SPAN("x"), false,
				 (struct span){ text, sizeof(text) }),
		PATTERN_FITS);
}

static const struct reply *reply_of(const char *bytes)
{
	struct span input = span_of(bytes);
	struct reply_parser parser;
	const struct reply *reply = NULL;
	const char *why;

	reply_parser_init(&parser, arena);
	assert_int_equal(
		reply_parse(&parser, &input, &reply, &why), PARSE_DONE);
	return reply;
}

static void a_reply_is_searched_as_a_sentence_and_as_it_came(void **state)
{
	const struct reply *reply = reply_of(
		"550-5.7.1 [2001:db8::25] The IP you're using to send mail is "
		"not\r\n550-5.7.1 authorized to send email directly\r\n"
		"550 5.7.1 - gsmtp\r\n");
	static const struct row {
		const char *pattern;
		bool fits;
	} rows[] = {
		{ "is not authorized to send", true },
		{ "^550 5\\.7\\.1 - gsmtp$", true },
		{ "directly - gsmtp$", true },
		{ "^\\[", true },
		{ "^5", true },
		{ "421", false },
	};

	(void)state;
	assert_span(pattern_words(arena, reply_of("220 5.x\r\n")), "5.x");
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (pattern_match_reply(
			    arena, span_of(rows[i].pattern), false, reply) !=
			(rows[i].fits ? PATTERN_FITS : PATTERN_FITS_NOT))
			fail_msg("%s", rows[i].pattern);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pattern_fits_or_does_not),
		cmocka_unit_test(what_does_not_compile_says_where),
		cmocka_unit_test(what_compiles_is_taken),
		cmocka_unit_test(a_search_without_end_is_given_up),
		cmocka_unit_test(the_turns_of_all_places_are_counted_together),
		cmocka_unit_test(no_more_than_the_first_octets_are_looked_at),
		cmocka_unit_test(
			a_reply_is_searched_as_a_sentence_and_as_it_came),
	};

	return cmocka_run_group_tests_name(
		"pattern match", tests, open_arena, close_arena);
}
