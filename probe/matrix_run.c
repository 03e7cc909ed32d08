#include "probe/matrix_run.h"

#include "probe/base/clock.h"
#include "probe/base/file.h"
#include "probe/cell_options.h"

struct prepared_cell {
	struct options options;
	const struct message *message;
};

/* One cell under way. */
struct walking {
	const struct matrix_orders *orders;
	struct result_row row;
	uint64_t began_ns;
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
	return !cell->left_out.len &&
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

static bool on_finished(
	void *receiver, struct arena *arena, const struct outcome *outcome)
{
	struct walking *walking = receiver;
	const struct matrix_orders *orders = walking->orders;
	struct cell_question question = { .codebook = orders->codebook,
		.cell = walking->row.cell,
		.outcome = outcome,
		.judgement = judge(arena, orders->codebook, outcome),
		.now = clock_wall_ms() / 1000 };
	struct cell_result result;

	cell_judge(arena, &question, &result);
	walking->row.result = &result;
	walking->row.outcome = outcome;
	walking->row.judgement = question.judgement;
	walking->row.took_ns = clock_now_ns() - walking->began_ns;
	walking->goes_on = orders->told(orders->receiver, arena, &walking->row);
	return walking->goes_on;
}

static bool tell_unwalked(struct walking *walking)
{
	const struct matrix_cell *cell = walking->row.cell;
	struct cell_result result = { .verdict = CELL_NA,
		.why = cell->left_out };
	struct arena *arena = arena_open();
	bool goes_on;

	walking->row.is_skipped = !cell->left_out.len;
	if (walking->row.is_skipped)
		result.why = SPAN("it sends a message, and only with "
				  "--deliver");
	walking->row.result = &result;
	goes_on = walking->orders->told(
		walking->orders->receiver, arena, &walking->row);
	arena_close(arena);
	return goes_on;
}

static enum run_result walk_cell(struct walking *walking,
	const struct prepared_cell *prepared, struct ledger *ledger,
	struct span *why)
{
	struct arena *arena = arena_open();
	struct run_orders run = walking->orders->run;
	enum run_result result;

	run.options = &prepared->options;
	run.message = prepared->message;
	run.ledger = ledger;
	run.finished = on_finished;
	run.receiver = walking;
	result = run_all(arena, &run, why);
	arena_close(arena);
	return result;
}

enum run_result matrix_run(const struct matrix_orders *orders,
	const struct check_result *scenario,
	const struct prepared_cell *prepared, struct span *why)
{
	struct ledger *own = orders->run.ledger
				     ? NULL
				     : ledger_open(orders->options->pause_ms);
	struct ledger *ledger = own ? own : orders->run.ledger;
	const struct matrix *matrix = scenario->matrix;
	enum run_result result = RUN_DONE;
	bool goes_on = true;

	for (size_t i = 0; i < matrix->cell_count && goes_on; i++) {
		struct walking walking = { .orders = orders,
			.row = { .kind = ROW_CELL,
				.file = scenario->file,
				.matrix = matrix,
				.variables = &scenario->variables,
				.cell = &matrix->cells[i],
				.has_family = true,
				.family = matrix->cells[i].family,
				.began_ms = clock_wall_ms() },
			.began_ns = clock_now_ns(),
			.goes_on = true };

		if (!is_walked(orders, walking.row.cell)) {
			goes_on = tell_unwalked(&walking);
			continue;
		}
		result = walk_cell(&walking, &prepared[i], ledger, why);
		goes_on = walking.goes_on && result == RUN_DONE;
	}
	if (own)
		ledger_close(own);
	return result;
}
