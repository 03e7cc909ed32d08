#ifndef MXP_HOSTILE_CLIENT_H
#define MXP_HOSTILE_CLIENT_H

#include "tests/hostile/cases.h"
#include "tests/hostile/rig.h"

/*
 * A plain mail client that blocks, and shares no code with the prober: it
 * shows that the servers do what their scripts say, and that what the table
 * expects can be seen from the other end of the connection.
 */
struct story {
	const char *failure;            /* NULL: it went well */
	const char *stage;              /* where it ended */
};

/* Walks one case over IPv6. */
void client_walk(const struct rig *rig, const struct hostile_case *played,
	unsigned port, struct story *story);

#endif
