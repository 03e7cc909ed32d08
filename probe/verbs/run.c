#include "probe/base/clock.h"
#include "probe/base/note.h"
#include "probe/bundled.h"
#include "probe/verbs/scenario_set.h"
#include "probe/verbs/verbs.h"
#include "probe/watch.h"

/* A clock that is put right, or another process at a schedule, is seen. */
enum { WATCH_LOOKS_MS = 60 * 1000 };

/* ---- what is due: once, for a crontab or a timer */

static bool is_scheduled(const struct due *due)
{
	if (!due->scheduled)
		note("no scenario here says how often: every DURATION");
	return due->scheduled != 0;
}

static int run_due(struct arena *arena, struct scenario_set *set)
{
	struct due due;

	due_open(arena, &due, set);
	if (!is_scheduled(&due))
		return EXIT_USAGE;
	set->due = &due;
	if (due_look(&due) && due_begin_any(&due))
		return scenario_set_walk(arena, set);
	/* Without the ledger nobody knows what is due. */
	return ledger_shared(set->ledger) ? EXIT_SUCCESS : EXIT_UNDECIDED;
}

/* ---- all the time */

struct watching {
	struct program *program;
	struct watch *watch;
	struct ledger *ledger;
	struct check_options named; /* as the command line has them */
	struct arena *arena;        /* of the scenarios below */
	struct scenario_set set;
	struct due due;
};

static void tell_next(struct arena *arena, const struct due *due, bool is_due)
{
	struct span at = clock_text(arena, due->next_ms);

	if (is_due || due->next_ms == INT64_MAX)
		note("%zu scheduled: due now", due->scheduled);
	else
		note("%zu scheduled: the next is due at %.*s %.*s UTC",
			due->scheduled, SPAN_ARG(span_part(at, 0, 10)),
			SPAN_ARG(span_part(at, 11, 5)));
}

/* What is wrong with them leaves those that were read before as they are. */
static int watch_read(struct watching *watching)
{
	struct check_options *check = &watching->program->options.check;
	struct check_options before = *check;
	struct arena *arena = arena_open();
	struct scenario_set set;
	struct due due;
	int status = EXIT_USAGE;

	*check = watching->named;
	if (program_expand_files(arena, watching->program))
		status = scenario_set_read(arena, watching->program, &set);
	set.ledger = watching->ledger;
	if (status == EXIT_SUCCESS)
		due_open(arena, &due, &set);
	if (status == EXIT_SUCCESS && !is_scheduled(&due))
		status = EXIT_USAGE;
	if (status != EXIT_SUCCESS) {
		*check = before;
		arena_close(arena);
		return status;
	}
	if (watching->arena)
		arena_close(watching->arena);
	watching->arena = arena;
	watching->set = set;
	watching->due = due;
	watching->set.due = &watching->due;
	tell_next(arena, &watching->due, due_look(&watching->due));
	return EXIT_SUCCESS;
}

static void watch_walk(struct watching *watching)
{
	struct arena *arena = arena_open();

	scenario_set_walk(arena, &watching->set);
	arena_close(arena);
}

static uint64_t rest_of(const struct due *due)
{
	int64_t left = due->next_ms - ledger_wall_ms();

	if (due->next_ms == INT64_MAX || left > WATCH_LOOKS_MS)
		return WATCH_LOOKS_MS;
	return left > 0 ? (uint64_t)left : 1;
}

/* Another process may have been quicker: then it is due later. */
static bool begin_due(struct due *due)
{
	return due_look(due) &&
	       (due_begin_any(due) || (due_look(due) && due_begin_any(due)));
}

static int watch_all(struct watching *watching)
{
	uint64_t rest;

	for (;;) {
		bool is_due = begin_due(&watching->due);

		if (!ledger_shared(watching->ledger))
			return EXIT_UNDECIDED;
		if (is_due)
			watch_walk(watching);
		/* Whoever started us may do so again, and listen. */
		if (is_due && watching->set.is_unread)
			return EXIT_UNDECIDED;
		rest = is_due ? 0 : rest_of(&watching->due);
		switch (watch_rest(watching->watch, rest)) {
		case WATCH_GOES_ON:
			break;
		case WATCH_READS_AGAIN:
			if (watch_read(watching) != EXIT_SUCCESS)
				note("the scenarios stay as they were");
			break;
		case WATCH_ENDS:
			return EXIT_SUCCESS;
		}
	}
}

static int run_watch(struct program *program)
{
	struct watching watching = { .program = program,
		.named = program->options.check,
		.watch = watch_open(),
		.ledger = ledger_open(program->options.pause_ms) };
	int status;

	ledger_share(watching.ledger, NULL);
	status = watch_read(&watching);
	if (status == EXIT_SUCCESS)
		status = watch_all(&watching);
	ledger_close(watching.ledger);
	watch_close(watching.watch);
	if (watching.arena)
		arena_close(watching.arena);
	return status;
}

/* ---- now */

static int run_now(struct arena *arena, struct program *program)
{
	const struct check_options *own = &program->options.check;
	struct scenario_set set;
	int status;

	if (!program_expand_files(arena, program))
		return EXIT_USAGE;
	status = scenario_set_read(arena, program, &set);
	if (status != EXIT_SUCCESS)
		return status;
	set.ledger = ledger_open(program->options.pause_ms);
	ledger_share(set.ledger, NULL);
	status = own->only_due ? run_due(arena, &set)
			       : scenario_set_walk(arena, &set);
	ledger_close(set.ledger);
	return own->tells_why_skipped && status == EXIT_SKIPPED ? EXIT_SUCCESS
								: status;
}

int scenarios_verb(struct arena *arena, struct program *program)
{
	const struct check_options *own = &program->options.check;
	int status;

	if (own->lists_bundled) {
		struct span list = bundled_list(arena);

		printf("%.*s", SPAN_ARG(list));
		return EXIT_SUCCESS;
	}
	if (own->rehearses)
		return program_expand_files(arena, program)
			       ? rehearse_verb(arena, program)
			       : EXIT_USAGE;
	if (!program_read_codebook(arena, program) ||
		!program_read_answers(arena, program->options.answers_file,
			&program->orders.saved))
		return EXIT_PARSE;
	run_limit(&program->options);
	program_name_ourselves(arena, &program->options);
	program->options.dry_run = own->tells_why_skipped;
	status = own->watches ? run_watch(program) : run_now(arena, program);
	/* They serve every walk of a watch. */
	if (program->packets)
		packets_close(program->packets);
	return status;
}
