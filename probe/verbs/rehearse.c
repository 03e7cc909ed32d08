#include "probe/base/escape.h"
#include "probe/base/note.h"
#include "probe/matrix_run.h"
#include "probe/rehearsal.h"
#include "probe/verbs/verbs.h"
#include "reports/rehearsal_report.h"
#include "reports/scenario_text.h"

/* Longer than the slowest server, and short enough to watch it. */
enum { PATIENCE_MS = 2000 };

/* What a row came to when all was well. */
struct good_row {
	struct span key;
	const char *word;
};

struct rehearsing {
	struct program *program;
	struct throwaway *throwaway;
	bool has_loopback[FAMILY_COUNT];
	struct json_writer json;
	struct rehearsed_count count;
	bool is_interrupted;
	bool is_unread; /* nobody takes what is told */

	/* Of the file under way: */
	struct arena *arena;
	struct check_result *result;
	const struct play *play;
	const struct twin *twin; /* NULL: all is well */
	bool *was_met;           /* of each of the twin's expectations */
	struct good_row *good;
	size_t good_count, good_room;
};

/* ---- rows */

static void remember(
	struct rehearsing *rehearsing, const struct result_row *row)
{
	rehearsing->good = arena_grow(rehearsing->arena, rehearsing->good,
		rehearsing->good_count, &rehearsing->good_room,
		sizeof(*rehearsing->good));
	rehearsing->good[rehearsing->good_count++] = (struct good_row){
		.key = row_key(rehearsing->arena, row), .word = row_word(row)
	};
}

static struct span good_word(
	const struct rehearsing *rehearsing, struct span key)
{
	for (size_t i = 0; i < rehearsing->good_count; i++)
		if (span_is(rehearsing->good[i].key, key))
			return span_of(rehearsing->good[i].word);
	return SPAN("pass");
}

static bool is_well(const struct result_row *row)
{
	switch (row->result->verdict) {
	case CELL_PASS:
	case CELL_FIXED:
	case CELL_KNOWN:
	case CELL_NA:
		return !row->is_skipped;
	case CELL_UNKNOWN:
	case CELL_FAIL:
		break;
	}
	return false;
}

/* What is compared has a cell of either family. */
static bool is_left_out(
	const struct rehearsing *rehearsing, const struct result_row *row)
{
	if (row->has_family)
		return !rehearsing->has_loopback[row->family];
	return !rehearsing->has_loopback[FAMILY_IPV4] ||
	       !rehearsing->has_loopback[FAMILY_IPV6];
}

static struct rehearsed_row hold(struct rehearsing *rehearsing,
	struct arena *arena, const struct result_row *row)
{
	struct rehearsed_row rehearsed = { .row = row,
		.twin = SPAN(""),
		.wanted = SPAN("pass, fixed, known or n/a"),
		.is_as_wanted = is_well(row),
		.is_left_out = is_left_out(rehearsing, row) };
	const struct twin_expected *expected;

	if (!rehearsing->twin) {
		remember(rehearsing, row);
		return rehearsed;
	}
	expected = twin_wants(rehearsing->twin, row);
	if (expected)
		rehearsing->was_met[expected - rehearsing->twin->expected] =
			true;
	rehearsed.twin = rehearsing->twin->name;
	rehearsed.wanted = expected
				   ? expected->verdict
				   : good_word(rehearsing, row_key(arena, row));
	rehearsed.is_as_wanted = span_is(
		rehearsed.wanted, span_of(row_word(row)));
	return rehearsed;
}

static bool on_row(
	void *receiver, struct arena *arena, const struct result_row *row)
{
	struct rehearsing *rehearsing = receiver;
	const struct options *options = &rehearsing->program->options;
	struct rehearsed_row rehearsed;

	if (row->is_skipped && options->check.only_count)
		return true;
	rehearsed = hold(rehearsing, arena, row);
	if (rehearsed.is_left_out)
		rehearsing->count.left_out++;
	else if (rehearsed.is_as_wanted)
		rehearsing->count.as_wanted++;
	else
		rehearsing->count.not_as_wanted++;
	if (options->quiet)
		return true;
	if (options->format == FORMAT_JSON)
		rehearsal_json_row(&rehearsing->json, &rehearsed);
	else
		rehearsal_text_row(stdout, &rehearsed);
	fflush(stdout);
	rehearsing->is_unread = ferror(stdout) != 0;
	return !rehearsing->is_unread;
}

