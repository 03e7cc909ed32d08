#ifndef MXP_EXPLAIN_FOLLOW_H
#define MXP_EXPLAIN_FOLLOW_H

#include "probe/verbs/explanation.h"

/*
 * --follow: logs that are read on as they grow, until SIGINT or SIGTERM.  What
 * is in them already counts; what comes then is told in a line, too, where it
 * failed.
 */
void explain_follow_add(struct explanation *explanation, const char *name);

void explain_follow_run(struct explanation *explanation);

#endif
