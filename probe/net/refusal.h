#ifndef MXP_REFUSAL_H
#define MXP_REFUSAL_H

#include "probe/facts/fault.h"

/*
 * Why a connection did not come about.  The error number alone cannot tell a
 * closed port from a firewall (a port-unreachable and a RST are both
 * ECONNREFUSED; on IPv6 a prohibition is EACCES): the socket's error queue
 * holds the ICMP error and who sent it.
 */

/* Ask for the error queue to be filled; before connecting. */
void refusal_watch(int socket, enum family family);

/* `error` is a positive errno.  Reads, and empties, the error queue. */
void refusal_read(struct arena *arena, int socket, int error,
	struct fault *fault);

/*
 * An errno that connect() gave at once: nothing was sent.  True when it says
 * that this host has no way into the family; *why then says which.
 */
bool refusal_is_not_applicable(enum family family, int error,
	struct span *why);

#endif
