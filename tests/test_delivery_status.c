#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "probe/base/attr.h"
#include "reports/inbound/delivery_status.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

static struct delivery_status read_text(const char *text)
{
	struct delivery_status status;

	delivery_status_read(arena, span_of(text), &status);
	return status;
}

/* How a status part is cut into recipients: their addresses and actions. */
static const struct group_row {
	const char *text, *recipients;
} groups[] = {
	{ "", "" },
	{ "\n\n\n", "" },
	{ "Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; a@b\n"
	  "Action: failed\n",
		"a@b 1|" },
	{ "Reporting-MTA: dns; a\r\n\r\nFinal-Recipient: rfc822; a@b\r\n"
	  "Action: failed\r\n\r\nFinal-Recipient: rfc822; c@d\r\n"
	  "Action: delayed\r\n",
		"a@b 1|c@d 2|" },
	/* no empty line between the groups */
	{ "Reporting-MTA: dns; a\nFinal-Recipient: rfc822; a@b\n"
	  "Action: failed\nFinal-Recipient: rfc822; c@d\nAction: failed\n",
		"a@b 1|c@d 1|" },
	/* the original before the final one */
	{ "Original-Recipient: rfc822;a@b\nFinal-Recipient: rfc822;c@d\n"
	  "Action: failed\nOriginal-Recipient: rfc822;e@f\n"
	  "Final-Recipient: rfc822;g@h\nAction: failed\n",
		"c@d 1|g@h 1|" },
	/* empty lines within a group */
	{ "\n\nFinal-Recipient: rfc822; a@b\n\nAction: failed\n\n"
	  "Status: 5.0.0\n",
		"a@b 1|" },
	{ "Action: failed\nFinal-Recipient: rfc822;a@b\nStatus: 5.0.0\n\n"
	  "Action: delayed\nFinal-Recipient: rfc822;c@d\nStatus: 4.0.0\n",
		"a@b 1|c@d 2|" },
	/* and between all of its fields */
	{ "Final-Recipient: rfc822;a@b\n\nAction: failed\n\nStatus: 5.0.0\n\n"
	  "Diagnostic-Code: smtp;550 no\n\nFinal-Recipient: rfc822;c@d\n\n"
	  "Action: delayed\n\nStatus: 4.0.0\n",
		"a@b 1|c@d 2|" },
	/* the original alone; nobody */
	{ "Original-Recipient: <a@b>\nAction: failed\n", "a@b 1|" },
	{ "Action: failed\nStatus: 5.0.0\n", "" },
};

static void a_group_is_a_recipient(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(groups); i++) {
		struct delivery_status status = read_text(groups[i].text);
		struct span out = SPAN("");

		for (size_t k = 0; k < status.recipient_count; k++) {
			const struct dsn_recipient *one = &status.recipients[k];
			struct span address = one->final.len ? one->final
							     : one->original;

			out = arena_print(arena, "%.*s%.*s %d|", SPAN_ARG(out),
				SPAN_ARG(address), (int)one->action);
		}
		assert_span(out, groups[i].recipients);
	}
}

static const struct address_row {
	const char *value, *address;
} addresses[] = {
	{ "rfc822; user@example.org", "user@example.org" },
	{ "RFC822;<user@example.org>", "user@example.org" },
	{ "user@example.org", "user@example.org" },
	{ "<user@example.org> (Some Body)", "user@example.org" },
	{ "rfc822; user@example.org (expanded)", "user@example.org" },
	{ "utf-8; \xc3\xa4@example.org", "\xc3\xa4@example.org" },
	{ "rfc822; \"user@example.org\"", "user@example.org" },
	{ "x400; /C=de/", "/C=de/" },
	{ "rfc822; \"some one\"@example.org (x)", "\"some one\"@example.org" },
	{ "rfc822;", "" },
	{ "", "" },
	{ "<", "" },
};

static void an_address_stands_behind_its_type(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(addresses); i++)
		assert_span(dsn_address(span_of(addresses[i].value)),
			addresses[i].address);
}

