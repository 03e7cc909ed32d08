#ifndef MXP_READING_ORDERS_H
#define MXP_READING_ORDERS_H

#include "scenarios/sheet_file.h"
#include "scenarios/variables.h"

/*
 * With what a scenario is read: where its parts go, and how other files and
 * secrets are come by.  All of it is the caller's and outlives the reading.
 */
struct reading_orders {
	struct arena *arena;
	struct complaints *complaints;
	struct variables *variables;
	sheet_reader *read;
	secret_reader *reveal;          /* NULL: secrets are not read */
	void *owner;
};

#endif
