#ifndef MXP_MTA_PLAN_H
#define MXP_MTA_PLAN_H

#include "probe/verbs/program.h"

/* --mta: reads its configuration.  False: it was told what is wrong. */
bool mta_plan_open(struct arena *arena, struct program *program);

/* What the mail server would do with the planned addresses; nothing without
 * --mta. */
void mta_plan_tell(struct arena *arena, const struct program *program,
	const struct outcome *outcome);

#endif
