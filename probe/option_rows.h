#ifndef MXP_OPTION_ROWS_H
#define MXP_OPTION_ROWS_H

#include "probe/options.h"

/*
 * The table of a verb's options: one row each, with what it takes, what it does
 * and its line of --help.
 */
struct verb_row;

struct reading {
	struct arena *arena;
	struct options *options;
	const struct verb_row *verb;
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

/* Those of the walk, where other verbs take some of theirs from; the last one
 * has no word. */
extern const struct option_row option_rows[];

/* An option of this verb, its own or shared; NULL: there is none. */
const struct option_row *option_row_of_word(
	const struct verb_row *verb, struct span word);
const struct option_row *option_row_of_letter(
	const struct verb_row *verb, char letter);

/* The word most like this one; empty when none is. */
struct span option_nearest_word(const struct verb_row *verb, struct span word);

/* --history FILE, which some verbs write to and others read. */
bool option_history(struct reading *reading, struct span value,
	const char **why);

/* What --help prints. */
struct span option_help(struct arena *arena, const struct verb_row *verb);

/* Not done; tells the user about `what`. */
void reading_wrong(struct reading *reading, struct span what,
	const char *why);

/* Each target can be read; without one, the server of -s is it.  Where there is
 * neither, the user is told what is `wanted`. */
void reading_check_targets(struct reading *reading, const char *wanted);

#endif
