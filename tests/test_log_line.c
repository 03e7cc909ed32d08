#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "reports/inbound/log_line.h"
#include "tests/spans.h"

#define HEAD "Nov 21 20:08:19 mta "

static struct log_heads heads;

static void silence(const char *text)
{
	struct log_line line;

	log_line_read(&heads, span_of(text), &line);
	log_line_silence(&heads, &line);
}

static bool is_silent(const char *text)
{
	return log_line_is_silent(&heads, span_of(text));
}

static int begin(void **state)
{
	(void)state;
	log_heads_init(&heads, NULL, 1795292079000);
	return 0;
}

static void no_program_is_silent_before_it_is_silenced(void **state)
{
	struct log_line line;
	const char *text = HEAD "postfix/smtpd[12]: connect from unknown[::1]";

	(void)state;
	assert_false(is_silent(text));
	log_line_read(&heads, span_of(text), &line);
	assert_false(is_silent(text));
}

static void lines_of_a_silenced_program_are_silent(void **state)
{
	(void)state;
	silence(HEAD "postfix/smtpd[12]: connect from unknown[::1]");
	silence(HEAD "postfix/anvil[7]: statistics: max connection rate 1/60s");
	assert_true(
		is_silent(HEAD "postfix/smtpd[12]: disconnect from unknown"));
	assert_true(is_silent(HEAD "postfix/smtpd[9876543]: lost connection"));
	assert_true(is_silent(HEAD "postfix/anvil[1]: statistics: max cache"));
}

/* Whatever is only like one is taken apart, and judged as ever. */
static void any_other_line_is_looked_at(void **state)
{
	/* clang-format off */
	static const char *const texts[] = {
		HEAD "postfix/smtp[12]: disconnect from unknown[::1]",
		HEAD "postfix/smtpd: disconnect from unknown[::1]  ",
		HEAD "postfix/smtpd[]: disconnect from unknown[::1]",
		HEAD "postfix/smtpd[12]:disconnect from unknown[::1]",
		HEAD "postfix/smtpd[12] disconnect from unknown[::1]",
		HEAD "postfix/smtpd[1x]: disconnect from unknown[::1]",
		HEAD "postfix/smtpd[12345678901234567890123456789",
		HEAD "postfix/smtpd[12]: x",
		HEAD " postfix/smtpd[12]: disconnect from unknown[::1]",
		"Nov 21 20:08:20 mta postfix/smtpd[12]: disconnect from unknown",
		"Nov 21 20:08:19 mtb postfix/smtpd[12]: disconnect from unknown",
		"",
	};
	/* clang-format on */

	(void)state;
	silence(HEAD "postfix/smtpd[12]: connect from unknown[::1]");
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		assert_false(is_silent(texts[i]));
}

/* A log with ever new names is read as fast, and nothing grows. */
static void many_programs_may_be_silenced_again_and_again(void **state)
{
	char text[] = HEAD "postfix-aa/smtpd[12]: connect from unknown[::1]";
	char *first = text + sizeof(HEAD) - 1 + 8, *second = first + 1;

	(void)state;
	silence(HEAD "a-name-that-is-longer-than-what-is-kept/smtpd[1]: x x x");
	assert_int_equal(heads.silent_count, 0);
	for (*first = 'a'; *first <= 'z'; ++*first)
		for (*second = 'a'; *second <= 'z'; ++*second) {
			silence(text);
			silence(text);
			assert_true(is_silent(text));
		}
	assert_int_equal(heads.silent_count, 26 * 26);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, begin)
		TEST(no_program_is_silent_before_it_is_silenced),
		TEST(lines_of_a_silenced_program_are_silent),
		TEST(any_other_line_is_looked_at),
		TEST(many_programs_may_be_silenced_again_and_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
