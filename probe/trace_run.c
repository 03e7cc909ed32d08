#include "probe/trace_run.h"

#include <stdio.h>
#include <unistd.h>

#include "probe/ad_hoc.h"
#include "probe/dns/name.h"
#include "probe/net/resolver.h"
#include "probe/net/tracer.h"

enum { ROUNDS_MAX = 24 };

/* What is under way. */
struct tracking {
	struct arena *arena;
	const struct trace_orders *orders;
	uv_loop_t loop;
	uv_signal_t interrupt, terminate;
	struct resolver *resolver; /* NULL with saved answers */
	struct resolver_round round;
	bool is_settling;
	struct tracer_orders tracing;
	struct tracer tracers[FAMILY_COUNT];
	bool is_tracing[FAMILY_COUNT];
	struct trace_run *run;
};

/* ---- Ctrl-C */

static void on_signal(uv_signal_t *signal, int number)
{
	struct tracking *tracking = signal->data;

	if (tracking->run->is_interrupted)
		_exit(128 + number);
	tracking->run->is_interrupted = true;
	if (tracking->is_settling)
		resolver_cancel(&tracking->round);
	for (unsigned i = 0; i < FAMILY_COUNT; i++)
		if (tracking->is_tracing[i])
			tracer_interrupt(&tracking->tracers[i]);
}

static void watch_signal(
	struct tracking *tracking, uv_signal_t *signal, int number)
{
	uv_signal_init(&tracking->loop, signal);
	signal->data = tracking;
	uv_signal_start(signal, on_signal, number);
	/* The loop runs dry when nothing else is left to do. */
	uv_unref((uv_handle_t *)signal);
}

/* ---- the DNS */

/* Otherwise the loop runs dry; who is impatient does not wait for that. */
static void on_settled(struct resolver_round *round)
{
	struct tracking *tracking = OWNER_OF(round, struct tracking, round);

	tracking->is_settling = false;
	if (tracking->run->is_interrupted)
		uv_stop(&tracking->loop);
}

static void settle(struct tracking *tracking, struct answers *answers)
{
	if (tracking->orders->saved) {
		saved_answers_settle(tracking->orders->saved, answers);
		return;
	}
	if (tracking->orders->shows_progress)
		fputs("\r\033[Kasking the DNS", stderr);
	tracking->is_settling = true;
	resolver_settle(
		tracking->resolver, &tracking->round, answers, on_settled);
	if (tracking->run->is_interrupted)
		resolver_cancel(&tracking->round);
	uv_run(&tracking->loop, UV_RUN_DEFAULT);
}

static struct plan_orders plan_of(
	const struct options *options, const struct target *target)
{
	return (struct plan_orders){ .target = target,
		.wanted = { options->wanted[FAMILY_IPV4],
			options->wanted[FAMILY_IPV6] },
		.choice = options->mx_choice,
		.first = options->mx_first,
		.has_only = options->has_only,
		.only = options->only };
}

static const struct outcome *plan_target(
	struct tracking *tracking, const struct target *target)
{
	const struct options *options = tracking->orders->options;
	struct outcome *outcome = arena_new(tracking->arena, struct outcome);
	struct plan_orders plan = plan_of(options, target);

	outcome->target = target;
	outcome->answers = answers_open(tracking->arena);
	outcome->goal = STAGE_CONNECT;
	for (unsigned i = 0; i < FAMILY_COUNT; i++)
		outcome->wanted[i] = options->wanted[i];
	for (unsigned i = 0; i < ROUNDS_MAX; i++) {
		if (plan_make(tracking->arena, &plan, outcome) == PLAN_DONE)
			break;
		settle(tracking, outcome->answers);
	}
	return outcome;
}

/* Names of routers are for people: not confirmed, and nothing rests on them. */
static bool name_hop(
	struct arena *arena, struct answers *answers, struct hop *hop)
{
	const struct answer *answer;

	if (!hop->has_router || hop->router_name.len)
		return true;
	answer = answers_get(
		answers, ip_reverse_name(arena, &hop->router), RR_PTR);
	if (answer && answer->kind == ANSWER_DATA)
		hop->router_name = answer->values[0];
	return answer != NULL;
}

