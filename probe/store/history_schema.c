#include "probe/store/schema.h"

/*
 * A result is a row of a run (probe/judge/result_row.h).  What stays the same
 * from run to run is kept once: its subject, and its traits, which are one
 * text (probe/judge/traits.h) so that two results that differ in nothing have
 * the same number there.  Results rise in time, as runs do.
 *
 * The outcome itself is JSON, in a table of its own: it is large, is read for
 * one result at a time, and may go before the result does.
 */
/* clang-format off */
const char history_schema[] =
	"CREATE TABLE run ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" kind TEXT NOT NULL,"
	" what TEXT NOT NULL,"			/* files or targets */
	" version TEXT NOT NULL,"
	" began_ms INTEGER NOT NULL,"
	" ended_ms INTEGER,"			/* NULL: under way, or killed */
	" exit_status INTEGER);"
	"CREATE INDEX run_by_time ON run (began_ms);"

	"CREATE TABLE subject ("
	" id INTEGER PRIMARY KEY,"
	" key TEXT NOT NULL UNIQUE,"
	" kind TEXT NOT NULL,"
	" name TEXT NOT NULL,"
	" target TEXT NOT NULL,"		/* or '' */
	" family INTEGER,"			/* 4, 6 */
	" path TEXT NOT NULL);"
	"CREATE INDEX subject_by_target ON subject (target);"

	"CREATE TABLE traits ("
	" id INTEGER PRIMARY KEY,"
	" text TEXT NOT NULL UNIQUE);"

	"CREATE TABLE result ("
	" id INTEGER PRIMARY KEY,"
	" run INTEGER NOT NULL,"
	" subject INTEGER NOT NULL,"
	" verdict TEXT NOT NULL,"
	" why TEXT NOT NULL,"
	" began_ms INTEGER NOT NULL,"
	" took_us INTEGER NOT NULL,"
	" connect_us INTEGER,"
	" stages TEXT NOT NULL,"		/* 'connect 180 banner 90' */
	" traits INTEGER);"
	"CREATE INDEX result_by_run ON result (run);"
	"CREATE INDEX result_by_subject ON result"
	" (subject, id, verdict, began_ms, connect_us);"
	"CREATE INDEX result_by_traits ON result (traits);"

	"CREATE TABLE finding ("
	" result INTEGER NOT NULL,"
	" position INTEGER NOT NULL,"
	" code TEXT NOT NULL,"
	" severity TEXT NOT NULL,"
	" blame TEXT NOT NULL,"
	" confidence TEXT NOT NULL,"
	" family INTEGER,"
	" stage TEXT NOT NULL,"
	" title TEXT NOT NULL,"
	" PRIMARY KEY (result, position)) WITHOUT ROWID;"

	"CREATE TABLE document ("
	" result INTEGER PRIMARY KEY,"
	" json TEXT NOT NULL);"

	"CREATE TABLE baseline ("
	" name TEXT NOT NULL,"
	" subject INTEGER NOT NULL,"
	" trait TEXT NOT NULL,"
	" accepted TEXT NOT NULL,"		/* a value a line */
	" seen TEXT NOT NULL,"			/* another one; or '' */
	" times INTEGER NOT NULL,"		/* runs in a row */
	" since_ms INTEGER NOT NULL,"
	" is_alarm INTEGER NOT NULL,"
	" PRIMARY KEY (name, subject, trait)) WITHOUT ROWID;"
	"CREATE INDEX baseline_by_subject ON baseline (subject);"

	"CREATE TABLE chore ("
	" name TEXT PRIMARY KEY,"
	" done_ms INTEGER NOT NULL) WITHOUT ROWID;";

/* It is small, and stays as long as its result does. */
const char isolation_schema[] =
	"CREATE TABLE isolation ("
	" result INTEGER PRIMARY KEY,"
	" conclusion TEXT NOT NULL,"		/* sentences */
	" json TEXT NOT NULL);";
/* clang-format on */
