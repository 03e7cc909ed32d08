#include "probe/store/sql.h"

#include <assert.h>
#include <limits.h>

#include "probe/store/database_inside.h"

struct sql sql_of(struct database *database, const char *text)
{
	struct sql sql = { .database = database };

	if (database->has_failed)
		return sql;
	if (sqlite3_prepare_v2(database->handle, text, -1, &sql.handle, NULL) !=
		SQLITE_OK)
		database_fail(database);
	return sql;
}

static void must(const struct sql *sql, int result)
{
	if (result != SQLITE_OK)
		database_fail(sql->database);
}

void sql_put(struct sql *sql, struct span text)
{
	sql->place++;
	if (sql->handle)
		must(sql, sqlite3_bind_text64(sql->handle, sql->place,
				  text.at ? text.at : "", text.len,
				  SQLITE_TRANSIENT, SQLITE_UTF8));
}

void sql_put_word(struct sql *sql, const char *word)
{
	sql_put(sql, span_of(word));
}

void sql_put_whole(struct sql *sql, int64_t whole)
{
	sql->place++;
	if (sql->handle)
		must(sql, sqlite3_bind_int64(sql->handle, sql->place, whole));
}

void sql_put_nothing(struct sql *sql)
{
	sql->place++;
	if (sql->handle)
		must(sql, sqlite3_bind_null(sql->handle, sql->place));
}

bool sql_step(struct sql *sql)
{
	int result;

	if (!sql->handle || sql->database->has_failed)
		return false;
	assert(sqlite3_bind_parameter_count(sql->handle) == sql->place);
	result = sqlite3_step(sql->handle);
	if (result == SQLITE_ROW)
		return true;
	if (result != SQLITE_DONE)
		database_fail(sql->database);
	return false;
}

int64_t sql_whole(const struct sql *sql, int column)
{
	return sqlite3_column_int64(sql->handle, column);
}

struct span sql_text(struct arena *arena, const struct sql *sql, int column)
{
	const void *bytes = sqlite3_column_blob(sql->handle, column);
	int len = sqlite3_column_bytes(sql->handle, column);

	if (!bytes || len <= 0)
		return SPAN("");
	return arena_copy(arena, (struct span){ bytes, (size_t)len });
}

bool sql_has(const struct sql *sql, int column)
{
	return sqlite3_column_type(sql->handle, column) != SQLITE_NULL;
}

void sql_again(struct sql *sql)
{
	sql->place = 0;
	if (sql->handle)
		sqlite3_reset(sql->handle);
}

bool sql_end(struct sql *sql)
{
	sqlite3_finalize(sql->handle);
	sql->handle = NULL;
	return !sql->database->has_failed;
}

bool sql_run(struct sql *sql)
{
	while (sql_step(sql))
		;
	return sql_end(sql);
}

int64_t sql_new_id(const struct sql *sql)
{
	return sqlite3_last_insert_rowid(sql->database->handle);
}

int64_t sql_changed(const struct sql *sql)
{
	return sqlite3_changes64(sql->database->handle);
}
