#ifndef MXP_RECORD_H
#define MXP_RECORD_H

#include "probe/options.h"
#include "probe/store/history.h"

/*
 * The record of a run in the history, made as it goes: a row is in the file
 * before anybody is told of it.  What cannot be recorded is told once on
 * stderr, and the run goes on without.
 */
struct record {
	struct arena *arena;
	struct database *database;      /* NULL: nothing is recorded ... */
	bool is_off;                    /* ... as the user wants it */
	int64_t run;                    /* its number in the history */
	int64_t began_ms;
	bool has_rows;
};

/*
 * By --history and --no-history; `what` are the files or the targets.  The
 * arena lives as long as the record.
 */
void record_open(struct record *record, struct arena *arena,
	const struct options *options, enum history_kind kind);

void record_row(struct record *record, const struct result_row *row);

/* The same of a walk of one's own, by its families. */
void record_walk(struct record *record, const struct outcome *outcome,
	const struct judgement *judgement);

/* Nothing of it is told any more.  A run that could not begin never was. */
void record_close(struct record *record, int exit_status);

/* Where the history is; false: it was told on stderr why there is none. */
bool record_file(struct arena *arena, const struct options *options,
	const char **file);

#endif
