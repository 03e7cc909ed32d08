#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "reports/inbound/witness_file.h"
#include "tests/spans.h"

static const struct {
	struct span head;
	enum witness_form form;
} heads[] = {
	{ BYTES(""), WITNESS_FORM_EMPTY },
	{ BYTES(" \r\n\t\n"), WITNESS_FORM_EMPTY },
	{ BYTES("\xd4\xc3\xb2\xa1\x02\x00\x04\x00"), WITNESS_FORM_CAPTURE },
	{ BYTES("\xa1\xb2\x3c\x4d\x00\x02\x00\x04"), WITNESS_FORM_CAPTURE },
	{ BYTES("\n\r\r\n\x1c\x00\x00\x00"), WITNESS_FORM_CAPTURE },
	{ BYTES("<?xml version=\"1.0\"?><feedback>"), WITNESS_FORM_REPORT },
	{ BYTES("PK\x03\x04\x14"), WITNESS_FORM_REPORT },
	{ BYTES("From: a@example.org\nSubject: x\nDate: y\n\nText\n"),
		WITNESS_FORM_MAIL },
	{ BYTES("From MAILER-DAEMON Sat Sep  7 10:51:00 2024\nTo: a@b.c\n\n"),
		WITNESS_FORM_MAIL },
	{ BYTES("550 5.7.1 no\n"), WITNESS_FORM_REPLY },
	{ BYTES("550-5.7.1 no\r\n550 5.7.1 never\r\n"), WITNESS_FORM_REPLY },
	{ BYTES("\n 421 try later"), WITNESS_FORM_REPLY },
	{ BYTES("550"), WITNESS_FORM_REPLY },
	{ BYTES("5505 octets"), WITNESS_FORM_TEXT },
	{ BYTES("650 no such code"), WITNESS_FORM_TEXT },
	{ BYTES("Dear all,\nall is well.\n"), WITNESS_FORM_TEXT },
	{ BYTES("Sep  7 10:51:00 mx postfix/smtp[9]: 4X1: to=<a@b.example>, "
		"relay=mx.b.example[192.0.2.1]:25, delay=1, delays=0/0/0/1, "
		"dsn=2.0.0, status=sent (250 ok)\n"),
		WITNESS_FORM_LOG },
	{ BYTES("\x7f"
		"ELF\0\0"),
		WITNESS_FORM_UNKNOWN },
};

static void a_file_is_what_is_in_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(heads); i++) {
		enum witness_form form = witness_form_of(heads[i].head, true);

		if (form != heads[i].form)
			fail_msg("head %zu: %s, not %s", i,
				witness_form_word(form),
				witness_form_word(heads[i].form));
	}
}

static void a_reply_is_all_there_is_or_none(void **state)
{
	(void)state;
	assert_int_equal(witness_form_of(SPAN("550 5.7.1 no\n"), false),
		WITNESS_FORM_TEXT);
}

static void a_head_cut_anywhere_is_something(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(heads); i++)
		for (size_t len = 0; len <= heads[i].head.len; len++)
			assert_string_not_equal(
				witness_form_word(witness_form_of(
					span_part(heads[i].head, 0, len),
					len % 2)),
				"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_what_is_in_it),
		cmocka_unit_test(a_reply_is_all_there_is_or_none),
		cmocka_unit_test(a_head_cut_anywhere_is_something),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