/* An expectation that no row was held against is a mistake. */
static void tell_unmet(struct rehearsing *rehearsing)
{
	const struct twin *twin = rehearsing->twin;

	/* Some of it was not to be walked. */
	if (rehearsing->program->options.check.only_count)
		return;
	for (size_t i = 0; twin && i < twin->expected_count; i++) {
		const struct twin_expected *expected = &twin->expected[i];
		struct span file = escape_text(
			rehearsing->arena, expected->place->file);

		if (rehearsing->was_met[i])
			continue;
		rehearsing->count.not_as_wanted++;
		note("%.*s:%u:%u: nothing was like that in twin %.*s: %.*s",
			SPAN_ARG(file), expected->place->line,
			expected->place->column, SPAN_ARG(twin->name),
			SPAN_ARG(escape_text(
				rehearsing->arena, expected->text)));
	}
}

/* ---- performances */

/* What was not walked any more was met by nobody either. */
static bool is_over(const struct rehearsing *rehearsing)
{
	return rehearsing->is_interrupted || rehearsing->is_unread;
}

static unsigned at_most(unsigned patience, uint64_t most)
{
	return patience < most ? patience : (unsigned)most;
}

/* As the scenario is, but at once, without waiting long for a server that
 * hangs, and with messages: they go to our own servers. */
static struct options options_for(const struct rehearsing *rehearsing,
	const struct performance *performance)
{
	struct options options = rehearsing->program->options;
	struct patience *patience = &options.patience;
	uint64_t most = performance->slowest_ms + PATIENCE_MS;

	patience->connect = at_most(patience->connect, most);
	patience->banner = at_most(patience->banner, most);
	patience->command = at_most(patience->command, most);
	patience->tls = at_most(patience->tls, most);
	patience->data = at_most(patience->data, most);
	patience->dot = at_most(patience->dot, most);
	patience->quit = at_most(patience->quit, most);
	options.deliver = true;
	options.pause_ms = 0;
	options.interface = NULL;
	options.known_count = 0;
	return options;
}

static bool walk(struct rehearsing *rehearsing,
	const struct matrix_orders *orders, struct span *why)
{
	const struct prepared_cell *cells = matrix_prepare(
		rehearsing->arena, orders, rehearsing->result, why);
	enum run_result result;

	if (!cells)
		return false;
	result = matrix_run(orders, rehearsing->result, cells, why);
	rehearsing->is_interrupted = result == RUN_INTERRUPTED;
	return result != RUN_FAILED;
}

static bool walk_with(struct rehearsing *rehearsing,
	const struct performance *performance, struct span *why)
{
	struct options options = options_for(rehearsing, performance);
	struct tls_setup setup = { .authority = rehearsing->throwaway,
		.keylog = options.keylog };
	struct matrix_orders orders = { .options = &options,
		.codebook = rehearsing->program->codebook,
		.told = on_row,
		.receiver = rehearsing };
	bool is_done;

	orders.run = (struct run_orders){ .saved = performance->answers,
		.cast = &performance->cast,
		.tls = tls_context_open(rehearsing->arena, &setup, why) };
	if (!orders.run.tls)
		return false;
	orders.run.ledger = ledger_open(0);
	is_done = walk(rehearsing, &orders, why);
	ledger_close(orders.run.ledger);
	tls_context_close(orders.run.tls);
	return is_done;
}

static bool perform(struct rehearsing *rehearsing, struct span *why)
{
	const struct options *options = &rehearsing->program->options;
	struct span twin = rehearsing->twin ? rehearsing->twin->name : SPAN("");
	struct performance performance;
	bool is_done;

	if (!performance_make(rehearsing->arena, rehearsing->throwaway,
		    rehearsing->play, rehearsing->result->matrix, twin,
		    &performance, why))
		return false;
	if (options->format == FORMAT_TEXT && !options->quiet)
		rehearsal_text_performance(stdout, twin);
	is_done = walk_with(rehearsing, &performance, why);
	performance_close(&performance);
	return is_done;
}

