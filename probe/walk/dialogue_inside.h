#ifndef MXP_DIALOGUE_INSIDE_H
#define MXP_DIALOGUE_INSIDE_H

#include "probe/walk/dialogue.h"

/*
 * The dialogue as its parts see it: what it says (dialogue_say.c), what it
 * makes of what it hears (dialogue_hear.c), and what it asks of TLS
 * (dialogue_tls.c).
 */

/* NULL: behind the last one. */
const struct step *dialogue_step_at(const struct dialogue *dialogue,
	size_t at);
const struct step *dialogue_step(const struct dialogue *dialogue);

enum stage dialogue_stage_of(enum step_verb verb);

/* At the present stage. */
struct event *dialogue_event(struct dialogue *dialogue, uint64_t now_ns,
	enum event_kind kind);

/*
 * The fault is written down once: the first one is what happened.  Its stage
 * is the one under way unless the caller knows better; no dialogue ever fails
 * at STAGE_RESOLVE, so that value stands for "not said".
 */
void dialogue_add_fault(struct dialogue *dialogue, uint64_t now_ns,
	const struct fault *fault);

/*
 * After a fault: QUIT if there is still somebody to say it to.  What was said
 * in one go with the refused command is still to be answered, and first.
 */
void dialogue_goodbye(struct dialogue *dialogue);
bool dialogue_has_said_quit(const struct dialogue *dialogue);

/* Both of them. */
void dialogue_fail_politely(struct dialogue *dialogue, uint64_t now_ns,
	enum failure failure, struct span why, const struct reply *reply);

void dialogue_step_done(struct dialogue *dialogue);

/* As much of it as a fault keeps. */
struct span dialogue_garbled(struct dialogue *dialogue, struct span bytes);

/* May the walk go on without TLS, where the server has none? */
bool dialogue_may_be_in_clear(const struct dialogue *dialogue,
	const struct step *step);

/* What speaks against STARTTLS before it is said; false: nothing. */
bool dialogue_tls_obstacle(const struct dialogue *dialogue,
	const struct step *step, struct fault *fault);

#endif
