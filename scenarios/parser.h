#ifndef MXP_SCENARIO_PARSER_H
#define MXP_SCENARIO_PARSER_H

#include "scenarios/sheet.h"
#include "scenarios/variables.h"

/*
 * Reads a scenario file and what it includes.  It goes on behind every error,
 * a line at a time, and always returns a sheet with all that could be read.
 * Whether the statements make sense together is asked by meaning.h.
 */

/* Reads a file that is included.  False: *why says why not. */
typedef bool sheet_reader(void *owner, struct arena *arena, struct span name,
	struct span *bytes, struct span *why);

struct reading_orders {
	struct arena *arena;
	struct complaints *complaints;
	struct variables *variables;
	sheet_reader *read;
	secret_reader *reveal;          /* NULL: secrets are not read */
	void *owner;
};

const struct sheet *sheet_parse(const struct reading_orders *orders,
	struct span file, struct span text);

/* The text of a sheet_reader that reads files. */
bool sheet_read_file(void *owner, struct arena *arena, struct span name,
	struct span *bytes, struct span *why);

/* A file's name, as seen from the file that names it. */
struct span name_from(struct arena *arena, struct span from,
	struct span name);

#endif
