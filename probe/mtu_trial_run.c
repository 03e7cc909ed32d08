#include "probe/mtu_trial_run.h"

#include "probe/ad_hoc.h"

/* Small segments need no longer; of a hang, TCP doubled its timer twice. */
enum { HANG_MS = 4000, GOODBYE_MS = 1000 };

/* Between us and ourselves nothing is too large. */
static bool has_a_path(const struct visit *visit)
{
	return ip_kind(&visit->path->remote) != IP_LOOPBACK;
}

static bool is_wanted(const struct turn *turn)
{
	const struct task *task = turn->task;
	const struct run *run = task->run;

	if (task->errand || run->orders->cast || run->signals ||
		!has_a_path(turn->visit))
		return false;
	switch (task->options->mtu_trial) {
	case MTU_TRIAL_NEVER:
		return false;
	case MTU_TRIAL_ON_HANG:
		return mtu_trial_is_called_for(turn->visit) &&
		       mtu_trial_can_tell(turn->visit);
	case MTU_TRIAL_ALWAYS:
		break;
	}
	return mtu_trial_is_called_for(turn->visit) ||
	       (turn->visit->state == VISIT_WALKED && turn->visit->tls);
}

/* As far as EHLO inside TLS, and no farther. */
static const struct scenario *scenario_of(struct task *task, enum family family)
{
	struct options *options = arena_new(task->arena, struct options);

	*options = *task->options;
	options->has_from = false;
	options->has_quit_after = false;
	options->tls = OPTION_TLS_MAY;
	return ad_hoc_scenario(task->arena, options, &task->target, family);
}

static unsigned at_most(unsigned wanted, unsigned limit)
{
	return wanted < limit ? wanted : limit;
}

static struct walk_orders *orders_of(
	struct task *task, enum family family, bool is_clamped)
{
	struct walk_orders *walk = arena_new(task->arena, struct walk_orders);
	struct patience *patience = arena_new(task->arena, struct patience);

	*patience = task->options->patience;
	patience->tls = at_most(patience->tls, HANG_MS);
	patience->command = at_most(patience->command, HANG_MS);
	patience->quit = at_most(patience->quit, GOODBYE_MS);
	*walk = task->walk;
	walk->patience = patience;
	walk->tls_padding = MTU_TRIAL_OCTETS;
	walk->segment_max = is_clamped ? mtu_trial_clamp(family) : 0;
	return walk;
}

static const struct visit *enqueue(struct turn *behind, struct mtu_trial *trial,
	struct visit *tried, bool is_clamped)
{
	struct task *task = behind->task;
	const struct path *path = behind->visit->path;
	struct turn *turn = arena_new(task->arena, struct turn);

	turn->task = task;
	turn->trial = trial;
	turn->tried = tried;
	turn->walk = orders_of(task, path->family, is_clamped);
	turn->visit = arena_new(task->arena, struct visit);
	task_visit_init(turn->visit, path, scenario_of(task, path->family));
	run_enqueue(task->run, turn);
	return turn->visit;
}

/* A walk that had nothing large to say did not fail, and the path did. */
static void pass_sentence(const struct turn *turn)
{
	enum mtu_answer answer = mtu_trial_answer(turn->trial);
	const struct fault *found = turn->trial->full->fault;
	struct fault *fault;

	if (turn->tried->fault ||
		(answer != MTU_LOST_FROM_US && answer != MTU_LOST_TO_US))
		return;
	fault = arena_new(turn->task->arena, struct fault);
	*fault = *found;
	fault->why = arena_print(turn->task->arena, "with full segments, %.*s",
		SPAN_ARG(found->why));
	turn->tried->fault = fault;
}

static bool follows_full(struct turn *turn)
{
	if (turn->visit != turn->trial->full) {
		pass_sentence(turn);
		return false;
	}
	if (!mtu_trial_has_hung(turn->visit) || turn->task->run->signals)
		return false;
	turn->trial->clamped = enqueue(turn, turn->trial, turn->tried, true);
	return true;
}

bool mtu_trial_goes_on(struct turn *turn)
{
	struct mtu_trial *trial;

	if (turn->trial)
		return follows_full(turn);
	if (!is_wanted(turn))
		return false;
	trial = arena_new(turn->task->arena, struct mtu_trial);
	trial->full = enqueue(turn, trial, turn->visit, false);
	turn->visit->mtu_trial = trial;
	return true;
}
