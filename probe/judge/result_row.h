#ifndef MXP_RESULT_ROW_H
#define MXP_RESULT_ROW_H

#include "probe/judge/expectation.h"
#include "scenarios/variables.h"

/*
 * A row is one thing that `mxprobe run` has a verdict of, with the facts that
 * it was judged by.  Every report, the history and the baselines are told of
 * the same rows: of each scenario its cells in the order of the matrix, then
 * the comparisons, the identities and the baselines.
 */
enum row_kind {
	ROW_CELL,                       /* one dialogue, walked or not */
	ROW_IDENTITY,                   /* what is found out about our source */
	ROW_COMPARISON,                 /* the families of a cell by each other */
	ROW_BASELINE,                   /* what changed since earlier runs */
};

struct identity_facts;          /* identity_check.h */
struct isolation;               /* isolation.h */

struct result_row {
	enum row_kind kind;
	struct span file;               /* of the scenario, as named */
	const struct matrix *matrix;
	const struct variables *variables;      /* whose secrets are hidden */
	const struct matrix_cell *cell; /* of ROW_COMPARISON the one of the
					   first family; NULL: of no cell */
	struct span subject;            /* not of a cell: "identity office",
					   "compare 4 6 of transport" */
	bool has_family;                /* a cell or an identity */
	enum family family;
	const struct cell_result *result;
	bool is_skipped;                /* nothing was to be found out */
	const struct outcome *outcome;  /* NULL: nothing was walked; ... */
	const struct judgement *judgement;      /* ... likewise */
	const struct identity_facts *identity;  /* of ROW_IDENTITY, or NULL */
	const struct isolation *isolation;      /* of a cell that failed, or
						   NULL: none was asked for */
	int64_t began_ms;               /* since 1970 */
	uint64_t took_ns;
};

/* "pass"; "skipped" where it was not to be found out. */
const char *row_word(const struct result_row *row);

const char *row_kind_word(enum row_kind kind);  /* "cell", "identity" ... */

/*
 * Its name in a run, without secrets, not escaped: "transport, mx gmail.com
 * best, IPv6, office".
 */
struct span row_name(struct arena *arena, const struct result_row *row);

/*
 * What stays the same from run to run and from file to file: scenario, kind
 * and name, "gmail/cell/transport, mx gmail.com best, IPv6, office".
 */
struct span row_key(struct arena *arena, const struct result_row *row);

#endif
