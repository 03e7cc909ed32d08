#ifndef MXP_BASELINE_STORE_H
#define MXP_BASELINE_STORE_H

#include "probe/judge/baseline.h"
#include "probe/store/database.h"

/*
 * Where baselines outlive a run: the state of each trait of each row that one
 * watches.  Rows are those of the history, by their key.
 */
struct baseline_change {
	enum trait trait;
	enum baseline_news news;
	struct span wanted, found;      /* values; of BASELINE_FIXED no found */
	unsigned times;
	int64_t since_ms;
};

struct baseline_findings {
	size_t seen, learned;           /* traits */
	struct baseline_change changes[TRAIT_COUNT];    /* FIXED, PENDING and
							   CHANGED */
	size_t change_count;
};

/*
 * What a baseline makes of a row of this run.  Between database_begin() and
 * database_commit(); the row must have been added to the history.
 */
void baseline_see(struct arena *arena, struct database *database,
	const struct matrix_baseline *baseline, struct span key,
	const struct traits *traits, int64_t now_ms,
	struct baseline_findings *findings);

/*
 * Is anything kept of what a baseline of this name has seen: of a row with this
 * target or this in its key, or of an empty one of any?
 */
bool baseline_is_kept(struct database *database, struct span name,
	struct span target);

/* Of the baselines that anything is kept of, the name that was most likely
 * meant; empty: none is near. */
struct span baseline_nearest(struct arena *arena, struct database *database,
	struct span name);

/*
 * What the baseline of this name has seen change is accepted, for rows with
 * this target or this in their key; of an empty one for all.  Returns how many
 * changes these were.
 */
long long baseline_accept(struct database *database, struct span name,
	struct span target);

#endif
