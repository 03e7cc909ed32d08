#ifndef MXP_SQL_H
#define MXP_SQL_H

#include <stdint.h>

#include "probe/store/database.h"

/*
 * A statement is one question to the database, from its text to its end:
 *
 *	struct sql asked = sql_of(database, "SELECT ... WHERE a=?");
 *
 *	sql_put(&asked, name);
 *	while (sql_step(&asked))
 *		... sql_text(arena, &asked, 0) ...
 *	is_well = sql_end(&asked);
 *
 * Values are put in the order of their question marks.  Text is bytes: what a
 * peer sent is kept as it came.  A statement that failed has no rows.
 */
struct sqlite3_stmt;

struct sql {
	struct database *database;
	struct sqlite3_stmt *handle;    /* NULL: it failed */
	int place;                      /* of the value put last; 1.. */
};

/* The text is ours, never made of what others wrote. */
struct sql sql_of(struct database *database, const char *text);

void sql_put(struct sql *sql, struct span text);
void sql_put_word(struct sql *sql, const char *word);
void sql_put_whole(struct sql *sql, int64_t whole);
void sql_put_nothing(struct sql *sql);

/* The next row; false: there is none. */
bool sql_step(struct sql *sql);

/* Of the present row, from 0 on; a column that holds nothing is 0 and "". */
int64_t sql_whole(const struct sql *sql, int column);
struct span sql_text(struct arena *arena,
	const struct sql *sql, int column);
bool sql_has(const struct sql *sql, int column);

/* For the same question once more, with other values. */
void sql_again(struct sql *sql);

/* False: it failed, and the database tells why. */
bool sql_end(struct sql *sql);

/* Steps that give no rows, one after the other, and the end. */
bool sql_run(struct sql *sql);

/* The id that the last INSERT gave. */
int64_t sql_new_id(const struct sql *sql);

/* How many rows the last UPDATE or DELETE changed. */
int64_t sql_changed(const struct sql *sql);

#endif
