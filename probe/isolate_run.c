#include "probe/isolate_run.h"

#include "probe/base/clock.h"
#include "probe/net/source.h"

enum { OFFERS_MAX = 64 /* hosts, sources or names to change to */ };

struct isolating {
	struct arena *arena;
	const struct isolate_orders *orders;
	const struct outcome *outcome;
	const struct visit *visit; /* the one that failed */
	struct isolation_question question;
	struct isolation *isolation;
	struct trial made; /* the experiment under way */
};

/* ---- what there is to change to */

static bool is_of_use(const struct outcome *outcome, const struct path *path)
{
	struct ip literal;

	/* No sender delivers there (RFC 5321 section 5.1). */
	return outcome->target->host.len || outcome->target->is_literal ||
	       (!ip_parse(path->host, &literal) &&
		       ip_kind(&path->remote) != IP_LOOPBACK);
}

static struct isolation_host *host_of(struct arena *arena,
	struct isolation_question *question, struct isolation_host *hosts,
	struct span name)
{
	for (size_t i = 0; i < question->host_count; i++)
		if (span_is_nocase(hosts[i].name, name))
			return &hosts[i];
	if (question->host_count == OFFERS_MAX)
		return NULL;
	hosts[question->host_count].name = arena_copy(arena, name);
	return &hosts[question->host_count++];
}

static void offer_hosts(struct isolating *isolating)
{
	struct isolation_question *question = &isolating->question;
	const struct outcome *outcome = isolating->outcome;
	struct isolation_host *hosts = arena_take(
		isolating->arena, OFFERS_MAX * sizeof(*hosts));

	question->hosts = hosts;
	for (size_t i = 0; i < outcome->path_count; i++) {
		const struct path *path = &outcome->paths[i];
		struct isolation_host *host;

		if (!is_of_use(outcome, path))
			continue;
		host = host_of(isolating->arena, question, hosts, path->host);
		if (!host || host->has[path->family])
			continue;
		host->has[path->family] = true;
		host->remote[path->family] = path->remote;
	}
}

static void add_source(struct isolation_question *question, struct ip *list,
	const struct ip *ip)
{
	for (size_t i = 0; i < question->source_count; i++)
		if (ip_is(&list[i], ip))
			return;
	if (question->source_count < OFFERS_MAX)
		list[question->source_count++] = *ip;
}

/* Those of the other paths, which somebody named, before this host's. */
static void offer_sources(struct isolating *isolating)
{
	const struct matrix *matrix = isolating->orders->matrix;
	struct isolation_question *question = &isolating->question;
	struct ip *list = arena_take(
		isolating->arena, OFFERS_MAX * sizeof(*list));
	struct ip *own;
	size_t count = source_list_usable(
		source_list_open(isolating->arena), isolating->arena, &own);

	question->sources = list;
	for (size_t i = 0; matrix && i < matrix->cell_count; i++)
		for (unsigned k = 0; k < FAMILY_COUNT; k++)
			if (matrix->cells[i].egress->binds[k])
				add_source(question, list,
					&matrix->cells[i].egress->source[k]);
	for (size_t i = 0; i < count; i++)
		add_source(question, list, &own[i]);
}

static void add_name(struct isolation_question *question, struct span *list,
	struct span name)
{
	for (size_t i = 0; i < question->name_count; i++)
		if (span_is_nocase(list[i], name))
			return;
	if (name.len && question->name_count < OFFERS_MAX)
		list[question->name_count++] = name;
}

/* What the DNS calls our address, first: it is what receivers look for. */
static void offer_names(struct isolating *isolating)
{
	const struct matrix *matrix = isolating->orders->matrix;
	struct isolation_question *question = &isolating->question;
	struct span *list = arena_take(
		isolating->arena, OFFERS_MAX * sizeof(*list));

	question->names = list;
	/* The other trials may outlive the visit. */
	add_name(question, list,
		arena_copy(isolating->arena, isolating->visit->ptr_name));
	for (unsigned k = 0; k < FAMILY_COUNT; k++)
		add_name(question, list, isolating->orders->options->ehlo[k]);
	for (size_t i = 0; matrix && i < matrix->cell_count; i++)
		for (unsigned k = 0; k < FAMILY_COUNT; k++)
			add_name(question, list,
				matrix->cells[i].egress->ehlo[k]);
}

static void offer_senders(struct isolating *isolating)
{
	static const struct span null_sender = { "", 0 };

	isolating->question.senders = &null_sender;
	isolating->question.sender_count = 1;
}

