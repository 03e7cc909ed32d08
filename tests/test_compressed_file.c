#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "reports/inbound/compressed_file.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

enum { PACKED_MAX = 1024 * 1024 };

typedef int filter(struct archive *archive);

/* What the program of this name would write. */
static struct span pack(filter *add, struct span plain)
{
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	char *room = arena_take(arena, PACKED_MAX);
	size_t used = 0;

	assert_int_equal(add(archive), ARCHIVE_OK);
	archive_write_set_format_raw(archive);
	archive_write_set_bytes_in_last_block(archive, 1);
	assert_int_equal(
		archive_write_open_memory(archive, room, PACKED_MAX, &used),
		ARCHIVE_OK);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_write_header(archive, entry);
	archive_write_data(archive, plain.at, plain.len);
	archive_entry_free(entry);
	assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
	archive_write_free(archive);
	return (struct span){ room, used };
}

static const char *write_file(struct span bytes)
{
	static char name[64];
	int fd;

	strcpy(name, "/tmp/mxprobe-test-XXXXXX");
	fd = mkstemp(name);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes.at, bytes.len), bytes.len);
	close(fd);
	return name;
}

/* All of it, in one span; the state is that after the last piece. */
static struct span read_all(
	struct compressed_file *file, enum compressed_state *state)
{
	struct span all = { arena_take(arena, PACKED_MAX), 0 }, piece, why;

	while ((*state = compressed_file_read(file, &piece, &why)) ==
		COMPRESSED_MORE) {
		assert_true(all.len + piece.len <= PACKED_MAX);
		memcpy((char *)(uintptr_t)all.at + all.len, piece.at,
			piece.len);
		all.len += piece.len;
	}
	return all;
}

static struct span long_text(void)
{
	char *text = arena_take(arena, 600000);

	for (size_t i = 0; i < 600000; i++)
		text[i] = (char)('a' + i * i % 26);
	return (struct span){ text, 600000 };
}

static void read_back(struct span bytes, struct span plain, bool is_packed)
{
	const char *name = write_file(bytes);
	struct span why = { 0 };
	struct compressed_file *file = compressed_file_open(arena, name, &why);
	enum compressed_state state;

	unlink(name);
	assert_non_null(file);
	assert_int_equal(compressed_file_is_packed(file), is_packed);
	assert_true(compressed_file_written_ms(file) > 0);
	assert_true(span_is(read_all(file, &state), plain));
	assert_int_equal(state, COMPRESSED_END);
	compressed_file_close(file);
}

static filter *const filters[] = {
	archive_write_add_filter_gzip,
	archive_write_add_filter_zstd,
	archive_write_add_filter_xz,
	archive_write_add_filter_bzip2,
};

static void a_packed_file_reads_as_what_is_in_it(void **state)
{
	struct span text = long_text();

	(void)state;
	read_back(text, text, false);
	read_back(SPAN("x"), SPAN("x"), false);
	read_back(SPAN(""), SPAN(""), false);
	for (size_t i = 0; i < COUNT_OF(filters); i++)
		read_back(pack(filters[i], text), text, true);
}

/* As logrotate and cat make them. */
static void members_of_gzip_follow_each_other(void **state)
{
	struct span one = pack(archive_write_add_filter_gzip, SPAN("one\n"));
	struct span two = pack(archive_write_add_filter_gzip, SPAN("two\n"));
	struct span both = arena_print(arena, "%s", "");
	char *room = arena_take(arena, one.len + two.len);

	(void)state;
	memcpy(room, one.at, one.len);
	memcpy(room + one.len, two.at, two.len);
	both = (struct span){ room, one.len + two.len };
	read_back(both, SPAN("one\ntwo\n"), true);
}

static void a_plain_file_that_grows_is_read_on(void **state)
{
	const char *name = write_file(SPAN("one\n"));
	struct span why;
	struct compressed_file *file = compressed_file_open(arena, name, &why);
	enum compressed_state end;
	int fd;

	(void)state;
	assert_non_null(file);
	assert_span(read_all(file, &end), "one\n");
	assert_int_equal(end, COMPRESSED_END);
	fd = open(name, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "two\n", 4), 4);
	close(fd);
	unlink(name);
	assert_span(read_all(file, &end), "two\n");
	compressed_file_close(file);
}

