#ifndef MXP_HISTORY_READ_H
#define MXP_HISTORY_READ_H

#include "probe/judge/recorded.h"
#include "probe/store/history.h"

/*
 * The history read again.  A list that cannot be read is empty, and
 * database_failed() tells why.
 */
enum { HISTORY_PAST_MAX = 1000 };       /* of one subject, at once */

/* A run as a line of a table. */
struct history_line {
	struct recorded_run run;        /* without its rows */
	size_t row_count;
	size_t of[CELL_VERDICTS];       /* those of a verdict, ... */
	size_t warned, skipped;         /* ... of a walk, and of a run */
};

struct history_lines {
	struct history_line *list;      /* the newest first */
	size_t count, room;
};

/* At most `limit`, that began at `since_ms` or later. */
void history_lines(struct arena *arena, struct database *database,
	int64_t since_ms, size_t limit, struct history_lines *lines);

/* What became of one subject, run after run. */
struct history_moment {
	int64_t result, run;            /* numbers */
	struct span verdict;
	int64_t began_ms;
	bool has_connect;
	uint64_t connect_us;
	struct span conclusion;         /* of its isolation; empty: none */
};

struct history_subject {
	struct span key, kind, name, target;
	bool has_family;
	enum family family;
	struct history_moment *past;    /* the oldest first */
	size_t past_count;
};

struct history_subjects {
	struct history_subject *list;   /* by name */
	size_t count, room;
};

/*
 * Those of this target, or else that have this in their key; all of an empty
 * one.  Of each the last `limit` moments since then, and no subject without.
 */
void history_subjects(struct arena *arena, struct database *database,
	struct span target, int64_t since_ms, size_t limit,
	struct history_subjects *subjects);

/* The past of one key alone, the oldest first: what a report plots. */
size_t history_past(struct arena *arena, struct database *database,
	struct span key, size_t limit, struct history_moment **past);

/*
 * Which run is meant: a number, "last", "last-1", or a date ("2026-11-21" or
 * "2026-11-21T17:03:05Z": the last run that began before its end).  0: there
 * is none, and *why says so.
 */
int64_t history_run_named(struct arena *arena, struct database *database,
	struct span name, struct span *why);

/* The last run before this one that was of the same; 0: there is none. */
int64_t history_run_before(struct database *database, int64_t id);

/* A run with all its rows, by their keys; false: there is none of this number. */
bool history_run_read(struct arena *arena, struct database *database,
	int64_t id, struct recorded_run *run);

/* The row of this key in a run: its verdict and its traits alone. */
bool history_row_read(struct arena *arena, struct database *database,
	int64_t run, struct span key, struct recorded *row);

/* What is kept beside a row. */
struct span history_outcome(struct arena *arena, struct database *database,
	int64_t result);

/* Empty, where there was no isolation; JSON that is damaged is empty too. */
struct history_isolation {
	struct span conclusion, json;
};
void history_isolation(struct arena *arena, struct database *database,
	int64_t result, struct history_isolation *isolation);

struct history_finding {
	struct span code, severity, blame, confidence, stage, title;
};
size_t history_findings(struct arena *arena, struct database *database,
	int64_t result, struct history_finding **findings);

#endif