/* A connection that failed has no source, but it was bound to one. */
static void place_at_home(
	struct setting *setting, const struct options *options)
{
	if (setting->has_source || !options->binds[setting->family])
		return;
	setting->has_source = true;
	setting->source = options->bind_to[setting->family];
}

static void ask(
	struct isolating *isolating, const struct trial_question *failing)
{
	const struct isolate_orders *orders = isolating->orders;
	struct isolation_question *question = &isolating->question;

	question->stage = trial_of_visit(
		isolating->arena, failing, &question->failing);
	question->failing.is_known = true;
	place_at_home(&question->failing.setting, orders->options);
	question->known = orders->known;
	question->known_count = orders->known_count;
	memcpy(question->varies, orders->varies, sizeof(question->varies));
	question->max_connections = orders->max_connections
					    ? orders->max_connections
					    : ISOLATION_CONNECTIONS;
	if (question->max_connections > ISOLATION_CONNECTIONS_MAX)
		question->max_connections = ISOLATION_CONNECTIONS_MAX;
	question->delivers = isolating->outcome->goal >= STAGE_DATA;
	question->was_in_clear = isolating->visit->has_ehlo &&
				 !isolating->visit->ehlo.starttls &&
				 !isolating->visit->tls;
	memcpy(question->has_home, orders->options->binds,
		sizeof(question->has_home));
	memcpy(question->home, orders->options->bind_to,
		sizeof(question->home));
	offer_hosts(isolating);
	offer_sources(isolating);
	offer_names(isolating);
	offer_senders(isolating);
}

/* ---- one experiment */

/* Without STARTTLS among its steps, where TLS was given up. */
static struct matrix_cell *cell_for(struct arena *arena,
	const struct matrix_cell *from, const struct setting *setting)
{
	struct matrix_cell *cell = arena_new(arena, struct matrix_cell);
	struct step *steps;
	struct matrix_step *wanted;
	size_t count = 0;

	*cell = *from;
	cell->family = setting->family;
	if (setting->has_tls)
		return cell;
	steps = arena_take(
		arena, (from->scenario.step_count + 1) * sizeof(*steps));
	wanted = arena_take(
		arena, (from->scenario.step_count + 1) * sizeof(*wanted));
	for (size_t i = 0; i < from->scenario.step_count; i++) {
		if (from->scenario.steps[i].verb == STEP_STARTTLS)
			continue;
		steps[count] = from->scenario.steps[i];
		wanted[count++] = from->steps[i];
	}
	cell->scenario.steps = steps;
	cell->scenario.step_count = count;
	cell->steps = wanted;
	return cell;
}

static struct options options_for(
	const struct isolating *isolating, const struct setting *setting)
{
	struct options options = *isolating->orders->options;

	options.targets = arena_new(isolating->arena, struct span);
	options.targets[0] = isolating->outcome->target->text;
	options.target_count = options.target_room = 1;
	options.repeat = options.parallel = 1;
	for (unsigned i = 0; i < FAMILY_COUNT; i++)
		options.wanted[i] = i == (unsigned)setting->family;
	options.binds[setting->family] = setting->has_source;
	options.bind_to[setting->family] = setting->source;
	options.ehlo[setting->family] = setting->ehlo;
	options.mx_choice = MX_BEST;
	options.has_only = true;
	options.only = setting->remote;
	if (options.has_from)
		options.from = setting->mail_from;
	if (!setting->has_tls)
		options.tls = OPTION_TLS_NONE;
	return options;
}

static struct trial_end not_walked(struct arena *arena,
	const struct outcome *outcome, const struct judgement *judgement)
{
	enum family family = outcome->wanted[FAMILY_IPV6] ? FAMILY_IPV6
							  : FAMILY_IPV4;
	struct span why = outcome->fault ? outcome->fault->why
					 : judgement->family_why[family];

	return (struct trial_end){ .missed = SPAN(""),
		.told = arena_copy(
			arena, span_part(why, 0, ISOLATION_TEXT_MAX)) };
}

