#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "reports/inbound/recipient_line.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

static const struct line_row {
	const char *line;
	enum recipient_form form;
	const char *rest;
} rows[] = {
	{ "<u@example.org>: host said no", RECIPIENT_HEAD, "host said no" },
	{ "u@example.org: 550 no", RECIPIENT_HEAD, "550 no" },
	{ "\"u@example.org\":", RECIPIENT_HEAD, "" },
	{ "u@example.org... Deferred", RECIPIENT_HEAD, "Deferred" },
	{ "u@example.org ... unknown host", RECIPIENT_HEAD, "unknown host" },
	{ "<u@example.org>   (5.1.1 no)", RECIPIENT_HEAD, "(5.1.1 no)" },
	{ "u@example.org [timed out]", RECIPIENT_HEAD, "[timed out]" },
	{ "u@example.org on Thu, 29 Apr 2010 00:00:00 -0000", RECIPIENT_HEAD,
		"" },
	{ "<u@example.org> was unknown", RECIPIENT_HEAD, "was unknown" },
	{ "u@example.org", RECIPIENT_ALONE, "" },
	{ "<u@example.org>,", RECIPIENT_ALONE, "" },
	{ "* u@example.org", RECIPIENT_ALONE, "" },
	{ "-- u@example.org", RECIPIENT_ALONE, "" },
	{ "u@example.org<mailto:u@example.org>", RECIPIENT_ALONE, "" },
	{ "u@example.org (u@example.org)", RECIPIENT_ALONE, "" },
	{ "Some Body <u@example.org>", RECIPIENT_ALONE, "" },
	{ "Some Body<mailto:u@example.org>", RECIPIENT_ALONE, "" },
	{ "undeliverable to u@example.org", RECIPIENT_PHRASE, "" },
	{ "Unknown user: u@example.org", RECIPIENT_PHRASE, "" },
	{ "error delivering your mail to <u@example.org>.", RECIPIENT_PHRASE,
		">." },
	{ "SMTP Server <mx> rejected recipient <u@example.org> (x)",
		RECIPIENT_PHRASE, "> (x)" },
	{ "Undeliverable Address: u@example.org", RECIPIENT_PHRASE, "" },
	{ "(Originally addressed to u@example.org)", RECIPIENT_PHRASE, ")" },
	{ "addressed to 'u@example.org', failed", RECIPIENT_PHRASE,
		"', failed" },
	{ "Destinatario: u@example.org", RECIPIENT_LABEL, "" },
	{ "(generated from u@example.org)", RECIPIENT_PHRASE, ")" },
	{ "Recipient: [SMTP:u@example.org]", RECIPIENT_PHRASE, "]" },
	{ "c=US;p=x;o=y;dda:SMTP=u@example.org; on Fri", RECIPIENT_PHRASE,
		"; on Fri" },
	{ "Intended recipient: u@example.org", RECIPIENT_PHRASE, "" },
	{ "User's mailbox is full: <u@example.org>", RECIPIENT_PHRASE, ">" },
	{ "recipient\xef\xbc\x9a\xef\xbc\x88u@example.org", RECIPIENT_LABEL,
		"" },
	{ "Did not reach the following recipient: u@example.org",
		RECIPIENT_PHRASE, "" },
	{ "1) u@example.org", RECIPIENT_ALONE, "" },
	{ "12. <u@example.org>: no", RECIPIENT_HEAD, "no" },
	{ "E-mail: u@example.org", RECIPIENT_LABEL, "" },
	{ "Recipient address: u@example.org", RECIPIENT_LABEL, "" },
	{ "RCPT TO: u@example.org", RECIPIENT_LABEL, "" },
	{ "[Status: Error, Address: <u@example.org>, x]", RECIPIENT_LABEL,
		">, x]" },
	{ "u@example.org is known", RECIPIENT_LABEL, "" },
	{ "please contact u@example.org", RECIPIENT_NONE, "" },
	{ "From: u@example.org", RECIPIENT_NONE, "" },
	{ "a line about nobody", RECIPIENT_NONE, "" },
	{ "", RECIPIENT_NONE, "" },
};