static bool name_all(struct arena *arena, struct answers *answers,
	const struct traced_target *traced)
{
	bool is_done = true;

	for (size_t i = 0; i < traced->trace_count; i++)
		for (size_t j = 0; j < traced->traces[i]->hop_count; j++)
			is_done &= name_hop(
				arena, answers, &traced->traces[i]->hops[j]);
	return is_done;
}

static void name_routers(
	struct tracking *tracking, const struct traced_target *traced)
{
	if (tracking->orders->options->trace.omits_names)
		return;
	for (unsigned i = 0; i < 2; i++) {
		if (name_all(tracking->arena, traced->outcome->answers, traced))
			return;
		settle(tracking, traced->outcome->answers);
	}
}

/* ---- tracing */

static void on_done(struct tracer *tracer)
{
	struct tracking *tracking = tracer->receiver;

	tracking->is_tracing[tracer->trace->path->family] = false;
}

static void begin(struct tracking *tracking, struct traced_target *traced,
	const struct path *path, uint16_t port)
{
	struct trace *trace = arena_new(tracking->arena, struct trace);
	struct tracer *tracer = &tracking->tracers[path->family];

	*trace = (struct trace){ .path = path,
		.port = port,
		.is_control = port != path->port,
		.why_not = SPAN(""),
		.banner = SPAN("") };
	traced->traces = arena_grow(tracking->arena, traced->traces,
		traced->trace_count, &traced->trace_room,
		sizeof(*traced->traces));
	traced->traces[traced->trace_count++] = trace;
	tracking->is_tracing[path->family] = true;
	tracer->done = on_done;
	tracer->receiver = tracking;
	tracer_begin(tracer, &tracking->loop, tracking->arena,
		&tracking->tracing, trace);
}

static void tell_progress(
	const struct tracking *tracking, const struct path *path)
{
	if (tracking->orders->shows_progress)
		fprintf(stderr, "\r\033[Ktracing %.*s", SPAN_ARG(path->host));
}

/* Both families of one host at once; so the host has one each at a time. */
static void trace_host(struct tracking *tracking, struct traced_target *traced,
	struct span host, bool is_control)
{
	const struct options *options = tracking->orders->options;
	const struct outcome *outcome = traced->outcome;
	size_t before = traced->trace_count;

	for (size_t i = 0; i < outcome->path_count; i++) {
		const struct path *path = &outcome->paths[i];

		if (path->left_out.len || !span_is(path->host, host) ||
			tracking->is_tracing[path->family])
			continue;
		if (!is_control)
			tell_progress(tracking, path);
		begin(tracking, traced, path,
			is_control ? options->trace.control_port : path->port);
	}
	if (traced->trace_count > before)
		uv_run(&tracking->loop, UV_RUN_DEFAULT);
}

static bool wants_control(const struct tracking *tracking,
	const struct traced_target *traced, const struct trace *trace)
{
	const struct trace_options *options = &tracking->orders->options->trace;
	struct trace_set set = {
		.traces = (const struct trace *const *)traced->traces,
		.count = traced->trace_count
	};

	if (trace->path->port == options->control_port)
		return false;
	if (trace->end == TRACE_OPEN)
		return options->has_control ||
		       trace_is_doubtful(tracking->arena, &set, trace);
	return trace->end != TRACE_NOT_APPLICABLE;
}

/* Of these, those that were not reached, or answered by somebody else as it
 * seems, are held against another port. */
static void trace_controls(
	struct tracking *tracking, struct traced_target *traced, size_t from)
{
	uint16_t port = tracking->orders->options->trace.control_port;
	size_t count = traced->trace_count;

	for (size_t i = from; port && i < count; i++) {
		const struct trace *trace = traced->traces[i];

		if (tracking->run->is_interrupted)
			return;
		if (!wants_control(tracking, traced, trace))
			continue;
		begin(tracking, traced, trace->path, port);
		uv_run(&tracking->loop, UV_RUN_DEFAULT);
	}
}

static bool is_traced(const struct traced_target *traced, struct span host)
{
	for (size_t i = 0; i < traced->trace_count; i++)
		if (span_is(traced->traces[i]->path->host, host))
			return true;
	return false;
}

static void trace_target(
	struct tracking *tracking, struct traced_target *traced)
{
	const struct outcome *outcome = traced->outcome;

	for (size_t i = 0; i < outcome->path_count; i++) {
		const struct path *path = &outcome->paths[i];
		size_t from = traced->trace_count;

		if (tracking->run->is_interrupted)
			return;
		if (path->left_out.len || is_traced(traced, path->host))
			continue;
		trace_host(tracking, traced, path->host, false);
		trace_controls(tracking, traced, from);
	}
}

