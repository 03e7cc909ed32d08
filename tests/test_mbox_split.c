#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "reports/inbound/mbox_split.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

#define FROM_LINE "From a@example.org Sat Sep  7 10:51:00 2024\n"

/* What comes out of it, the mails parted by "|", with their lines. */
static const struct mbox_row {
	struct span stream;
	const char *mails;
} rows[] = {
	{ BYTES(""), "" },
	{ BYTES("A: 1\n\nbody\n"), "1:A: 1\n\nbody\n|" },
	{ BYTES("A: 1\r\n\r\nno end"), "1:A: 1\r\n\r\nno end|" },
	{ BYTES(FROM_LINE "A: 1\n\nbody\n"), "1:A: 1\n\nbody\n|" },
	{ BYTES(FROM_LINE "A: 1\n\nbody\n\n" FROM_LINE "B: 2\n\nmore\n"),
		"1:A: 1\n\nbody\n\n|6:B: 2\n\nmore\n|" },
	/* without the empty line it is text */
	{ BYTES(FROM_LINE "A: 1\n\nbody\n" FROM_LINE "B: 2\n"),
		"1:A: 1\n\nbody\n" FROM_LINE "B: 2\n|" },
	/* a sentence that begins so has no date */
	{ BYTES(FROM_LINE "A: 1\n\nFrom what I hear\n\nFrom 10:30 on\n"),
		"1:A: 1\n\nFrom what I hear\n\nFrom 10:30 on\n|" },
	/* quoted once, and twice as mboxrd does */
	{ BYTES(FROM_LINE "A: 1\n\n>From x\n>>From y\n> From z\n"),
		"1:A: 1\n\nFrom x\n>From y\n> From z\n|" },
	/* a mail alone quotes nothing and ends nowhere */
	{ BYTES("A: 1\n\n>From x\n\n" FROM_LINE "B: 2\n"),
		"1:A: 1\n\n>From x\n\n" FROM_LINE "B: 2\n|" },
	/* other ways to write the date */
	{ BYTES("From MAILER-DAEMON Mon 1 Jan 2015 00:00:00 +0900\nA: 1\n\n"
		"From - Thu Apr 29 23:34:45 2010\r\nB: 2\n"),
		"1:A: 1\n\n|4:B: 2\n|" },
	{ BYTES(FROM_LINE), "" },
};

static void put(struct span *out, const struct mbox_mail *mail)
{
	*out = arena_print(arena, "%.*s%d:%.*s%s|", SPAN_ARG(*out),
		(int)mail->line, SPAN_ARG(mail->bytes),
		mail->is_cut ? "..." : "");
}

static struct span split(struct span stream, size_t piece_len, size_t max)
{
	struct mbox_split split;
	struct mbox_mail mail;
	struct span out = SPAN("");

	mbox_split_open(&split, max);
	for (size_t at = 0; at < stream.len; at += piece_len) {
		struct span piece = span_part(stream, at, piece_len);

		while (mbox_split_take(&split, &piece, &mail))
			put(&out, &mail);
	}
	if (mbox_split_end(&split, &mail))
		put(&out, &mail);
	mbox_split_close(&split);
	return out;
}

static void a_stream_is_cut_into_mails(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_span(split(rows[i].stream, 65536, 0), rows[i].mails);
}

static void how_it_arrives_makes_no_difference(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		for (size_t len = 1; len <= rows[i].stream.len; len++)
			assert_span(
				split(rows[i].stream, len, 0), rows[i].mails);
}

static void a_mail_over_the_limit_is_cut_and_said_to_be(void **state)
{
	(void)state;
	assert_span(split(SPAN(FROM_LINE "A: 1\n\nlong long\n\n" FROM_LINE
					 "B: 2\n"),
			    7, 8),
		"1:A: 1\n\nlo...|6:B: 2\n|");
}

static void a_long_line_keeps_its_bytes(void **state)
{
	char text[5000];
	struct span line = { text, sizeof(text) }, whole;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "From ", 5);
	text[sizeof(text) - 1] = '\n';
	whole = split(line, 65536, 0);
	assert_int_equal(whole.len, sizeof(text) + 3);
	for (size_t len = 1; len < 3000; len += 211)
		assert_true(span_is(split(line, len, 0), whole));
}

static void mails_behind_a_large_one_are_whole(void **state)
{
	enum { LARGE = 600 * 1024 };
	char *room = arena_take(arena, LARGE + 200);
	struct span stream = { room, 0 }, out;
	struct span start = SPAN(FROM_LINE "A: 1\n\n");
	struct span end = SPAN("\n\n" FROM_LINE "B: 2\n\n" FROM_LINE "C: 3\n");

	(void)state;
	memcpy(room, start.at, start.len);
	memset(room + start.len, 'x', LARGE);
	memcpy(room + start.len + LARGE, end.at, end.len);
	stream.len = start.len + LARGE + end.len;
	out = split(stream, 4096, 0);
	assert_true(span_ends_nocase(out, SPAN("|6:B: 2\n\n|9:C: 3\n|")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_is_cut_into_mails),
		cmocka_unit_test(how_it_arrives_makes_no_difference),
		cmocka_unit_test(a_mail_over_the_limit_is_cut_and_said_to_be),
		cmocka_unit_test(a_long_line_keeps_its_bytes),
		cmocka_unit_test(mails_behind_a_large_one_are_whole),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
