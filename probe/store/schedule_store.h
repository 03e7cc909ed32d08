#ifndef MXP_SCHEDULE_STORE_H
#define MXP_SCHEDULE_STORE_H

#include "probe/store/ledger_file.h"

/*
 * When scenarios are due, for all processes that look after them: a crontab, a
 * timer, one that runs all the time.  Who begins one has it until it ends or
 * its process does, and nobody else begins it meanwhile.
 *
 * It falls due as often as it says, counted from the time when it was seen
 * first and not from when somebody came round to it, so a crontab does not
 * make it later each time.  What was missed is not made up for.  After the
 * clock went back it is due at most one period later.
 */
struct schedule {
	struct span scenario;           /* its file, from the root */
	uint64_t every_ms;              /* not 0 */
	uint64_t delay_ms;              /* of the first: the jitter */
};

struct schedule_state {
	int64_t due_ms;                 /* since 1970 */
	int64_t began_ms;               /* of the last run; 0: it never ran */
	bool is_under_way;              /* somebody has begun it */
};

/* False: the file failed, as for all of these. */
bool schedule_store_look(struct ledger_file *file,
	const struct schedule *schedule, int64_t now_ms,
	struct schedule_state *state) MXP_MUST_USE;

/* True: it was due, and is ours until it ends. */
bool schedule_store_begin(struct ledger_file *file,
	const struct schedule *schedule, int64_t now_ms) MXP_MUST_USE;

void schedule_store_end(struct ledger_file *file,
	const struct schedule *schedule, int64_t now_ms);

#endif
