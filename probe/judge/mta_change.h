#ifndef MXP_MTA_CHANGE_H
#define MXP_MTA_CHANGE_H

#include "probe/judge/mta_order.h"

/*
 * The exact change that sends mail for the order's domain over one family only:
 * fills order->only.
 */
void mta_change_find(struct arena *arena, struct mta_order *order);

#endif
