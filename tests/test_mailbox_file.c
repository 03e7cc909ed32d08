#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/base/attr.h"
#include "reports/inbound/mailbox_file.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

static char place[] = "/tmp/mxprobe-mailbox-XXXXXX";

static void make_folder(const char *name)
{
	assert_int_equal(
		mkdir(arena_print(arena, "%s/%s", place, name).at, 0700), 0);
}

static void make_file(const char *name, const char *text)
{
	FILE *out = fopen(arena_print(arena, "%s/%s", place, name).at, "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static int remove_one(const char *path, const struct stat *status, int type,
	struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

static int make_place(void **state)
{
	open_arena(state);
	return mkdtemp(place) ? 0 : -1;
}

static int remove_place(void **state)
{
	close_arena(state);
	return nftw(place, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* "file:line:bytes|" of each mail, the place left out. */
static struct span all_of(const char *name)
{
	struct span path = arena_print(arena, "%s/%s", place, name);
	struct mailbox *mailbox = mailbox_open(path.at);
	struct mailbox_mail mail;
	enum mailbox_state state;
	struct span out = SPAN("");

	while ((state = mailbox_next(mailbox, &mail)) != MAILBOX_END) {
		size_t at = strlen(place) + 1;
		struct span file = span_part(mail.file, at, mail.file.len);

		if (state == MAILBOX_BAD)
			out = arena_print(arena, "%.*s%.*s:bad|", SPAN_ARG(out),
				SPAN_ARG(file));
		else
			out = arena_print(arena, "%.*s%.*s:%d:%.*s|",
				SPAN_ARG(out), SPAN_ARG(file),
				(int)mail.mail.line, SPAN_ARG(mail.mail.bytes));
	}
	mailbox_close(mailbox);
	return out;
}

static void a_file_is_a_mail_or_a_mbox(void **state)
{
	(void)state;
	make_file("one.eml", "A: 1\n\nbody\n");
	make_file("two.mbox", "From a Sat Sep  7 10:51:00 2024\nA: 1\n\n"
			      "From b Sat Sep  7 10:51:00 2024\nB: 2\n");
	make_file("empty", "");
	assert_span(all_of("one.eml"), "one.eml:1:A: 1\n\nbody\n|");
	assert_span(
		all_of("two.mbox"), "two.mbox:1:A: 1\n\n|two.mbox:4:B: 2\n|");
	assert_span(all_of("empty"), "");
}

static void a_maildir_is_read_without_its_tmp(void **state)
{
	(void)state;
	make_folder("dir");
	make_folder("dir/cur");
	make_folder("dir/new");
	make_folder("dir/tmp");
	make_file("dir/cur/2.b:2,S", "B: 2\n");
	make_file("dir/cur/1.a:2,S", "A: 1\n");
	make_file("dir/new/3.c", "C: 3\n");
	make_file("dir/tmp/4.d", "D: 4\n");
	make_file("dir/.index", "no mail");
	assert_span(all_of("dir"), "dir/cur/1.a:2,S:1:A: 1\n|"
				   "dir/cur/2.b:2,S:1:B: 2\n|"
				   "dir/new/3.c:1:C: 3\n|");
}

static void what_cannot_be_read_is_told_and_the_rest_read(void **state)
{
	(void)state;
	make_folder("broken");
	make_file("broken/b", "B: 2\n");
	assert_int_equal(
		symlink("nowhere", arena_print(arena, "%s/broken/a", place).at),
		0);
	assert_span(all_of("broken"), "broken/a:bad|broken/b:1:B: 2\n|");
	assert_span(all_of("absent"), "absent:bad|");
}

static void folders_in_a_circle_come_to_an_end(void **state)
{
	struct span out;

	(void)state;
	make_folder("circle");
	make_file("circle/z", "Z: 1\n");
	assert_int_equal(
		symlink(".", arena_print(arena, "%s/circle/a", place).at), 0);
	out = all_of("circle");
	assert_true(span_ends_nocase(out, SPAN("circle/z:1:Z: 1\n|")));
}

/* Heads of files, and whether they begin a mail. */
static const struct head_row {
	const char *head;
	bool is_mail;
} heads[] = {
	{ "From a Sat Sep  7 10:51:00 2024\nA: 1\n", true },
	{ "Return-Path: <>\nReceived: by x\n\nbody\n", true },
	{ "X-Odd: 1\n folded\nSubject: x\n\n", true },
	{ "Subject: x\nSubject-of-a-long-line-that-is-c", true },
	{ "From what I hear\n", false },
	{ "Sep  7 10:51:00 mta postfix/smtp[1]: 4ABC: to=<a@b>\n", false },
	{ "2024-09-07T10:51:00+00:00 mta sendmail[1]: x: to=<a@b>\n", false },
	{ "<?xml version=\"1.0\"?>\n", false },
	{ "{ \"organization-name\": \"x\" }\n", false },
	{ "\n", false },
	{ "", false },
};

static void a_mail_is_known_by_its_head(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(heads); i++)
		if (mailbox_is_one(span_of(heads[i].head)) != heads[i].is_mail)
			fail_msg("%s", heads[i].head);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_a_mail_or_a_mbox),
		cmocka_unit_test(a_maildir_is_read_without_its_tmp),
		cmocka_unit_test(what_cannot_be_read_is_told_and_the_rest_read),
		cmocka_unit_test(folders_in_a_circle_come_to_an_end),
		cmocka_unit_test(a_mail_is_known_by_its_head),
	};

	return cmocka_run_group_tests(tests, make_place, remove_place);
}
