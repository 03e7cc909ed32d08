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

/*
 * The connection stands: from now on an ICMP error is no reason to give it up,
 * and TCP sends again what was lost (RFC 1122 section 4.2.3.9).  The queue is
 * emptied; it would wake up whoever waits for the socket, without end.
 */
void refusal_unwatch(int socket, enum family family);

/* `error` is a positive errno.  Reads, and empties, the error queue. */
void refusal_read(struct arena *arena, int socket, int error,
	struct fault *fault);

/*
 * An errno that connect() gave at once: nothing was sent.  True when it says
 * that this host has no way into the family; *why then says which.
 */
bool refusal_is_not_applicable(enum family family, int error,
	struct span *why);

/*
 * EADDRNOTAVAIL of connect() has two meanings: this host has no address that
 * leads to the other, or has no port left for another connection to it.  True:
 * it is the ports, and *why says so.  The interface may be NULL.
 */
bool refusal_is_of_ports(int error, const struct sockaddr_storage *to,
	const char *interface, struct span *why);

#endif
