#ifndef MXP_FAILURE_H
#define MXP_FAILURE_H

#include "probe/base/arena.h"

/*
 * Why OpenSSL gave up, in words a postmaster understands: taken from its
 * error queue, which is emptied.  `during` is "the handshake" or the like.
 */
struct span failure_why(struct arena *arena, const char *during);

#endif
