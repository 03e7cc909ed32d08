#ifndef MXP_BUNDLED_H
#define MXP_BUNDLED_H

#include "probe/base/arena.h"

/*
 * The scenarios that come with the program (scenarios/NAME.mxp), so that
 * `mxprobe run gmail` needs no file.  Each has its rehearsal.
 */

/* False: none is called so. */
bool bundled_find(struct span name, struct span *text);

/* The name that was most likely meant; empty: none is near. */
struct span bundled_nearest(struct span name);

/* A line for each: its name and what it asks. */
struct span bundled_list(struct arena *arena);

#endif