static void tell_why(const struct rehearsing *rehearsing, struct span why)
{
	while (why.len) {
		struct span line = variables_hide(rehearsing->arena,
			&rehearsing->result->variables, span_cut(&why, '\n'));

		note("%.*s: %.*s",
			SPAN_ARG(escape_text(
				rehearsing->arena, rehearsing->result->file)),
			SPAN_ARG(escape_text(rehearsing->arena, line)));
	}
}

static void begin_twin(struct rehearsing *rehearsing, const struct twin *twin)
{
	rehearsing->twin = twin;
	rehearsing->was_met = arena_take(
		rehearsing->arena, twin->expected_count + 1);
}

static bool perform_all(struct rehearsing *rehearsing)
{
	const struct play *play = rehearsing->play;
	struct span why = SPAN("");

	rehearsing->twin = NULL;
	for (size_t i = 0; i <= play->twin_count; i++) {
		if (i)
			begin_twin(rehearsing, &play->twins[i - 1]);
		if (!perform(rehearsing, &why)) {
			tell_why(rehearsing, why);
			return false;
		}
		if (is_over(rehearsing))
			return true;
		tell_unmet(rehearsing);
	}
	return true;
}

/* ---- files */

static int rehearse(struct rehearsing *rehearsing, const char *name)
{
	const struct options *options = &rehearsing->program->options;
	struct check_result *result = rehearsing->result;
	struct span text;

	if (!program_read_scenario(rehearsing->arena, name, &text))
		return EXIT_USAGE;
	check_text_for_rehearsal(rehearsing->arena,
		rehearsing->program->codebook, span_of(name), text, result);
	if (!result->matrix) {
		scenario_text_complaints(
			stderr, result->file, &result->complaints);
		return EXIT_PARSE;
	}
	if (!matrix_has_tag(result->matrix, options->check.tag))
		return EXIT_SUCCESS;
	rehearsing->play = play_make(rehearsing->arena, result->sheet);
	result->matrix = rehearsal_matrix(rehearsing->arena, result->matrix);
	rehearsing->good_count = rehearsing->good_room = 0;
	if (options->format == FORMAT_TEXT && !options->quiet)
		rehearsal_text_scenario(
			stdout, result->matrix, &result->variables);
	return perform_all(rehearsing) ? EXIT_SUCCESS : EXIT_PARSE;
}

static int rehearse_files(struct rehearsing *rehearsing)
{
	const struct check_options *own = &rehearsing->program->options.check;
	int status = EXIT_SUCCESS;

	for (size_t i = 0; i < own->file_count && !is_over(rehearsing); i++) {
		struct check_result result;
		int one;

		rehearsing->arena = arena_open();
		rehearsing->result = &result;
		one = rehearse(rehearsing, own->files[i]);
		status = one > status ? one : status;
		arena_close(rehearsing->arena);
	}
	if (rehearsing->is_interrupted)
		return EXIT_UNDECIDED;
	if (status == EXIT_SUCCESS && rehearsing->count.not_as_wanted)
		return EXIT_FAILURE;
	if (status == EXIT_SUCCESS && !rehearsing->count.as_wanted)
		return EXIT_SKIPPED;
	return status;
}

int rehearse_verb(struct arena *arena, struct program *program)
{
	struct rehearsing rehearsing = { .program = program,
		.throwaway = throwaway_open() };
	bool is_told = !program->options.quiet;
	bool is_json = program->options.format == FORMAT_JSON;
	int status;

	if (!rehearsing.throwaway) {
		note("OpenSSL cannot make a certificate");
		return EXIT_UNDECIDED;
	}
	for (unsigned i = 0; i < FAMILY_COUNT; i++)
		rehearsing.has_loopback[i] = rehearsal_has_loopback(
			(enum family)i);
	if (!program->codebook && !program_read_codebook(arena, program))
		return EXIT_PARSE;
	run_limit(&program->options);
	if (is_told && is_json)
		rehearsal_json_begin(&rehearsing.json, stdout);
	status = rehearse_files(&rehearsing);
	if (is_told && is_json)
		rehearsal_json_end(&rehearsing.json, status);
	else if (is_told)
		rehearsal_text_end(stdout, &rehearsing.count);
	throwaway_close(rehearsing.throwaway);
	return status;
}