/* ---- from beginning to end */

static bool read_targets(struct arena *arena, const struct options *options,
	struct target *targets, struct span *why)
{
	for (size_t i = 0; i < options->target_count; i++) {
		if (ad_hoc_target(arena, options, options->targets[i],
			    &targets[i], why))
			continue;
		*why = arena_print(arena, "%.*s: %.*s",
			SPAN_ARG(options->targets[i]), SPAN_ARG(*why));
		return false;
	}
	return true;
}

static void judge_all(struct tracking *tracking)
{
	struct trace_run *run = tracking->run;
	const struct trace **all;
	size_t count = 0;

	for (size_t i = 0; i < run->target_count; i++)
		count += run->targets[i].trace_count;
	all = arena_take(tracking->arena, (count + 1) * sizeof(*all));
	count = 0;
	for (size_t i = 0; i < run->target_count; i++)
		for (size_t j = 0; j < run->targets[i].trace_count; j++)
			all[count++] = run->targets[i].traces[j];
	run->judgement = trace_judge(tracking->arena,
		&(struct trace_set){ .traces = all, .count = count });
}

static void trace_all(struct tracking *tracking, const struct target *targets)
{
	struct trace_run *run = tracking->run;
	const struct options *options = tracking->orders->options;

	run->targets = arena_take(
		tracking->arena, options->target_count * sizeof(*run->targets));
	for (size_t i = 0; i < options->target_count; i++) {
		struct traced_target *traced = &run->targets[i];

		if (run->is_interrupted)
			break;
		run->target_count++;
		traced->outcome = plan_target(tracking, &targets[i]);
		trace_target(tracking, traced);
		name_routers(tracking, traced);
	}
	if (tracking->orders->shows_progress)
		fputs("\r\033[K", stderr);
	judge_all(tracking);
}

static bool open_resolver(struct tracking *tracking, struct span *why)
{
	const struct options *options = tracking->orders->options;
	struct resolver_setup setup = { .trust_ad = options->trusts_ad };

	if (tracking->orders->saved)
		return true;
	if (options->dns.len)
		setup.servers = arena_copy(tracking->arena, options->dns).at;
	tracking->resolver = resolver_open(
		tracking->arena, &tracking->loop, &setup, why);
	return tracking->resolver != NULL;
}

static struct tracer_orders tracing_of(
	struct arena *arena, const struct options *options)
{
	struct tracer_orders orders = { .interface = options->interface,
		.wait_ms = options->trace.wait_ms,
		.banner_ms = options->trace.banner_ms,
		.sources = source_list_open(arena) };

	for (unsigned i = 0; i < FAMILY_COUNT; i++) {
		orders.binds[i] = options->binds[i];
		orders.bind_to[i] = options->bind_to[i];
	}
	return orders;
}

static void close_loop(struct tracking *tracking)
{
	uv_close((uv_handle_t *)&tracking->interrupt, NULL);
	uv_close((uv_handle_t *)&tracking->terminate, NULL);
	if (tracking->resolver)
		resolver_close(tracking->resolver);
	uv_run(&tracking->loop, UV_RUN_DEFAULT);
	uv_loop_close(&tracking->loop);
}

const struct trace_run *trace_run(struct arena *arena,
	const struct trace_orders *orders, struct span *why)
{
	const struct options *options = orders->options;
	struct target *targets = arena_take(
		arena, (options->target_count + 1) * sizeof(*targets));
	struct tracking *tracking = arena_new(arena, struct tracking);
	bool is_well;

	if (!read_targets(arena, options, targets, why))
		return NULL;
	if (uv_loop_init(&tracking->loop) != 0) {
		*why = SPAN("there is no event loop to be had");
		return NULL;
	}
	tracking->arena = arena;
	tracking->orders = orders;
	tracking->run = arena_new(arena, struct trace_run);
	tracking->tracing = tracing_of(arena, options);
	watch_signal(tracking, &tracking->interrupt, SIGINT);
	watch_signal(tracking, &tracking->terminate, SIGTERM);
	is_well = open_resolver(tracking, why);
	if (is_well)
		trace_all(tracking, targets);
	close_loop(tracking);
	return is_well ? tracking->run : NULL;
}
