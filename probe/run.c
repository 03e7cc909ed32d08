#include "probe/run.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "probe/base/escape.h"
#include "probe/mtu_trial_run.h"
#include "probe/net/fetch.h"
#include "probe/progress.h"
#include "probe/task.h"

enum {
	PARALLEL_DEFAULT = 16,
	PARALLEL_REPEAT_DEFAULT = 100,
	FILES_KEPT = 64, /* for everything but connections */
	PROGRESS_MS = 500,
};

/* ---- who looks on */

static struct onlooker *onlooker_of(const struct run *run)
{
	return run->orders->cast ? NULL : run->orders->onlooker;
}

void run_plans(struct run *run, const struct path *path,
	const struct walk_orders *orders)
{
	struct onlooker *onlooker = onlooker_of(run);

	if (onlooker)
		onlooker->plans(onlooker, path, orders);
}

static void has_walked(struct run *run, const struct turn *turn)
{
	struct onlooker *onlooker = onlooker_of(run);

	if (onlooker)
		onlooker->walked(onlooker, turn->visit, turn->trial);
}

/* ---- walks wait for their turn */

static void dispatch(struct run *run);

static void on_rested(uv_timer_t *rest)
{
	dispatch(OWNER_OF(rest, struct run, rest));
}

static void on_walked(struct walker *walker)
{
	struct turn *turn = OWNER_OF(walker, struct turn, walker);
	struct run *run = turn->task->run;

	TAILQ_REMOVE(&run->walking, turn, entry);
	run->walking_count--;
	/* The loop's time is that of its last rest: a pause from then on would
	 * be too short. */
	uv_update_time(&run->loop);
	ledger_release(run->ledger, turn->visit, uv_now(&run->loop));
	has_walked(run, turn);
	if (!mtu_trial_goes_on(turn))
		task_walked(turn->task);
	dispatch(run);
}

static void turn_begin(struct run *run, struct turn *turn)
{
	struct task *task = turn->task;

	TAILQ_REMOVE(&run->waiting, turn, entry);
	TAILQ_INSERT_TAIL(&run->walking, turn, entry);
	run->walking_count++;
	turn->walker.arena = task->arena;
	turn->walker.visit = turn->visit;
	turn->walker.done = on_walked;
	if (!turn->trial)
		turn->visit->message = task_message(
			task, task->arena, turn->visit);
	walker_start(&turn->walker, &run->loop,
		turn->walk ? turn->walk : &task->walk, turn->visit->message);
}

/* Not in this run: told as a visit that was planned, with the reason. */
static void turn_give_up(
	struct run *run, struct turn *turn, const struct ledger_word *word)
{
	TAILQ_REMOVE(&run->waiting, turn, entry);
	turn->visit->why_not = arena_copy(
		turn->task->arena, span_of(word->why));
	task_walked(turn->task);
}

/* Begun, given up, or how long it waits; 0: until another one ends. */
static uint64_t turn_try(struct run *run, struct turn *turn)
{
	const struct ledger_terms terms = { run->orders->limits,
		run->orders->limit_count,
		run->orders->options->i_run_this_server };
	struct ledger_reply reply;

	switch (ledger_take(run->ledger, turn->visit->path, &terms,
		uv_now(&run->loop), &reply)) {
	case LEDGER_TAKEN:
		turn_begin(run, turn);
		return 0;
	case LEDGER_REFUSES:
		turn_give_up(run, turn, &reply.word);
		return 0;
	case LEDGER_WAITS:
		break;
	}
	turn->waits_for_others = reply.word.waits_for_others;
	return reply.wait_ms;
}

static void dispatch(struct run *run)
{
	uint64_t soonest = UINT64_MAX, wait;
	struct turn *turn, *next;

	for (turn = TAILQ_FIRST(&run->waiting); turn; turn = next) {
		next = TAILQ_NEXT(turn, entry);
		if (run->walking_count >= run->orders->options->parallel)
			return; /* whoever ends dispatches again */
		wait = turn_try(run, turn);
		if (wait && wait < soonest)
			soonest = wait;
	}
	if (soonest != UINT64_MAX)
		uv_timer_start(&run->rest, on_rested, soonest, 0);
}

