#include "probe/task.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/random.h>

#include "probe/ad_hoc.h"
#include "probe/base/clock.h"
#include "probe/identify.h"
#include "probe/progress.h"
#include "probe/smtp/address.h"

static void task_go_on(struct task *task);

/* ---- what is known before anybody asks: --resolve */

static void put_known(struct task *task, struct span host)
{
	const struct options *options = task->options;
	struct answer *four = arena_new(task->arena, struct answer);
	struct answer *six = arena_new(task->arena, struct answer);
	struct span *values = arena_take(
		task->arena, 2 * options->known_count * sizeof(*values));

	*four = (struct answer){ .kind = ANSWER_NONE,
		.values = values,
		.canonical = SPAN(""),
		.server = SPAN("--resolve"),
		.why = SPAN("") };
	*six = *four;
	six->values = values + options->known_count;
	for (size_t i = 0; i < options->known_count; i++) {
		const struct known_host *known = &options->known[i];
		struct answer *answer = known->ip.family == FAMILY_IPV4 ? four
									: six;
		struct span *to = answer == four
					  ? values
					  : values + options->known_count;

		if (known->port != task->target.port ||
			!span_is(known->host, host))
			continue;
		answer->kind = ANSWER_DATA;
		to[answer->value_count++] = ip_text(task->arena, &known->ip);
	}
	answers_put(task->outcome.answers, host, RR_A, four);
	answers_put(task->outcome.answers, host, RR_AAAA, six);
}

static void put_all_known(struct task *task)
{
	const struct options *options = task->options;

	for (size_t i = 0; i < options->known_count; i++)
		if (options->known[i].port == task->target.port)
			put_known(task, options->known[i].host);
}

/* ---- visits */

static struct span random_token(struct arena *arena)
{
	unsigned char random[10] = { 0 };

	/* A frozen clock means a report to be compared byte by byte. */
	if (!clock_is_frozen() &&
		getrandom(random, sizeof(random), 0) != sizeof(random))
		abort();
	return message_token(arena, random);
}

static struct span domain_of_mailbox(struct span mailbox)
{
	size_t at = mailbox.len;

	while (at > 0 && mailbox.at[at - 1] != '@')
		at--;
	return span_part(mailbox, at, mailbox.len);
}

const struct message *task_message(
	struct task *task, struct arena *arena, const struct visit *visit)
{
	const struct run_orders *orders = task->run->orders;
	const struct options *options = task->options;
	struct span to = ad_hoc_recipient(options, &task->target);
	const struct message *message;
	const char *why;
	struct message_head head = { .from = options->from,
		.to = to,
		.domain = domain_of_mailbox(
			options->from.len ? options->from : to) };

	if (ad_hoc_goal(options, &task->target) < STAGE_DOT)
		return NULL;
	if (task->errand && task->errand->message)
		return task->errand->message;
	if (orders->message)
		return orders->message;
	head.token = random_token(arena);
	head.family = span_of(family_word(visit->path->family));
	head.wall_ms = clock_wall_ms();
	head.size = options->message_size;
	message = message_compose(arena, &head);
	if (!orders->signer)
		return message;
	/* Key and domain were looked at when the run began, and the message
	 * is our own. */
	message = signer_sign(
		arena, orders->signer, message, head.wall_ms, &why);
	assert(message);
	return message;
}

void task_visit_init(struct visit *visit, const struct path *path,
	const struct scenario *scenario)
{
	*visit = (struct visit){ .path = path,
		.scenario = scenario,
		.why_not = SPAN(""),
		.ehlo_name = SPAN(""),
		.token = SPAN(""),
		.ptr_name = SPAN("") };
	visit->source.interface = SPAN("");
}

static void walk_paths(struct task *task)
{
	struct outcome *outcome = &task->outcome;
	struct visit **visits = arena_take(
		task->arena, outcome->path_count * sizeof(*visits));

	for (size_t i = 0; i < outcome->path_count; i++) {
		const struct path *path = &outcome->paths[i];
		struct turn *turn;

		if (path->left_out.len)
			continue;
		turn = arena_new(task->arena, struct turn);
		turn->task = task;
		turn->visit = arena_new(task->arena, struct visit);
		task_visit_init(turn->visit, path,
			ad_hoc_scenario(task->arena, task->options,
				&task->target, path->family));
		visits[outcome->visit_count++] = turn->visit;
		task->open_walks++;
		run_plans(task->run, path, &task->walk);
		run_enqueue(task->run, turn);
	}
	outcome->visits = visits;
}

/* ---- the end */

static bool task_tell(struct task *task)
{
	const struct run_orders *orders = task->run->orders;

	if (task->errand)
		return task->errand->finished(
			task->errand->receiver, task->arena, &task->outcome);
	if (task->options->repeat > 1 && !task->options->dry_run &&
		!task->outcome.fault)
		return true;
	return orders->finished(orders->receiver, task->arena, &task->outcome);
}

static void task_hand_over(struct task *task)
{
	struct run *run = task->run;

	if (run->orders->answers_to)
		answers_file_save(
			run->orders->answers_to, task->outcome.answers);
	progress_clear(run);
	if (!task_tell(task))
		run->next_target = run_target_count(run);
	run_task_over(run, task);
	arena_close(task->arena);
}

/* An errand waits for those before it; the others are in no order. */
static void task_finish(struct task *task)
{
	struct run *run = task->run;

	if (!task->errand) {
		task_hand_over(task);
		return;
	}
	task->is_done = true;
	if (task->errand->clock)
		task->errand->clock->ended_ns = clock_now_ns();
	if (task->errand->ended)
		task->errand->ended(
			task->errand->receiver, task->arena, &task->outcome);
	while ((task = TAILQ_FIRST(&run->tasks)) && task->is_done)
		task_hand_over(task);
}

