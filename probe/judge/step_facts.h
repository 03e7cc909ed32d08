#ifndef MXP_STEP_FACTS_H
#define MXP_STEP_FACTS_H

#include "probe/facts/visit.h"

/* What became of one step of a scenario on a visit. */
enum stage step_stage(enum step_verb verb);

/*
 * The event that ends a step: its last reply, or the handshake; NULL: the
 * walk did not come so far.  EHLO is said again inside TLS; what is expected
 * is expected of the first, in clear.
 */
const struct event *step_end(const struct visit *visit, enum step_verb verb);

/* The reply of that event, or NULL. */
const struct reply *step_reply(const struct visit *visit,
	enum step_verb verb);

/* From what was said before it, or from the connect. */
uint64_t step_ms(const struct visit *visit, const struct event *end);

#endif