static void a_damaged_file_is_said_to_be_bad(void **state)
{
	struct span packed = pack(archive_write_add_filter_gzip, long_text());
	struct span cut = span_part(packed, 0, packed.len / 2), plain, why;
	const char *name = write_file(cut);
	struct compressed_file *file = compressed_file_open(arena, name, &why);
	enum compressed_state end;

	(void)state;
	unlink(name);
	assert_non_null(file);
	read_all(file, &end);
	assert_int_equal(end, COMPRESSED_BAD);
	compressed_file_close(file);
	assert_false(compressed_unpack(arena, cut, PACKED_MAX, &plain, &why));
	assert_true(why.len > 0);
}

static void a_file_that_is_not_there_is_told(void **state)
{
	struct span why = { 0 };

	(void)state;
	assert_null(compressed_file_open(arena, "/nonexistent/log", &why));
	assert_span(why, "No such file or directory");
}

/* Three octets at a time, and at last what is wrong. */
struct elsewhere {
	struct span rest;
	bool ends_badly;
};

static enum compressed_state read_elsewhere(
	void *from, struct span *piece, struct span *why)
{
	struct elsewhere *elsewhere = from;

	*piece = span_part(elsewhere->rest, 0, 3);
	elsewhere->rest = span_part(elsewhere->rest, 3, elsewhere->rest.len);
	if (piece->len)
		return COMPRESSED_MORE;
	*why = SPAN("it broke");
	return elsewhere->ends_badly ? COMPRESSED_BAD : COMPRESSED_END;
}

static void octets_from_elsewhere_read_as_a_file_does(void **state)
{
	struct span text = long_text();
	struct span forms[] = { pack(archive_write_add_filter_gzip, text), text,
		SPAN("x"), SPAN("") };

	(void)state;
	for (size_t i = 0; i < 2 * COUNT_OF(forms); i++) {
		struct elsewhere elsewhere = { forms[i / 2], i % 2 };
		struct compressed_source source = { .from = &elsewhere,
			.read = read_elsewhere,
			.size = i < 4 ? 0 : forms[i / 2].len };
		struct span why = SPAN("");
		struct compressed_file *file = compressed_file_of(
			arena, &source, &why);
		enum compressed_state end;

		if (!file) {
			assert_true(i % 2 && forms[i / 2].len < 8);
			assert_span(why, "it broke");
			continue;
		}
		assert_true(span_is(
			read_all(file, &end), i < 4 ? text : forms[i / 2]));
		assert_int_equal(
			end, i % 2 && i > 1 ? COMPRESSED_BAD : COMPRESSED_END);
		compressed_file_close(file);
	}
}

static void octets_unpack_up_to_a_limit(void **state)
{
	struct span text = long_text(), plain, why;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(filters); i++) {
		struct span packed = pack(filters[i], text);

		assert_true(compressed_unpack(
			arena, packed, text.len, &plain, &why));
		assert_true(span_is(plain, text));
		assert_false(compressed_unpack(
			arena, packed, text.len - 1, &plain, &why));
		assert_span(why, "it unpacks to more than 599999 octets");
	}
	assert_true(compressed_unpack(arena, SPAN("plain"), 3, &plain, &why));
	assert_span(plain, "plain");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packed_file_reads_as_what_is_in_it),
		cmocka_unit_test(members_of_gzip_follow_each_other),
		cmocka_unit_test(a_plain_file_that_grows_is_read_on),
		cmocka_unit_test(a_damaged_file_is_said_to_be_bad),
		cmocka_unit_test(a_file_that_is_not_there_is_told),
		cmocka_unit_test(octets_from_elsewhere_read_as_a_file_does),
		cmocka_unit_test(octets_unpack_up_to_a_limit),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
