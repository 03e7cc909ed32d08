#include "probe/task.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/random.h>

#include "probe/ad_hoc.h"
#include "probe/base/clock.h"
#include "probe/identify.h"
#include "probe/smtp/address.h"

static void task_go_on(struct task *task);

/* ---- what is known before anybody asks: --resolve */

static void put_known(struct task *task, struct span host)
{
	const struct options *options = task->run->orders->options;
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
	const struct options *options = task->run->orders->options;

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

const struct message *task_message(struct run *run, struct arena *arena,
	const struct target *target, const struct visit *visit)
{
	const struct options *options = run->orders->options;
	struct span to = ad_hoc_recipient(options, target);
	const struct message *message;
	const char *why;
	struct message_head head = { .from = options->from,
		.to = to,
		.domain = domain_of_mailbox(
			options->from.len ? options->from : to) };

	if (ad_hoc_goal(options, target) < STAGE_DOT)
		return NULL;
	if (run->orders->message)
		return run->orders->message;
	head.token = random_token(arena);
	head.family = span_of(family_word(visit->path->family));
	head.wall_ms = clock_wall_ms();
	message = message_compose(arena, &head);
	if (!run->orders->signer)
		return message;
	/* Key and domain were looked at when the run began, and the message
	 * is our own. */
	message = signer_sign(
		arena, run->orders->signer, message, head.wall_ms, &why);
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
			ad_hoc_scenario(task->arena, task->run->orders->options,
				&task->target, path->family));
		visits[outcome->visit_count++] = turn->visit;
		task->open_walks++;
		run_enqueue(task->run, turn);
	}
	outcome->visits = visits;
}

/* ---- the end */

static void task_finish(struct task *task)
{
	struct run *run = task->run;
	const struct run_orders *orders = run->orders;
	bool goes_on = true;

	if (orders->answers_to)
		answers_file_save(orders->answers_to, task->outcome.answers);
	if (orders->options->repeat == 1 || orders->options->dry_run ||
		task->outcome.fault)
		goes_on = orders->finished(
			orders->receiver, task->arena, &task->outcome);
	if (!goes_on)
		run->next_target = orders->options->target_count;
	run_task_over(run, task);
	arena_close(task->arena);
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
		.options = task->run->orders->options,
		.now = clock_wall_ms() / 1000 };
	bool is_settled = true;

	for (size_t i = 0; i < task->outcome.visit_count; i++)
		is_settled &= identify_visit(&how, task->outcome.visits[i]);
	return is_settled && identify_repairs(&how, &task->outcome);
}

/* ---- from act to act */

static void plan_is_made(struct task *task)
{
	const struct options *options = task->run->orders->options;

	if (options->repeat > 1 && !options->dry_run && !task->outcome.fault) {
		repeat_begin(task->run, task);
		return;
	}
	if (!options->dry_run && !task->outcome.fault && !task->run->signals)
		walk_paths(task);
	if (task->open_walks == 0)
		task_finish(task);
}

static void task_go_on(struct task *task)
{
	for (;;) {
		bool is_done = task->knows_identity
				       ? identify(task)
				       : plan_make(task->arena, &task->plan,
						 &task->outcome) == PLAN_DONE;

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
	if (task->knows_identity)
		task_finish(task);
	else
		plan_is_made(task);
}

void task_walked(struct task *task)
{
	if (--task->open_walks > 0)
		return;
	if (task->run->orders->options->repeat > 1) {
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

void task_begin(struct run *run, struct span text)
{
	const struct options *options = run->orders->options;
	struct arena *arena = arena_open();
	struct task *task = arena_new(arena, struct task);
	struct span why = SPAN("");

	task->run = run;
	task->arena = arena;
	TAILQ_INSERT_TAIL(&run->tasks, task, entry);
	run->task_count++;
	task->outcome = (struct outcome){ .target = &task->target,
		.answers = answers_open(arena),
		.mx_answer = ANSWER_NONE };
	memcpy(task->outcome.wanted, options->wanted, sizeof(options->wanted));
	if (!ad_hoc_target(arena, options, text, &task->target, &why)) {
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
