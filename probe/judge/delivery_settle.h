#ifndef MXP_DELIVERY_SETTLE_H
#define MXP_DELIVERY_SETTLE_H

#include "probe/judge/delivery_table.h"

/*
 * A session that ended before a recipient was named has only the name of the
 * server, so its row is that server's.  Where all other deliveries by that
 * server were to one destination, the row is of that destination too: else its
 * two families would never be seen side by side.  Of such rows the first
 * DELIVERY_SETTLE_MAX are looked at.
 *
 * To be called once, when all is added and before the rows are sorted.
 */
enum { DELIVERY_SETTLE_MAX = 256 };

void delivery_table_settle(struct delivery_table *table);

#endif
