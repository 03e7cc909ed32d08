#ifndef MXP_RECORDED_H
#define MXP_RECORDED_H

#include "probe/judge/traits.h"

/*
 * What is left of a run when it is over: its rows, each with its verdict,
 * its times and its traits.  From the history or from a file that --json
 * wrote.
 */
struct recorded {
	int64_t id;                     /* in the history; 0: of a file */
	struct span key;                /* row_key() */
	struct span kind, name, target, path;   /* may be empty, but key */
	bool has_family;
	enum family family;
	struct span verdict;            /* a word */
	struct span why;
	int64_t began_ms;               /* since 1970; 0: not known */
	uint64_t took_us;
	bool has_connect;
	uint64_t connect_us;
	struct span stages;             /* "connect 180 banner 2005", in us */
	struct traits traits;
};

struct recorded_run {
	int64_t id;                     /* in the history; 0: of a file */
	struct span kind;               /* "run", "ad hoc" ... or empty */
	struct span what;               /* files or targets; or the file */
	int64_t began_ms;
	bool has_ended;
	int64_t ended_ms;
	int exit_status;
	struct recorded *rows;
	size_t row_count, row_room;
};

/* How long a stage took, by its `stages`; false: it is not in them. */
bool recorded_stage(const struct recorded *row, enum stage stage,
	uint64_t *us);

#endif
