#ifndef MXP_WALKER_ROUND_H
#define MXP_WALKER_ROUND_H

#include <sys/queue.h>
#include <uv.h>

struct walker;

/*
 * Where hundreds walk at once, some dozens hear what came in, and then all of
 * them say what they have to say.  A server that is near wakes up once for many
 * of them, and stays awake; to wake it for each costs more than all else that a
 * walker does.
 */
struct walker_round {
	uv_check_t check;
	TAILQ_HEAD(, walker) ready;
	unsigned count;
};

/* Its place has to stay until the loop has ended. */
void walker_round_open(struct walker_round *round, uv_loop_t *loop);
void walker_round_close(struct walker_round *round);

/*
 * The walker has heard something; twice is once.  It may speak before this
 * returns: a caller is done with it.
 */
void walker_round_add(struct walker_round *round, struct walker *walker);

/* It ends before its turn. */
void walker_round_leave(struct walker_round *round, struct walker *walker);

#endif
