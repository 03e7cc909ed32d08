#ifndef MXP_HOSTILE_VERDICTS_H
#define MXP_HOSTILE_VERDICTS_H

#include <stdbool.h>

#include "tests/hostile/cases.h"
#include "tests/hostile/child.h"
#include "tests/hostile/server.h"

/*
 * Holds what a run of the prober said, and what its servers saw, against what
 * its case expects.  Both return true when it is as expected, or tell on
 * stderr all that is not.
 */

/* A run with --json. */
bool verdicts_are_right(const struct hostile_case *expected,
	const struct child *child, const struct server *server);

/* A run for people: it ended in time, as it should, and what the servers sent
 * cannot reach into a terminal. */
bool text_is_harmless(const struct hostile_case *expected,
	const struct child *child);

/* One of "a|b|c". */
bool word_is_one_of(const char *word, const char *words);

/* The longest that a run of this case may take. */
long case_deadline_ms(const struct hostile_case *expected);

#endif
