#ifndef MXP_TASK_H
#define MXP_TASK_H

#include <sys/queue.h>

#include "probe/run.h"

/*
 * A task is one target on its way through its acts.  It owns its arena.  The
 * run gives it a place in its queue of walks and is told when it is over.
 */
struct task;

/* A walk that waits for its host to be free. */
struct turn {
	TAILQ_ENTRY(turn) entry;
	struct task *task;
	struct visit *visit;
	bool waits_for_others;          /* another process is connected */
	struct mtu_trial *trial;        /* the walk is part of it; or NULL */
	struct visit *tried;            /* ... which is held for this one */
	const struct walk_orders *walk; /* of a trial; NULL: the task's */
	struct walker walker;
};
TAILQ_HEAD(turns, turn);

struct task {
	TAILQ_ENTRY(task) entry;
	struct run *run;
	struct arena *arena;
	const struct options *options;
	const struct errand *errand;    /* or NULL */
	struct walk_orders walk;
	struct target target;
	struct plan_orders plan;
	struct outcome outcome;
	struct resolver_round round;
	bool is_resolving;
	bool is_done;                   /* and waits for those before it */
	bool knows_identity;            /* the act of the round under way */
	unsigned rounds;
	size_t open_walks;
};

struct repeat;
struct run {
	uv_loop_t loop;
	struct arena *arena;
	const struct run_orders *orders;
	struct walk_orders walk;        /* of each, but for its own options */
	struct resolver *resolver;      /* NULL with saved answers */
	struct scripted_servers *servers;       /* of a rehearsal, or NULL */
	struct ledger *ledger;
	struct dkim_keys *keys;         /* of all targets' identity acts */
	TAILQ_HEAD(tasks, task) tasks;
	size_t task_count;
	struct turns waiting, walking;
	size_t walking_count;           /* at most options->parallel */
	size_t next_target;
	uv_signal_t interrupt, terminate;
	uv_timer_t rest;                /* until a host may be asked again */
	uv_timer_t progress;
	unsigned progress_lines;        /* on the screen */
	uv_timer_t next;                /* begins the next tasks */
	struct repeat *repeat;          /* --repeat, or NULL */
	struct walker_round round;      /* of its walkers */
	uv_prepare_t begin_laps;        /* before the loop waits */
	uv_timer_t lap_clock;           /* it waits no longer than this */
	unsigned signals;
	size_t done_count;
	struct span why;                /* RUN_IMPOLITE */
	bool is_impolite;
};

/* Too many rounds: a domain that sends us from name to name for ever. */
enum { TASK_ROUNDS_MAX = 24 };

void task_begin(struct run *run, struct span text);
void task_begin_errand(struct run *run, const struct errand *errand);
void task_interrupt(struct task *task);

/* The turn's walk is over. */
void task_walked(struct task *task);

/* What run.c does for a task. */
void run_enqueue(struct run *run, struct turn *turn);
void run_plans(struct run *run, const struct path *path,
	const struct walk_orders *orders);
void run_task_over(struct run *run, struct task *task);

/* How a walk of this task is done. */
void run_walk_orders(const struct run *run, const struct options *options,
	struct walk_orders *walk);

/* The targets of the list, or the errands. */
size_t run_target_count(const struct run *run);

/* --repeat: the same paths walked again and again. */
void repeat_begin(struct run *run, struct task *task);
void repeat_interrupt(struct run *run);

/* A message of its own for each visit, unless the user gave one. */
const struct message *task_message(struct task *task, struct arena *arena,
	const struct visit *visit);

/* A visit of a path, ready to be walked. */
void task_visit_init(struct visit *visit, const struct path *path,
	const struct scenario *scenario);

#endif
