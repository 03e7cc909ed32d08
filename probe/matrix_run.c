#include "probe/matrix_run.h"

#include "probe/base/clock.h"
#include "probe/base/file.h"
#include "probe/cell_options.h"
#include "probe/identity_run.h"
#include "probe/isolate_run.h"
#include "probe/judge/cell_comparison.h"
#include "probe/requirements.h"
#include "probe/selection.h"

enum { KNOWN_TRIALS_MAX = 4096 };

struct prepared_cell {
	struct options options;
	const struct message *message;
};

struct matrix_walk;

/* One cell under way. */
struct cell_walk {
	struct matrix_walk *walk;
	size_t index;
	struct errand_clock clock;
	bool is_isolated;                       /* it was looked at ... */
	const struct isolation *isolation;      /* ... and failed; or NULL */
	struct arena *arena;                    /* of it, until it is told */
};

/* What is known of visits, for the isolation of others of their probe. */
struct known_trial {
	const struct matrix_cell *cell;
	struct trial trial;
};

struct matrix_walk {
	struct arena *arena;
	const struct matrix_orders *orders;
	const struct check_result *scenario;
	const struct matrix *matrix;
	const struct prepared_cell *prepared;
	struct cell_walk *cells;
	struct errand *errands;
	size_t errand_count;
	struct cell_summary *summaries; /* of cells that are compared */
	struct identity_source *sources;
	struct known_trial *known; /* where failures are isolated */
	size_t known_count, known_room;
	size_t next;         /* the cell to be told next */
	struct span skipped; /* why nothing of the scenario is walked; or
				  empty */
	bool is_interrupted;
	bool goes_on;
};

bool matrix_has_tag(const struct matrix *matrix, struct span tag)
{
	for (size_t i = 0; i < matrix->tag_count; i++)
		if (span_is(matrix->tags[i], tag))
			return true;
	return !tag.len;
}

static void add_error(struct arena *arena, struct span *errors,
	const struct matrix_cell *cell, struct span why)
{
	*errors = arena_print(arena, "%.*sprobe %.*s: %.*s\n",
		SPAN_ARG(*errors), SPAN_ARG(cell->probe), SPAN_ARG(why));
}

/* A cell that is not walked is not asked for its message. */
static bool is_walked(
	const struct matrix_orders *orders, const struct matrix_cell *cell)
{
	return selection_has(&orders->options->check, cell) &&
	       !cell->left_out.len &&
	       (!cell->delivers || orders->options->deliver);
}

static bool prepare(struct arena *arena, const struct matrix_orders *orders,
	const struct matrix_cell *cell, struct prepared_cell *prepared,
	struct span *why)
{
	struct span bytes;

	if (!cell_options(
		    arena, orders->options, cell, &prepared->options, why))
		return false;
	if (!is_walked(orders, cell) || !cell->message_file.len)
		return true;
	if (!file_read(arena, arena_copy(arena, cell->message_file).at,
		    MESSAGE_MAX, &bytes, why)) {
		*why = arena_print(arena, "%.*s: %.*s",
			SPAN_ARG(cell->message_file), SPAN_ARG(*why));
		return false;
	}
	prepared->message = message_from(arena, bytes);
	return true;
}

const struct prepared_cell *matrix_prepare(struct arena *arena,
	const struct matrix_orders *orders, const struct check_result *scenario,
	struct span *errors)
{
	const struct matrix *matrix = scenario->matrix;
	struct prepared_cell *prepared = arena_take(
		arena, (matrix->cell_count + 1) * sizeof(*prepared));
	struct span why;
	bool is_well = true;

	for (size_t i = 0; i < matrix->cell_count; i++) {
		if (prepare(arena, orders, &matrix->cells[i], &prepared[i],
			    &why))
			continue;
		add_error(arena, errors, &matrix->cells[i], why);
		is_well = false;
	}
	return is_well ? prepared : NULL;
}

/* ---- rows */

static struct result_row row_of(const struct matrix_walk *walk, size_t i)
{
	const struct matrix_cell *cell = &walk->matrix->cells[i];

	return (struct result_row){ .kind = ROW_CELL,
		.file = walk->scenario->file,
		.matrix = walk->matrix,
		.variables = &walk->scenario->variables,
		.cell = cell,
		.subject = SPAN(""),
		.has_family = true,
		.family = cell->family,
		.began_ms = clock_wall_ms() };
}

static void tell(struct matrix_walk *walk, struct arena *arena,
	const struct result_row *row)
{
	const struct matrix_orders *orders = walk->orders;

	if (walk->goes_on)
		walk->goes_on = orders->told(orders->receiver, arena, row);
}

static bool is_compared(
	const struct matrix_walk *walk, const struct matrix_cell *cell)
{
	for (size_t i = 0; i < walk->matrix->comparison_count; i++)
		if (span_is(walk->matrix->comparisons[i].probe, cell->probe))
			return true;
	return false;
}

