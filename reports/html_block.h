#ifndef MXP_HTML_BLOCK_H
#define MXP_HTML_BLOCK_H

#include "reports/html_history.h"
#include "reports/html_lane.h"
#include "reports/row_formats.h"

/*
 * A block is the part of the page about rows that differ by family alone: a
 * probe, its target and the path out of this host; or one row without a
 * family.  It gathers its rows, whose facts are gone when the next comes, and
 * is written when all are there.
 */
enum {
	BLOCK_LANES_MAX = 24,           /* of a family; more are counted */
	BLOCK_FINDINGS_MAX = 100,       /* of a row */
};

struct block {
	struct block *next;
	struct arena *arena;            /* its own */
	unsigned number;                /* 1.. */
	const struct matrix *matrix;    /* which rows belong to it */
	enum row_kind kind;
	const struct matrix_cell *cell;
	struct span subject;            /* shown; of rows of no cell */
	size_t wanted, count;           /* of rows */
	struct span title;              /* shown */
	struct badge badges[FAMILY_COUNT];
	bool has_family[FAMILY_COUNT];
	bool is_wide;                   /* its row has no family */
	bool is_bad;                    /* not as expected, or not decided */
	struct span misses, talk;       /* HTML */
	struct span findings[SEVERITY_FAIL + 1];        /* likewise */
	struct lane *lanes[FAMILY_COUNT], **last[FAMILY_COUNT];
	size_t lane_count[FAMILY_COUNT], lanes_left_out;
	struct past pasts[FAMILY_COUNT];
};

/* For a row that is the first of its block. */
struct block *block_open(const struct result_row *row, unsigned number);
void block_close(struct block *block);

bool block_holds(const struct block *block, const struct result_row *row);

/* `is_short`: only what it comes to. */
void block_take(
	struct block *block, const struct result_row *row, bool is_short);

/* What became of the row in earlier runs, where there is a history. */
void block_take_past(struct block *block, const struct result_row *row,
	const struct report_run *run);

void block_put(FILE *out, const struct block *block, bool is_open);

#endif
