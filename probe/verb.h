#ifndef MXP_VERB_H
#define MXP_VERB_H

#include "probe/option_rows.h"

/*
 * A verb is the first word of the command line; without one it is the walk.
 * Each has options of its own, and takes some of the walk's.
 */
struct own_help {
	const char *word;
	const char *help;
};

struct verb_row {
	const char *word;               /* NULL: the walk */
	enum verb verb;
	const char *usage;              /* what --help begins with */
	const struct option_row *rows;  /* to one without a word */
	const char *const *shared;      /* words of options of the walk, to a
					   NULL; or NULL */
	const struct own_help *helps;   /* what some of these are here, to one
					   without a word; or NULL */
	const char *ending;             /* what --help ends with */

	/* A word that is no option.  False: *why says what was wanted. */
	option_set *operand;

	/* What goes with what, when all is read. */
	void (*check)(struct reading *reading);
};

extern const struct verb_row verb_walk;         /* in options.c */
extern const struct verb_row verb_preflight;    /* in preflight_rows.c */
extern const struct verb_row verb_check;        /* in check_rows.c */
extern const struct verb_row verb_run;          /* in run_rows.c */
extern const struct verb_row verb_history;      /* in history_rows.c */
extern const struct verb_row verb_diff;         /* in diff_rows.c */
extern const struct verb_row verb_trace;        /* in trace_rows.c */
extern const struct verb_row verb_explain;      /* in explain_rows.c */

/* The verb of this word, or NULL. */
const struct verb_row *verb_of(struct span word);

/* The verb that was most likely meant by this word; empty: none is near. */
struct span verb_nearest_word(struct span word);

#endif
