#ifndef MXP_SPARK_H
#define MXP_SPARK_H

#include "probe/store/history_read.h"

/*
 * The past of a subject in a column each, the oldest first: its verdicts, and
 * how long the connection took, between the shortest and the longest of them.
 * Blocks where UTF-8 can be shown, else ASCII; colour is never needed.
 */
struct span spark_verdicts(struct arena *arena,
	const struct history_moment *past, size_t count, bool is_utf8);
struct span spark_times(struct arena *arena,
	const struct history_moment *past, size_t count, bool is_utf8);

/* "· pass  + fixed  k known ...": what the letters mean. */
struct span spark_legend(struct arena *arena, bool is_utf8);

/* By the locale that the surroundings ask for. */
bool spark_is_utf8(void);

#endif
