#ifndef MXP_TEXT_ROWS_H
#define MXP_TEXT_ROWS_H

#include "reports/cells.h"

/*
 * The rows of the table, and what one visit has to say in each: a word (ok,
 * FAIL, warn, unknown, or - where it never came) and the fact behind it.
 */
enum row {
	ROW_CONNECT,
	ROW_GREETING,
	ROW_TLS,
	ROW_LARGE,
	ROW_ENVELOPE,
	ROW_MESSAGE,
	ROW_PTR,
	ROW_SENDER,
};
enum { ROW_COUNT = ROW_SENDER + 1 };

const char *row_label(enum row row);

/* Was it planned or begun?  A row that nobody wanted is not shown. */
bool row_concerns(enum row row, const struct visit *visit);

struct cell row_cell(struct screen *screen, enum row row,
	const struct visit_judgement *judged);

/* "550 5.7.1", or "550" */
struct span reply_number(struct screen *screen, const struct reply *reply);

#endif