/* Final-Recipient as it is known below: RFC 6533 section 3, RFC 2156 4.1 */
static const struct typed_row {
	const char *value, *address;
} typed[] = {
	{ "utf-8; \\x{65E5}a\\x{E4}@example.org", "\xe6\x97\xa5"
						  "a\xc3\xa4@example.org" },
	{ "utf-8; \\x{}\\x{zz}\\x{41", "\\x{}\\x{zz}\\x{41" },
	{ "utf-8; \\x{D800}", "\xef\xbf\xbd" },
	{ "rfc822; \\x{65E5}@example.org", "\\x{65E5}@example.org" },
	{ "x400; /G=Some/dda:SMTP=user@example.org/C=US/A= /P=x/",
		"user@example.org" },
	{ "x400; c=US;a= ;p=x;dda:RFC-822=user(a)example.org;",
		"user@example.org" },
	{ "x400; /G=Some/SMTP=nobody/", "/G=Some/SMTP=nobody/" },
	{ "rfc822; SMTP=user@example.org", "SMTP=user@example.org" },
};

static void an_address_of_another_type_is_read_by_its_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(typed); i++) {
		struct delivery_status status;

		delivery_status_read(arena,
			arena_print(
				arena, "Final-Recipient: %s\n", typed[i].value),
			&status);
		assert_int_equal(status.recipient_count, 1);
		assert_span(status.recipients[0].final, typed[i].address);
	}
}

static void a_status_may_have_a_comment(void **state)
{
	struct delivery_status status = read_text(
		"Final-Recipient: rfc822; a@b\n"
		"Status: 5.4.4 (Illegal host)\n");

	(void)state;
	assert_int_equal(status.recipients[0].status[0], 5);
	assert_int_equal(status.recipients[0].status[2], 4);
	assert_span(status.recipients[0].status_comment, "Illegal host");
	status = read_text("Final-Recipient: rfc822; a@b\nStatus: 9.4.4\n");
	assert_int_equal(status.recipients[0].status[0], 0);
	status = read_text("Final-Recipient: rfc822; a@b\nStatus: 5.4\n");
	assert_int_equal(status.recipients[0].status[0], 0);
	status = read_text("Final-Recipient: rfc822; a@b\n"
			   "Status: 5.99999999999.1\n");
	assert_int_equal(status.recipients[0].status[0], 0);
}

static void a_diagnostic_keeps_the_lines_of_its_reply(void **state)
{
	struct delivery_status status = read_text(
		"Final-Recipient: rfc822; a@b\n"
		"Diagnostic-Code: smtp; 550-5.7.1 one\n"
		" wrapped\n\t550 5.7.1 two\n");

	(void)state;
	assert_span(status.recipients[0].diagnostic,
		"550-5.7.1 one wrapped\n550 5.7.1 two");
	assert_span(status.recipients[0].diagnostic_type, "smtp");
	status = read_text("Final-Recipient: rfc822; a@b\n"
			   "Diagnostic-Code: 550 5.7.1 no; really\n");
	assert_span(status.recipients[0].diagnostic, "550 5.7.1 no; really");
	assert_span(status.recipients[0].diagnostic_type, "");
}

static void fields_below_an_empty_line_belong_to_the_recipient(void **state)
{
	struct delivery_status status = read_text(
		"Final-Recipient: rfc822;a@b\n\nAction: failed\n\n"
		"Status: 5.1.1 (no)\n\nRemote-MTA: dns;mx\n\n"
		"Diagnostic-Code: smtp;550 nobody\n\n"
		"Last-Attempt-Date: today\n\nStatus: 4.0.0\n");

	(void)state;
	assert_int_equal(status.recipient_count, 1);
	assert_int_equal(status.recipients[0].status[0], 5);
	assert_span(status.recipients[0].status_comment, "no");
	assert_span(status.recipients[0].remote_mta, "mx");
	assert_span(status.recipients[0].diagnostic, "550 nobody");
	assert_span(status.recipients[0].last_attempt, "today");
}

static void recipients_are_bounded(void **state)
{
	enum { COUNT = STATUS_RECIPIENTS_MAX + 10 };
	char *room = arena_take(arena, COUNT * 64);
	struct delivery_status status;
	size_t len = 0;

	(void)state;
	for (int i = 0; i < COUNT; i++)
		len += (size_t)sprintf(room + len,
			"Final-Recipient: rfc822; a%d@b\nAction: failed\n\n",
			i);
	delivery_status_read(arena, (struct span){ room, len }, &status);
	assert_int_equal(status.recipient_count, STATUS_RECIPIENTS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_group_is_a_recipient),
		cmocka_unit_test(an_address_stands_behind_its_type),
		cmocka_unit_test(
			an_address_of_another_type_is_read_by_its_rules),
		cmocka_unit_test(a_status_may_have_a_comment),
		cmocka_unit_test(a_diagnostic_keeps_the_lines_of_its_reply),
		cmocka_unit_test(
			fields_below_an_empty_line_belong_to_the_recipient),
		cmocka_unit_test(recipients_are_bounded),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
