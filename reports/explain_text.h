#ifndef MXP_EXPLAIN_TEXT_H
#define MXP_EXPLAIN_TEXT_H

#include "probe/judge/delivery_table.h"
#include "reports/screen.h"

/*
 * For people: what became of deliveries, a line for each destination and
 * family, and below it why they were refused or deferred, since when and until
 * when.  Of many rows the first EXPLAIN_ROWS_SHOWN are told, unless the style
 * is verbose.  The table is to be sorted.
 */
enum { EXPLAIN_ROWS_SHOWN = 40 };

void explain_text_table(FILE *out, const struct text_style *style,
	const struct delivery_table *table);

#endif
