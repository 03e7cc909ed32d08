#include "probe/task.h"

#include "probe/ad_hoc.h"

/*
 * --repeat N: each path of one target walked N times, --parallel at once, with
 * no pause.  For loopback and for people who test their own server.  Each walk
 * has an arena of its own, is handed over when it ends, and makes room for the
 * next.
 */
struct lap {
	struct walker walker;
	struct visit visit;
	struct visit *visits[1];
	struct outcome outcome;
	struct repeat *repeat;
	TAILQ_ENTRY(lap) entry;
};

/*
 * What a dialogue takes, for itself and for each of its steps: ten thousand
 * may be open at once, and each has one block, used again for the next.  With a
 * server that says more, those that begin later have the room of those before.
 */
enum {
	LAP_ROOM = 1856,
	LAP_ROOM_STEP = 192,
	LAP_ROOM_IN_ONE_GO = 256,
	LAP_ROOM_MAX = 64 * 1024,
};

/* How many begin in a turn of the loop, and how long one waits if nothing
 * comes in. */
enum { LAPS_IN_A_TURN = 16, LAP_TURN_MS = 20 };

/* An arena that no lap uses just now; it lives in itself. */
struct spare {
	struct spare *next;
	struct arena *arena;
};

struct repeat {
	struct run *run;
	struct task *task;
	const struct path **paths;
	size_t path_count;
	const struct scenario *scenarios[FAMILY_COUNT];
	size_t room; /* of a lap's first block */
	struct spare *spares;
	unsigned long long left; /* walks that have not begun */
	size_t under_way;
	TAILQ_HEAD(, lap) laps;
};

static void lap_begin(struct repeat *repeat);

static struct arena *arena_for_lap(struct repeat *repeat)
{
	struct spare *spare = repeat->spares;
	struct arena *arena;

	if (!spare)
		return arena_open_with(repeat->room);
	repeat->spares = spare->next;
	arena = spare->arena;
	arena_empty(arena);
	return arena;
}

/* One that is too small goes. */
static void put_back(struct repeat *repeat, struct arena *arena, size_t wanted)
{
	struct spare *spare;

	if (wanted > repeat->room && wanted <= LAP_ROOM_MAX)
		repeat->room = wanted;
	if (wanted && wanted <= LAP_ROOM_MAX) {
		arena_close(arena);
		return;
	}
	arena_empty(arena);
	spare = arena_new(arena, struct spare);
	spare->arena = arena;
	spare->next = repeat->spares;
	repeat->spares = spare;
}

static void close_spares(struct repeat *repeat)
{
	while (repeat->spares) {
		struct spare *spare = repeat->spares;

		repeat->spares = spare->next;
		arena_close(spare->arena);
	}
}

static bool wants_laps(const struct repeat *repeat)
{
	const struct run *run = repeat->run;

	return repeat->left && !run->signals &&
	       repeat->under_way < run->orders->options->parallel;
}

/*
 * --parallel is a ceiling: a few begin in a turn of the loop, and the next ones
 * when others were heard.  A thousand SYNs in one go would not find room in a
 * server's queue, and a fast server has done with the first before the last are
 * needed; what is not open is in no cache's way.
 */
static void begin_laps(struct repeat *repeat)
{
	do {
		for (int i = 0; i < LAPS_IN_A_TURN && wants_laps(repeat); i++)
			lap_begin(repeat);
	} while (!repeat->under_way && wants_laps(repeat));
}

static void on_lap_clock(uv_timer_t *clock)
{
	(void)clock; /* it is the loop's turn that counts */
}

/* All that end together are told of before others take their places: what
 * they say to a server that is near, they say one after the other. */
static void on_begin_laps(uv_prepare_t *begin)
{
	struct run *run = OWNER_OF(begin, struct run, begin_laps);
	struct repeat *repeat = run->repeat;

	begin_laps(repeat);
	/* Nobody may say anything before all are there. */
	if (wants_laps(repeat))
		uv_timer_start(&run->lap_clock, on_lap_clock, LAP_TURN_MS, 0);
	else
		uv_timer_stop(&run->lap_clock);
	if (repeat->under_way > 0)
		return;
	uv_prepare_stop(begin);
	close_spares(repeat);
	run->repeat = NULL;
	task_walked(repeat->task);
}