static void a_line_names_a_recipient_by_its_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct recipient_line found = recipient_line_read(
			span_of(rows[i].line));

		if (found.form != rows[i].form)
			fail_msg("%s: %d", rows[i].line, (int)found.form);
		if (found.form == RECIPIENT_NONE)
			continue;
		assert_span(found.address, "u@example.org");
		if (found.form == RECIPIENT_HEAD)
			assert_span(found.rest, rows[i].rest);
	}
}

static void several_on_a_line_are_cut_one_by_one(void **state)
{
	static const struct cut_row {
		const char *line, *first, *left;
	} cuts[] = {
		{ "a@b.c, <d@e.f>; g@h.i", "a@b.c", "<d@e.f>; g@h.i" },
		{ "<d@e.f>;g@h.i", "d@e.f", "g@h.i" },
		{ "a@b.c,", "a@b.c", "" },
		{ "a@b.c", "", "a@b.c" },
		{ "a@b.c, and d@e.f", "", "a@b.c, and d@e.f" },
		{ "a@b.c, d@e.f: 550 no", "", "a@b.c, d@e.f: 550 no" },
		{ "", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cuts); i++) {
		struct span line = span_of(cuts[i].line);

		assert_span(recipient_line_cut(&line), cuts[i].first);
		assert_span(line, cuts[i].left);
	}
}

static void a_colon_or_words_of_failure_lead_to_a_recipient(void **state)
{
	(void)state;
	assert_true(recipient_line_leads(SPAN("The following failed:")));
	assert_true(recipient_line_leads(SPAN("\xe6\x94\xb6\xe4\xbb\xb6"
					      "\xe4\xba\xba\xef\xbc\x9a")));
	assert_true(recipient_line_leads(SPAN("could not be delivered to")));
	assert_false(recipient_line_leads(SPAN("Please send mail to")));
	assert_false(recipient_line_leads(SPAN("For help write to")));
	assert_false(recipient_line_leads(SPAN("")));
}

/* How much of a text is a mailbox. */
static const struct mailbox_row {
	const char *text;
	size_t len;
} mailboxes[] = {
	{ "u@example.org", 13 },
	{ "u@example.org.", 13 },
	{ "u@example.org>", 13 },
	{ "u+x=y@example.org:", 17 },
	{ "\"a b\"@example.org ", 17 },
	{ "u@[192.0.2.1]:", 13 },
	{ "\xe4\xbd\xa0@\xe4\xbe\x8b.example x", 15 },
	{ "nobody", 0 },
	{ "@example.org", 0 },
	{ "u@", 0 },
	{ "u@...", 0 },
	{ "\"unclosed@example.org", 0 },
	{ "u@[192.0.2.1", 0 },
	{ "u@example.org\xef\xbc\x89", 13 },
	{ "\xef\xbc\x88u@example.org", 0 },
	{ "u\xe3\x80\x82@example.org", 0 },
};

static void a_mailbox_ends_where_it_must(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(mailboxes); i++)
		assert_int_equal(mailbox_at(span_of(mailboxes[i].text)),
			mailboxes[i].len);
}

static void a_longer_one_than_smtp_knows_is_none(void **state)
{
	char text[1024];

	(void)state;
	memset(text, 'a', sizeof(text));
	text[300] = '@';
	assert_int_equal(mailbox_at((struct span){ text, sizeof(text) }), 0);
	memset(text, 'a', sizeof(text));
	text[1] = '@';
	assert_int_equal(mailbox_at((struct span){ text, sizeof(text) }), 0);
}

static void any_cut_line_is_read_without_harm(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		for (size_t len = 0; len <= strlen(rows[i].line); len++) {
			struct span line = arena_copy(
				arena, (struct span){ rows[i].line, len });
			struct recipient_line found = recipient_line_read(line);

			assert_true(found.address.len <= len);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_names_a_recipient_by_its_form),
		cmocka_unit_test(several_on_a_line_are_cut_one_by_one),
		cmocka_unit_test(
			a_colon_or_words_of_failure_lead_to_a_recipient),
		cmocka_unit_test(a_mailbox_ends_where_it_must),
		cmocka_unit_test(a_longer_one_than_smtp_knows_is_none),
		cmocka_unit_test(any_cut_line_is_read_without_harm),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
