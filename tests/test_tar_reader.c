#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/inbound/tar_reader.h"
#include "tests/own_arena.h"
#include "tests/spans.h"
#include "tests/tar_by_hand.h"

/* What one reads, as a line: "name:size@seconds octets|", "-" before what is no
 * file, and at last "end", or why it is bad. */
struct reading {
	struct tar_reader reader;
	char *text;
	size_t len;
	bool is_over;
};

static void took(struct reading *reading, struct span text)
{
	memcpy(reading->text + reading->len, text.at, text.len);
	reading->len += text.len;
}

static void take(struct reading *reading, enum tar_got got)
{
	const struct tar_reader *reader = &reading->reader;
	const struct tar_member *member = &reader->member;

	switch (got) {
	case TAR_MORE:
		return;
	case TAR_MEMBER:
		took(reading, arena_print(arena, "|%s%.*s:%llu@%lld ",
				      member->is_file ? "" : "-",
				      (int)member->name_len, member->name,
				      (unsigned long long)member->size,
				      (long long)member->written_ms / 1000));
		return;
	case TAR_OCTETS:
		took(reading, reader->octets);
		return;
	case TAR_END:
		took(reading, SPAN("|end"));
		break;
	case TAR_BAD:
		took(reading, arena_print(arena, "|%s", reader->why));
		break;
	}
	reading->is_over = true;
}

static void feed(struct reading *reading, struct span piece)
{
	enum tar_got got = TAR_MEMBER;

	while (got != TAR_MORE && !reading->is_over) {
		got = tar_reader_next(&reading->reader, &piece);
		take(reading, got);
	}
}

/* In pieces of this size, after a first one of another. */
static struct span text_of(struct span tar, size_t first, size_t size)
{
	struct reading reading = { .text = arena_take(arena, tar.len + 4096) };

	tar_reader_init(&reading.reader);
	feed(&reading, span_part(tar, 0, first));
	for (size_t at = first; at < tar.len; at += size)
		feed(&reading, span_part(tar, at, size));
	if (!reading.is_over)
		take(&reading, tar_reader_end(&reading.reader));
	return (struct span){ reading.text, reading.len };
}

static void check(const struct tar_by_hand *tar, const char *wanted)
{
	size_t len = tar->bytes.len;

	assert_span(text_of(tar->bytes, len, 1), wanted);
	assert_span(text_of(tar->bytes, 0, 1), wanted);
	for (size_t i = 0; i < len; i += i < 2100 ? 1 : 37)
		assert_span(text_of(tar->bytes, i, len), wanted);
}

#define TIME "@1739178656 "

static void members_come_one_after_the_other(void **state)
{
	struct tar_by_hand tar = { .own = arena };

	(void)state;
	check(&tar, "|end");
	tar_add(&tar, "d/", '5', SPAN(""));
	tar_add(&tar, "d/a.log", '0', SPAN("text"));
	tar_add(&tar, "b", '0', SPAN(""));
	check(&tar, "|-d/:0" TIME "|d/a.log:4" TIME "text|b:0" TIME "|end");
	tar_add_end(&tar);
	tar_put(&tar, SPAN("what tape was left"));
	check(&tar, "|-d/:0" TIME "|d/a.log:4" TIME "text|b:0" TIME "|end");
}

/* They say how large the other one is, and have no octets. */
static void links_and_devices_are_no_files(void **state)
{
	static const char types[] = "123456V";

	(void)state;
	for (size_t i = 0; types[i]; i++) {
		struct tar_by_hand tar = { .own = arena };

		tar_add(&tar, "a", types[i], SPAN(""));
		tar_change(&tar, 0, 124, SPAN("00000000777"));
		tar_add(&tar, "b", '7', SPAN("text"));
		check(&tar, "|-a:0" TIME "|b:4" TIME "text|end");
	}
}

static void a_folder_of_old_is_known_by_its_name(void **state)
{
	struct tar_by_hand tar = { .own = arena };

	(void)state;
	tar_add(&tar, "d/", '\0', SPAN(""));
	tar_add(&tar, "d/a", '\0', SPAN("text"));
	check(&tar, "|-d/:0" TIME "|d/a:4" TIME "text|end");
}

