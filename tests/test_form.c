#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/mail/form.h"
#include "tests/own_arena.h"

#define DATE "Date: Sat, 21 Nov 2026 21:13:05 +0000\r\n"
#define FROM "From: A <a@example.org>\r\n"
#define ID   "Message-ID: <1@example.org>\r\n"
#define HEAD DATE FROM ID
#define BODY "\r\nbody\r\n"

enum { NOW = 1795295585 + 60 };

/*
 * A message, and its faults: "weight kind field line" each, with a comma
 * between; weight ! for broken and ? for odd.
 */
struct sample {
	const char *name;
	struct span bytes;
	const char *faults;
};

#define SAMPLE(text, found)                                                    \
	{                                                                      \
		.name = text, .bytes = { text, sizeof(text) - 1 },             \
		.faults = found                                                \
	}

/* clang-format off */
static const struct sample samples[] = {
	SAMPLE(HEAD BODY, ""),
	SAMPLE(HEAD "Subject:\r\nBcc:\r\n" BODY, ""),
	SAMPLE(HEAD "\r\n", "? no-body  0"),
	SAMPLE(HEAD, "? no-body  0"),
	SAMPLE("", "! missing Date 0, ! missing From 0, "
		"! missing Message-ID 0, ? no-body  0"),

	/* RFC 5322 section 3.6 */
	SAMPLE(FROM ID BODY, "! missing Date 0"),
	SAMPLE(DATE ID BODY, "! missing From 0"),
	SAMPLE(DATE FROM BODY, "! missing Message-ID 0"),
	SAMPLE(HEAD DATE BODY, "! duplicate Date 4"),
	SAMPLE(HEAD "To: a@b\r\nTo: c@d\r\nto: e@f\r\n" BODY,
		"! duplicate To 5"),
	SAMPLE(HEAD "Subject: a\r\nSubject: b\r\n" BODY,
		"! duplicate Subject 5"),
	SAMPLE(HEAD "References: <a@b>\r\nReferences: <a@b>\r\n" BODY,
		"! duplicate References 5"),
	SAMPLE(HEAD "Received: x\r\nReceived: y\r\nComments: a\r\nComments: b\r\n"
		BODY, ""),
	SAMPLE(DATE "From:\r\n" ID BODY, "! empty From 2"),
	SAMPLE(DATE "From: \r\n \r\n" ID BODY, "! empty From 2"),
	SAMPLE(HEAD "Cc: \r\n" BODY, "? empty Cc 4"),

	/* Addresses */
	SAMPLE(DATE "From: a\r\n" ID BODY, "! address From 2"),
	SAMPLE(DATE "From: a@b, c@d\r\n" ID BODY,
		"! from-several From 2, ! sender-needed From 2"),
	SAMPLE(DATE "From: a@b, c@d\r\nSender: a@b\r\n" ID BODY,
		"! from-several From 2"),
	SAMPLE(DATE "From: Us: a@b;\r\n" ID BODY, "! from-group From 2"),
	SAMPLE(DATE "From: J. P. <a@b>\r\n" ID BODY,
		"? obsolete-address From 2"),
	SAMPLE(HEAD "Sender: a@b, c@d\r\n" BODY, "! sender-several Sender 4"),
	SAMPLE(HEAD "Sender: nobody\r\n" BODY, "! address Sender 4"),
	SAMPLE(HEAD "To: undisclosed\r\n" BODY, "? address To 4"),

	/* Message-ID, Date */
	SAMPLE(DATE FROM "Message-ID: 1@example.org\r\n" BODY,
		"! message-id Message-ID 3"),
	SAMPLE("Date: 21.11.2026\r\n" FROM ID BODY, "! date Date 1"),
	SAMPLE("Date: Sat, 21 Nov 2026 21:13:05 GMT\r\n" FROM ID BODY,
		"? date-odd Date 1"),
	SAMPLE("Date: Fri, 21 Nov 2026 21:13:05 +0000\r\n" FROM ID BODY,
		"? date-odd Date 1"),
	SAMPLE("Date: Sat, 14 Nov 2026 21:13:05 +0000\r\n" FROM ID BODY,
		"? date-far Date 1"),
	SAMPLE("Date: Mon, 23 Nov 2026 21:13:05 +0000\r\n" FROM ID BODY,
		"? date-far Date 1"),

	/* Lines of the header */
	SAMPLE(HEAD "no field\r\n" BODY, "! not-a-field  0"),
	SAMPLE(HEAD "X-A : b\r\n" BODY, "? space-before-colon X-A 4"),
	SAMPLE("From a@b Sat Nov 21 21:13:05 2026\r\n" HEAD BODY,
		"? mbox-line  0"),
	SAMPLE(HEAD "Subject: gr\303\274n\r\n" BODY, "? raw-8bit Subject 4"),
	SAMPLE(HEAD "Subject: gr\374n\r\n" BODY, "? raw-8bit Subject 4"),

	/* Lines of all kinds */
	SAMPLE(HEAD "\r\na\rb\r\n", "! bare-cr  5"),
	SAMPLE(HEAD "\r\na\r\r\nb\r\n", "! bare-cr  5"),
	SAMPLE(HEAD "\r\na\nb\r\nc\n", "! bare-lf  5"),
	SAMPLE(HEAD "\r\na\0b\r\n", "? nul  5"),
	SAMPLE(HEAD "\r\na\r", "! bare-cr  5"),

	/* MIME */
	SAMPLE(HEAD "MIME-Version: 1.0 (x)\r\nContent-Type: text/plain\r\n"
		BODY, ""),
	SAMPLE(HEAD "Content-Type: text/plain\r\n" BODY,
		"? mime-version Content-Type 4"),
	SAMPLE(HEAD "MIME-Version: 2.0\r\n" BODY,
		"? mime-version MIME-Version 4"),
	SAMPLE(HEAD "MIME-Version: 1.0\r\nContent-Type: plain\r\n" BODY,
		"! content-type Content-Type 5"),
	SAMPLE(HEAD "MIME-Version: 1.0\r\nContent-Type: multipart/mixed\r\n"
		BODY, "! content-type Content-Type 5"),
	SAMPLE(HEAD "MIME-Version: 1.0\r\n"
		"Content-Type: multipart/mixed; boundary=x\r\n"
		"Content-Transfer-Encoding: base64\r\n" BODY,
		"! encoding Content-Transfer-Encoding 6"),
	SAMPLE(HEAD "MIME-Version: 1.0\r\n"
		"Content-Transfer-Encoding: 9bit\r\n" BODY,
		"? encoding Content-Transfer-Encoding 5"),
	SAMPLE(HEAD "\r\ngr\303\274n\r\n",
		"? body-8bit Content-Transfer-Encoding 5"),
	SAMPLE(HEAD "MIME-Version: 1.0\r\n"
		"Content-Transfer-Encoding: 8bit\r\n\r\ngr\303\274n\r\n", ""),
	SAMPLE(HEAD "MIME-Version: 1.0\r\n"
		"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
		"gr\303\274n\r\n", ""),
	SAMPLE(HEAD "List-Unsubscribe: <a:b>\r\nList-Unsubscribe: <a:b>\r\n"
		BODY, "! duplicate List-Unsubscribe 5"),
};
/* clang-format on */

