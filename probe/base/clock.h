#ifndef MXP_CLOCK_H
#define MXP_CLOCK_H

#include <stdint.h>

#include "probe/base/arena.h"

/*
 * The two clocks.  Durations come from the monotonic one, dates from the
 * wall.  clock_freeze() stops both for tests that compare a whole report: the
 * timers of the event loop go on, only what is recorded stands still.
 */
uint64_t clock_now_ns(void);            /* monotonic; 0 when frozen */
int64_t clock_wall_ms(void);            /* since 1970, UTC */

void clock_freeze(int64_t wall_ms);
int clock_is_frozen(void);

/* "2026-11-21T21:13:05.123Z" */
struct span clock_text(struct arena *arena, int64_t wall_ms);

#endif
