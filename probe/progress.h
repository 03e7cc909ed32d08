#ifndef MXP_PROGRESS_H
#define MXP_PROGRESS_H

#include <stddef.h>

/*
 * What a run is doing just now, on stderr, where that is a terminal and the
 * orders want it: one line, or for errands a line for each that is under way,
 * with what it waits for.  The lines are written anew in their place, and
 * cleared before anything else is told.
 */
enum { PROGRESS_LINES_MAX = 16 };

struct run;

void progress_show(struct run *run);
void progress_clear(struct run *run);

#endif