static struct span shown(const struct form *form)
{
	struct span text = SPAN("");

	for (size_t i = 0; i < form->fault_count; i++) {
		const struct form_fault *fault = &form->faults[i];

		text = arena_print(arena, "%.*s%s%c %s %.*s %llu",
			SPAN_ARG(text), i ? ", " : "",
			fault->weight == FORM_BROKEN ? '!' : '?',
			form_kind_word(fault->kind), SPAN_ARG(fault->field),
			(unsigned long long)fault->line);
	}
	return text;
}

static void hold(const struct form *form, const struct sample *sample)
{
	struct span got = shown(form);
	bool is_broken = strchr(sample->faults, '!') != NULL;

	if (!span_is(got, span_of(sample->faults)))
		fail_msg("%s\nhas: %.*s", sample->name, SPAN_ARG(got));
	assert_int_equal(form->is_broken, is_broken);
	assert_int_equal(form->fault_total, form->fault_count);
}

static void each_fault_is_told_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(samples); i++)
		hold(form_of(arena, samples[i].bytes, NOW), &samples[i]);
}

static void how_the_message_is_cut_does_not_matter(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(samples); i++) {
		struct span bytes = samples[i].bytes;

		for (size_t cut = 0; cut <= bytes.len; cut++) {
			struct form_reader *reader = form_reader_open(arena);

			form_reader_take(reader, span_part(bytes, 0, cut));
			form_reader_take(
				reader, span_part(bytes, cut, bytes.len));
			hold(form_reader_end(reader, NOW), &samples[i]);
		}
	}
}

