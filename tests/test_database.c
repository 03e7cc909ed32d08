#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/store/database.h"
#include "probe/store/schema.h"
#include "probe/store/sql.h"
#include "tests/own_arena.h"

/* Each test has a folder of its own, which goes with all that is in it. */
static char folder[] = "/tmp/mxprobe-database-XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	const char *command = arena_print(arena, "rm -rf '%s'", folder).at;

	(void)state;
	return system(command);
}

static const char *in_folder(const char *name)
{
	return arena_print(arena, "%s/%s", folder, name).at;
}

static struct database *opened(const char *file, enum database_use use)
{
	struct span why = SPAN("");
	struct database *database = database_open(arena, file, use, &why);

	if (!database)
		fail_msg("%.*s", SPAN_ARG(why));
	return database;
}

static void assert_refused(
	const char *file, enum database_use use, const char *word)
{
	struct span why = SPAN("");

	assert_null(database_open(arena, file, use, &why));
	if (span_find_nocase(why, span_of(word)) == why.len)
		fail_msg("\"%.*s\" does not say \"%s\"", SPAN_ARG(why), word);
}

static int64_t ask(struct database *database, const char *text)
{
	struct sql asked = sql_of(database, text);
	int64_t whole = sql_step(&asked) ? sql_whole(&asked, 0) : -1;

	assert_true(sql_end(&asked));
	return whole;
}

static void do_raw(const char *file, const char *text)
{
	sqlite3 *raw;

	assert_int_equal(sqlite3_open(file, &raw), SQLITE_OK);
	assert_int_equal(sqlite3_exec(raw, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(raw);
}

static void write_bytes(const char *file, const char *bytes, size_t len)
{
	FILE *out = fopen(file, "w");

	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, len, out), len);
	fclose(out);
}

static struct span bytes_of(const char *file)
{
	FILE *in = fopen(file, "r");
	char room[4096];
	struct span bytes;

	assert_non_null(in);
	bytes = arena_copy(
		arena, (struct span){ room, fread(room, 1, sizeof(room), in) });
	fclose(in);
	return bytes;
}

static const char insert[] = "INSERT INTO chore VALUES (?, ?)";

static void add_chore(struct database *database, const char *name)
{
	struct sql added = sql_of(database, insert);

	sql_put_word(&added, name);
	sql_put_whole(&added, 1);
	sql_run(&added);
}

/* ---- opening */

static void a_new_one_is_for_its_owner_alone(void **state)
{
	const char *file = in_folder("state/mxprobe/history.db");
	struct database *database = opened(file, DATABASE_WRITE);
	struct stat entry;

	(void)state;
	assert_int_equal(stat(file, &entry), 0);
	assert_int_equal(entry.st_mode & 0777, 0600);
	assert_int_equal(stat(in_folder("state"), &entry), 0);
	assert_int_equal(entry.st_mode & 0777, 0700);
	add_chore(database, "one");
	assert_int_equal(
		stat(in_folder("state/mxprobe/history.db-wal"), &entry), 0);
	assert_int_equal(entry.st_mode & 0777, 0600);
	database_close(database);
}

static void reading_makes_none(void **state)
{
	struct stat entry;

	(void)state;
	assert_refused(in_folder("none.db"), DATABASE_READ, "No such file");
	assert_int_equal(stat(in_folder("none.db"), &entry), -1);
}

static void what_is_no_file_is_refused(void **state)
{
	(void)state;
	assert_refused(folder, DATABASE_WRITE, "directory");
	assert_refused(folder, DATABASE_READ, "directory");
	assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
	assert_refused(in_folder("pipe"), DATABASE_WRITE, "pipe");
}

static void a_folder_that_is_a_file_is_told(void **state)
{
	(void)state;
	write_bytes(in_folder("plain"), "x", 1);
	assert_refused(in_folder("plain/history.db"), DATABASE_WRITE,
		"Not a directory");
}

static void another_file_stays_as_it_is(void **state)
{
	const char *file = in_folder("letter.txt");
	char text[600];

	(void)state;
	memset(text, 'a', sizeof(text));
	write_bytes(file, text, sizeof(text));
	assert_refused(file, DATABASE_WRITE, "not a database");
	assert_true(
		span_is(bytes_of(file), (struct span){ text, sizeof(text) }));
}

