#include "probe/store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/store/database_inside.h"
#include "probe/store/schema.h"
#include "probe/store/sql.h"

/* "mxpr", in the header of the file: `file` and others can tell whose it is. */
enum { APPLICATION_ID = 0x6d787072 };

/* ---- where it is */

bool database_usual_file(
	struct arena *arena, const char **file, struct span *why)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	/* A path there that is not absolute is to be ignored, by the XDG Base
	 * Directory Specification. */
	if (state && state[0] == '/') {
		*file = arena_print(arena, "%s/mxprobe/history.db", state).at;
		return true;
	}
	if (!home || home[0] != '/') {
		*why = SPAN("neither XDG_STATE_HOME nor HOME names a folder");
		return false;
	}
	*file = arena_print(arena, "%s/.local/state/mxprobe/history.db", home)
			.at;
	return true;
}

static bool make_folders(const char *file)
{
	char folder[4096];
	size_t len = strlen(file);

	if (len >= sizeof(folder)) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(folder, file, len + 1);
	for (size_t i = 1; i < len; i++) {
		if (folder[i] != '/')
			continue;
		folder[i] = '\0';
		if (mkdir(folder, 0700) != 0 && errno != EEXIST)
			return false;
		folder[i] = '/';
	}
	return true;
}

/* SQLite would make it for all to read; its other files take after it. */
static bool make_file(const char *file, enum database_use use)
{
	struct stat entry;
	int made;

	if (use == DATABASE_READ) {
		if (stat(file, &entry) != 0)
			return false;
	} else {
		if (!make_folders(file))
			return false;
		made = open(
			file, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
		if (made < 0)
			return false;
		close(made);
		if (stat(file, &entry) != 0)
			return false;
	}
	if (S_ISREG(entry.st_mode))
		return true;
	errno = S_ISDIR(entry.st_mode) ? EISDIR : ENXIO;
	return false;
}

/* ---- failures */

static void fail_with(struct database *database, const char *why)
{
	if (database->has_failed)
		return;
	database->has_failed = true;
	snprintf(database->why, sizeof(database->why), "%s", why);
}

static const char *words_of(sqlite3 *handle)
{
	switch (sqlite3_errcode(handle) & 0xff) {
	case SQLITE_NOTADB:
		return "this is not a database; nothing was written to it";
	case SQLITE_CORRUPT:
		return "the database is damaged; nothing more is written to "
		       "it (move it away to begin a new one)";
	case SQLITE_BUSY:
		return "another process has been writing to it for too long";
	case SQLITE_READONLY:
		return "it cannot be written";
	case SQLITE_FULL:
		return "the disk is full";
	default:
		return sqlite3_errmsg(handle);
	}
}

void database_fail(struct database *database)
{
	fail_with(database, words_of(database->handle));
}

bool database_failed(
	struct arena *arena, const struct database *database, struct span *why)
{
	if (database->has_failed)
		*why = arena_print(arena, "%.*s: %s", SPAN_ARG(database->file),
			database->why);
	return database->has_failed;
}

/* ---- transactions */

static bool run_text(struct database *database, const char *text)
{
	if (database->has_failed)
		return false;
	if (sqlite3_exec(database->handle, text, NULL, NULL, NULL) == SQLITE_OK)
		return true;
	database_fail(database);
	return false;
}

void database_abandon(struct database *database)
{
	if (!database->is_in_turn)
		return;
	database->is_in_turn = false;
	/* After some failures SQLite has done so already. */
	sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
}

bool database_begin(struct database *database)
{
	database->is_in_turn = run_text(database, "BEGIN IMMEDIATE");
	return database->is_in_turn;
}

bool database_commit(struct database *database)
{
	if (!run_text(database, "COMMIT")) {
		database_abandon(database);
		return false;
	}
	database->is_in_turn = false;
	return true;
}

/* ---- its form */

static unsigned count_of(const char *const *steps)
{
	unsigned count = 0;

	while (steps[count])
		count++;
	return count;
}

unsigned database_form(void)
{
	return count_of(schema_steps);
}

static int64_t pragma(struct database *database, const char *text)
{
	struct sql asked = sql_of(database, text);
	int64_t value = sql_step(&asked) ? sql_whole(&asked, 0) : 0;

	sql_end(&asked);
	return value;
}

/* Both at one instant: another process may be about to make it ours. */
static bool is_ours(struct database *database, const struct form *form)
{
	int64_t id, tables;

	run_text(database, "BEGIN");
	id = pragma(database, "PRAGMA application_id");
	tables = pragma(database, "SELECT COUNT(*) FROM sqlite_schema");
	run_text(database, "COMMIT");
	if (id != form->application && (id || tables))
		fail_with(database,
			"this database is not mxprobe's; nothing was written "
			"to it");
	return !database->has_failed;
}

static void take_steps(struct database *database, const struct form *form)
{
	char text[80];
	int64_t found = pragma(database, "PRAGMA user_version");

	for (int64_t step = found; step < form->number; step++)
		run_text(database, form->steps[step]);
	snprintf(text, sizeof(text),
		"PRAGMA application_id = %d; PRAGMA user_version = %u",
		form->application, form->number);
	run_text(database, text);
}

/* Asked once more in our turn: another process may just have done it. */
static void bring_up(struct database *database, const struct form *form)
{
	if (!database_begin(database))
		return;
	if (pragma(database, "PRAGMA user_version") < form->number)
		take_steps(database, form);
	if (database->has_failed)
		database_abandon(database);
	else
		database_commit(database);
}

static void meet_form(struct database *database, const struct form *form)
{
	int64_t found;
	char why[DATABASE_WHY_MAX];

	if (!is_ours(database, form))
		return;
	found = pragma(database, "PRAGMA user_version");
	if (found > form->number) {
		snprintf(why, sizeof(why),
			"it was written by a newer mxprobe (its form is %lld, "
			"this one knows up to %u)",
			(long long)found, form->number);
		fail_with(database, why);
	}
	if (found < form->number && !database->has_failed)
		bring_up(database, form);
}

/* ---- from beginning to end */

/* Nothing in a file may run: neither triggers nor functions of a schema. */
static void set_up(struct database *database)
{
	sqlite3_busy_timeout(database->handle, DATABASE_PATIENCE_MS);
	sqlite3_db_config(
		database->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(
		database->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(database->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
}

/*
 * Where several go over to the WAL at one time, SQLite lets none of them wait,
 * whatever the patience: they would wait for each other.  So we do, here.
 */
static void enter_wal(struct database *database)
{
	enum { STEP_MS = 5 };
	int waited_ms = 0;

	sqlite3_busy_timeout(database->handle, 0);
	while (!database->has_failed) {
		int status = sqlite3_exec(database->handle,
			"PRAGMA journal_mode = WAL", NULL, NULL, NULL);

		if (status == SQLITE_OK)
			break;
		if ((status & 0xff) != SQLITE_BUSY ||
			waited_ms >= DATABASE_PATIENCE_MS)
			database_fail(database);
		waited_ms += sqlite3_sleep(STEP_MS);
	}
	sqlite3_busy_timeout(database->handle, DATABASE_PATIENCE_MS);
	run_text(database, "PRAGMA synchronous = NORMAL");
}

static struct database *open_form(struct arena *arena, const char *file,
	enum database_use use, const struct form *form, struct span *why)
{
	struct arena *own;
	struct database *database;

	if (!make_file(file, use)) {
		*why = arena_print(arena, "%s: %s", file, strerror(errno));
		return NULL;
	}
	own = arena_open();
	database = arena_new(own, struct database);
	database->arena = own;
	database->file = arena_copy(own, span_of(file));
	if (sqlite3_open_v2(file, &database->handle, SQLITE_OPEN_READWRITE,
		    NULL) != SQLITE_OK)
		database_fail(database);
	set_up(database);
	meet_form(database, form);
	/* A file that is not ours stays as it is, down to its journal mode. */
	enter_wal(database);
	if (!database_failed(arena, database, why))
		return database;
	database_close(database);
	return NULL;
}

struct database *database_open(struct arena *arena, const char *file,
	enum database_use use, struct span *why)
{
	const struct form form = { APPLICATION_ID, schema_steps,
		database_form() };

	return open_form(arena, file, use, &form, why);
}

struct database *database_open_form(
	struct arena *arena, const char *file, unsigned number, struct span *why)
{
	const struct form form = { APPLICATION_ID, schema_steps, number };

	return open_form(arena, file, DATABASE_WRITE, &form, why);
}

struct database *database_open_of(struct arena *arena, const char *file,
	const struct form *form, struct span *why)
{
	struct form whole = *form;

	whole.number = count_of(form->steps);
	return open_form(arena, file, DATABASE_WRITE, &whole, why);
}

void database_close(struct database *database)
{
	if (!database)
		return;
	database_abandon(database);
	sqlite3_close_v2(database->handle);
	arena_close(database->arena);
}

bool database_check(
	struct arena *arena, struct database *database, struct span *why)
{
	struct sql asked = sql_of(database, "PRAGMA integrity_check(8)");
	struct span line, lines = SPAN("");

	while (sql_step(&asked)) {
		line = sql_text(arena, &asked, 0);
		if (!span_is(line, SPAN("ok")))
			lines = arena_print(arena, "%.*s%s%.*s",
				SPAN_ARG(lines), lines.len ? "; " : "",
				SPAN_ARG(line));
	}
	sql_end(&asked);
	if (database_failed(arena, database, why))
		return false;
	if (lines.len)
		*why = arena_print(arena, "%.*s: %.*s",
			SPAN_ARG(database->file), SPAN_ARG(lines));
	return lines.len == 0;
}
