#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "probe/ad_hoc.h"
#include "probe/ad_hoc_print.h"
#include "probe/base/clock.h"
#include "probe/base/escape.h"
#include "probe/base/file.h"
#include "probe/base/note.h"
#include "probe/judge/judge.h"
#include "probe/matrix_run.h"
#include "probe/preflight_run.h"
#include "probe/run.h"
#include "reports/cells_report.h"
#include "reports/json.h"
#include "reports/preflight_json.h"
#include "reports/preflight_text.h"
#include "reports/scenario_json.h"
#include "reports/scenario_text.h"
#include "reports/tally.h"
#include "reports/text.h"

enum { STDOUT_ROOM = 64 * 1024, KEY_FILE_MAX = 64 * 1024 };

/* The exit statuses that are not a verdict's (mxprobe(1)). */
enum { EXIT_USAGE = 2, EXIT_PARSE = 3, EXIT_UNDECIDED = 4, EXIT_IMPOLITE = 5,
	EXIT_SKIPPED = 77 };

struct program {
	struct options options;
	const struct codebook *codebook;
	struct run_orders orders;
	struct signer signer;
	struct text_style style;
	struct json_run json;
	struct tally tally;
	struct text_totals totals;
	enum verdict verdict;
};

/* ---- what is told of each target */

static void count(struct program *program, enum verdict verdict)
{
	program->verdict = program->totals.targets
				   ? verdict_worse(program->verdict, verdict)
				   : verdict;
	program->totals.targets++;
	program->totals.of[verdict]++;
}

static bool on_finished(
	void *receiver, struct arena *arena, const struct outcome *outcome)
{
	struct program *program = receiver;
	const struct judgement *judgement = judge(
		arena, program->codebook, outcome);
	const struct options *options = &program->options;

	/* A plan that could be made is all that a dry run is asked for. */
	count(program, options->dry_run && !outcome->fault
			       ? VERDICT_PASS
			       : judgement->verdict);
	if (program->orders.shows_progress)
		fputs("\r\033[K", stderr);
	if (options->quiet)
		return true;
	switch (options->format) {
	case FORMAT_TEXT:
		if (program->totals.targets > 1)
			putchar('\n');
		if (options->dry_run && !outcome->fault)
			text_plan(stdout, &program->style, outcome);
		else
			text_report(
				stdout, &program->style, outcome, judgement);
		break;
	case FORMAT_JSON:
		json_run_target(&program->json, outcome, judgement);
		break;
	case FORMAT_JSONL:
		json_target_line(stdout, outcome, judgement);
		break;
	}
	fflush(stdout);
	return !ferror(stdout);
}