#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void long_names_are_put_together(void **state)
{
	struct tar_by_hand tar = { .own = arena };

	(void)state;
	/* POSIX: a prefix; a name that fills its field has no end */
	tar_add(&tar, X50 X50, '0', SPAN("1"));
	tar_change(&tar, 512, 345, SPAN("some/where"));
	/* GNU, which has dates where the prefix would be */
	tar_add(&tar, "././@LongLink", 'K', SPAN("a link\0"));
	tar_add(&tar, "././@LongLink", 'L', SPAN("d/" X50 X50 "y\0"));
	tar_add(&tar, "d/" X50, '0', SPAN("2"));
	tar_change(&tar, 512, 257, SPAN("ustar  \0"));
	tar_change(&tar, 512, 345, SPAN("14752341240"));
	tar_add(&tar, "z", '0', SPAN("3"));
	tar_change(&tar, 512, 257, SPAN("ustar  \0"));
	tar_change(&tar, 512, 345, SPAN("14752341240"));
	/* pax */
	tar_add(&tar, "g", 'g', SPAN("13 comment=x\n"));
	tar_add(&tar, "x", 'x', SPAN("14 path=\xc3\xa4/=b\n"));
	tar_add(&tar, "y", '0', SPAN("4"));
	check(&tar, "|some/where/" X50 X50 ":1" TIME "1|d/" X50 X50 "y:1" TIME
		    "2|z:1" TIME "3|\xc3\xa4/=b:1" TIME "4|end");
}

static void pax_tells_size_and_time(void **state)
{
	struct tar_by_hand tar = { .own = arena };

	(void)state;
	tar_add(&tar, "x", 'x', SPAN("9 size=4\n22 mtime=1772880789.5\n"));
	tar_add(&tar, "a", '0', SPAN("text"));
	tar_change(&tar, 512, 124, SPAN("00000000000"));
	tar_add(&tar, "x", 'X', SPAN("20 mtime=1772880700\n"));
	tar_add(&tar, "b", '0', SPAN(""));
	tar_add(&tar, "x", 'x', SPAN("12 mtime=-1\n"));
	tar_add(&tar, "c", '0', SPAN(""));
	check(&tar, "|a:4@1772880789 text|b:0@1772880700 |c:0" TIME "|end");
}

static void large_numbers_are_binary(void **state)
{
	struct tar_by_hand tar = { .own = arena };

	(void)state;
	tar_add(&tar, "a", '0', SPAN("text"));
	tar_change(&tar, 512, 124, SPAN("\x80\0\0\0\0\0\0\0\0\0\0\4"));
	tar_add(&tar, "b", '0', SPAN(""));
	/* before 1970 */
	tar_change(&tar, 0, 136,
		SPAN("\xff\xff\xff\xff\xff\xff\xff\xff\xff"
		     "\xff\xff\xff"));
	check(&tar, "|a:4" TIME "text|b:0@0 |end");
}

/* Lists of holes stand before what is not one, or in the headers. */
static void a_file_with_holes_is_none(void **state)
{
	static const char more[512] = { [504] = 1 }, last[512];
	struct tar_by_hand tar = { .own = arena };

	(void)state;
	tar_add(&tar, "a", 'S', SPAN(""));
	tar_change(&tar, 0, 124, SPAN("00000000004"));
	tar_change(&tar, 0, 482, SPAN("\1"));
	tar_put(&tar, (struct span){ more, 512 });
	tar_put(&tar, (struct span){ last, 512 });
	tar_put(&tar, SPAN("text"));
	tar_pad(&tar);
	tar_add(&tar, "x", 'x', SPAN("22 GNU.sparse.major=1\n"));
	tar_add(&tar, "b", '0', SPAN("text"));
	tar_add(&tar, "c", '0', SPAN("3"));
	check(&tar, "|-a:4" TIME "text|-b:4" TIME "text|c:1" TIME "3|end");
}

static void a_tar_cut_anywhere_is_told(void **state)
{
	struct tar_by_hand tar = { .own = arena };

	(void)state;
	tar_add(&tar, "x", 'x', SPAN("9 size=4\n"));
	tar_add(&tar, "a", '0', SPAN("text"));
	for (size_t i = 1; i < tar.bytes.len; i++) {
		struct span text = text_of(span_part(tar.bytes, 0, i), i, 1);
		bool is_whole = i >= 3 * 512 + 4;

		assert_true(span_ends_nocase(text,
			is_whole ? SPAN("|end") : SPAN("|it is cut off")));
	}
}

