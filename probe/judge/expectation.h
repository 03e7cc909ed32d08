#ifndef MXP_EXPECTATION_H
#define MXP_EXPECTATION_H

#include "probe/judge/judge.h"
#include "scenarios/matrix.h"

/*
 * What a scenario expects of a cell, held against the facts of its walk.  A
 * cell is judged by what it says: a rejection that was expected is no failure,
 * and one that is known until a date turns red on that date.
 *
 * A step is expected to be survived, also where nothing else is said of it.
 */
enum cell_verdict {
	CELL_NA,                /* this host has no such family, or the path */
	CELL_PASS,
	CELL_FIXED,             /* a known rejection is none any more */
	CELL_KNOWN,             /* rejected as known, until its date */
	CELL_UNKNOWN,           /* could not be decided */
	CELL_FAIL,
};
enum { CELL_VERDICTS = CELL_FAIL + 1 };

/* One expectation that did not come true. */
struct miss {
	struct place place;             /* line 0: of a step not written */
	enum stage stage;
	struct span wanted, found;      /* neither is escaped */
};

struct cell_result {
	enum cell_verdict verdict;
	struct span why;                /* n/a, unknown, known; or empty */
	struct miss *misses;
	size_t miss_count, miss_room;
};

struct cell_question {
	const struct codebook *codebook;
	const struct matrix_cell *cell;
	const struct outcome *outcome;
	const struct judgement *judgement;      /* of that outcome */
	int64_t now;                    /* seconds since 1970 */
};

void cell_judge(struct arena *arena, const struct cell_question *question,
	struct cell_result *result);

const char *cell_verdict_word(enum cell_verdict verdict); /* "known" ... */

/* What a verdict of the judge is for a cell: a warning does not fail it. */
enum cell_verdict cell_verdict_of(enum verdict verdict);

/* 0, 1 or 4, as verdict_exit_status() has it. */
int cell_exit_status(enum cell_verdict verdict);

#endif
