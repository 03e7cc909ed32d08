#ifndef MXP_VARIABLES_H
#define MXP_VARIABLES_H

#include "scenarios/complaint.h"

/*
 * The variables of a scenario, from their var on, over all included files.  A
 * secret is known by where it is kept, and never read here.
 */
enum variable_kind { VARIABLE_TEXT, VARIABLE_ENV, VARIABLE_FILE };
enum {
	VARIABLES_MAX = 1000,
	VARIABLE_TEXT_MAX = 8192,       /* octets that one text becomes */
	VARIABLES_GROWTH_MAX = 4 * 1024 * 1024, /* all that is put for names */
};

struct variable {
	struct span name;
	enum variable_kind kind;
	struct span text;               /* or the name of what keeps it */
	bool has_default;               /* of VARIABLE_ENV: no secret */
	struct span not_set;            /* what a run did not find in the
					   environment, so that its default
					   stands here; empty: nothing */
	bool has_secret;                /* the text has one in it ... */
	bool is_revealed;               /* ... and is one: nothing of it is to
					   be shown */
	struct place place;             /* of its name */
};

struct variables {
	struct arena *arena;
	struct variable *list;
	size_t count, room;
	size_t growth;                  /* octets that were put for names */
};

struct variable *variable_find(struct variables *variables,
	struct span name);

/*
 * Reads the secret that a variable is, of VARIABLE_ENV or VARIABLE_FILE.
 * False: *why says why not.
 */
typedef bool secret_reader(void *owner, struct arena *arena,
	const struct variable *variable, struct span *text, struct span *why);

/* The text with every secret in it shown as "***". */
struct span variables_hide(struct arena *arena,
	const struct variables *variables, struct span text);

/* False: there is one of this name, or too many. */
bool variable_add(struct variables *variables,
	const struct variable *variable);

/* What went wrong in a text, and which of its octets. */
struct text_fault {
	struct span what, hint;
	size_t at, len;
};

/*
 * The text that `raw` means: ${names} replaced, "***" for a secret; in a
 * quoted one also \" \\ \$ \n \r \t and \xHH.
 */
bool text_expand(struct variables *variables, struct span raw, bool is_quoted,
	struct span *text, bool *has_secret, struct text_fault *fault);

#endif
