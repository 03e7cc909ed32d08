#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/smtp/command.h"

static struct address address(struct arena *arena, const char *text)
{
	struct address result;
	const char *why;

	assert_true(address_parse(arena, span_of(text),
		ADDRESS_ALLOW_EMPTY | ADDRESS_ALLOW_LOCAL, &result, &why));
	return result;
}

static void a_greeting_names_us(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	assert_true(span_is(command_ehlo(arena, SPAN("mail.example.org")),
		SPAN("EHLO mail.example.org\r\n")));
	assert_true(span_is(command_helo(arena, SPAN("[192.0.2.1]")),
		SPAN("HELO [192.0.2.1]\r\n")));
	arena_close(arena);
}

static void recipients_are_quoted_when_they_must_be(void **state)
{
	static const struct {
		const char *address;
		const char *line;
	} rows[] = {
		{ "eg@example.com", "RCPT TO:<eg@example.com>\r\n" },
		{ "postmaster", "RCPT TO:<postmaster>\r\n" },
		{ "\"e g\"@x", "RCPT TO:<\"e g\"@x>\r\n" },
		{ "\"eg\"@x", "RCPT TO:<eg@x>\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena *arena = arena_open();
		struct address to = address(arena, rows[i].address);

		assert_true(span_is(
			command_rcpt(arena, &to), span_of(rows[i].line)));
		arena_close(arena);
	}
}

static void mail_says_what_the_message_needs_and_the_server_can(void **state)
{
	static const struct ehlo none;
	static const struct ehlo all = {
		.size = true, .eightbitmime = true, .smtputf8 = true
	};
	static const struct ehlo size_only = { .size = true };
	static const struct command_body plain = { .size = 1234 };
	static const struct command_body eight = { .size = 1234,
		.is_8bit = true };
	static const struct command_body utf8 = { .is_utf8 = true };
	static const struct {
		const char *from;
		const struct ehlo *ehlo;
		const struct command_body *body;
		const char *line;
	} rows[] = {
		{ "a@x", NULL, &eight, "MAIL FROM:<a@x>\r\n" },
		{ "a@x", &all, NULL, "MAIL FROM:<a@x>\r\n" },
		{ "", &none, &eight, "MAIL FROM:<>\r\n" },
		{ "a@x", &none, &utf8, "MAIL FROM:<a@x>\r\n" },
		{ "a@x", &size_only, &eight, "MAIL FROM:<a@x> SIZE=1234\r\n" },
		{ "a@x", &all, &plain, "MAIL FROM:<a@x> SIZE=1234\r\n" },
		{ "a@x", &all, &eight,
			"MAIL FROM:<a@x> SIZE=1234 BODY=8BITMIME\r\n" },
		{ "a@x", &all, &utf8,
			"MAIL FROM:<a@x> BODY=8BITMIME SMTPUTF8\r\n" },
		{ "\303\251@x", &all, &plain,
			"MAIL FROM:<\303\251@x> SIZE=1234 SMTPUTF8\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena *arena = arena_open();
		struct address from = address(arena, rows[i].from);

		print_message("# %s", rows[i].line);
		assert_true(span_is(
			command_mail(arena, &from, rows[i].ehlo, rows[i].body),
			span_of(rows[i].line)));
		arena_close(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_greeting_names_us),
		cmocka_unit_test(recipients_are_quoted_when_they_must_be),
		cmocka_unit_test(
			mail_says_what_the_message_needs_and_the_server_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
