#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "probe/verbs/growing_file.h"

/* A folder of its own, and a log in it. */
struct place {
	struct arena *arena;
	char folder[32];
	const char *log, *old, *next;
	struct growing_file *file;
	char read[256]; /* "|" where a new file began */
};

static const char *path_in(struct place *place, const char *name)
{
	return arena_print(place->arena, "%s/%s", place->folder, name).at;
}

static void write_to(const char *path, const char *how, const char *text)
{
	FILE *file = fopen(path, how);

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int start(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	struct span why;

	if (!place)
		return -1;
	place->arena = arena_open();
	strcpy(place->folder, "/tmp/mxprobe-growing-XXXXXX");
	if (!mkdtemp(place->folder))
		return -1;
	place->log = path_in(place, "maillog");
	place->old = path_in(place, "maillog.1");
	place->next = path_in(place, "next");
	write_to(place->log, "w", "one\n");
	place->file = growing_file_open(place->arena, place->log, &why);
	*state = place;
	return place->file ? 0 : -1;
}

static int stop(void **state)
{
	struct place *place = *state;

	growing_file_close(place->file);
	unlink(place->log);
	unlink(place->old);
	unlink(place->next);
	rmdir(place->folder);
	arena_close(place->arena);
	free(place);
	return 0;
}

/* What there is until now. */
static const char *read_on(struct place *place)
{
	size_t len = 0;
	struct span piece;

	for (;;) {
		switch (growing_file_read(place->file, &piece)) {
		case GROWING_MORE:
			assert_true(len + piece.len < sizeof(place->read) - 1);
			memcpy(place->read + len, piece.at, piece.len);
			len += piece.len;
			break;
		case GROWING_ANEW:
			place->read[len++] = '|';
			break;
		case GROWING_REST:
			place->read[len] = 0;
			return place->read;
		case GROWING_END:
			fail();
		}
	}
}

static void a_file_is_read_on_as_it_grows(void **state)
{
	struct place *place = *state;

	assert_string_equal(read_on(place), "one\n");
	assert_string_equal(read_on(place), "");
	write_to(place->log, "a", "tw");
	assert_string_equal(read_on(place), "tw");
	write_to(place->log, "a", "o\n");
	assert_string_equal(read_on(place), "o\n");
}

static void a_renamed_file_is_read_to_its_end_and_then_the_new_one(void **state)
{
	struct place *place = *state;

	assert_string_equal(read_on(place), "one\n");
	assert_int_equal(rename(place->log, place->old), 0);
	assert_string_equal(read_on(place), "");
	write_to(place->old, "a", "last\n");
	assert_string_equal(read_on(place), "last\n");
	write_to(place->log, "w", "new\n");
	assert_string_equal(read_on(place), "|new\n");
	write_to(place->old, "a", "too late\n");
	assert_string_equal(read_on(place), "");
}

/* Until its writer has gone over to the new one. */
static void an_empty_new_file_does_not_end_the_old_one(void **state)
{
	struct place *place = *state;

	assert_string_equal(read_on(place), "one\n");
	assert_int_equal(rename(place->log, place->old), 0);
	write_to(place->log, "w", "");
	write_to(place->old, "a", "last\n");
	assert_string_equal(read_on(place), "last\n");
	write_to(place->log, "a", "new\n");
	assert_string_equal(read_on(place), "|new\n");
}

static void a_file_that_was_put_in_its_place_is_new(void **state)
{
	struct place *place = *state;

	assert_string_equal(read_on(place), "one\n");
	write_to(place->next, "w", "another\n");
	assert_int_equal(rename(place->next, place->log), 0);
	assert_string_equal(read_on(place), "|another\n");
}

static void a_truncated_file_is_read_from_its_start(void **state)
{
	struct place *place = *state;

	write_to(place->log, "a", "two\n");
	assert_string_equal(read_on(place), "one\ntwo\n");
	write_to(place->log, "w", "3\n");
	assert_string_equal(read_on(place), "|3\n");
}

static void a_file_that_is_gone_may_come_back(void **state)
{
	struct place *place = *state;

	assert_string_equal(read_on(place), "one\n");
	assert_int_equal(unlink(place->log), 0);
	assert_string_equal(read_on(place), "");
	write_to(place->log, "w", "again\n");
	assert_string_equal(read_on(place), "|again\n");
}

static void what_is_not_there_says_why(void **state)
{
	struct place *place = *state;
	struct span why = SPAN("");

	assert_null(growing_file_open(
		place->arena, path_in(place, "nothing"), &why));
	assert_true(why.len != 0);
}

#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SENTENCE(a_file_is_read_on_as_it_grows),
		SENTENCE(
			a_renamed_file_is_read_to_its_end_and_then_the_new_one),
		SENTENCE(an_empty_new_file_does_not_end_the_old_one),
		SENTENCE(a_file_that_was_put_in_its_place_is_new),
		SENTENCE(a_truncated_file_is_read_from_its_start),
		SENTENCE(a_file_that_is_gone_may_come_back),
		SENTENCE(what_is_not_there_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