void run_enqueue(struct run *run, struct turn *turn)
{
	TAILQ_INSERT_TAIL(&run->waiting, turn, entry);
	uv_timer_start(&run->rest, on_rested, 0, 0);
}

/* ---- tasks */

static void close_all(struct run *run)
{
	uv_close((uv_handle_t *)&run->interrupt, NULL);
	uv_close((uv_handle_t *)&run->terminate, NULL);
	uv_close((uv_handle_t *)&run->rest, NULL);
	uv_close((uv_handle_t *)&run->progress, NULL);
	uv_close((uv_handle_t *)&run->next, NULL);
	uv_close((uv_handle_t *)&run->begin_laps, NULL);
	uv_close((uv_handle_t *)&run->lap_clock, NULL);
	walker_round_close(&run->round);
	if (run->resolver)
		resolver_close(run->resolver);
	if (run->servers)
		scripted_servers_close(run->servers);
	if (onlooker_of(run))
		onlooker_of(run)->ends(onlooker_of(run));
}

size_t run_target_count(const struct run *run)
{
	return run->orders->errand_count ? run->orders->errand_count
					 : run->orders->options->target_count;
}

static bool is_more_to_begin(const struct run *run)
{
	return run->next_target < run_target_count(run) && !run->signals &&
	       !run->is_impolite;
}

/* Targets in flight; the sessions of --repeat are counted by repeat.c. */
static unsigned tasks_at_once(const struct run *run)
{
	return run->orders->options->repeat > 1
		       ? 1
		       : run->orders->options->parallel;
}

static void begin_next(struct run *run)
{
	const struct run_orders *orders = run->orders;
	size_t i = run->next_target++;

	if (orders->errand_count)
		task_begin_errand(run, &orders->errands[i]);
	else
		task_begin(run, orders->options->targets[i]);
}

static void on_next(uv_timer_t *next)
{
	struct run *run = OWNER_OF(next, struct run, next);

	while (is_more_to_begin(run) && run->task_count < tasks_at_once(run))
		begin_next(run);
	if (run->task_count == 0 && !is_more_to_begin(run))
		close_all(run);
}

/* From the loop, not from inside: a thousand targets that end at once would
 * each begin the next one on top of the last. */
void run_task_over(struct run *run, struct task *task)
{
	TAILQ_REMOVE(&run->tasks, task, entry);
	run->task_count--;
	run->done_count++;
	uv_timer_start(&run->next, on_next, 0, 0);
}

/* ---- progress and interruption */

static void on_progress(uv_timer_t *progress)
{
	progress_show(OWNER_OF(progress, struct run, progress));
}

static void drop_waiting(struct run *run)
{
	struct turn *turn;

	while ((turn = TAILQ_FIRST(&run->waiting)) != NULL) {
		TAILQ_REMOVE(&run->waiting, turn, entry);
		task_walked(turn->task);
	}
}

static void on_signal(uv_signal_t *signal, int number)
{
	struct run *run = signal->data;
	struct turn *turn, *next_turn;
	struct task *task, *next_task;

	if (run->signals++) {
		progress_clear(run);
		_exit(128 + number);
	}
	for (task = TAILQ_FIRST(&run->tasks); task; task = next_task) {
		next_task = TAILQ_NEXT(task, entry);
		task_interrupt(task);
	}
	for (turn = TAILQ_FIRST(&run->walking); turn; turn = next_turn) {
		next_turn = TAILQ_NEXT(turn, entry);
		walker_interrupt(&turn->walker);
	}
	repeat_interrupt(run);
	drop_waiting(run);
	uv_timer_start(&run->next, on_next, 0, 0);
}

/* ---- */

/* Each connection is a file; uv does not raise the soft limit by itself. */
static unsigned most_connections(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return PARALLEL_DEFAULT;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (getrlimit(RLIMIT_NOFILE, &files) != 0 ||
		files.rlim_cur <= 2 * FILES_KEPT)
		return PARALLEL_DEFAULT;
	return files.rlim_cur - FILES_KEPT < OPTIONS_PARALLEL_MAX
		       ? (unsigned)files.rlim_cur - FILES_KEPT
		       : OPTIONS_PARALLEL_MAX;
}