static bool on_visited(
	void *receiver, struct arena *arena, const struct outcome *outcome)
{
	struct program *program = receiver;
	const struct judgement *judgement = judge(
		arena, program->codebook, outcome);

	count(program, judgement->verdict);
	tally_add(&program->tally, &judgement->visits[0]);
	if (!program->options.quiet && program->options.format == FORMAT_JSONL)
		json_visit_line(stdout, &judgement->visits[0]);
	return !ferror(stdout);
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

static bool read_message(struct arena *arena, struct program *program)
{
	struct span bytes;

	if (!program->options.message_file)
		return true;
	if (!read_named(
		    arena, program->options.message_file, MESSAGE_MAX, &bytes))
		return false;
	program->orders.message = message_from(arena, bytes);
	return true;
}

/* The key, and what it makes of the user's own message. */
static bool open_signer(struct arena *arena, struct program *program)
{
	const struct options *options = &program->options;
	struct run_orders *orders = &program->orders;
	const char *file = options->dkim_key_file, *why;
	struct span text, mailbox;

	if (!file)
		return true;
	if (!read_named(arena, file, KEY_FILE_MAX, &text))
		return false;
	program->signer = (struct signer){ .domain = options->dkim_domain,
		.selector = options->dkim_selector };
	if (!program->signer.domain.len &&
		!ad_hoc_mailbox(arena, options->from, &mailbox,
			&program->signer.domain, &why)) {
		note("--from: %s", why);
		return false;
	}
	program->signer.secret = dkim_secret_open(text, &why);
	if (!program->signer.secret) {
		note("%s: %s", escape_text(arena, span_of(file)).at, why);
		return false;
	}
	if (!signer_check(arena, &program->signer, &why)) {
		note("--dkim-key: %s", escape_text(arena, span_of(why)).at);
		return false;
	}
	orders->signer = &program->signer;
	if (!orders->message)
		return true;
	orders->message = signer_sign(
		arena, orders->signer, orders->message, clock_wall_ms(), &why);
	if (!orders->message)
		note("%s: %s",
			escape_text(arena, span_of(options->message_file)).at,
			why);
	return orders->message != NULL;
}

static bool read_codebook(struct arena *arena, struct program *program)
{
	const char *name = program->options.codebook_file;
	struct span text, errors;

	if (!name) {
		program->codebook = codebook_embedded(arena);
		return true;
	}
	if (!read_named(arena, name, CODEBOOK_TEXT_MAX, &text))
		return false;
	program->codebook = codebook_parse(arena, span_of(name), text, &errors);
	while (!program->codebook && errors.len) {
		struct span line = span_cut(&errors, '\n');

		note("%.*s", SPAN_ARG(escape_text(arena, line)));
	}
	return program->codebook != NULL;
}

static bool read_answers(struct arena *arena, const char *name,
	const struct saved_answers **saved)
{
	struct answers_file_errors errors = { 0 };
	struct span text;

	if (!name)
		return true;
	if (!read_named(arena, name, OPTIONS_FILE_MAX, &text))
		return false;
	*saved = answers_file_load(arena, span_of(name), text, &errors);
	for (size_t i = 0; i < errors.count; i++)
		note("%.*s", SPAN_ARG(escape_text(arena, errors.texts[i])));
	return *saved && errors.total == 0;
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

static bool open_answers_to(
	struct arena *arena, struct program *program, const char **beside)
{
	const char *name = program->options.save_answers_file;

	if (!name)
		return true;
	*beside = name_beside(arena, name);
	program->orders.answers_to = fopen(*beside, "w");
	if (!program->orders.answers_to) {
		note("%s: %s", escape_text(arena, span_of(name)).at,
			strerror(errno));
		return false;
	}
	answers_file_begin(program->orders.answers_to);
	return true;
}

static bool close_answers_to(
	struct arena *arena, struct program *program, const char *beside)
{
	FILE *file = program->orders.answers_to;
	bool is_well;

	if (!file)
		return true;
	is_well = !ferror(file);
	is_well &= fclose(file) == 0;
	is_well = is_well &&
		  rename(beside, program->options.save_answers_file) == 0;
	if (is_well)
		return true;
	note("%s: %s",
		escape_text(arena, span_of(program->options.save_answers_file))
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

static bool open_tls(struct arena *arena, struct program *program)
{
	const struct options *options = &program->options;
	struct tls_setup setup = { .ca_file = options->ca_file,
		.ca_dir = options->ca_dir,
		.keylog = options->keylog };
	const char *keylog = getenv("SSLKEYLOGFILE");
	struct span why;

	if (options->tls == OPTION_TLS_NONE)
		return true;
	if (!setup.keylog && keylog && *keylog)
		setup.keylog = keylog;
	program->orders.tls = tls_context_open(arena, &setup, &why);
	if (!program->orders.tls)
		note("%.*s", SPAN_ARG(escape_text(arena, why)));
	return program->orders.tls != NULL;
}

/* ---- from beginning to end */

static void begin_screen(struct program *program)
{
	const struct options *options = &program->options;

	program->style = (struct text_style){ .columns = columns_of_terminal(),
		.color = wants_color(options),
		.verbose = options->verbose };
	/* A line of --repeat is some kilobytes, and there may be many. */
	setvbuf(stdout, NULL, _IOFBF, STDOUT_ROOM);
}

static void begin_reports(struct program *program)
{
	const struct options *options = &program->options;

	begin_screen(program);
	program->orders.shows_progress = isatty(STDERR_FILENO) &&
					 !options->quiet &&
					 options->repeat == 1;
	if (options->format == FORMAT_JSON && !options->quiet)
		json_run_begin(&program->json, stdout,
			codebook_date(program->codebook), clock_wall_ms());
}

static int end_reports(struct program *program)
{
	const struct options *options = &program->options;
	int status = verdict_exit_status(program->verdict);

	program->totals.exit_status = status;
	if (options->quiet)
		return status;
	if (options->format == FORMAT_JSON)
		json_run_end(&program->json, program->verdict, status);
	if (options->format == FORMAT_TEXT && options->repeat > 1)
		tally_print(stdout, &program->tally);
	/* Walks were counted, of one target; the tally has told of them. */
	if (options->repeat > 1)
		program->totals.targets = 1;
	if (options->format == FORMAT_TEXT)
		text_summary(stdout, &program->style, &program->totals);
	return status;
}

static int walk(struct arena *arena, struct program *program)
{
	struct span why = SPAN("");
	enum run_result result;
	int status;

	begin_reports(program);
	result = run_all(arena, &program->orders, &why);
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
	if (program->totals.targets == 0)
		program->verdict = VERDICT_UNKNOWN;
	status = end_reports(program);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		note("the report could not be written: %s", strerror(errno));
		return EXIT_UNDECIDED;
	}
	return status;
}

static int print_scenario(struct arena *arena, const struct program *program)
{
	struct span text, why;

	if (!ad_hoc_print(arena, &program->options, &text, &why)) {
		note("--print-scenario: %.*s",
			SPAN_ARG(escape_text(arena, why)));
		return EXIT_USAGE;
	}
	fwrite(text.at, 1, text.len, stdout);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_UNDECIDED;
}

static int probe(struct arena *arena, struct program *program)
{
	const char *beside = NULL;
	int status;

	if (program->options.prints_scenario)
		return read_targets(arena, &program->options)
			       ? print_scenario(arena, program)
			       : EXIT_USAGE;
	if (!read_targets(arena, &program->options) ||
		!read_message(arena, program) || !open_signer(arena, program))
		return EXIT_USAGE;
	if (!read_codebook(arena, program) ||
		!read_answers(arena, program->options.answers_file,
			&program->orders.saved))
		return EXIT_PARSE;
	if (!open_tls(arena, program) ||
		!open_answers_to(arena, program, &beside))
		return EXIT_USAGE;
	name_ourselves(arena, &program->options);
	run_limit(&program->options);
	program->orders.options = &program->options;
	program->orders.finished = on_finished;
	program->orders.visited = on_visited;
	program->orders.receiver = program;
	status = walk(arena, program);
	if (!close_answers_to(arena, program, beside))
		status = status ? status : EXIT_UNDECIDED;
	if (program->orders.tls)
		tls_context_close(program->orders.tls);
	if (program->signer.secret)
		dkim_secret_close(program->signer.secret);
	return status;
}

/* ---- mxprobe preflight */

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
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	/* "| head" has seen enough, and knows it. */
	if (errno != EPIPE)
		note("the report could not be written: %s", strerror(errno));
	return EXIT_UNDECIDED;
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
	if (orders->has_message && !read_named(arena, own->message_file,
					   MESSAGE_MAX, &orders->message))
		return EXIT_USAGE;
	if (orders->has_message && !orders->message.len) {
		note("%s: there is no message in it",
			escape_text(arena, span_of(own->message_file)).at);
		return EXIT_USAGE;
	}
	if (!read_answers(arena, options->answers_file, &orders->saved) ||
		!read_answers(arena, own->other_answers_file,
			&orders->saved_elsewhere))
		return EXIT_PARSE;
	return EXIT_SUCCESS;
}

static int preflight_verb(struct arena *arena, struct program *program)
{
	struct preflight_orders orders = { .options = &program->options,
		.now = clock_wall_ms() / 1000 };
	int status = read_preflight(arena, program, &orders);
	const char *beside = NULL;
	struct preflight_run *run;
	struct span why = SPAN("");

	if (status != EXIT_SUCCESS)
		return status;
	if (!open_answers_to(arena, program, &beside))
		return EXIT_USAGE;
	name_ourselves(arena, &program->options);
	begin_screen(program);
	run = preflight_run_open(arena, &orders, &why);
	if (run) {
		status = tell_preflight(program, run);
		if (program->orders.answers_to)
			answers_file_save(
				program->orders.answers_to, run->answers);
		preflight_run_close(run);
	} else {
		note("%.*s", SPAN_ARG(escape_text(arena, why)));
		status = EXIT_USAGE;
	}
	if (!close_answers_to(arena, program, beside))
		status = status ? status : EXIT_UNDECIDED;
	return status;
}

/* ---- mxprobe check */

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

	if (!read_named(arena, name, LEXER_TEXT_MAX, &text))
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

static int check_verb(struct arena *arena, struct program *program)
{
	struct span manual;
	int status;

	if (program->options.check.lists_verbs) {
		manual = verb_manual(arena);
		fwrite(manual.at, 1, manual.len, stdout);
	}
	if (!read_codebook(arena, program))
		return EXIT_PARSE;
	status = check_files(program);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (errno != EPIPE)
		note("the report could not be written: %s", strerror(errno));
	return EXIT_UNDECIDED;
}

/* ---- mxprobe run */

struct scenarios {
	struct program *program;
	struct check_result *results;
	const struct prepared_cell **cells;
	struct json_writer json;
	struct cells_count count;
	enum cell_verdict worst;
};

static bool on_cell(
	void *receiver, struct arena *arena, const struct walked_cell *walked)
{
	struct scenarios *scenarios = receiver;
	const struct options *options = &scenarios->program->options;
	struct cell_report report = { .file = walked->scenario->file,
		.matrix = walked->scenario->matrix,
		.cell = walked->cell,
		.result = walked->result,
		.variables = &walked->scenario->variables,
		.is_skipped = walked->is_skipped };

	(void)arena;
	if (walked->is_skipped)
		scenarios->count.skipped++;
	else
		scenarios->count.of[walked->result->verdict]++;
	if (walked->result->verdict > scenarios->worst)
		scenarios->worst = walked->result->verdict;
	if (options->quiet)
		return true;
	if (options->format == FORMAT_JSON)
		cells_json_cell(&scenarios->json, &report);
	else
		cells_text_cell(stdout, &report);
	fflush(stdout);
	return !ferror(stdout);
}

/* All of them, before the first packet. */
static int read_scenarios(struct arena *arena, struct scenarios *scenarios)
{
	struct program *program = scenarios->program;
	const struct check_options *own = &program->options.check;
	int status = EXIT_SUCCESS;

	for (size_t i = 0; i < own->file_count; i++) {
		struct check_result *result = &scenarios->results[i];
		struct span text;

		if (!read_named(arena, own->files[i], LEXER_TEXT_MAX, &text))
			return EXIT_USAGE;
		check_text_for_run(arena, program->codebook,
			span_of(own->files[i]), text, result);
		if (result->matrix)
			continue;
		scenario_text_complaints(
			stderr, result->file, &result->complaints);
		status = EXIT_PARSE;
	}
	return status;
}

static int prepare_scenarios(struct arena *arena, struct scenarios *scenarios,
	const struct matrix_orders *orders)
{
	struct program *program = scenarios->program;
	struct span errors = SPAN("");
	int status = EXIT_SUCCESS;

	for (size_t i = 0; i < program->options.check.file_count; i++) {
		struct check_result *result = &scenarios->results[i];

		scenarios->cells[i] = matrix_prepare(
			arena, orders, result, &errors);
		if (scenarios->cells[i])
			continue;
		status = EXIT_PARSE;
		errors = variables_hide(arena, &result->variables, errors);
		while (errors.len)
			note("%.*s", SPAN_ARG(escape_text(
					     arena, span_cut(&errors, '\n'))));
	}
	return status;
}

static int scenarios_status(const struct scenarios *scenarios)
{
	size_t walked = 0;

	for (size_t i = 0; i < CELL_VERDICTS; i++)
		walked += scenarios->count.of[i];
	if (!walked)
		return EXIT_SKIPPED;
	return cell_exit_status(scenarios->worst);
}

static enum run_result walk_scenario(struct scenarios *scenarios,
	const struct matrix_orders *orders, size_t i, struct span *why)
{
	const struct options *options = &scenarios->program->options;
	const struct check_result *result = &scenarios->results[i];

	if (!matrix_has_tag(result->matrix, options->check.tag))
		return RUN_DONE;
	if (options->format == FORMAT_TEXT && !options->quiet)
		cells_text_scenario(
			stdout, result->matrix, &result->variables);
	return matrix_run(orders, result, scenarios->cells[i], why);
}

static int walk_scenarios(struct arena *arena, struct scenarios *scenarios,
	const struct matrix_orders *orders)
{
	const struct options *options = &scenarios->program->options;
	enum run_result result = RUN_DONE;
	struct span why = SPAN("");
	int status;

	if (options->format == FORMAT_JSON && !options->quiet)
		cells_json_begin(&scenarios->json, stdout);
	for (size_t i = 0; i < options->check.file_count && result == RUN_DONE;
		i++)
		result = walk_scenario(scenarios, orders, i, &why);
	status = scenarios_status(scenarios);
	if (result == RUN_FAILED)
		note("%.*s", SPAN_ARG(escape_text(arena, why)));
	if (result != RUN_DONE && status != EXIT_FAILURE)
		status = EXIT_UNDECIDED;
	if (options->quiet)
		return status;
	if (options->format == FORMAT_JSON)
		cells_json_end(&scenarios->json, status);
	else
		cells_text_end(stdout, &scenarios->count);
	return status;
}

static int scenarios_verb(struct arena *arena, struct program *program)
{
	size_t count = program->options.check.file_count;
	struct scenarios scenarios = { .program = program,
		.results = arena_take(
			arena, count * sizeof(struct check_result)),
		.cells = arena_take(arena, count * sizeof(*scenarios.cells)) };
	struct matrix_orders orders = { .options = &program->options,
		.told = on_cell,
		.receiver = &scenarios };
	int status;

	if (!read_codebook(arena, program) ||
		!read_answers(arena, program->options.answers_file,
			&program->orders.saved))
		return EXIT_PARSE;
	run_limit(&program->options);
	name_ourselves(arena, &program->options);
	orders.codebook = program->codebook;
	status = read_scenarios(arena, &scenarios);
	if (status == EXIT_SUCCESS)
		status = prepare_scenarios(arena, &scenarios, &orders);
	if (status != EXIT_SUCCESS)
		return status;
	if (!open_tls(arena, program))
		return EXIT_USAGE;
	orders.run = program->orders;
	orders.run.ledger = ledger_open(program->options.pause_ms);
	status = walk_scenarios(arena, &scenarios, &orders);
	ledger_close(orders.run.ledger);
	tls_context_close(program->orders.tls);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	return EXIT_UNDECIDED;
}

static int run_verb(struct arena *arena, struct program *program)
{
	switch (program->options.verb) {
	case VERB_WALK:
		return probe(arena, program);
	case VERB_PREFLIGHT:
		return preflight_verb(arena, program);
	case VERB_CHECK:
		return check_verb(arena, program);
	case VERB_RUN:
		break;
	}
	return scenarios_verb(arena, program);
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
	struct program *program = arena_new(arena, struct program);
	int status = EXIT_USAGE;
	struct span text;

	/* A peer that is gone is a fact of the dialogue, not our end. */
	signal(SIGPIPE, SIG_IGN);
	if (!set_clock()) {
		arena_close(arena);
		return EXIT_USAGE;
	}
	switch (options_parse(arena, argc, (const char *const *)argv,
		&program->options, &text)) {
	case OPTIONS_RUN:
		status = run_verb(arena, program);
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
