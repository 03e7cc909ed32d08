#ifndef MXP_DUE_H
#define MXP_DUE_H

#include "probe/ledger.h"
#include "probe/schedule.h"

/*
 * Which scenarios of a set are due, and who has begun them: nobody begins one
 * that another process has begun, and none is begun twice for one time.
 */
struct scenario_set;

struct due {
	struct ledger *ledger;
	struct schedule *schedules;     /* one for each file; every_ms is 0
					   where it says nothing */
	bool *is_due, *is_begun;        /* likewise */
	size_t count;
	size_t scheduled;               /* say how often */
	int64_t next_ms;                /* the soonest that is not due yet */
};

/* Those that the tag leaves out are not scheduled. */
void due_open(struct arena *arena, struct due *due,
	const struct scenario_set *set);

/* True: at least one is due.  False also where the ledger failed. */
bool due_look(struct due *due);

/*
 * Ours now?  Then it ends, too.  due_begin_any() begins the first that can be
 * had, so that a run with nothing to do leaves no trace.
 */
bool due_begin(struct due *due, size_t i);
bool due_begin_any(struct due *due);
void due_end(struct due *due, size_t i);

/* "every 6 h, next at 2026-11-22 06:13 UTC"; empty: it is not scheduled. */
struct span due_text(struct arena *arena, struct due *due, size_t i);

#endif
