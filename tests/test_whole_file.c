#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "probe/base/file.h"
#include "reports/whole_file.h"
#include "tests/own_folder.h"
#include "tests/spans.h"

static void assert_file(const char *name, const char *wanted)
{
	struct span text, why;

	assert_true(file_read(arena, name, 1024, &text, &why));
	assert_span(text, wanted);
}

static void put(const char *name, const char *text, bool is_well)
{
	struct whole_file file;

	assert_true(whole_file_open(arena, name, &file));
	fputs(text, file.out);
	assert_int_equal(whole_file_close(&file, is_well), is_well);
}

/* So many entries besides . and .. */
static unsigned in_all(void)
{
	FILE *list = popen(arena_print(arena, "ls -A %s", folder).at, "r");
	unsigned count = 0;
	int octet;

	assert_non_null(list);
	while ((octet = getc(list)) != EOF)
		count += octet == '\n';
	pclose(list);
	return count;
}

static void it_takes_its_place_when_it_is_whole(void **state)
{
	const char *name = in_folder("report");
	struct whole_file file;

	(void)state;
	put(name, "old", true);
	assert_true(whole_file_open(arena, name, &file));
	fputs("new", file.out);
	fflush(file.out);
	assert_file(name, "old");
	assert_true(whole_file_close(&file, true));
	assert_file(name, "new");
	assert_int_equal(in_all(), 1);
}

static void what_is_not_well_leaves_the_last_one(void **state)
{
	const char *name = in_folder("report");
	struct whole_file file;

	(void)state;
	put(name, "old", true);
	put(name, "half", false);
	assert_file(name, "old");
	assert_true(whole_file_open(arena, name, &file));
	whole_file_drop(&file);
	assert_file(name, "old");
	assert_int_equal(in_all(), 1);
}

/* As root, one could put a file in the place of /dev/null. */
static void what_is_no_file_is_never_replaced(void **state)
{
	const char *name = in_folder("pipe");
	struct stat found;
	char room[8];
	int reader;

	(void)state;
	assert_int_equal(mkfifo(name, 0600), 0);
	reader = open(name, O_RDONLY | O_NONBLOCK);
	put(name, "told", true);
	assert_int_equal(read(reader, room, sizeof(room)), 4);
	close(reader);
	assert_int_equal(stat(name, &found), 0);
	assert_true(S_ISFIFO(found.st_mode));
	assert_int_equal(in_all(), 1);
}

static void a_link_stays_and_its_file_is_replaced(void **state)
{
	const char *link = in_folder("link"), *name = in_folder("report");
	struct stat found;

	(void)state;
	assert_int_equal(symlink("report", link), 0);
	put(link, "first", true);
	assert_file(name, "first");
	put(link, "second", true);
	assert_file(name, "second");
	assert_int_equal(lstat(link, &found), 0);
	assert_true(S_ISLNK(found.st_mode));
	assert_int_equal(in_all(), 2);
}

static void what_cannot_be_written_has_a_reason(void **state)
{
	struct whole_file file;

	(void)state;
	assert_false(whole_file_open(arena, in_folder("no/such"), &file));
	assert_int_equal(errno, ENOENT);
	assert_false(whole_file_open(arena, folder, &file));
	assert_int_equal(errno, EISDIR);
	if (access("/dev/full", W_OK) != 0)
		return;
	for (unsigned times = 1; times <= 100000; times *= 10) {
		assert_true(whole_file_open(arena, "/dev/full", &file));
		for (unsigned i = 0; i < times; i++)
			fputs("lost\n", file.out);
		errno = 0;
		assert_false(whole_file_close(&file, true));
		assert_int_equal(errno, ENOSPC);
	}
}

#define IN_FOLDER(test)                                                        \
	cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(it_takes_its_place_when_it_is_whole),
		IN_FOLDER(what_is_not_well_leaves_the_last_one),
		IN_FOLDER(what_is_no_file_is_never_replaced),
		IN_FOLDER(a_link_stays_and_its_file_is_replaced),
		IN_FOLDER(what_cannot_be_written_has_a_reason),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
