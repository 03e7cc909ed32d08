#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "reports/inbound/mail_part.h"
#include "reports/inbound/transfer_coding.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

static const char *const kind_words[] = {
	[PART_TEXT] = "text",
	[PART_HTML] = "html",
	[PART_STATUS] = "status",
	[PART_FEEDBACK] = "feedback",
	[PART_MESSAGE] = "message",
	[PART_HEADERS] = "headers",
	[PART_OTHER] = "other",
};

/* The parts of a mail: "kind:content|" each. */
static const struct part_row {
	const char *mail, *parts;
} rows[] = {
	{ "", "text:|" },
	{ "A: 1\n\nwords\n", "text:words\n|" },
	{ "Content-Type: multipart/report; boundary=b\n\npreamble\n"
	  "--b\n\none\n--b\nContent-Type: message/delivery-status\n\ntwo\n"
	  "--b\nContent-Type: message/rfc822\n\nA: 1\n\nthree\n"
	  "--b\nContent-Type: text/rfc822-headers\n\nB: 2\n--b--\nepilogue\n",
		"text:one\n|status:two\n|message:A: 1\n\nthree\n|"
		"headers:B: 2\n|" },
	/* in each other; the inner one is never closed */
	{ "Content-Type: multipart/mixed; boundary=\"a b\"\n\n"
	  "--a b\nContent-Type: multipart/mixed; boundary=c\n\n"
	  "--c\n\none\n--a b\n\ntwo\n--a b--\n",
		"text:one\n|text:two\n|" },
	/* named wrongly, or not at all */
	{ "Content-Type: multipart/mixed; boundary=x\n\n"
	  "--y\nContent-Type: text/plain\n\none\n--y--\n",
		"text:one\n|" },
	{ "A: 1\n\n--y\nContent-Type: text/plain\n\none\n--y--\n",
		"text:one\n|" },
	/* a boundary within a copied message is none of ours */
	{ "A: 1\n\n1\n2\n3\n4\n--y\nContent-Type: text/plain\n\none\n--y--\n",
		"text:1\n2\n3\n4\n--y\nContent-Type: text/plain\n\none\n"
		"--y--\n|" },
	/* one that begins like it is another */
	{ "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--bc\n"
	  "two\n--b--\n",
		"text:one\n--bc\ntwo\n|" },
	/* a part without a header, and without the empty line */
	{ "Content-Type: multipart/mixed; boundary=b\n\n--b\nHi. This is\n"
	  "--b--\n",
		"text:Hi. This is\n|" },
	/* kinds by what stands in them */
	{ "A: 1\n\nReporting-MTA: dns; a\n\nFinal-Recipient: rfc822; a@b\n",
		"status:Reporting-MTA: dns; a\n\n"
		"Final-Recipient: rfc822; a@b\n|" },
	{ "A: 1\n\nFeedback-Type: abuse\n",
		"feedback:Feedback-Type: abuse\n|" },
	{ "A: 1\n\nprose first\nFinal-Recipient: rfc822; a@b\n",
		"text:prose first\nFinal-Recipient: rfc822; a@b\n|" },
	/* decoded, but for attachments */
	{ "Content-Type: message/delivery-status\n"
	  "Content-Transfer-Encoding: base64\n\nQWN0aW9uOiBmYWlsZWQK\n",
		"status:Action: failed\n|" },
	{ "Content-Type: application/zip\n"
	  "Content-Transfer-Encoding: base64\n\nQUJD\n",
		"other:QUJD\n|" },
	/* a status that is attached as a file is one too */
	{ "Content-Type: application/octet-stream\n"
	  "Content-Transfer-Encoding: base64\n\n"
	  "RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFAYgo=\n",
		"status:Final-Recipient: rfc822; a@b\n|" },
	{ "Content-Type: application/octet-stream\n"
	  "Content-Transfer-Encoding: base64\n\nQUJD\n",
		"other:QUJD\n|" },
	/* a mail that is attached as a file is one */
	{ "Content-Type: application/octet-stream; name=\"a b.EML\"\n"
	  "Content-Transfer-Encoding: base64\n\nQTogMQo=\n",
		"message:A: 1\n|" },
	{ "Content-Type: application/octet-stream\n"
	  "Content-Disposition: attachment; filename=a.eml\n\nA: 1\n",
		"message:A: 1\n|" },
	{ "Content-Type: text/html\n\n<p>one</p>", "html:one\n|" },
};

static void a_mail_is_taken_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct mail_parts mail;
		struct span out = SPAN("");

		mail_parts_read(arena, span_of(rows[i].mail), &mail);
		for (size_t k = 0; k < mail.count; k++)
			out = arena_print(arena, "%.*s%s:%.*s|", SPAN_ARG(out),
				kind_words[mail.parts[k].kind],
				SPAN_ARG(mail.parts[k].content));
		assert_span(out, rows[i].parts);
	}
}

static void an_attachment_says_how_it_is_coded(void **state)
{
	struct mail_parts mail;

	(void)state;
	mail_parts_read(arena,
		SPAN("Content-Type: application/gzip\n"
		     "Content-Transfer-Encoding: base64\n\nQUJD\n"),
		&mail);
	assert_span(transfer_decode(
			    arena, mail.parts[0].coding, mail.parts[0].content),
		"ABC");
}

static void parts_and_depth_are_bounded(void **state)
{
	struct span part = SPAN("--b\n\nx\n");
	struct span head = SPAN(
		"Content-Type: multipart/mixed; boundary=b\n\n");
	enum { MANY = PARTS_MAX * 3 };
	char *room = arena_take(arena, head.len + MANY * part.len);
	struct mail_parts mail;
	size_t len = head.len;

	(void)state;
	memcpy(room, head.at, head.len);
	for (int i = 0; i < MANY; i++) {
		memcpy(room + len, part.at, part.len);
		len += part.len;
	}
	mail_parts_read(arena, (struct span){ room, len }, &mail);
	assert_int_equal(mail.count, PARTS_MAX);
}

static void a_nul_is_a_blank(void **state)
{
	struct mail_parts mail;

	(void)state;
	mail_parts_read(arena, SPAN("A: 1\n\na\0b\n"), &mail);
	assert_span(mail.parts[0].content, "a b\n");
	mail_parts_read(arena,
		SPAN("A: 1\n\n\xc2\xa0"
		     "a\xc2\xa0\0\xc2\xa9\xc2"),
		&mail);
	assert_span(mail.parts[0].content, " a  \xc2\xa9\xc2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_is_taken_apart),
		cmocka_unit_test(an_attachment_says_how_it_is_coded),
		cmocka_unit_test(parts_and_depth_are_bounded),
		cmocka_unit_test(a_nul_is_a_blank),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
