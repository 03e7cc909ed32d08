#ifndef MXP_DATABASE_H
#define MXP_DATABASE_H

#include <stdint.h>

#include "probe/base/arena.h"

/*
 * The database is the one file that outlives a run: its history, the baselines
 * and the ledger of politeness are tables of it.  This folder is the only door
 * to SQLite.
 *
 * It is written in WAL mode and one transaction at a time, so a process that
 * is killed leaves what it had committed, and the file whole.  Others may read
 * and write it meanwhile; a writer waits DATABASE_PATIENCE_MS for its turn.
 *
 * What fails, fails for good: the first failure is kept, everything after it
 * is nothing, and database_failed() tells.  A file that is not ours, is of a
 * newer program or is damaged is refused at once, and never written to.
 */
struct database;

enum { DATABASE_PATIENCE_MS = 10 * 1000 };

enum database_use {
	DATABASE_WRITE,                 /* made where there is none yet */
	DATABASE_READ,                  /* must be there; an older form is
					   still brought up to date */
};

/*
 * Where it is: $XDG_STATE_HOME/mxprobe/history.db, else below
 * $HOME/.local/state.  False: *why says what is missing.
 */
bool database_usual_file(struct arena *arena, const char **file,
	struct span *why) MXP_MUST_USE;

/*
 * Folders that are missing are made (0700), and the file (0600).  NULL: *why
 * says why not, not escaped.  Its memory is its own; close it.
 */
struct database *database_open(struct arena *arena, const char *file,
	enum database_use use, struct span *why) MXP_MUST_USE;
void database_close(struct database *database);         /* or NULL */

/* Has anything failed?  *why is in words, with the file's name. */
bool database_failed(struct arena *arena, const struct database *database,
	struct span *why);

/*
 * All between begin and commit is done, or nothing of it.  Begin takes the
 * turn to write at once, and they do not nest.  False: it failed, and nothing
 * was done.
 */
bool database_begin(struct database *database) MXP_MUST_USE;
bool database_commit(struct database *database);

/* The same, and nothing is done. */
void database_abandon(struct database *database);

/* Is the file whole?  Reads all of it.  False: *why has what is damaged. */
bool database_check(struct arena *arena, struct database *database,
	struct span *why) MXP_MUST_USE;

/* The form of the file that this program writes: 1 and up. */
unsigned database_form(void);

/*
 * For tests: a file as a program of an earlier form would have left it, which
 * has only the first `form` steps.
 */
struct database *database_open_form(struct arena *arena, const char *file,
	unsigned form, struct span *why) MXP_MUST_USE;

#endif
