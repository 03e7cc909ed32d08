#include "probe/net/walker_round.h"

#include "probe/net/walker_inside.h"

/* As many as a core's own cache holds: what was heard is still there when it is
 * their turn. */
enum { ROUND_MAX = 64 };

static void all_speak(struct walker_round *round)
{
	struct walker *walker;

	while ((walker = TAILQ_FIRST(&round->ready))) {
		walker_round_leave(round, walker);
		walker_turn(walker);
	}
}

/* Right after the loop has looked at its sockets. */
static void on_check(uv_check_t *check)
{
	all_speak(check->data);
}

/* It keeps no loop alive: whoever is ready has a socket that does. */
void walker_round_open(struct walker_round *round, uv_loop_t *loop)
{
	TAILQ_INIT(&round->ready);
	round->count = 0;
	uv_check_init(loop, &round->check);
	round->check.data = round;
	uv_check_start(&round->check, on_check);
	uv_unref((uv_handle_t *)&round->check);
}

void walker_round_close(struct walker_round *round)
{
	uv_close((uv_handle_t *)&round->check, NULL);
}

void walker_round_add(struct walker_round *round, struct walker *walker)
{
	if (walker->is_ready)
		return;
	walker->is_ready = true;
	TAILQ_INSERT_TAIL(&round->ready, walker, ready);
	if (++round->count == ROUND_MAX)
		all_speak(round);
}

void walker_round_leave(struct walker_round *round, struct walker *walker)
{
	if (!walker->is_ready)
		return;
	walker->is_ready = false;
	round->count--;
	TAILQ_REMOVE(&round->ready, walker, ready);
}
