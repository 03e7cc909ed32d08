#ifndef MXP_OPTION_ROWS_H
#define MXP_OPTION_ROWS_H

#include "probe/options.h"

/*
 * The table of all options: one row each, with what it takes, what it does and
 * its line of --help.
 */
struct reading {
	struct arena *arena;
	struct options *options;
	struct span errors;             /* a line each, safe for a terminal */
	unsigned error_count;
};

/* False: *why says what was wanted. */
typedef bool option_set(struct reading *reading, struct span value,
	const char **why);

struct option_row {
	char letter;                    /* 0: none */
	const char *word;
	const char *value;              /* what it takes; NULL: nothing */
	option_set *set;                /* NULL: --help, --version */
	const char *help;               /* a heading stands before its first */
	const char *heading;
};

const struct option_row *option_row_of_word(struct span word);
const struct option_row *option_row_of_letter(char letter);

/* The word most like this one; NULL when none is. */
const char *option_nearest_word(struct span word);

/* What --help prints. */
struct span option_help(struct arena *arena);

#endif