/* The path, this host, the options or Ctrl-C: in this order. */
static void tell_unwalked(struct matrix_walk *walk, size_t i)
{
	const struct matrix_cell *cell = &walk->matrix->cells[i];
	struct result_row row = row_of(walk, i);
	struct cell_result result = { .verdict = CELL_NA,
		.why = cell->left_out };
	struct arena *arena = arena_open();

	if (walk->skipped.len || !cell->left_out.len)
		row.is_skipped = true;
	if (walk->skipped.len)
		result.why = walk->skipped;
	else if (row.is_skipped)
		result.why = SPAN("it sends a message, and only with "
				  "--deliver");
	if (is_walked(walk->orders, cell) && walk->is_interrupted) {
		row.is_skipped = false;
		result.verdict = CELL_UNKNOWN;
		result.why = SPAN("interrupted before it was walked");
	}
	row.result = &result;
	if (is_compared(walk, cell))
		cell_summary_skip(walk->arena, &walk->summaries[i], result.why);
	tell(walk, arena, &row);
	arena_close(arena);
}

/* Those before a cell that has ended, or all. */
static void tell_before(struct matrix_walk *walk, size_t end)
{
	for (; walk->next < end; walk->next++)
		if (selection_has(&walk->orders->options->check,
			    &walk->matrix->cells[walk->next]))
			tell_unwalked(walk, walk->next);
}

/* ---- on failure isolate */

static bool isolates(const struct matrix_walk *walk)
{
	return walk->matrix->on_failure && walk->matrix->on_failure->isolates;
}

static void remember(struct matrix_walk *walk, const struct matrix_cell *cell,
	const struct trial *trial)
{
	if (walk->known_count == KNOWN_TRIALS_MAX)
		return;
	walk->known = arena_grow(walk->arena, walk->known, walk->known_count,
		&walk->known_room, sizeof(*walk->known));
	walk->known[walk->known_count++] = (struct known_trial){
		cell, trial_copy(walk->arena, trial)
	};
}

/* Those of the same probe at the same target. */
static void known_of(const struct cell_walk *own,
	const struct matrix_cell *cell, struct isolate_orders *orders)
{
	const struct matrix_walk *walk = own->walk;
	struct trial *known = arena_take(
		own->arena, ISOLATION_KNOWN_MAX * sizeof(*known));

	orders->known = known;
	for (size_t i = 0; i < walk->known_count &&
			   orders->known_count < ISOLATION_KNOWN_MAX;
		i++)
		if (span_is(walk->known[i].cell->probe, cell->probe) &&
			aim_is_same(walk->known[i].cell->aim, cell->aim))
			known[orders->known_count++] = walk->known[i].trial;
}

/* What was found out serves the next cell that fails, too. */
static void isolate(struct cell_walk *cell, const struct result_row *row,
	size_t visit)
{
	struct matrix_walk *walk = cell->walk;
	const struct on_failure *on_failure = walk->matrix->on_failure;
	struct run_orders run = walk->orders->run;
	struct isolate_orders orders = { .run = &run,
		.options = &walk->prepared[cell->index].options,
		.codebook = walk->orders->codebook,
		.matrix = walk->matrix,
		.cell = row->cell,
		.max_connections = on_failure->max_connections };

	memcpy(orders.varies, on_failure->varies, sizeof(orders.varies));
	run.limits = walk->matrix->limits;
	run.limit_count = walk->matrix->limit_count;
	cell->arena = arena_open();
	known_of(cell, row->cell, &orders);
	cell->isolation = isolate_run(
		cell->arena, &orders, row->outcome, row->judgement, visit);
	for (size_t i = 0; i < cell->isolation->trial_count; i++)
		if (!cell->isolation->trials[i].is_known &&
			!cell->isolation->trials[i].is_repeat)
			remember(walk, row->cell,
				&cell->isolation->trials[i]);
}

/* Every visit is remembered; the first that failed is looked into. */
static void take_trials(struct cell_walk *cell, struct arena *arena,
	const struct result_row *row)
{
	struct matrix_walk *walk = cell->walk;
	struct trial_question question = { .codebook = walk->orders->codebook,
		.cell = row->cell,
		.outcome = row->outcome,
		.judgement = row->judgement,
		.now = clock_wall_ms() / 1000 };
	size_t count = row->judgement->visit_count, failing = count;
	struct trial trial;

	for (size_t i = 0; i < count; i++) {
		question.visit = i;
		trial_of_visit(arena, &question, &trial);
		trial.name = row_name(arena, row);
		remember(walk, row->cell, &trial);
		if (failing == count && trial.end.is_decided &&
			!trial.end.is_well)
			failing = i;
	}
	if (row->result->verdict == CELL_FAIL && failing < count)
		isolate(cell, row, failing);
}