static void on_lap_over(struct walker *walker)
{
	struct lap *lap = OWNER_OF(walker, struct lap, walker);
	struct repeat *repeat = lap->repeat;
	struct run *run = repeat->run;
	struct arena *arena = walker->arena;
	size_t wanted = arena_wants(arena); /* to walk, not to tell of it */

	TAILQ_REMOVE(&repeat->laps, lap, entry);
	if (!run->orders->visited(run->orders->receiver, arena, &lap->outcome))
		repeat->left = 0;
	put_back(repeat, arena, wanted);
	repeat->under_way--;
}

static void lap_begin(struct repeat *repeat)
{
	struct run *run = repeat->run;
	struct arena *arena = arena_for_lap(repeat);
	struct lap *lap = arena_new(arena, struct lap);
	const struct path *path =
		repeat->paths[--repeat->left % repeat->path_count];

	repeat->under_way++;
	TAILQ_INSERT_TAIL(&repeat->laps, lap, entry);
	lap->repeat = repeat;
	lap->visits[0] = &lap->visit;
	lap->outcome = repeat->task->outcome;
	lap->outcome.visits = lap->visits;
	lap->outcome.visit_count = 1;
	task_visit_init(&lap->visit, path, repeat->scenarios[path->family]);
	lap->walker.arena = arena;
	lap->walker.visit = &lap->visit;
	lap->walker.done = on_lap_over;
	walker_start(&lap->walker, &run->loop, &repeat->task->walk,
		task_message(repeat->task, arena, &lap->visit));
}

void repeat_interrupt(struct run *run)
{
	struct lap *lap, *next;

	if (!run->repeat)
		return;
	for (lap = TAILQ_FIRST(&run->repeat->laps); lap; lap = next) {
		next = TAILQ_NEXT(lap, entry);
		walker_interrupt(&lap->walker);
	}
}

static bool is_allowed(struct run *run, const struct outcome *outcome)
{
	if (run->orders->options->i_run_this_server)
		return true;
	for (size_t i = 0; i < outcome->path_count; i++)
		if (!outcome->paths[i].left_out.len &&
			ip_kind(&outcome->paths[i].remote) != IP_LOOPBACK)
			return false;
	return true;
}

static void take_paths(struct repeat *repeat)
{
	const struct outcome *outcome = &repeat->task->outcome;

	repeat->paths = arena_take(repeat->task->arena,
		outcome->path_count * sizeof(*repeat->paths));
	for (size_t i = 0; i < outcome->path_count; i++)
		if (!outcome->paths[i].left_out.len)
			repeat->paths[repeat->path_count++] =
				&outcome->paths[i];
}

void repeat_begin(struct run *run, struct task *task)
{
	struct repeat *repeat = arena_new(task->arena, struct repeat);
	const struct options *options = run->orders->options;

	TAILQ_INIT(&repeat->laps);
	for (unsigned i = 0; i < FAMILY_COUNT; i++)
		repeat->scenarios[i] = ad_hoc_scenario(
			task->arena, options, &task->target, (enum family)i);
	repeat->room = LAP_ROOM +
		       LAP_ROOM_STEP * repeat->scenarios[0]->step_count +
		       (options->pipelines ? LAP_ROOM_IN_ONE_GO : 0);
	repeat->run = run;
	repeat->task = task;
	run->repeat = repeat;
	task->open_walks = 1;
	take_paths(repeat);
	if (!is_allowed(run, &task->outcome)) {
		run->is_impolite = true;
		run->why = SPAN("--repeat is for servers on loopback; say "
				"--i-run-this-server if this one is yours");
		repeat->path_count = 0;
	}
	repeat->left = (unsigned long long)options->repeat * repeat->path_count;
	if (!repeat->left) {
		run->repeat = NULL;
		task_walked(task);
		return;
	}
	if (options->parallel > 1)
		task->walk.round = &run->round;
	uv_prepare_start(&run->begin_laps, on_begin_laps);
	begin_laps(repeat);
}
