#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "probe/ad_hoc.h"
#include "probe/base/clock.h"
#include "probe/base/escape.h"
#include "probe/base/file.h"
#include "probe/base/note.h"
#include "probe/judge/judge.h"
#include "probe/run.h"
#include "reports/json.h"
#include "reports/tally.h"
#include "reports/text.h"

/* The exit statuses that are not a verdict's (mxprobe(1)). */
enum { STDOUT_ROOM = 64 * 1024 };
enum { EXIT_USAGE = 2, EXIT_PARSE = 3, EXIT_UNDECIDED = 4, EXIT_IMPOLITE = 5 };

struct session_of_main {
	struct options options;
	const struct codebook *codebook;
	struct run_orders orders;
	struct text_style style;
	struct json_run json;
	struct tally tally;
	struct text_totals totals;
	enum verdict verdict;
};

/* ---- what is told of each target */

static void count(struct session_of_main *session, enum verdict verdict)
{
	session->verdict = session->totals.targets
				   ? verdict_worse(session->verdict, verdict)
				   : verdict;
	session->totals.targets++;
	session->totals.of[verdict]++;
}

static void on_finished(
	void *receiver, struct arena *arena, const struct outcome *outcome)
{
	struct session_of_main *session = receiver;
	const struct judgement *judgement = judge(
		arena, session->codebook, outcome);
	const struct options *options = &session->options;

	/* A plan that could be made is all that a dry run is asked for. */
	count(session, options->dry_run && !outcome->fault
			       ? VERDICT_PASS
			       : judgement->verdict);
	if (session->orders.shows_progress)
		fputs("\r\033[K", stderr);
	if (options->quiet)
		return;
	switch (options->format) {
	case FORMAT_TEXT:
		if (session->totals.targets > 1)
			putchar('\n');
		if (options->dry_run && !outcome->fault)
			text_plan(stdout, &session->style, outcome);
		else
			text_report(
				stdout, &session->style, outcome, judgement);
		break;
	case FORMAT_JSON:
		json_run_target(&session->json, outcome, judgement);
		break;
	case FORMAT_JSONL:
		json_target_line(stdout, outcome, judgement);
		break;
	}
	fflush(stdout);
}

static void on_visited(
	void *receiver, struct arena *arena, const struct outcome *outcome)
{
	struct session_of_main *session = receiver;
	const struct judgement *judgement = judge(
		arena, session->codebook, outcome);

	count(session, judgement->verdict);
	tally_add(&session->tally, &judgement->visits[0]);
	if (!session->options.quiet && session->options.format == FORMAT_JSONL)
		json_visit_line(stdout, &judgement->visits[0]);
}

/* ---- files */

static bool read_named(
	struct arena *arena, const char *name, size_t max, struct span *bytes)
{
	struct span why;

	if (file_read(arena, name, max, bytes, &why))
		return true;
	note("%s: %.*s", escape_text(arena, span_of(name)).at, SPAN_ARG(why));
	return false;
}

static bool read_targets(struct arena *arena, struct options *options)
{
	struct span text;

	if (!options->targets_file)
		return true;
	if (!read_named(arena, options->targets_file, OPTIONS_FILE_MAX, &text))
		return false;
	options_add_targets(arena, options, text);
	if (options->target_count == 0)
		note("%s: there is no target in it",
			escape_text(arena, span_of(options->targets_file)).at);
	return options->target_count != 0;
}

static bool read_message(struct arena *arena, struct session_of_main *session)
{
	struct span bytes;

	if (!session->options.message_file)
		return true;
	if (!read_named(
		    arena, session->options.message_file, MESSAGE_MAX, &bytes))
		return false;
	session->orders.message = message_from(arena, bytes);
	return true;
}

