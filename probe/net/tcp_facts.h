#ifndef MXP_TCP_FACTS_H
#define MXP_TCP_FACTS_H

#include "probe/facts/visit.h"

/* What the kernel knows of a connected socket (TCP_INFO), just now. */
void tcp_facts_read(int socket, struct tcp_facts *facts);

#endif
