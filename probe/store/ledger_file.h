#ifndef MXP_LEDGER_FILE_H
#define MXP_LEDGER_FILE_H

#include "probe/store/database.h"

/*
 * The ledger's file is shared by all processes of a user: who is connected to
 * whom, what was asked of whom in the last day, and which schedule is under
 * way.  It is a file of its own beside the history: --history and
 * --no-history do not move it, a history that is damaged or long at work does
 * not hold it up, and its transactions are so short that a loop may wait for
 * them.
 *
 * Each process that has it open is an owner, with a number that never comes
 * again.  An owner holds a lock on the octet of its number in a file beside
 * it; the kernel lets go of that when the process ends, however it ends, so
 * what a dead process had claimed is free at once, and a process number that
 * comes again means nothing.
 */
struct ledger_file {
	struct database *database;
	int lock;                       /* a descriptor */
	int64_t owner;
};

/* $XDG_STATE_HOME/mxprobe/ledger.db, as database_usual_file(). */
bool ledger_file_usual(struct arena *arena, const char **file,
	struct span *why) MXP_MUST_USE;

/* False: *why says why not, not escaped.  Close it. */
bool ledger_file_open(struct arena *arena, const char *name,
	struct ledger_file *file, struct span *why) MXP_MUST_USE;

/* Gives up everything that is claimed.  It may have failed to open. */
void ledger_file_close(struct ledger_file *file, int64_t now_ms);

/* In a transaction: what the dead had claimed is free. */
void ledger_file_bury(struct ledger_file *file, int64_t now_ms);

#endif