/* Politeness forbids all of it just now, and this is why; or empty. */
static struct span held_back(const struct outcome *outcome)
{
	for (size_t i = 0; i < outcome->visit_count; i++)
		if (outcome->visits[i]->state != VISIT_PLANNED ||
			!outcome->visits[i]->why_not.len)
			return SPAN("");
	return outcome->visit_count ? outcome->visits[0]->why_not : SPAN("");
}

/* --why-skipped: the worst of what stands in the way of its paths. */
static struct span in_the_way(const struct matrix_walk *walk,
	struct arena *arena, const struct outcome *outcome)
{
	const struct ledger_terms terms = { walk->matrix->limits,
		walk->matrix->limit_count,
		walk->orders->options->i_run_this_server };
	struct ledger_word word, worst = { .state = LEDGER_FREE };
	struct span why = outcome->fault ? outcome->fault->why
					 : SPAN("no path leads there");
	bool may_go = false;

	for (size_t i = 0; i < outcome->path_count; i++) {
		if (outcome->paths[i].left_out.len) {
			why = outcome->paths[i].left_out;
			continue;
		}
		ledger_look(walk->orders->run.ledger, &outcome->paths[i],
			&terms, &word);
		if (word.state >= worst.state)
			worst = word;
		may_go = true;
	}
	if (worst.state != LEDGER_FREE)
		return arena_copy(arena, span_of(worst.why));
	return may_go ? SPAN("nothing; it may go now") : why;
}

/* A cell that was walked, judged; told twice, it is looked into once. */
static struct result_row judged_row(struct cell_walk *cell,
	struct arena *arena, const struct outcome *outcome)
{
	struct matrix_walk *walk = cell->walk;
	struct result_row row = row_of(walk, cell->index);
	struct cell_question question = { .codebook = walk->orders->codebook,
		.cell = row.cell,
		.outcome = outcome,
		.judgement = judge(arena, walk->orders->codebook, outcome),
		.now = clock_wall_ms() / 1000 };
	struct cell_result *result = arena_new(arena, struct cell_result);

	row.result = result;
	result->why = walk->orders->options->check.tells_why_skipped
			      ? in_the_way(walk, arena, outcome)
			      : held_back(outcome);
	row.is_skipped = result->why.len != 0;
	if (row.is_skipped)
		return row;
	cell_judge(arena, &question, result);
	row.outcome = outcome;
	row.judgement = question.judgement;
	row.began_ms = cell->clock.began_ms;
	row.took_ns = cell->clock.ended_ns - cell->clock.began_ns;
	if (isolates(walk) && !cell->is_isolated) {
		cell->is_isolated = true;
		take_trials(cell, arena, &row);
	}
	row.isolation = cell->isolation;
	return row;
}

static bool on_ended(
	void *receiver, struct arena *arena, const struct outcome *outcome)
{
	struct cell_walk *cell = receiver;
	const struct matrix_orders *orders = cell->walk->orders;
	struct result_row row = judged_row(cell, arena, outcome);

	return orders->ended(orders->receiver, arena, &row);
}

static bool on_finished(
	void *receiver, struct arena *arena, const struct outcome *outcome)
{
	struct cell_walk *cell = receiver;
	struct matrix_walk *walk = cell->walk;
	struct result_row row = judged_row(cell, arena, outcome);

	tell_before(walk, cell->index);
	walk->next = cell->index + 1;
	if (is_compared(walk, row.cell) && row.is_skipped)
		cell_summary_skip(walk->arena, &walk->summaries[cell->index],
			row.result->why);
	else if (is_compared(walk, row.cell))
		cell_summary_take(walk->arena, &walk->summaries[cell->index],
			row.result, outcome, row.judgement);
	identity_sources_note(
		walk->matrix, walk->sources, row.cell->egress, outcome);
	tell(walk, arena, &row);
	if (cell->arena)
		arena_close(cell->arena);
	return walk->goes_on;
}

/* ---- comparisons */

static void tell_comparison(struct matrix_walk *walk,
	const struct matrix_comparison *comparison, size_t first, size_t second)
{
	struct comparison_question question = { .matrix = walk->matrix,
		.comparison = comparison,
		.summaries = walk->summaries,
		.first = first,
		.second = second };
	struct arena *arena = arena_open();
	struct result_row row = row_of(walk, first);
	struct cell_result result;

	row.kind = ROW_COMPARISON;
	row.has_family = false;
	row.subject = comparison_subject(arena, comparison);
	row.result = &result;
	comparison_judge(arena, &question, &result, &row.is_skipped);
	tell(walk, arena, &row);
	arena_close(arena);
}

