#ifndef MXP_DIAGNOSTIC_PEER_H
#define MXP_DIAGNOSTIC_PEER_H

#include "reports/inbound/diagnostic.h"

/*
 * The server that the words of a mail system name: for diagnostic.c, which has
 * found the reply already.  Only before it, since a reply names servers for
 * many reasons.
 */
void diagnostic_find_peer(struct span text, struct diagnostic *diagnostic);

#endif
