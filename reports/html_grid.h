#ifndef MXP_HTML_GRID_H
#define MXP_HTML_GRID_H

#include "reports/html_text.h"

/*
 * The matrix at the head of the page: a line for each block, a column for each
 * family.  It is all that the page keeps in memory of rows that are told.
 */
struct grid_cell {
	bool is_told;
	struct badge badge;
	struct span where;              /* "at end of DATA"; or empty */
	struct span took;               /* or empty */
};

struct grid_line {
	bool is_wide;                   /* its row has no family */
	struct span scenario, probe, target, path;      /* shown */
	struct grid_cell cells[FAMILY_COUNT];
};

struct grid_bad {
	struct grid_bad *next;
	unsigned block;
	struct badge badge;
	struct span title, reason;      /* shown */
	struct span cause, fix;         /* likewise; or empty */
};

struct grid {
	struct arena *arena;
	struct grid_line *lines;        /* that of block n at n - 1 */
	size_t count, room;
	struct grid_bad *bad, *last_bad;
	size_t bad_count, of[CELL_VERDICTS], skipped;
	bool has_paths;
};

/* Blocks are numbered from 1 on, in the order of their first rows. */
void grid_take(
	struct grid *grid, const struct result_row *row, unsigned block);

/* "2 of 12 are not as expected": no element, for the title too. */
void grid_put_claim(FILE *out, const struct grid *grid);

void grid_put_tally(FILE *out, const struct grid *grid);
void grid_put_matrix(FILE *out, const struct grid *grid);
void grid_put_bad(FILE *out, const struct grid *grid);

#endif