static bool read_codebook(struct arena *arena, struct session_of_main *session)
{
	const char *name = session->options.codebook_file;
	struct span text, errors;

	if (!name) {
		session->codebook = codebook_embedded(arena);
		return true;
	}
	if (!read_named(arena, name, CODEBOOK_TEXT_MAX, &text))
		return false;
	session->codebook = codebook_parse(arena, span_of(name), text, &errors);
	while (!session->codebook && errors.len) {
		struct span line = span_cut(&errors, '\n');

		note("%.*s", SPAN_ARG(escape_text(arena, line)));
	}
	return session->codebook != NULL;
}

static bool read_answers(struct arena *arena, struct session_of_main *session)
{
	const char *name = session->options.answers_file;
	struct answers_file_errors errors = { 0 };
	struct span text;

	if (!name)
		return true;
	if (!read_named(arena, name, OPTIONS_FILE_MAX, &text))
		return false;
	session->orders.saved = answers_file_load(
		arena, span_of(name), text, &errors);
	for (size_t i = 0; i < errors.count; i++)
		note("%.*s", SPAN_ARG(escape_text(arena, errors.texts[i])));
	return session->orders.saved && errors.total == 0;
}

/* Written beside the file and renamed when it is whole. */
static char *name_beside(struct arena *arena, const char *name)
{
	struct span beside = arena_print(
		arena, "%s.%ld.part", name, (long)getpid());
	char *copy = arena_take(arena, beside.len + 1);

	memcpy(copy, beside.at, beside.len);
	return copy;
}

static bool open_answers_to(struct arena *arena,
	struct session_of_main *session, const char **beside)
{
	const char *name = session->options.save_answers_file;

	if (!name)
		return true;
	*beside = name_beside(arena, name);
	session->orders.answers_to = fopen(*beside, "w");
	if (!session->orders.answers_to) {
		note("%s: %s", escape_text(arena, span_of(name)).at,
			strerror(errno));
		return false;
	}
	answers_file_begin(session->orders.answers_to);
	return true;
}

static bool close_answers_to(struct arena *arena,
	struct session_of_main *session, const char *beside)
{
	FILE *file = session->orders.answers_to;
	bool is_well;

	if (!file)
		return true;
	is_well = !ferror(file);
	is_well &= fclose(file) == 0;
	is_well = is_well &&
		  rename(beside, session->options.save_answers_file) == 0;
	if (is_well)
		return true;
	note("%s: %s",
		escape_text(arena, span_of(session->options.save_answers_file))
			.at,
		strerror(errno));
	unlink(beside);
	return false;
}

/* ---- the surroundings */

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

static unsigned columns_of_terminal(void)
{
	const char *text = getenv("COLUMNS");
	unsigned long columns;
	struct winsize size;

	if (text && span_number(span_of(text), 1000, &columns) && columns)
		return (unsigned)columns;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		return size.ws_col;
	return 0;
}

static bool wants_color(const struct options *options)
{
	const char *none = getenv("NO_COLOR"), *terminal = getenv("TERM");

	if (options->color != COLOR_AUTO)
		return options->color == COLOR_ALWAYS;
	return isatty(STDOUT_FILENO) && !(none && *none) &&
	       !(terminal && strcmp(terminal, "dumb") == 0);
}

/* Our name for EHLO, where the host has a full one. */
static void name_ourselves(struct arena *arena, struct options *options)
{
	char room[256] = "";
	struct span name;

	if (gethostname(room, sizeof(room) - 1) != 0)
		return;
	name = span_of(room);
	if (span_find(name, '.') == name.len)
		return;
	for (unsigned i = 0; i < FAMILY_COUNT; i++)
		if (!options->ehlo[i].len)
			options->ehlo[i] = arena_copy(arena, name);
}

static bool open_tls(struct arena *arena, struct session_of_main *session)
{
	const struct options *options = &session->options;
	struct tls_setup setup = { .ca_file = options->ca_file,
		.ca_dir = options->ca_dir,
		.keylog = options->keylog };
	const char *keylog = getenv("SSLKEYLOGFILE");
	struct span why;

	if (options->tls == OPTION_TLS_NONE)
		return true;
	if (!setup.keylog && keylog && *keylog)
		setup.keylog = keylog;
	session->orders.tls = tls_context_open(arena, &setup, &why);
	if (!session->orders.tls)
		note("%.*s", SPAN_ARG(escape_text(arena, why)));
	return session->orders.tls != NULL;
}

