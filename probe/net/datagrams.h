#ifndef MXP_DATAGRAMS_H
#define MXP_DATAGRAMS_H

#include <sys/socket.h>
#include <sys/uio.h>

#include "probe/base/arena.h"

/*
 * What one connected UDP socket sends and receives, many datagrams a call.
 *
 * What is put waits until datagrams_flush(), so that the questions of one turn
 * of the loop leave together.  What has arrived is fetched by the batch, and
 * taken one after another.  c-ares, which writes and reads one at a time, sits
 * on top of it (probe/net/nameserver.c).
 *
 * Functions fail as the system's do, with -1 and errno.  When the kernel would
 * not send what was put, the next datagrams_take() says so, as it does of what
 * ICMP brought.
 */
enum {
	DATAGRAMS_BATCH = 32,
	DATAGRAMS_OUT_MAX = 512,        /* bytes of one that is put */
	DATAGRAMS_IN_MAX = 4096,        /* bytes of one that is taken; what is
					   beyond is lost */
};

struct datagrams;

struct datagrams *datagrams_new(struct arena *arena);

/* For a socket that does not block; what another left behind is gone. */
void datagrams_begin(struct datagrams *datagrams, int fd);

/* EMSGSIZE above the limit; EAGAIN when a whole batch could not leave. */
ssize_t datagrams_put(struct datagrams *datagrams, const struct iovec *parts,
	int count) MXP_MUST_USE;

/*
 * What the kernel has no room for stays, for the next flush.  False when it
 * would not send: all that was put is gone.
 */
bool datagrams_flush(struct datagrams *datagrams) MXP_MUST_USE;

/*
 * As recvfrom().  EAGAIN: nothing more for now; it may be said without asking
 * the kernel, once, when the last batch was not full.
 */
ssize_t datagrams_take(struct datagrams *datagrams, struct iovec room,
	struct sockaddr *from, socklen_t *from_len) MXP_MUST_USE;

#endif