void run_limit(struct options *options)
{
	unsigned most = most_connections();

	if (!options->parallel)
		options->parallel = options->repeat > 1
					    ? PARALLEL_REPEAT_DEFAULT
					    : PARALLEL_DEFAULT;
	if (options->parallel > most)
		options->parallel = most;
}

static void take_orders(struct run *run)
{
	run->walk.tls = run->orders->tls;
	run->walk.own = source_list_open(run->arena);
	run->walk.servers = run->servers;
}

void run_walk_orders(const struct run *run, const struct options *options,
	struct walk_orders *walk)
{
	*walk = run->walk;
	walk->patience = &options->patience;
	walk->sni = options->sni;
	walk->interface = options->interface;
	memcpy(walk->binds, options->binds, sizeof(walk->binds));
	memcpy(walk->bind_to, options->bind_to, sizeof(walk->bind_to));
}

static bool open_resolver(struct run *run, struct span *why)
{
	const struct options *options = run->orders->options;
	struct fetch_orders fetch = { .ca_file = options->ca_file,
		.ca_dir = options->ca_dir };
	struct resolver_setup setup = { .trust_ad = options->trusts_ad,
		.fetch = &fetch };

	if (run->orders->saved)
		return true;
	memcpy(fetch.wanted, options->wanted, sizeof(fetch.wanted));
	if (options->dns.len)
		setup.servers = arena_copy(run->arena, options->dns).at;
	run->resolver = resolver_open(run->arena, &run->loop, &setup, why);
	return run->resolver != NULL;
}

static void start_handles(struct run *run)
{
	uv_signal_init(&run->loop, &run->interrupt);
	uv_signal_init(&run->loop, &run->terminate);
	uv_timer_init(&run->loop, &run->rest);
	uv_timer_init(&run->loop, &run->next);
	uv_timer_init(&run->loop, &run->progress);
	uv_prepare_init(&run->loop, &run->begin_laps);
	uv_timer_init(&run->loop, &run->lap_clock);
	walker_round_open(&run->round, &run->loop);
	run->interrupt.data = run->terminate.data = run;
	uv_signal_start(&run->interrupt, on_signal, SIGINT);
	uv_signal_start(&run->terminate, on_signal, SIGTERM);
	if (run->orders->shows_progress)
		uv_timer_start(
			&run->progress, on_progress, PROGRESS_MS, PROGRESS_MS);
	uv_timer_start(&run->next, on_next, 0, 0);
}

enum run_result run_all(
	struct arena *arena, const struct run_orders *orders, struct span *why)
{
	struct run *run = arena_new(arena, struct run);

	run->arena = arena;
	run->orders = orders;
	TAILQ_INIT(&run->tasks);
	TAILQ_INIT(&run->waiting);
	TAILQ_INIT(&run->walking);
	if (uv_loop_init(&run->loop) != 0) {
		*why = SPAN("no event loop can be had");
		return RUN_FAILED;
	}
	if (!open_resolver(run, why)) {
		uv_loop_close(&run->loop);
		return RUN_FAILED;
	}
	run->ledger = orders->ledger ? orders->ledger
				     : ledger_open(orders->options->pause_ms);
	run->keys = dkim_keys_open();
	assert(!orders->cast || orders->saved);
	if (orders->cast)
		run->servers = scripted_servers_open(
			arena, &run->loop, orders->cast);
	take_orders(run);
	start_handles(run);
	if (onlooker_of(run))
		onlooker_of(run)->begins(onlooker_of(run), &run->loop);
	uv_run(&run->loop, UV_RUN_DEFAULT);
	progress_clear(run);
	dkim_keys_close(run->keys);
	if (!orders->ledger)
		ledger_close(run->ledger);
	if (uv_loop_close(&run->loop) != 0)
		abort(); /* a handle outlived its owner: our fault */
	*why = run->why;
	if (run->is_impolite)
		return RUN_IMPOLITE;
	return run->signals ? RUN_INTERRUPTED : RUN_DONE;
}