static void another_database_stays_as_it_is(void **state)
{
	const char *file = in_folder("other.db");
	struct span before;

	(void)state;
	do_raw(file, "CREATE TABLE mail (id)");
	before = bytes_of(file);
	assert_refused(file, DATABASE_WRITE, "not mxprobe's");
	assert_true(span_is(bytes_of(file), before));
}

static void a_newer_form_is_refused(void **state)
{
	const char *file = in_folder("new.db");
	struct span before;

	(void)state;
	database_close(opened(file, DATABASE_WRITE));
	do_raw(file, "PRAGMA user_version = 9999");
	before = bytes_of(file);
	assert_refused(file, DATABASE_WRITE, "newer mxprobe");
	assert_refused(file, DATABASE_READ, "newer mxprobe");
	assert_true(span_is(bytes_of(file), before));
}

/* ---- forms */

static void each_form_is_brought_up_to_date(void **state)
{
	struct span why;

	(void)state;
	assert_true(database_form() >= 1);
	for (unsigned form = 0; form <= database_form(); form++) {
		const char *file = in_folder(
			arena_print(arena, "form-%u.db", form).at);
		struct database *database = database_open_form(
			arena, file, form, &why);

		assert_non_null(database);
		assert_int_equal(ask(database, "PRAGMA user_version"), form);
		if (form >= 1)
			ask(database, "INSERT INTO run (id, kind, what, "
				      "version, began_ms) "
				      "VALUES (7, 'run', 'a', '0', 5)");
		database_close(database);

		database = opened(file, DATABASE_READ);
		assert_int_equal(
			ask(database, "PRAGMA user_version"), database_form());
		assert_int_equal(
			ask(database, "SELECT COUNT(*) FROM run"), form >= 1);
		assert_true(database_check(arena, database, &why));
		database_close(database);
	}
}

static void a_step_that_fails_leaves_the_form_it_had(void **state)
{
	const char *file = in_folder("half.db");
	struct span why;
	struct database *database = database_open_form(arena, file, 0, &why);

	(void)state;
	assert_non_null(database);
	database_close(database);
	/* What the first step is to make is there already. */
	do_raw(file, "PRAGMA application_id = 1836609650;"
		     "CREATE TABLE finding (id)");
	assert_refused(file, DATABASE_WRITE, "already exists");
	do_raw(file, "DROP TABLE finding");
	database = opened(file, DATABASE_WRITE);
	assert_int_equal(ask(database, "SELECT COUNT(*) FROM finding"), 0);
	database_close(database);
}

/* ---- transactions */

static void what_is_abandoned_is_not_done(void **state)
{
	struct database *database = opened(in_folder("a.db"), DATABASE_WRITE);

	(void)state;
	assert_true(database_begin(database));
	add_chore(database, "one");
	database_abandon(database);
	assert_true(database_begin(database));
	add_chore(database, "two");
	assert_true(database_commit(database));
	assert_int_equal(ask(database, "SELECT COUNT(*) FROM chore"), 1);
	database_close(database);
}

static void the_first_failure_is_kept(void **state)
{
	struct database *database = opened(in_folder("a.db"), DATABASE_WRITE);
	struct span why = SPAN("");
	struct sql asked;

	(void)state;
	assert_false(database_failed(arena, database, &why));
	asked = sql_of(database, "SELECT a FROM nowhere");
	assert_false(sql_step(&asked));
	assert_false(sql_end(&asked));
	assert_false(database_begin(database));
	add_chore(database, "one");
	assert_true(database_failed(arena, database, &why));
	assert_true(span_find_nocase(why, SPAN("nowhere")) < why.len);
	assert_true(span_find_nocase(why, SPAN("a.db")) < why.len);
	database_close(database);

	database = opened(in_folder("a.db"), DATABASE_READ);
	assert_int_equal(ask(database, "SELECT COUNT(*) FROM chore"), 0);
	database_close(database);
}

