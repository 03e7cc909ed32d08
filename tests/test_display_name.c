#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/mail/display_name.h"
#include "probe/mail/encoded_word.h"

/* clang-format off */
static const struct word {
	const char *text, *wanted;
} words[] = {
	{ "plain", "plain" },
	{ "", "" },
	{ "=?utf-8?Q?J=C3=BCrgen_M?=", "J\303\274rgen M" },
	{ "=?UTF-8?b?SsO8cmdlbg==?=", "J\303\274rgen" },
	{ "=?iso-8859-1?q?J=FCrgen?=", "J\303\274rgen" },
	{ "=?utf-8*de?q?a?=", "a" },
	{ "=?utf-8?q?a?= =?utf-8?q?b?=", "ab" },
	{ "=?utf-8?q?a?=\r\n =?utf-8?q?b?= c", "ab c" },
	{ "x =?utf-8?q?a?= y =?utf-8?q?b?=", "x a y b" },
	{ "=?koi8-r?q?a?=", "=?koi8-r?q?a?=" },
	{ "=?utf-8?x?a?=", "=?utf-8?x?a?=" },
	{ "=?utf-8?q?a=4?=", "=?utf-8?q?a=4?=" },
	{ "=?utf-8?q?a=4x?=", "=?utf-8?q?a=4x?=" },
	{ "=?utf-8?q?a b?=", "=?utf-8?q?a b?=" },
	{ "=?utf-8?q?a", "=?utf-8?q?a" },
	{ "=?", "=?" },
	{ "=?utf-8?b?@@@?=", "=?utf-8?b?@@@?=" },
};

static const struct name {
	const char *name;
	unsigned oddities;
} names[] = {
	{ "Jane Roe", 0 },
	{ "", 0 },
	{ "jane@example.org", 0 },      /* her own address */
	{ "boss@example.com", DISPLAY_ADDRESS },
	{ "Boss <boss@example.com>", DISPLAY_ADDRESS },
	{ "someone@gmail.com", DISPLAY_ADDRESS | DISPLAY_GMAIL },
	{ "via @GMail.com", DISPLAY_GMAIL },
	{ "@home", 0 },
	{ "me@home", 0 },
	{ "5 @ 3.50 each", 0 },
	{ "User (2)", DISPLAY_THREAD },
	{ "User (12) ", DISPLAY_THREAD },
	{ "User (2nd)", 0 },
	{ "(2)", 0 },
	{ "Bank \342\234\205", DISPLAY_CHECK_MARK },
	{ "Bank \342\234\224\357\270\217", DISPLAY_CHECK_MARK },
	{ "Ban\342\200\213k", DISPLAY_INVISIBLE },
	{ "\342\200\256knab", DISPLAY_INVISIBLE },
	{ "J\303\274rgen", 0 },
	{ "\377\376", 0 },
};
/* clang-format on */

static void an_encoded_word_is_shown_as_it_is_meant(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		struct span got = encoded_words_decode(
			arena, span_of(words[i].text));

		if (!span_is(got, span_of(words[i].wanted)))
			fail_msg("%s: %.*s", words[i].text, SPAN_ARG(got));
	}
	arena_close(arena);
}

static void a_name_that_deceives_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		unsigned got = display_name_oddities(
			span_of(names[i].name), SPAN("jane@example.org"));

		if (got != names[i].oddities)
			fail_msg("%s: %x", names[i].name, got);
	}
}

static void a_subject_of_an_answer_is_known_by_its_begin(void **state)
{
	(void)state;
	assert_true(subject_is_answer(SPAN("Re: hello")));
	assert_true(subject_is_answer(SPAN(" FWD: hello")));
	assert_true(subject_is_answer(SPAN("Aw:hello")));
	assert_false(subject_is_answer(SPAN("Report: hello")));
	assert_false(subject_is_answer(SPAN("hello Re: you")));
	assert_false(subject_is_answer(SPAN("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_encoded_word_is_shown_as_it_is_meant),
		cmocka_unit_test(a_name_that_deceives_is_told),
		cmocka_unit_test(a_subject_of_an_answer_is_known_by_its_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
