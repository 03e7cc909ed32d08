#include "probe/base/escape.h"
#include "probe/base/note.h"
#include "probe/trace_run.h"
#include "probe/verbs/verbs.h"
#include "reports/trace_json.h"
#include "reports/trace_text.h"

static struct trace_set set_of(const struct traced_target *traced)
{
	return (struct trace_set){
		.traces = (const struct trace *const *)traced->traces,
		.count = traced->trace_count
	};
}

static void tell_json(const struct trace_run *run, int status)
{
	struct json_writer json;

	trace_json_begin(&json, stdout);
	for (size_t i = 0; i < run->target_count; i++) {
		struct trace_set set = set_of(&run->targets[i]);

		trace_json_target(&json, run->targets[i].outcome, &set);
	}
	trace_json_end(&json, run->judgement, status);
}

static void tell_text(
	const struct program *program, const struct trace_run *run, int status)
{
	for (size_t i = 0; i < run->target_count; i++) {
		struct trace_set set = set_of(&run->targets[i]);

		trace_text_target(
			stdout, &program->style, run->targets[i].outcome, &set);
	}
	trace_text_end(stdout, &program->style, run->judgement, status);
}

/* A target that could not be resolved has no trace, and decides nothing. */
static int status_of(const struct trace_run *run)
{
	int status = verdict_exit_status(run->judgement->verdict);

	for (size_t i = 0; i < run->target_count; i++)
		if (run->targets[i].outcome->fault && status == EXIT_SUCCESS)
			status = EXIT_UNDECIDED;
	return status;
}

int trace_verb(struct arena *arena, struct program *program)
{
	const struct options *options = &program->options;
	struct trace_orders orders = { .options = options,
		.shows_progress = program_shows_progress(program) };
	const struct trace_run *run;
	struct span why = SPAN("");
	int status;

	if (!program_read_answers(arena, options->answers_file, &orders.saved))
		return EXIT_PARSE;
	program_begin_screen(program);
	run = trace_run(arena, &orders, &why);
	if (!run) {
		note("%.*s", SPAN_ARG(escape_text(arena, why)));
		return EXIT_USAGE;
	}
	status = status_of(run);
	if (options->quiet)
		return status;
	if (options->format == FORMAT_TEXT)
		tell_text(program, run, status);
	else
		tell_json(run, status);
	return status;
}
