#ifndef MXP_CELLS_H
#define MXP_CELLS_H

#include "reports/screen.h"

/*
 * A row of a table: a label, and cells beside each other behind it, each a
 * word and the fact behind the word, wrapped within its own width.
 */
enum { CELLS_MAX = 2 };

struct cell {
	struct mark mark;
	struct span text;               /* escaped */
};

/* One that has nothing to say. */
extern const struct cell cell_nothing;

struct cell_layout {
	size_t label, cell;             /* columns: of the label, of a cell */
	size_t word;                    /* of a cell's word; a longer one
					   moves the text of its line */
};

/* So many cells take all of the screen that the label leaves. */
void cells_spread(struct cell_layout *layout, const struct screen *screen,
	size_t count);

/* Cells that all have nothing to say leave no line. */
void cells_put(struct screen *screen, const struct cell_layout *layout,
	const char *label, const struct cell *cells, size_t count);

#endif