/* ---- resolving */

static void on_settled(struct resolver_round *round)
{
	struct task *task = OWNER_OF(round, struct task, round);

	task->is_resolving = false;
	task_go_on(task);
}

/* Settles what is open; true when that is done already. */
static bool settle(struct task *task)
{
	struct run *run = task->run;

	if (run->orders->saved) {
		saved_answers_settle(run->orders->saved, task->outcome.answers);
		return true;
	}
	task->is_resolving = true;
	resolver_settle(
		run->resolver, &task->round, task->outcome.answers, on_settled);
	if (run->signals)
		resolver_cancel(&task->round);
	return false;
}

static void rounds_exceeded(struct task *task)
{
	struct fault *fault = arena_new(task->arena, struct fault);

	fault->failure = FAILURE_DNS_MALFORMED;
	fault->stage = STAGE_RESOLVE;
	fault->why = SPAN("the DNS leads from name to name without end");
	task->outcome.fault = fault;
}

/* ---- identity: the names of the addresses that the kernel really used */

static bool identify(struct task *task)
{
	struct identify how = { .arena = task->arena,
		.answers = task->outcome.answers,
		.keys = task->run->keys,
		.options = task->options,
		.now = clock_wall_ms() / 1000 };
	bool is_settled = true;

	for (size_t i = 0; i < task->outcome.visit_count; i++)
		is_settled &= identify_visit(&how, task->outcome.visits[i]);
	return is_settled && identify_repairs(&how, &task->outcome);
}

/* ---- from act to act */

static void plan_is_made(struct task *task)
{
	const struct options *options = task->options;

	if (options->repeat > 1 && !options->dry_run && !task->outcome.fault) {
		repeat_begin(task->run, task);
		return;
	}
	if (!options->dry_run && !task->outcome.fault && !task->run->signals)
		walk_paths(task);
	if (task->open_walks == 0)
		task_finish(task);
}

/* The act under way, from its start: is everything settled? */
static bool task_act(struct task *task)
{
	if (task->errand && task->errand->asked)
		return task->errand->asked(task->errand->receiver, task->arena,
			task->outcome.answers);
	if (task->knows_identity)
		return identify(task);
	return plan_make(task->arena, &task->plan, &task->outcome) == PLAN_DONE;
}

static void task_go_on(struct task *task)
{
	for (;;) {
		bool is_done = task_act(task);

		if (!is_done && task->rounds++ >= TASK_ROUNDS_MAX) {
			if (!task->knows_identity)
				rounds_exceeded(task);
			is_done = true;
		}
		if (is_done)
			break;
		if (!settle(task))
			return;
	}
	if (task->knows_identity || (task->errand && task->errand->asked))
		task_finish(task);
	else
		plan_is_made(task);
}

void task_walked(struct task *task)
{
	if (--task->open_walks > 0)
		return;
	if (task->options->repeat > 1) {
		task_finish(task);
		return;
	}
	task->knows_identity = true;
	task->rounds = 0;
	task_go_on(task);
}

void task_interrupt(struct task *task)
{
	if (task->is_resolving)
		resolver_cancel(&task->round);
}

/* A line of --targets that is no target: told as its outcome. */
static void task_cannot_begin(struct task *task, struct span why)
{
	struct fault *fault = arena_new(task->arena, struct fault);

	fault->failure = FAILURE_LOCAL;
	fault->stage = STAGE_RESOLVE;
	fault->why = why;
	task->outcome.fault = fault;
	task_finish(task);
}

static struct task *task_open(struct run *run, const struct options *options)
{
	struct arena *arena = arena_open();
	struct task *task = arena_new(arena, struct task);

	task->run = run;
	task->arena = arena;
	task->options = options;
	run_walk_orders(run, options, &task->walk);
	TAILQ_INSERT_TAIL(&run->tasks, task, entry);
	run->task_count++;
	task->outcome = (struct outcome){ .target = &task->target,
		.answers = answers_open(arena),
		.mx_answer = ANSWER_NONE };
	memcpy(task->outcome.wanted, options->wanted, sizeof(options->wanted));
	return task;
}

static void task_start(struct task *task, struct span text)
{
	const struct options *options = task->options;
	struct span why = SPAN("");

	if (!ad_hoc_target(task->arena, options, text, &task->target, &why)) {
		task_cannot_begin(task, why);
		return;
	}
	task->outcome.goal = ad_hoc_goal(options, &task->target);
	task->plan = (struct plan_orders){ .target = &task->target,
		.choice = options->mx_choice,
		.first = options->mx_first,
		.has_only = options->has_only,
		.only = options->only,
		.asks_dane = ad_hoc_wants_tls(options, &task->target),
		.insists_on_dane = options->tls == OPTION_TLS_DANE,
		/* A load test has no use for it, unless it is to be obeyed. */
		.asks_sts = ad_hoc_wants_tls(options, &task->target) &&
			    (options->repeat == 1 ||
				    options->tls == OPTION_TLS_SECURE) };
	memcpy(task->plan.wanted, options->wanted, sizeof(options->wanted));
	put_all_known(task);
	task_go_on(task);
}

void task_begin(struct run *run, struct span text)
{
	task_start(task_open(run, run->orders->options), text);
}

void task_begin_errand(struct run *run, const struct errand *errand)
{
	struct task *task = task_open(run, errand->options);

	task->errand = errand;
	if (errand->clock) {
		errand->clock->began_ms = clock_wall_ms();
		errand->clock->began_ns = clock_now_ns();
	}
	if (errand->asked)
		task_go_on(task);
	else
		task_start(task, errand->options->targets[0]);
}
