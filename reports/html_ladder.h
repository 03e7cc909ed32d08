#ifndef MXP_HTML_LADDER_H
#define MXP_HTML_LADDER_H

#include "reports/html_lane.h"

/*
 * Two dialogues beside each other, IPv4 at the left, on one axis of time that
 * runs down: what stands at one height happened at one time, within
 * LADDER_BLUR_US.  The axis is not even, since a dialogue of 200 ms may wait
 * 40 s in between: events keep a distance that can be read, and a long wait is
 * shortened and says so.  Above it two bars show the same, evenly.
 *
 * Either lane may be NULL.  `id` is unique in the page.
 */
enum { LADDER_BLUR_US = 5000 };

void html_ladder(FILE *out, struct arena *arena, unsigned id,
	const struct lane *const lanes[FAMILY_COUNT]);

#endif
