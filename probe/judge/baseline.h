#ifndef MXP_BASELINE_H
#define MXP_BASELINE_H

#include "probe/judge/traits.h"

/*
 * A baseline knows of each trait that it watches how it should be: as it was
 * when it was seen first, and any other way that was accepted since.  A change
 * is told when so many runs in a row have seen one, and from then on in every
 * run, until it is as before or is accepted; that it is as before is told
 * once.
 *
 * A trait that was not seen changes nothing, neither now nor later.  A verdict
 * that gets better is how it should be from then on; and so is a rejection
 * that the scenario says it knows.
 */
enum { BASELINE_VALUES_MAX = 16 };      /* accepted of a trait, the newest */

struct baseline_state {
	struct span accepted;           /* a value a line; empty: not seen yet */
	struct span seen;               /* another one, the last time */
	unsigned times;                 /* runs in a row that saw another one */
	int64_t since_ms;               /* the first of these */
	bool is_alarm;
};

enum baseline_news {
	BASELINE_NOT_SEEN,
	BASELINE_SAME,
	BASELINE_LEARNED,               /* it is the first value */
	BASELINE_FIXED,                 /* as it should be again */
	BASELINE_PENDING,               /* changed; to be seen once more */
	BASELINE_CHANGED,
};

struct baseline_question {
	enum trait trait;
	struct span value;              /* empty: not seen */
	unsigned confirm;               /* runs in a row; 1.. */
	int64_t now_ms;
};

/* Spans that the state takes live as long as those of the question. */
enum baseline_news baseline_judge(
	const struct baseline_question *question,
	struct baseline_state *state);

/* What was seen last is as it should be; false: nothing else was seen. */
bool baseline_state_accept(struct arena *arena, enum trait trait,
	struct baseline_state *state);

/* "250 ok | 250 fine": what is accepted, on one line. */
struct span baseline_accepted_text(struct arena *arena,
	const struct baseline_state *state);

#endif