static void byte_by_byte_gives_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(samples); i++) {
		struct form_reader *reader = form_reader_open(arena);
		struct span bytes = samples[i].bytes;

		for (size_t at = 0; at < bytes.len; at++)
			form_reader_take(reader, span_part(bytes, at, 1));
		hold(form_reader_end(reader, NOW), &samples[i]);
	}
}

/* A file on a disk has the line ends of its system; so all are LF or none. */
static void a_file_with_local_line_ends_has_no_fault_by_that(void **state)
{
	static const char text[] =
		"Date: Sat, 21 Nov 2026 21:13:05 +0000\n"
		"From: a@example.org\nMessage-ID: <1@example.org>\n\nbody\n";
	const struct form *form = form_of(arena, span_of(text), NOW);

	(void)state;
	assert_true(form->has_local_ends);
	assert_int_equal(form->fault_count, 0);
	assert_int_equal(form->line_count, 5);
	assert_int_equal(form->body_octets, 5);
}

static struct span line_of(size_t len, const char *with)
{
	char *line = arena_take(arena, len + 1);
	size_t size = strlen(with);

	for (size_t i = 0; i < len; i++)
		line[i] = with[i % size];
	return arena_print(arena, "%s\r\n%.*s\r\n", HEAD, (int)len, line);
}

static void the_limits_of_a_line_are_998_octets_and_78_characters(void **state)
{
	(void)state;
	assert_int_equal(form_of(arena, line_of(78, "x"), NOW)->fault_count, 0);
	assert_true(span_is(shown(form_of(arena, line_of(79, "x"), NOW)),
		SPAN("? line-long  5")));
	assert_true(span_is(shown(form_of(arena, line_of(998, "x"), NOW)),
		SPAN("? line-long  5")));
	assert_true(span_is(shown(form_of(arena, line_of(999, "x"), NOW)),
		SPAN("! line-too-long  5")));
	/* Two octets are one character. */
	assert_true(
		span_is(shown(form_of(arena, line_of(156, "\303\274"), NOW)),
			SPAN("? body-8bit Content-Transfer-Encoding 5")));
}

static void a_fault_of_many_lines_is_told_once_and_counted(void **state)
{
	static const char text[] = HEAD "\r\na\nb\nc\r\n";
	const struct form *form = form_of(arena, span_of(text), NOW);

	(void)state;
	assert_int_equal(form->fault_count, 1);
	assert_int_equal(form->faults[0].count, 2);
	assert_int_equal(form->faults[0].line, 5);
}

static void more_faults_than_are_kept_are_counted(void **state)
{
	struct form_reader *reader = form_reader_open(arena);
	const struct form *form;

	(void)state;
	for (unsigned i = 0; i < 2 * FORM_FAULTS_MAX; i++)
		form_reader_take(reader, SPAN("X-A : b\r\n"));
	form_reader_take(reader, SPAN(HEAD BODY));
	form = form_reader_end(reader, NOW);
	assert_int_equal(form->fault_count, FORM_FAULTS_MAX);
	assert_int_equal(form->fault_total, 2 * FORM_FAULTS_MAX);
	assert_false(form->is_broken);
}

