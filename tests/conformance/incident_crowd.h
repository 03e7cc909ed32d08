#ifndef MXP_CONFORMANCE_INCIDENT_CROWD_H
#define MXP_CONFORMANCE_INCIDENT_CROWD_H

#include "tests/conformance/explained.h"

/*
 * The cases of a mail server happened within minutes, to the same hosts and
 * often the same recipient.  What is told of one does not change when all of
 * them are given at once: is each delivery of `alone`, which is about the folder
 * of the question, told among all others in the same words?
 */
bool incident_is_same_in_crowd(struct suite_question *question,
	const struct explained *alone);

#endif
