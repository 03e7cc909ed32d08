#include <sys/stat.h>

#include "probe/base/clock.h"
#include "probe/base/escape.h"
#include "probe/base/note.h"
#include "probe/preflight_run.h"
#include "probe/verbs/verbs.h"
#include "reports/preflight_json.h"
#include "reports/preflight_text.h"

static int status_of(enum preflight_status worst)
{
	switch (worst) {
	case PREFLIGHT_PASS:
	case PREFLIGHT_NA:
	case PREFLIGHT_WARN:
		break;
	case PREFLIGHT_UNKNOWN:
		return EXIT_UNDECIDED;
	case PREFLIGHT_FAIL:
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

/* Of SPF alone, also for an address that no receiver ever sees. */
static enum preflight_status worst_spf(const struct preflight *result)
{
	enum preflight_status worst = PREFLIGHT_PASS;

	for (size_t i = 0; i < result->source_count; i++) {
		enum spf_result spf = result->sources[i].spf.result;

		if (spf != SPF_PASS && spf != SPF_TEMPERROR)
			return PREFLIGHT_FAIL;
		if (spf == SPF_TEMPERROR)
			worst = PREFLIGHT_UNKNOWN;
	}
	return worst;
}

/* Each line has its own reason; this is the one behind all of them. */
static void note_resolver(struct arena *arena, const struct preflight_run *run)
{
	const struct question *question = answers_first(run->answers);

	for (; question; question = question->next) {
		const struct answer *answer = question->answer;

		if (!answer || answer->kind != ANSWER_UNREACHABLE)
			continue;
		note("no resolver can be reached (%.*s): see whether this host "
		     "has a network and its resolver runs "
		     "(/etc/resolv.conf), or name another one with --dns",
			SPAN_ARG(escape_text(arena, answer->why)));
		return;
	}
}

static int tell_preflight(
	struct program *program, const struct preflight_run *run)
{
	const struct options *options = &program->options;
	bool only_spf = options->preflight.only_spf;
	int status = status_of(
		only_spf ? worst_spf(&run->result) : run->result.worst);

	if (options->quiet)
		return status;
	if (options->format != FORMAT_TEXT)
		preflight_json(stdout, &run->query, &run->result, status);
	else if (only_spf)
		preflight_text_spf(stdout, &program->style, &run->result);
	else
		preflight_text(
			stdout, &program->style, &run->query, &run->result);
	return status;
}

/* "mail.txt" is a domain by its looks; tell whoever meant the file. */
static void warn_of_file(
	struct arena *arena, const struct preflight_options *options)
{
	const char *name = escape_text(arena, options->domain).at;
	struct stat entry;

	if (options->domain.len && !options->message_file &&
		stat(arena_copy(arena, options->domain).at, &entry) == 0 &&
		S_ISREG(entry.st_mode))
		note("%s is taken as a domain; the file would be ./%s", name,
			name);
}

/* EXIT_SUCCESS: all files are read. */
static int read_preflight(struct arena *arena, struct program *program,
	struct preflight_orders *orders)
{
	const struct options *options = &program->options;
	const struct preflight_options *own = &options->preflight;

	warn_of_file(arena, own);
	orders->has_message = own->message_file != NULL;
	if (orders->has_message && !program_read_named(arena, own->message_file,
					   MESSAGE_MAX, &orders->message))
		return EXIT_USAGE;
	if (orders->has_message && !orders->message.len) {
		note("%s: there is no message in it",
			escape_text(arena, span_of(own->message_file)).at);
		return EXIT_USAGE;
	}
	if (!program_read_answers(
		    arena, options->answers_file, &orders->saved) ||
		!program_read_answers(arena, own->other_answers_file,
			&orders->saved_elsewhere))
		return EXIT_PARSE;
	return EXIT_SUCCESS;
}

int preflight_verb(struct arena *arena, struct program *program)
{
	struct preflight_orders orders = { .options = &program->options,
		.now = clock_wall_ms() / 1000,
		.shows_progress = program_shows_progress(program) };
	int status = read_preflight(arena, program, &orders);
	struct preflight_run *run;
	struct span why = SPAN("");

	if (status != EXIT_SUCCESS)
		return status;
	if (!program_open_answers_to(arena, program))
		return EXIT_USAGE;
	program_name_ourselves(arena, &program->options);
	program_begin_screen(program);
	run = preflight_run_open(arena, &orders, &why);
	if (run) {
		status = tell_preflight(program, run);
		note_resolver(arena, run);
		if (program->orders.answers_to)
			answers_file_save(
				program->orders.answers_to, run->answers);
		preflight_run_close(run);
	} else {
		note("%.*s", SPAN_ARG(escape_text(arena, why)));
		status = EXIT_USAGE;
	}
	if (!program_close_answers_to(arena, program))
		status = status ? status : EXIT_UNDECIDED;
	return status;
}