static void compare_cells(struct matrix_walk *walk)
{
	const struct check_options *options = &walk->orders->options->check;
	const struct matrix *matrix = walk->matrix;
	size_t second;

	for (size_t i = 0; i < matrix->comparison_count; i++)
		for (size_t k = 0; k < matrix->cell_count; k++)
			if (comparison_pair(matrix, &matrix->comparisons[i], k,
				    &second) &&
				selection_has(options, &matrix->cells[k]) &&
				selection_has(options, &matrix->cells[second]))
				tell_comparison(walk, &matrix->comparisons[i],
					k, second);
}

/* ---- identities */

static bool on_identity(
	void *receiver, struct arena *arena, const struct result_row *row)
{
	struct matrix_walk *walk = receiver;
	struct result_row told = *row;

	told.file = walk->scenario->file;
	told.matrix = walk->matrix;
	told.variables = &walk->scenario->variables;
	tell(walk, arena, &told);
	return walk->goes_on;
}

static enum run_result identify_sources(
	struct matrix_walk *walk, struct span *why)
{
	struct identity_orders orders = { .options = walk->orders->options,
		.run = walk->orders->run,
		.matrix = walk->matrix,
		.sources = walk->sources,
		.skipped = walk->skipped,
		.told = on_identity,
		.receiver = walk };

	if (walk->orders->options->check.only_count)
		return RUN_DONE;
	return identity_run(&orders, why);
}

/* ---- all of it */

static void add_errand(struct matrix_walk *walk, size_t i)
{
	const struct matrix_cell *cell = &walk->matrix->cells[i];
	struct result_row row = row_of(walk, i);
	struct cell_walk *own = &walk->cells[i];

	if (walk->skipped.len || !is_walked(walk->orders, cell))
		return;
	own->walk = walk;
	own->index = i;
	walk->errands[walk->errand_count++] = (struct errand){
		.options = &walk->prepared[i].options,
		.message = walk->prepared[i].message,
		.name = row_name(walk->arena, &row),
		.ended = walk->orders->ended ? on_ended : NULL,
		.finished = on_finished,
		.receiver = own,
		.clock = &own->clock,
	};
}

static void walk_open(struct matrix_walk *walk,
	const struct matrix_orders *orders, const struct check_result *scenario)
{
	struct arena *arena = arena_open();
	size_t room = scenario->matrix->cell_count + 1;

	*walk = (struct matrix_walk){ .arena = arena,
		.orders = orders,
		.scenario = scenario,
		.matrix = scenario->matrix,
		.cells = arena_take(arena, room * sizeof(struct cell_walk)),
		.errands = arena_take(arena, room * sizeof(struct errand)),
		.summaries = arena_take(
			arena, room * sizeof(struct cell_summary)),
		.sources = identity_sources(arena, scenario->matrix),
		.skipped = SPAN(""),
		.goes_on = true };
}

/* While one cell's failure is looked into, no other is under way. */
static struct options options_of(const struct matrix_walk *walk)
{
	struct options options = *walk->orders->options;

	if (isolates(walk))
		options.parallel = 1;
	return options;
}

static enum run_result walk_cells(struct matrix_walk *walk, struct span *why)
{
	struct options options = options_of(walk);
	struct run_orders run = walk->orders->run;

	run.options = &options;
	run.errands = walk->errands;
	run.errand_count = walk->errand_count;
	run.message = NULL;
	run.limits = walk->matrix->limits;
	run.limit_count = walk->matrix->limit_count;
	return walk->errand_count ? run_all(walk->arena, &run, why) : RUN_DONE;
}

enum run_result matrix_run(const struct matrix_orders *orders,
	const struct check_result *scenario,
	const struct prepared_cell *prepared, struct span *why)
{
	struct matrix_walk walk;
	enum run_result result;
	struct span skipped;
	bool walks;

	walk_open(&walk, orders, scenario);
	walk.prepared = prepared;
	if (!requirements_are_met(
		    walk.arena, orders->options, walk.matrix, &skipped))
		walk.skipped = skipped;
	for (size_t i = 0; i < walk.matrix->cell_count; i++)
		add_errand(&walk, i);
	result = walk_cells(&walk, why);
	walk.is_interrupted = result == RUN_INTERRUPTED;
	if (result != RUN_FAILED)
		tell_before(&walk, walk.matrix->cell_count);
	walks = !orders->options->check.tells_why_skipped;
	if (result != RUN_FAILED && walks)
		compare_cells(&walk);
	if (result == RUN_DONE && walk.goes_on && walks)
		result = identify_sources(&walk, why);
	arena_close(walk.arena);
	return result;
}

void matrix_pass_over(
	const struct matrix_orders *orders, const struct check_result *scenario)
{
	struct matrix_walk walk;

	walk_open(&walk, orders, scenario);
	walk.is_interrupted = true;
	tell_before(&walk, walk.matrix->cell_count);
	arena_close(walk.arena);
}
