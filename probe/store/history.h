#ifndef MXP_HISTORY_H
#define MXP_HISTORY_H

#include "probe/judge/recorded.h"
#include "probe/store/database.h"

/*
 * The history keeps every run and every row of it, as they end: one
 * transaction a row, so a run that is killed has lost the row under way and
 * nothing else.  A row is kept with its verdict, its times, its traits, its
 * findings, what an isolation made of it, and its outcome as JSON.
 *
 * Nothing here ends a run: a failure is kept by the database, what comes after
 * it is not recorded, and database_failed() tells why.
 */
enum {
	HISTORY_ROWS_DAYS = 400,        /* what is kept when nobody says */
	HISTORY_OUTCOMES_DAYS = 60,     /* the JSON; the rest stays */
	HISTORY_PRUNED_AT_ONCE = 2000,  /* results that one run lets go */
};

/* What was asked for: a run is of scenarios, or a walk of one's own. */
enum history_kind { HISTORY_RUN, HISTORY_AD_HOC };

struct history_run {
	enum history_kind kind;
	struct span what;               /* files or targets, as named */
	int64_t began_ms;               /* since 1970 */
};

struct history_row {
	struct recorded row;
	const struct finding *findings; /* of its family, or of none */
	size_t finding_count;
	struct span json;               /* the outcome; empty: none */
	struct span conclusion;         /* of its isolation; empty: none */
	struct span isolation_json;     /* all of that, as JSON */
};

const char *history_kind_word(enum history_kind kind);

/* Of a row as it is told; without secrets, but the JSON is the caller's. */
void history_row_of(struct arena *arena, const struct result_row *row,
	struct history_row *kept);

/* Of an own walk: what became of the target over one family. */
void history_row_of_walk(struct arena *arena, const struct outcome *outcome,
	const struct judgement *judgement, enum family family,
	struct history_row *kept);

/* The number of the run, by which all else knows it; 0: it failed. */
int64_t history_begin(struct database *database,
	const struct history_run *run);

void history_add(struct arena *arena, struct database *database, int64_t run,
	const struct history_row *row);

/* A run that has no rows, and was none. */
void history_forget(struct database *database, int64_t run);

void history_end(struct database *database, int64_t run, int64_t ended_ms,
	int exit_status);

/*
 * Lets go of what is older, at most `most` results at once.  Returns how many
 * results went.  Runs go when they have none any more.
 */
int64_t history_prune(struct database *database, int64_t older_than_ms,
	int64_t most);

/*
 * The same for outcomes alone, and by the ages above, once a day: the chore
 * that every run does for all.
 */
void history_tidy(struct database *database, int64_t now_ms);

#endif