static void what_is_damaged_is_bad(void **state)
{
	static const struct span records[] = {
		{ "x", 1 },
		{ "9 size=4", 8 },
		{ "99 size=4\n", 10 },
		{ "9 size=449 size=4\n", 18 },
		{ "2 \n", 3 },
		{ "0 size=4\n", 9 },
		{ "9 size=x\n", 9 },
		{ "28 size=99999999999999999999\n", 29 },
		{ "-9 size=4\n", 10 },
	};
	struct tar_by_hand tar = { .own = arena };

	(void)state;
	tar_add(&tar, "a", '0', SPAN("text"));
	tar_put(&tar,
		(struct span){
			X50 X50 X50 X50 X50 X50 X50 X50 X50 X50 X50, 512 });
	check(&tar, "|a:4" TIME "text|it is damaged: a header is none");
	tar = (struct tar_by_hand){ .own = arena };
	tar_add(&tar, "a", '0', SPAN("text"));
	tar_change(&tar, 512, 124, SPAN("0000000x004"));
	check(&tar, "|it is damaged: a header is none");
	tar = (struct tar_by_hand){ .own = arena };
	tar_add(&tar, "a", '0', SPAN("text"));
	tar_change(&tar, 512, 124,
		SPAN("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"));
	check(&tar, "|it is damaged: a header is none");
	tar_change(&tar, 512, 124, SPAN("\x80\1\0\0\0\0\0\0\0\0\0\4"));
	check(&tar, "|it is damaged: a header is none");
	for (size_t i = 0; i < COUNT_OF(records); i++) {
		tar = (struct tar_by_hand){ .own = arena };
		tar_add(&tar, "x", 'x', records[i]);
		tar_add(&tar, "a", '0', SPAN("text"));
		check(&tar, "|it is damaged: a header is cut off");
	}
}

static void a_header_without_end_is_not_waited_for(void **state)
{
	struct tar_by_hand tar = { .own = arena };

	(void)state;
	tar_add(&tar, "x", 'x', SPAN(""));
	tar_change(&tar, 0, 124, SPAN("00000200001"));
	check(&tar, "|a header in it is longer than any that is known");
}

static void a_name_is_kept_as_far_as_it_is_told(void **state)
{
	struct tar_by_hand tar = { .own = arena };
	struct span text;

	(void)state;
	tar_add(&tar, "././@LongLink", 'L',
		SPAN(X50 X50 X50 X50 X50 "12345678\0"));
	tar_add(&tar, "a", '0', SPAN(""));
	text = text_of(tar.bytes, 0, 1);
	assert_span(text, "|" X50 X50 X50 X50 X50 "12345:0" TIME "|end");
}

static void a_tar_is_known_by_its_first_block(void **state)
{
	struct tar_by_hand tar = { .own = arena };
	char *first;

	(void)state;
	tar_add(&tar, "a\xff", '0', SPAN("text"));
	assert_true(tar_is_likely(tar.bytes));
	assert_false(tar_is_likely(span_part(tar.bytes, 0, 511)));
	first = (char *)(uintptr_t)tar.bytes.at;
	/* some have summed octets with a sign */
	snprintf(first + 148, 8, "%06lo", strtoul(first + 148, NULL, 8) - 256);
	assert_true(tar_is_likely(tar.bytes));
	first[0]++;
	assert_false(tar_is_likely(tar.bytes));
	tar_change(&tar, 512, 257, SPAN("other"));
	assert_false(tar_is_likely(tar.bytes));
}

#define SENTENCE(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SENTENCE(members_come_one_after_the_other),
		SENTENCE(links_and_devices_are_no_files),
		SENTENCE(a_folder_of_old_is_known_by_its_name),
		SENTENCE(long_names_are_put_together),
		SENTENCE(pax_tells_size_and_time),
		SENTENCE(large_numbers_are_binary),
		SENTENCE(a_file_with_holes_is_none),
		SENTENCE(a_tar_cut_anywhere_is_told),
		SENTENCE(what_is_damaged_is_bad),
		SENTENCE(a_header_without_end_is_not_waited_for),
		SENTENCE(a_name_is_kept_as_far_as_it_is_told),
		SENTENCE(a_tar_is_known_by_its_first_block),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