static bool on_finished(
	void *receiver, struct arena *arena, const struct outcome *outcome)
{
	struct isolating *isolating = receiver;
	const struct isolate_orders *orders = isolating->orders;
	struct trial *made = &isolating->made, trial;
	struct trial_question question = { .codebook = orders->codebook,
		.outcome = outcome,
		.judgement = judge(arena, orders->codebook, outcome),
		.now = clock_wall_ms() / 1000 };

	if (!question.judgement->visit_count) {
		made->end = not_walked(
			isolating->arena, outcome, question.judgement);
		return true;
	}
	if (orders->cell)
		question.cell = cell_for(arena, orders->cell, &made->setting);
	trial_of_visit(isolating->arena, &question, &trial);
	made->end = trial.end;
	if (!made->setting.has_source) {
		made->setting.has_source = trial.setting.has_source;
		made->setting.source = trial.setting.source;
	}
	return true;
}

static void experiment(struct isolating *isolating)
{
	struct options options = options_for(
		isolating, &isolating->made.setting);
	struct errand errand = { .options = &options,
		.message = isolating->visit->message,
		.name = isolating->outcome->target->text,
		.finished = on_finished,
		.receiver = isolating };
	struct run_orders run = *isolating->orders->run;
	struct span why;

	run.options = &options;
	run.errands = &errand;
	run.errand_count = 1;
	run.message = NULL;
	run.signer = NULL;
	run.answers_to = NULL;
	if (isolating->orders->matrix) {
		run.limits = isolating->orders->matrix->limits;
		run.limit_count = isolating->orders->matrix->limit_count;
	}
	run.shows_progress = false;
	isolating->made.end = (struct trial_end){ .missed = SPAN(""),
		.told = SPAN("it was not walked") };
	if (run_all(isolating->arena, &run, &why) != RUN_DONE)
		isolating->isolation->is_interrupted = true;
	isolation_take(isolating->isolation, &isolating->made);
}

const struct isolation *isolate_run(struct arena *arena,
	const struct isolate_orders *orders, const struct outcome *outcome,
	const struct judgement *judgement, size_t visit)
{
	struct isolating *isolating = arena_new(arena, struct isolating);
	struct trial_question failing = { .codebook = orders->codebook,
		.cell = orders->cell,
		.outcome = outcome,
		.judgement = judgement,
		.visit = visit,
		.now = clock_wall_ms() / 1000 };

	isolating->arena = arena;
	isolating->orders = orders;
	isolating->outcome = outcome;
	isolating->visit = judgement->visits[visit].visit;
	isolating->isolation = arena_new(arena, struct isolation);
	ask(isolating, &failing);
	isolation_open(isolating->isolation, arena, &isolating->question);
	while (isolation_next(isolating->isolation, &isolating->made))
		experiment(isolating);
	isolation_conclude(isolating->isolation, judgement, isolating->visit);
	return isolating->isolation;
}

/* ---- all of a target */

/* All visits, well or not. */
static size_t remember(struct arena *arena, const struct isolate_orders *orders,
	const struct outcome *outcome, const struct judgement *judgement,
	struct trial *known)
{
	struct trial_question question = { .codebook = orders->codebook,
		.outcome = outcome,
		.judgement = judgement };
	size_t count = judgement->visit_count;

	if (count > ISOLATION_KNOWN_MAX)
		count = ISOLATION_KNOWN_MAX;
	for (size_t i = 0; i < count; i++) {
		question.visit = i;
		trial_of_visit(arena, &question, &known[i]);
	}
	return count;
}

static bool first_failing(
	const struct judgement *judgement, enum family family, size_t *visit)
{
	for (size_t i = 0; i < judgement->visit_count; i++)
		if (judgement->visits[i].verdict == VERDICT_FAIL &&
			judgement->visits[i].visit->path->family == family) {
			*visit = i;
			return true;
		}
	return false;
}

void isolate_target(struct arena *arena, const struct isolate_orders *orders,
	const struct outcome *outcome, struct judgement *judgement)
{
	struct isolate_orders own = *orders;
	struct trial *known = arena_take(
		arena, ISOLATION_KNOWN_MAX * sizeof(*known));
	const struct isolation **list = arena_take(
		arena, FAMILY_COUNT * sizeof(*list));
	struct ending before = { .is_well = true }, ending;
	size_t visit;

	own.known = known;
	own.known_count = remember(arena, orders, outcome, judgement, known);
	judgement->isolations = list;
	for (unsigned i = 0; i < FAMILY_COUNT; i++) {
		if (!first_failing(judgement, (enum family)i, &visit))
			continue;
		ending = ending_of(&judgement->visits[visit]);
		if (judgement->isolation_count &&
			ending_is_like(&before, &ending))
			continue;
		before = ending;
		list[judgement->isolation_count++] = isolate_run(
			arena, &own, outcome, judgement, visit);
	}
}
