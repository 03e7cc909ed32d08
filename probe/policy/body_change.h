#ifndef MXP_BODY_CHANGE_H
#define MXP_BODY_CHANGE_H

#include "probe/policy/deviation.h"

/*
 * What gateways, lists and mailboxes do to a body, undone: each change gives
 * back the body as it may have been when it was signed.  Most of them are
 * guesses that only a hash can confirm.
 */
struct body_at_hand {
	struct arena *arena;    /* for the result */
	struct span bytes;
	struct span encoding;   /* Content-Transfer-Encoding, "" when absent */
	struct span boundary;   /* of a multipart; "" when it is none */
};

/* The body's own bytes where there is nothing to undo. */
typedef struct span body_undo(const struct body_at_hand *body, unsigned number);

struct body_change {
	const char *id;
	enum departs departs;
	const char *section;
	const char *fits;       /* "bh= fits " this */
	const char *because;    /* and what that tells */
	body_undo *undo;
	unsigned number;        /* a width, for those that have several */
};

/* All of them, from the plain to the far-fetched. */
extern const struct body_change body_changes[];
extern const size_t body_change_count;

#endif