static void a_large_header_is_told_and_a_larger_one_cut_off(void **state)
{
	struct form_reader *reader = form_reader_open(arena);
	struct span line = SPAN("X-A: 456789012345678901234567890123456789"
				"0123456789\r\n");
	const struct form *form;
	size_t i;

	(void)state;
	form_reader_take(reader, SPAN(HEAD));
	for (i = 0; i < FORM_HEADER_SHOULD / line.len + 1; i++)
		form_reader_take(reader, line);
	form_reader_take(reader, SPAN(BODY));
	form = form_reader_end(reader, NOW);
	assert_true(span_is(shown(form), SPAN("? header-large  1")));

	reader = form_reader_open(arena);
	form_reader_take(reader, SPAN(HEAD));
	for (i = 0; i < HEADER_MAX / line.len + 1; i++)
		form_reader_take(reader, line);
	form_reader_take(reader, SPAN(BODY));
	form = form_reader_end(reader, NOW);
	assert_true(form->header.oddities & HEADER_TOO_LARGE);
	assert_true(form->is_broken);
	assert_int_equal(form->body_octets, 6);
}

/* The time is the test: with the square of the length it does not end. */
static void a_line_of_many_bare_crs_takes_no_longer_than_another(void **state)
{
	size_t len = 4 * 1024 * 1024;
	char *crs = arena_take(arena, len);
	struct form_reader *reader = form_reader_open(arena);
	const struct form *form;

	(void)state;
	memset(crs, '\r', len);
	form_reader_take(reader, SPAN(HEAD "\r\n"));
	form_reader_take(reader, (struct span){ crs, len });
	form = form_reader_end(reader, NOW);
	assert_int_equal(form->longest, len);
	assert_int_equal(form->faults[1].kind, FORM_BARE_CR);
	assert_int_equal(form->faults[1].count, len);
}

static void what_others_want_to_know_is_read_on_the_way(void **state)
{
	static const char text[] = HEAD
		"Subject: =?utf-8?q?gr=C3=BCn?=\r\nIn-Reply-To: <0@example.org>"
		"\r\n" BODY;
	const struct form *form = form_of(arena, span_of(text), NOW);

	(void)state;
	assert_true(span_is(form->subject, SPAN("gr\303\274n")));
	assert_true(form->is_answer);
	assert_int_equal(form->date, 1795295585);
	assert_int_equal(form->from.count, 1);
	assert_true(
		span_is(form->from.mailboxes[0].domain, SPAN("example.org")));
	assert_int_equal(form->octets, sizeof(text) - 1);
}

static void without_a_clock_no_date_is_far(void **state)
{
	static const char text[] =
		"Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n" FROM ID BODY;

	(void)state;
	assert_int_equal(form_of(arena, span_of(text), 0)->fault_count, 0);
	assert_int_equal(form_of(arena, span_of(text), NOW)->fault_count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_told_with_its_line),
		cmocka_unit_test(how_the_message_is_cut_does_not_matter),
		cmocka_unit_test(byte_by_byte_gives_the_same),
		cmocka_unit_test(
			a_file_with_local_line_ends_has_no_fault_by_that),
		cmocka_unit_test(
			the_limits_of_a_line_are_998_octets_and_78_characters),
		cmocka_unit_test(
			a_fault_of_many_lines_is_told_once_and_counted),
		cmocka_unit_test(more_faults_than_are_kept_are_counted),
		cmocka_unit_test(
			a_large_header_is_told_and_a_larger_one_cut_off),
		cmocka_unit_test(
			a_line_of_many_bare_crs_takes_no_longer_than_another),
		cmocka_unit_test(what_others_want_to_know_is_read_on_the_way),
		cmocka_unit_test(without_a_clock_no_date_is_far),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
