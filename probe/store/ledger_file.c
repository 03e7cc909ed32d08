#include "probe/store/ledger_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "probe/store/database_inside.h"
#include "probe/store/schema.h"
#include "probe/store/sql.h"

/* "mxpl": a history is no ledger, and the other way round. */
enum { LEDGER_APPLICATION = 0x6d78706c };

bool ledger_file_usual(struct arena *arena, const char **file, struct span *why)
{
	const char *history;
	size_t folder = 0;

	if (!database_usual_file(arena, &history, why))
		return false;
	for (size_t i = 0; history[i]; i++)
		if (history[i] == '/')
			folder = i;
	*file = arena_print(arena, "%.*s/ledger.db", (int)folder, history).at;
	return true;
}

/* ---- the lock of an owner: one octet of a file that has none */

static struct flock octet_of(int64_t owner, short type)
{
	return (struct flock){ .l_type = type,
		.l_whence = SEEK_SET,
		.l_start = (off_t)owner,
		.l_len = 1 };
}

static bool is_alive(const struct ledger_file *file, int64_t owner)
{
	struct flock octet = octet_of(owner, F_WRLCK);

	if (owner == file->owner)
		return true;
	/* Who cannot be asked after is taken for alive. */
	return fcntl(file->lock, F_OFD_GETLK, &octet) != 0 ||
	       octet.l_type != F_UNLCK;
}

/* Locked before anybody can see it: nobody is taken for dead at birth. */
static bool enlist(struct ledger_file *file)
{
	struct sql added;
	struct flock octet;
	bool is_locked;

	if (!database_begin(file->database))
		return false;
	added = sql_of(file->database, "INSERT INTO owner (pid) VALUES (?)");
	sql_put_whole(&added, getpid());
	sql_step(&added);
	file->owner = sql_new_id(&added);
	sql_end(&added);
	octet = octet_of(file->owner, F_WRLCK);
	is_locked = fcntl(file->lock, F_OFD_SETLK, &octet) == 0;
	if (is_locked && database_commit(file->database))
		return true;
	database_abandon(file->database);
	return false;
}

static struct span why_not_locked(struct arena *arena, const char *name)
{
	return arena_print(arena, "%s: %s", name, strerror(errno));
}

bool ledger_file_open(struct arena *arena, const char *name,
	struct ledger_file *file, struct span *why)
{
	static const struct form form = { LEDGER_APPLICATION, ledger_steps, 0 };
	const char *lock = arena_print(arena, "%s-lock", name).at;

	*file = (struct ledger_file){ .lock = -1 };
	file->database = database_open_of(arena, name, &form, why);
	if (!file->database)
		return false;
	file->lock = open(
		lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file->lock < 0)
		*why = why_not_locked(arena, lock);
	if (file->lock >= 0 && enlist(file))
		return true;
	if (file->lock >= 0 && !database_failed(arena, file->database, why))
		*why = why_not_locked(arena, lock);
	file->owner = 0;
	ledger_file_close(file, 0);
	return false;
}

/* ---- the dead */

static void run_with(struct database *database, const char *text, int64_t first,
	int64_t second)
{
	struct sql sql = sql_of(database, text);

	sql_put_whole(&sql, first);
	sql_put_whole(&sql, second);
	sql_run(&sql);
}

static void bury_one(struct ledger_file *file, int64_t owner, int64_t now_ms)
{
	run_with(file->database,
		"UPDATE visit SET ended_ms = MAX(began_ms, ?1)"
		" WHERE owner = ?2 AND ended_ms IS NULL",
		now_ms, owner);
	run_with(file->database,
		"UPDATE schedule SET owner = NULL, ended_ms = ?1"
		" WHERE owner = ?2",
		now_ms, owner);
	run_with(file->database, "DELETE FROM owner WHERE id = ?2 AND ?1 >= 0",
		now_ms, owner);
}

void ledger_file_bury(struct ledger_file *file, int64_t now_ms)
{
	struct sql owners = sql_of(file->database, "SELECT id FROM owner");

	while (sql_step(&owners)) {
		int64_t owner = sql_whole(&owners, 0);

		if (!is_alive(file, owner))
			bury_one(file, owner, now_ms);
	}
	sql_end(&owners);
}

void ledger_file_close(struct ledger_file *file, int64_t now_ms)
{
	if (file->database && file->owner && database_begin(file->database)) {
		bury_one(file, file->owner, now_ms);
		database_commit(file->database);
	}
	database_close(file->database);
	if (file->lock >= 0)
		close(file->lock);
	*file = (struct ledger_file){ .lock = -1 };
}
