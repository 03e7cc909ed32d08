#ifndef MXP_DEFINITION_H
#define MXP_DEFINITION_H

#include "scenarios/reading_orders.h"
#include "scenarios/sheet.h"

/*
 * A `var` line of the file `from` becomes a variable.  One that is kept in the
 * environment or in a file is a secret, and read only where the orders say how;
 * one that cannot be read, or has the name of another, is a complaint.
 */
void definition_take(const struct reading_orders *orders, struct span from,
	const struct statement *statement);

#endif