static void any_bytes_come_back_as_they_went(void **state)
{
	static const char bytes[] = "a\0b\xff\xc3\x28\r\n'\"";
	struct span hostile = { bytes, sizeof(bytes) - 1 };
	struct database *database = opened(in_folder("a.db"), DATABASE_WRITE);
	struct sql put = sql_of(database, insert);

	(void)state;
	sql_put(&put, hostile);
	sql_put_whole(&put, INT64_MIN);
	assert_true(sql_run(&put));
	put = sql_of(database, "SELECT name, done_ms, NULL FROM chore");
	assert_true(sql_step(&put));
	assert_true(span_is(sql_text(arena, &put, 0), hostile));
	assert_true(sql_whole(&put, 1) == INT64_MIN);
	assert_false(sql_has(&put, 2));
	assert_true(span_is(sql_text(arena, &put, 2), SPAN("")));
	assert_true(sql_end(&put));
	database_close(database);
}

/* ---- damage */

static void damage_is_told_and_not_written_over(void **state)
{
	const char *file = in_folder("a.db");
	struct database *database = opened(file, DATABASE_WRITE);
	char noise[4096];
	struct span why = SPAN("");
	int raw;

	(void)state;
	for (int i = 0; i < 500; i++)
		add_chore(database, arena_print(arena, "%0200d", i).at);
	database_close(database);
	memset(noise, 0x5a, sizeof(noise));
	raw = open(file, O_RDWR | O_CLOEXEC);
	for (off_t page = 8; page < 30; page++)
		assert_int_equal(
			pwrite(raw, noise, sizeof(noise), page * 4096), 4096);
	close(raw);

	database = database_open(arena, file, DATABASE_WRITE, &why);
	if (database) {
		assert_false(database_check(arena, database, &why));
		database_close(database);
	}
	assert_true(why.len > 0);
}

static void the_usual_place_follows_the_surroundings(void **state)
{
	const char *file = NULL;
	struct span why = SPAN("");

	(void)state;
	setenv("XDG_STATE_HOME", "/a", 1);
	assert_true(database_usual_file(arena, &file, &why));
	assert_string_equal(file, "/a/mxprobe/history.db");
	setenv("XDG_STATE_HOME", "relative", 1);
	setenv("HOME", "/home/b", 1);
	assert_true(database_usual_file(arena, &file, &why));
	assert_string_equal(file, "/home/b/.local/state/mxprobe/history.db");
	unsetenv("XDG_STATE_HOME");
	unsetenv("HOME");
	assert_false(database_usual_file(arena, &file, &why));
	assert_true(why.len > 0);
}

#define EACH(test)                                                             \
	cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

/* ---- several at once */

enum { AT_ONCE = 6, ROUNDS = 150 };

/* Opens it as soon as the pipe is closed, and tells how that went. */
static int open_in_child(const char *file, int begin)
{
	struct span why = SPAN("");
	struct database *database;
	char none;

	if (read(begin, &none, 1) != 0)
		return 2;
	database = database_open(arena, file, DATABASE_WRITE, &why);
	if (!database) {
		print_message("%.*s\n", SPAN_ARG(why));
		return 1;
	}
	database_close(database);
	return 0;
}

static int failed_of_round(const char *file)
{
	int failed = 0, begin[2], status;

	assert_int_equal(pipe(begin), 0);
	for (int i = 0; i < AT_ONCE; i++) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child)
			continue;
		close(begin[1]);
		_exit(open_in_child(file, begin[0]));
	}
	close(begin[0]);
	close(begin[1]);
	while (wait(&status) > 0)
		failed += status != 0;
	return failed;
}

/* SQLite lets no second one wait that goes over to the WAL at the same time. */
static void several_processes_begin_one_database_at_once(void **state)
{
	(void)state;
	for (int i = 0; i < ROUNDS; i++)
		assert_int_equal(failed_of_round(in_folder(
					 arena_print(arena, "%d.db", i).at)),
			0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(a_new_one_is_for_its_owner_alone),
		EACH(reading_makes_none),
		EACH(what_is_no_file_is_refused),
		EACH(a_folder_that_is_a_file_is_told),
		EACH(another_file_stays_as_it_is),
		EACH(another_database_stays_as_it_is),
		EACH(a_newer_form_is_refused),
		EACH(each_form_is_brought_up_to_date),
		EACH(a_step_that_fails_leaves_the_form_it_had),
		EACH(what_is_abandoned_is_not_done),
		EACH(the_first_failure_is_kept),
		EACH(any_bytes_come_back_as_they_went),
		EACH(damage_is_told_and_not_written_over),
		EACH(several_processes_begin_one_database_at_once),
		cmocka_unit_test(the_usual_place_follows_the_surroundings),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
