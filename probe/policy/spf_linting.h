#ifndef MXP_SPF_LINTING_H
#define MXP_SPF_LINTING_H

#include "probe/policy/spf_lint.h"

/*
 * A lint while it goes on: what its parts share, where they stand, and how
 * they write a note.  Whoever wants the notes needs spf_lint.h only.
 */
struct spf_linting {
	struct arena *arena;
	struct answers *answers;
	const struct spf_lint_query *query;
	struct spf_lint *lint;
	struct spf_note spare;           /* for a note too many */
	unsigned families;               /* of the sources, or both */
	struct span costs;               /* "include:a 4, mx 1" */
	struct span voids[FAMILY_COUNT]; /* "a.example (a:a.example)" */
	bool open;
};

/* A record, and the one that leads to it. */
struct spf_place {
	const struct spf_place *outer;
	struct span domain; /* as it was written */
	struct span name;   /* as the DNS is asked for it */
	const struct spf_record *record;
	unsigned depth;
};

/* A note on a term of the record, or on all of it: term NULL. */
struct spf_note *spf_linting_note(struct spf_linting *linting, const char *id,
	enum spf_severity severity, const struct spf_place *place,
	const struct spf_term *term);

/* NULL: not known yet, and the lint stays open. */
const struct answer *spf_linting_ask(
	struct spf_linting *linting, struct span name, enum rr_type type);

/* The record with other text in the place of a term; "": without it. */
struct span spf_place_record(struct arena *arena,
	const struct spf_record *record, const struct spf_term *term,
	struct span with);

/* "first, second" */
struct span spf_linting_list(
	struct arena *arena, struct span list, struct span more);

#endif
