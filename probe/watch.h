#ifndef MXP_WATCH_H
#define MXP_WATCH_H

#include <stdint.h>

#include "probe/base/attr.h"

/*
 * A watch rests between two runs, and hears what it is told by signals
 * meanwhile; also by one that came during a run.  While it is open, none of
 * them ends the process.
 */
struct watch;

enum watch_call {
	WATCH_GOES_ON,          /* the time is over */
	WATCH_READS_AGAIN,      /* SIGHUP */
	WATCH_ENDS,             /* SIGTERM, SIGINT */
};

struct watch *watch_open(void) MXP_MUST_USE;
void watch_close(struct watch *watch);

/* For so long, or until it is called; 0: only what has come already. */
enum watch_call watch_rest(struct watch *watch, uint64_t ms) MXP_MUST_USE;

#endif
