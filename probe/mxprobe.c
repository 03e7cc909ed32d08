#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "probe/base/clock.h"
#include "probe/base/note.h"
#include "probe/base/privileges.h"
#include "probe/verbs/publication.h"
#include "probe/verbs/verbs.h"

/* MXPROBE_CLOCK=2026-11-21T21:13:05Z: for tests that compare a report. */
static bool set_clock(void)
{
	const char *text = getenv("MXPROBE_CLOCK");
	struct tm date = { 0 };
	const char *rest;

	if (!text || !*text)
		return true;
	rest = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &date);
	if (!rest || *rest) {
		note("MXPROBE_CLOCK: 2026-11-21T21:13:05Z is wanted");
		return false;
	}
	clock_freeze((int64_t)timegm(&date) * 1000);
	return true;
}

/*
 * Whoever starts us may have closed one of the three, and the next file or
 * socket that is opened would take its number: the report would be said to a
 * mail server.  What is put there can be used for nothing.
 */
static bool hold_standard_files(void)
{
	static const int modes[] = { O_WRONLY, O_RDONLY, O_RDONLY };

	for (int i = 0; i < (int)COUNT_OF(modes); i++)
		if (fcntl(i, F_GETFD) < 0 && open("/dev/null", modes[i]) != i)
			return false;
	return true;
}

static int run_verb(struct arena *arena, struct program *program)
{
	switch (program->options.verb) {
	case VERB_WALK:
		return walk_verb(arena, program);
	case VERB_PREFLIGHT:
		return preflight_verb(arena, program);
	case VERB_CHECK:
		return check_verb(arena, program);
	case VERB_HISTORY:
		return history_verb(arena, program);
	case VERB_DIFF:
		return diff_verb(arena, program);
	case VERB_TRACE:
		return trace_verb(arena, program);
	case VERB_EXPLAIN:
		return explain_verb(arena, program);
	case VERB_RUN:
		break;
	}
	return scenarios_verb(arena, program);
}

/*
 * A file capability is for captures alone.  Root keeps what it has where nothing
 * is captured: it may read a user's files by it.
 */
static bool drop_unused(const struct options *options)
{
	const char *why;

	if (options->pcap_file || options->verb == VERB_RUN || geteuid() == 0 ||
		privileges_drop(&why))
		return true;
	note("privileges cannot be given up: %s", why);
	return false;
}

static void print_errors(struct span errors)
{
	while (errors.len) {
		struct span line = span_cut(&errors, '\n');

		note("%.*s", SPAN_ARG(line));
	}
}

int main(int argc, char **argv)
{
	bool is_held = hold_standard_files();
	struct arena *arena = arena_open();
	struct program *program = arena_new(arena, struct program);
	int status = EXIT_USAGE;
	struct span text;

	/* A peer that is gone is a fact of the dialogue, not our end. */
	signal(SIGPIPE, SIG_IGN);
	/* Nor is a file that may not grow (RLIMIT_FSIZE): that is told. */
	signal(SIGXFSZ, SIG_IGN);
	if (!is_held || !set_clock()) {
		arena_close(arena);
		return EXIT_USAGE;
	}
	switch (options_parse(arena, argc, (const char *const *)argv,
		&program->options, &text)) {
	case OPTIONS_RUN:
		if (drop_unused(&program->options))
			status = run_verb(arena, program);
		status = publication_exit(program, status, SPAN(""));
		break;
	case OPTIONS_DONE:
		fwrite(text.at, 1, text.len, stdout);
		status = EXIT_SUCCESS;
		break;
	case OPTIONS_WRONG:
		print_errors(text);
		status = publication_exit(
			program, EXIT_USAGE, span_cut(&text, '\n'));
		break;
	}
	status = program_end_output(program, status);
	arena_close(arena);
	return status;
}
