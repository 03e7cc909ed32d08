#ifndef MXP_WATCH_H
#define MXP_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "probe/base/attr.h"

/*
 * A watch rests between two runs, and hears what it is told by signals
 * meanwhile; also by one that came during a run.  While it is open, none of
 * them ends the process.
 */
struct watch;

enum watch_call {
	WATCH_GOES_ON,          /* the time is over, or a file has changed */
	WATCH_READS_AGAIN,      /* SIGHUP */
	WATCH_ENDS,             /* SIGTERM, SIGINT */
};

struct watch *watch_open(void) MXP_MUST_USE;
void watch_close(struct watch *watch);

/*
 * A file that is written to, made or renamed under this name ends a rest, too.
 * Where the system does not tell of it, and of more than WATCH_FILES_MAX, only
 * the time does.
 */
enum { WATCH_FILES_MAX = 64 };
void watch_file(struct watch *watch, const char *name);

/* So does standard input, when it can be read without waiting. */
void watch_input(struct watch *watch, bool ends_rest);

/* For so long, or until it is called; 0: only what has come already. */
enum watch_call watch_rest(struct watch *watch, uint64_t ms) MXP_MUST_USE;

#endif
