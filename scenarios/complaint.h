#ifndef MXP_COMPLAINT_H
#define MXP_COMPLAINT_H

#include "probe/base/arena.h"

/*
 * What is wrong with a scenario, and where.  Reading goes on behind an error,
 * so that a user sees all of them at once; beyond COMPLAINTS_MAX they are only
 * counted.  Nothing here is escaped until it is printed.
 */
enum { COMPLAINTS_MAX = 200 };

struct place {
	struct span file;
	struct span text;               /* the whole line, for the caret */
	unsigned line, column;          /* 1.. ; octets */
	unsigned width;                 /* octets from column on; 0: the end */
};

struct complaint {
	struct place place;
	struct span what;               /* what was expected */
	struct span hint;               /* a word that was meant; or empty */
};

struct complaints {
	struct arena *arena;
	struct complaint *list;         /* as found */
	size_t count, room;
	size_t total;                   /* with those that are not kept */
};

/* Both texts are copied. */
void complain(struct complaints *complaints, const struct place *place,
	struct span what, struct span hint);

/*
 * Three lines, safe for a terminal: "file:line:column: what was expected", the
 * line, and a caret with the hint behind it.
 */
struct span complaint_print(struct arena *arena,
	const struct complaint *complaint);

/* Is the list full?  Then there is no use in wording another. */
bool complaints_are_full(const struct complaints *complaints);

/* Orders them by file (as first seen), line and column. */
void complaints_sort(struct complaints *complaints);

#endif