/* ---- from beginning to end */

static void begin_reports(struct session_of_main *session)
{
	const struct options *options = &session->options;

	session->style = (struct text_style){ .columns = columns_of_terminal(),
		.color = wants_color(options),
		.verbose = options->verbose };
	/* A line of --repeat is some kilobytes, and there may be many. */
	setvbuf(stdout, NULL, _IOFBF, STDOUT_ROOM);
	session->orders.shows_progress = isatty(STDERR_FILENO) &&
					 !options->quiet &&
					 options->repeat == 1;
	if (options->format == FORMAT_JSON && !options->quiet)
		json_run_begin(&session->json, stdout,
			codebook_date(session->codebook), clock_wall_ms());
}

static int end_reports(struct session_of_main *session)
{
	const struct options *options = &session->options;
	int status = verdict_exit_status(session->verdict);

	session->totals.exit_status = status;
	if (options->quiet)
		return status;
	if (options->format == FORMAT_JSON)
		json_run_end(&session->json, session->verdict, status);
	if (options->format == FORMAT_TEXT && options->repeat > 1)
		tally_print(stdout, &session->tally);
	if (options->format == FORMAT_TEXT)
		text_summary(stdout, &session->style, &session->totals);
	return status;
}

static int walk(struct arena *arena, struct session_of_main *session)
{
	struct span why = SPAN("");
	enum run_result result;
	int status;

	begin_reports(session);
	result = run_all(arena, &session->orders, &why);
	switch (result) {
	case RUN_DONE:
	case RUN_INTERRUPTED:
		break;
	case RUN_FAILED:
		note("%.*s", SPAN_ARG(escape_text(arena, why)));
		return EXIT_USAGE;
	case RUN_IMPOLITE:
		note("%.*s", SPAN_ARG(why));
		return EXIT_IMPOLITE;
	}
	if (session->totals.targets == 0)
		session->verdict = VERDICT_UNKNOWN;
	status = end_reports(session);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		note("the report could not be written: %s", strerror(errno));
		return EXIT_UNDECIDED;
	}
	return status;
}

static int probe(struct arena *arena, struct session_of_main *session)
{
	const char *beside = NULL;
	int status;

	if (!read_targets(arena, &session->options) ||
		!read_message(arena, session))
		return EXIT_USAGE;
	if (!read_codebook(arena, session) || !read_answers(arena, session))
		return EXIT_PARSE;
	if (!open_tls(arena, session) ||
		!open_answers_to(arena, session, &beside))
		return EXIT_USAGE;
	name_ourselves(arena, &session->options);
	run_limit(&session->options);
	session->orders.options = &session->options;
	session->orders.finished = on_finished;
	session->orders.visited = on_visited;
	session->orders.receiver = session;
	status = walk(arena, session);
	if (!close_answers_to(arena, session, beside))
		status = status ? status : EXIT_UNDECIDED;
	if (session->orders.tls)
		tls_context_close(session->orders.tls);
	return status;
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
	struct arena *arena = arena_open();
	struct session_of_main *session = arena_new(
		arena, struct session_of_main);
	int status = EXIT_USAGE;
	struct span text;

	/* A peer that is gone is a fact of the dialogue, not our end. */
	signal(SIGPIPE, SIG_IGN);
	if (!set_clock()) {
		arena_close(arena);
		return EXIT_USAGE;
	}
	switch (options_parse(arena, argc, (const char *const *)argv,
		&session->options, &text)) {
	case OPTIONS_RUN:
		status = probe(arena, session);
		break;
	case OPTIONS_DONE:
		status = fwrite(text.at, 1, text.len, stdout) == text.len
				 ? EXIT_SUCCESS
				 : EXIT_USAGE;
		break;
	case OPTIONS_WRONG:
		print_errors(text);
		break;
	}
	arena_close(arena);
	return status;
}
