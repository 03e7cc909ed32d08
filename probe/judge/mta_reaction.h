#ifndef MXP_MTA_REACTION_H
#define MXP_MTA_REACTION_H

#include "probe/judge/mta_order.h"

/*
 * What the server does when its first address fails: fills the reactions of an
 * order whose tries are known.  Most of it was seen with the real programs.
 */
void mta_react(struct mta_order *order);

#endif
