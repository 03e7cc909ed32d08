#ifndef MXP_WALKER_INSIDE_H
#define MXP_WALKER_INSIDE_H

#include "probe/net/walker.h"

/*
 * The walker as its parts see it: its turns, its patience and its end
 * (walker.c), how it comes to be connected (walker_connect.c), and the bytes
 * that it sends and hears, with TLS around them or not (walker_bytes.c).
 */

/* -1: there is none. */
static inline int walker_socket(const struct walker *walker)
{
	uv_os_fd_t socket;

	if (uv_fileno((const uv_handle_t *)&walker->tcp, &socket) != 0)
		return -1;
	return socket;
}

/* ---- turns */

/* Asks the dialogue what it wants, and does it, until it is to wait. */
void walker_turn(struct walker *walker);

/* The end, once; `done` is called later. */
void walker_close(struct walker *walker);

/* The same, before anything was said: this host has no such path, or cannot do
 * what it was told to. */
void walker_not_applicable(struct walker *walker, struct span why);
void walker_fail_here(struct walker *walker, struct span why);

/* ---- connecting */

void walker_connect(struct walker *walker);

/* ---- bytes */

/* What comes is heard from now on.  A negative number is libuv's error. */
int walker_listen(struct walker *walker);

/* False when the last line is still on its way: nothing may follow it.  The
 * line stays where it is until it is sent. */
bool walker_say(struct walker *walker, struct span line);

/* Begins TLS, and tells the dialogue where that cannot be; what else comes of
 * it is heard. */
void walker_shake_hands(struct walker *walker);

/* Ends it in good order, where that can be done at once. */
void walker_say_goodbye(struct walker *walker);

#endif
