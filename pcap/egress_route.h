#ifndef MXP_EGRESS_ROUTE_H
#define MXP_EGRESS_ROUTE_H

#include "probe/base/ip.h"

/*
 * The interface by which the kernel's routing tables send to `to`, from this
 * source if it is not NULL: its number, 0 when there is no route or it cannot
 * be asked.  Needs no privilege and sends nothing.
 */
unsigned egress_route(const struct ip *to, const struct ip *from);

#endif
