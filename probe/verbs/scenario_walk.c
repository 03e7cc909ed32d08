#include "probe/verbs/scenario_set.h"

#include "probe/base/escape.h"
#include "probe/base/note.h"
#include "probe/verbs/baselines.h"

/* Whatever comes before it in the matrix, it has ended. */
static bool on_ended(
	void *receiver, struct arena *arena, const struct result_row *row)
{
	struct scenario_set *set = receiver;

	(void)arena;
	if (row->outcome)
		record_row(&set->record, row);
	return true;
}

static bool tells_failures(const struct scenario_set *set)
{
	return set->program->options.check.tells_failures;
}

/* A known rejection that is none any more wants its line taken out. */
static bool is_news(const struct result_row *row)
{
	switch (row->result->verdict) {
	case CELL_FIXED:
	case CELL_UNKNOWN:
	case CELL_FAIL:
		return !row->is_skipped;
	case CELL_NA:
	case CELL_PASS:
	case CELL_KNOWN:
		break;
	}
	return false;
}

static void tell_name(const struct check_result *result)
{
	rows_text_scenario(stdout, result->matrix, &result->variables);
	rows_text_defaults(stdout, &result->variables);
}

static void tell_row(struct scenario_set *set, const struct result_row *row)
{
	if (tells_failures(set) && !is_news(row))
		return;
	if (set->untold)
		tell_name(set->untold);
	set->untold = NULL;
	set->has_told = true;
	rows_text_row(stdout, row);
}

static bool on_row(
	void *receiver, struct arena *arena, const struct result_row *row)
{
	struct scenario_set *set = receiver;
	const struct options *options = &set->program->options;

	(void)arena;
	if (row->kind != ROW_CELL || !row->outcome)
		record_row(&set->record, row);
	publication_row(&set->publication, row);
	cell_packets_row(&set->packets, row);
	if (row->is_skipped)
		set->rows.skipped++;
	else
		set->rows.of[row->result->verdict]++;
	if (row->result->verdict > set->worst)
		set->worst = row->result->verdict;
	if (options->quiet)
		return true;
	if (options->format == FORMAT_JSON)
		rows_json_row(&set->json, row);
	else
		tell_row(set, row);
	fflush(stdout);
	/* The files of --report-* are read all the same. */
	set->is_unread = ferror(stdout) && !publication_has_file(options);
	return !set->is_unread;
}

static int set_status(const struct scenario_set *set)
{
	const struct rows_count *rows = &set->rows;
	bool is_strict = set->program->options.check.is_strict;
	size_t walked = 0;

	for (size_t i = 0; i < CELL_VERDICTS; i++)
		walked += rows->of[i];
	if (is_strict && (!walked || rows->skipped || rows->of[CELL_NA] ||
				 rows->of[CELL_UNKNOWN]))
		return EXIT_FAILURE;
	if (!walked)
		return ledger_only_refused(set->ledger) ? EXIT_IMPOLITE
							: EXIT_SKIPPED;
	return cell_exit_status(set->worst);
}

static bool tells_why(const struct scenario_set *set)
{
	return set->program->options.check.tells_why_skipped;
}

static void tell_scenario(struct scenario_set *set, size_t i)
{
	const struct options *options = &set->program->options;
	struct arena *arena;
	struct due due;
	struct span text;

	if (options->format != FORMAT_TEXT || options->quiet)
		return;
	set->untold = &set->results[i];
	if (tells_failures(set))
		return;
	tell_name(set->untold);
	set->untold = NULL;
	if (!tells_why(set))
		return;
	arena = arena_open();
	due_open(arena, &due, set);
	text = due_text(arena, &due, i);
	if (text.len)
		printf("  %.*s\n", SPAN_ARG(text));
	arena_close(arena);
}

/* After Ctrl-C, the others are told as not walked. */
static enum run_result walk_scenario(struct scenario_set *set,
	const struct matrix_orders *orders, size_t i, struct span *why)
{
	const struct check_result *result = &set->results[i];
	enum run_result walked = set->result;

	if (!matrix_has_tag(result->matrix, set->program->options.check.tag))
		return walked;
	if (set->due && (walked == RUN_INTERRUPTED || !due_begin(set->due, i)))
		return walked;
	tell_scenario(set, i);
	if (walked == RUN_INTERRUPTED)
		matrix_pass_over(orders, result);
	else
		walked = matrix_run(orders, result, set->cells[i], why);
	if (!tells_why(set) && set->result != RUN_INTERRUPTED)
		baselines_tell(&set->record, result, on_row, set);
	if (set->due)
		due_end(set->due, i);
	return walked;
}

static int walk_scenarios(struct arena *arena, struct scenario_set *set,
	const struct matrix_orders *orders)
{
	const struct options *options = &set->program->options;
	struct span why = SPAN("");
	int status;

	if (options->format == FORMAT_JSON && !options->quiet)
		rows_json_begin(&set->json, stdout);
	for (size_t i = 0;
		i < set->count && set->result != RUN_FAILED && !set->is_unread;
		i++)
		set->result = walk_scenario(set, orders, i, &why);
	status = set_status(set);
	if (set->result == RUN_FAILED)
		note("%.*s", SPAN_ARG(escape_text(arena, why)));
	if (set->result != RUN_DONE && status != EXIT_FAILURE)
		status = EXIT_UNDECIDED;
	if (options->quiet)
		return status;
	if (options->format == FORMAT_JSON)
		rows_json_end(&set->json, status);
	else if (set->has_told || !tells_failures(set) ||
		 status == EXIT_SKIPPED || status == EXIT_IMPOLITE)
		rows_text_end(stdout, &set->rows);
	return status;
}

static void begin(struct arena *arena, struct scenario_set *set)
{
	set->result = RUN_DONE;
	set->is_unread = set->has_told = false;
	set->untold = NULL;
	set->worst = CELL_NA;
	set->rows = (struct rows_count){ .skipped = 0 };
	set->record = (struct record){ .is_off = true };
	/* What stands in the way is no news of a server. */
	if (!tells_why(set))
		record_open(&set->record, arena, &set->program->options,
			HISTORY_RUN);
	set->publication.record = &set->record;
}

static bool wants_packets(const struct scenario_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct matrix *matrix = set->results[i].matrix;

		if (matrix && matrix->on_failure &&
			matrix->on_failure->keeps_packets)
			return !tells_why(set);
	}
	return false;
}

int scenario_set_walk(struct arena *arena, struct scenario_set *set)
{
	struct program *program = set->program;
	struct matrix_orders orders = { .options = &program->options,
		.codebook = program->codebook,
		.ended = on_ended,
		.told = on_row,
		.receiver = set };
	int status;

	set->publication = (struct publication){ .program = program };
	if (!publication_open(&set->publication, arena, program))
		return EXIT_USAGE;
	if (!cell_packets_open(
		    &set->packets, arena, program, wants_packets(set)) ||
		!program_open_tls(arena, program))
		return publication_close(&set->publication, EXIT_USAGE);
	orders.run = program->orders;
	orders.run.shows_progress = program_shows_progress(program);
	orders.run.ledger = set->ledger;
	begin(arena, set);
	status = walk_scenarios(arena, set, &orders);
	if (!cell_packets_close(&set->packets) && !status)
		status = EXIT_UNDECIDED;
	record_close(&set->record, status);
	status = publication_close(&set->publication, status);
	if (program->orders.tls)
		tls_context_close(program->orders.tls);
	program->orders.tls = NULL;
	return status;
}
