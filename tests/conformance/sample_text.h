#ifndef MXP_SAMPLE_TEXT_H
#define MXP_SAMPLE_TEXT_H

#include "probe/base/arena.h"

/*
 * A text that a regular expression fits, for those that people write for
 * replies: literals, ".", classes, groups, "|" and repetition.  The first of
 * SAMPLE_TEXTS takes first choices and the least repetition, the second last
 * choices and a repetition more.
 *
 * A note "captured number in 1310-1340" says what the digits captured have to
 * be; the ends of the range are taken.
 */
enum { SAMPLE_TEXTS = 2 };

struct span sample_text(struct arena *arena, struct span pattern,
	struct span note, unsigned which);

#endif
