
#include "probe/base/note.h"
#include "probe/check_run.h"
#include "probe/verbs/verbs.h"
#include "reports/scenario_json.h"
#include "reports/scenario_text.h"

static void tell_scenario(
	const struct check_options *options, const struct check_result *result)
{
	if (!result->matrix) {
		scenario_text_complaints(
			stdout, result->file, &result->complaints);
		return;
	}
	scenario_text_well(stdout, result->file, result->matrix);
	if (options->shows_plan)
		scenario_text_plan(stdout, result->matrix);
}

/* What one file comes to, in its turn: EXIT_SUCCESS, _PARSE or _USAGE. */
static int check_file(struct arena *arena, const struct program *program,
	const char *name, struct json_writer *json)
{
	const struct options *options = &program->options;
	struct check_result result;
	struct span text;

	if (!program_read_scenario(arena, name, &text))
		return EXIT_USAGE;
	check_text(arena, program->codebook, span_of(name), text, &result);
	if (options->quiet)
		return result.matrix ? EXIT_SUCCESS : EXIT_PARSE;
	if (options->format == FORMAT_TEXT)
		tell_scenario(&options->check, &result);
	else
		scenario_json_file(
			json, &(struct scenario_report){ .file = result.file,
				      .sheet = result.sheet,
				      .complaints = &result.complaints,
				      .matrix = result.matrix });
	return result.matrix ? EXIT_SUCCESS : EXIT_PARSE;
}

static int check_files(struct program *program)
{
	const struct check_options *own = &program->options.check;
	bool is_json = program->options.format != FORMAT_TEXT &&
		       !program->options.quiet;
	struct json_writer json;
	int status = EXIT_SUCCESS;

	if (is_json)
		scenario_json_begin(&json, stdout);
	for (size_t i = 0; i < own->file_count; i++) {
		struct arena *arena = arena_open();
		int one = check_file(arena, program, own->files[i], &json);

		status = one > status ? one : status;
		arena_close(arena);
	}
	if (is_json)
		scenario_json_end(&json, status);
	return status;
}

int check_verb(struct arena *arena, struct program *program)
{
	struct span manual;
	int status;

	if (program->options.check.lists_verbs) {
		manual = verb_manual(arena);
		fwrite(manual.at, 1, manual.len, stdout);
	}
	if (!program_read_codebook(arena, program))
		return EXIT_PARSE;
	if (!program_expand_files(arena, program))
		return EXIT_USAGE;
	status = check_files(program);
	return status;
}
