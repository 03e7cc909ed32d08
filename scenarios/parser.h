#ifndef MXP_SCENARIO_PARSER_H
#define MXP_SCENARIO_PARSER_H

#include "scenarios/reading_orders.h"
#include "scenarios/sheet.h"

/*
 * Reads a scenario file and what it includes.  It goes on behind every error,
 * a line at a time, and always returns a sheet with all that could be read.
 * Whether the statements make sense together is asked by meaning.h.
 */

const struct sheet *sheet_parse(const struct reading_orders *orders,
	struct span file, struct span text);

#endif
