#include <stddef.h>

#include "probe/store/schema.h"

/*
 * A visit is one connection to somebody's mail server.  Its row stays for a
 * day after it ended: budgets and pauses are counted from these rows, so they
 * may be asked for any host, organisation or domain, by whoever has a limit
 * for it.
 */
/* clang-format off */
static const char first_step[] =
	"CREATE TABLE owner ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" pid INTEGER NOT NULL);"

	"CREATE TABLE visit ("
	" id INTEGER PRIMARY KEY,"
	" owner INTEGER NOT NULL,"
	" organisation TEXT NOT NULL,"
	" host TEXT NOT NULL,"
	" address TEXT NOT NULL,"
	" domain TEXT NOT NULL,"		/* of recipients; or '' */
	" began_ms INTEGER NOT NULL,"
	" ended_ms INTEGER);"			/* NULL: connected */
	"CREATE INDEX visit_by_organisation ON visit"
	" (organisation, began_ms, ended_ms, owner);"
	"CREATE INDEX visit_by_host ON visit (host, began_ms, ended_ms, owner);"
	"CREATE INDEX visit_by_address ON visit"
	" (address, began_ms, ended_ms, owner);"
	"CREATE INDEX visit_by_time ON visit (began_ms);"
	"CREATE INDEX visit_by_end ON visit (ended_ms);"
	"CREATE INDEX visit_under_way ON visit (owner) WHERE ended_ms IS NULL;"

	"CREATE TABLE rest ("
	" organisation TEXT PRIMARY KEY,"
	" since_ms INTEGER NOT NULL,"
	" until_ms INTEGER NOT NULL,"
	" why TEXT NOT NULL) WITHOUT ROWID;"

	"CREATE TABLE schedule ("
	" scenario TEXT PRIMARY KEY,"		/* its file, from the root */
	" every_ms INTEGER NOT NULL,"
	" due_ms INTEGER NOT NULL,"
	" began_ms INTEGER,"			/* NULL: never ran */
	" ended_ms INTEGER,"
	" owner INTEGER) WITHOUT ROWID;";	/* NULL: not under way */
/* clang-format on */

const char *const ledger_steps[] = {
	first_step, /* 1: visits, rests, schedules */
	NULL,
};
