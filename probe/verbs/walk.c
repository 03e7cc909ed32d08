#include <string.h>

#include "probe/ad_hoc.h"
#include "probe/ad_hoc_print.h"
#include "probe/base/clock.h"
#include "probe/base/escape.h"
#include "probe/base/note.h"
#include "probe/isolate_run.h"
#include "probe/verbs/known_hosts.h"
#include "probe/verbs/mta_plan.h"
#include "probe/verbs/pcap_option.h"
#include "probe/verbs/publication.h"
#include "probe/verbs/record.h"
#include "probe/verbs/verbs.h"

enum { KEY_FILE_MAX = 64 * 1024 };

/* ---- what is told of each target */

static void count(struct program *program, enum verdict verdict)
{
	program->verdict = program->totals.targets
				   ? verdict_worse(program->verdict, verdict)
				   : verdict;
	program->totals.targets++;
	program->totals.of[verdict]++;
}

/* --isolate: what failed is looked into before it is told of. */
static const struct judgement *judged(struct arena *arena,
	const struct program *program, const struct outcome *outcome)
{
	const struct judgement *judgement = judge(
		arena, program->codebook, outcome);
	struct isolate_orders orders = { .run = &program->orders,
		.options = &program->options,
		.codebook = program->codebook,
		.max_connections = program->options.isolate_max };
	struct judgement *own;

	if (!program->options.isolates)
		return judgement;
	memset(orders.varies, true, sizeof(orders.varies));
	own = arena_new(arena, struct judgement);
	*own = *judgement;
	isolate_target(arena, &orders, outcome, own);
	return own;
}

static bool on_finished(
	void *receiver, struct arena *arena, const struct outcome *outcome)
{
	struct program *program = receiver;
	const struct judgement *judgement = judged(arena, program, outcome);
	const struct options *options = &program->options;

	known_hosts_see(program->known_hosts, outcome);
	record_walk(program->record, outcome, judgement);
	publication_walk(program->publication, arena, outcome, judgement);
	pcap_option_judged(program, outcome, judgement);
	/* A plan that could be made is all that a dry run is asked for. */
	count(program, options->dry_run && !outcome->fault
			       ? VERDICT_PASS
			       : judgement->verdict);
	if (options->quiet)
		return true;
	switch (options->format) {
	case FORMAT_TEXT:
		if (program->totals.targets > 1)
			putchar('\n');
		if (options->dry_run && !outcome->fault) {
			text_plan(stdout, &program->style, outcome);
			mta_plan_tell(arena, program, outcome);
		} else {
			text_report(
				stdout, &program->style, outcome, judgement);
		}
		break;
	case FORMAT_JSON:
		json_run_target(&program->json, outcome, judgement);
		break;
	case FORMAT_JSONL:
		json_target_line(stdout, outcome, judgement);
		break;
	}
	fflush(stdout);
	/* The files of --report-* are read all the same. */
	return !ferror(stdout) || publication_has_file(options);
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

/* Thousands of lines a second: they are written a handful of pages at a time. */
static void write_in_large_pieces(void)
{
	static char room[64 * 1024];

	setvbuf(stdout, room, _IOFBF, sizeof(room));
}

/* ---- files */

static bool read_targets(struct arena *arena, struct options *options)
{
	struct span text;
	size_t repeated;

	if (!options->targets_file)
		return true;
	if (!program_read_named(
		    arena, options->targets_file, OPTIONS_FILE_MAX, &text))
		return false;
	repeated = options_add_targets(arena, options, text);
	if (repeated && !options->quiet)
		note("%s: %zu line%s what an earlier one said; each target "
		     "is walked once",
			escape_text(arena, span_of(options->targets_file)).at,
			repeated, repeated == 1 ? " says" : "s say");
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
	if (!program_read_named(
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
	if (!program_read_named(arena, file, KEY_FILE_MAX, &text))
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

/* ---- from beginning to end */

static void begin_reports(struct program *program)
{
	const struct options *options = &program->options;

	program_begin_screen(program);
	program->orders.shows_progress =
		program_shows_progress(program) && options->repeat == 1;
	if (options->format == FORMAT_JSON && !options->quiet)
		json_run_begin(&program->json, stdout,
			codebook_date(program->codebook), clock_wall_ms());
}

static int end_reports(struct program *program)
{
	const struct options *options = &program->options;
	int status = program->is_held_back
			     ? EXIT_IMPOLITE
			     : verdict_exit_status(program->verdict);

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

/* A list of many, or many walks of one, only where that is asked for. */
static bool is_recorded(const struct options *options)
{
	return !options->dry_run && options->repeat == 1 &&
	       (!options->targets_file || options->history_file);
}

/* While one target's failure is looked into, no other is under way. */
static enum run_result walk_targets(
	struct arena *arena, struct program *program, struct span *why)
{
	enum run_result result;

	if (program->options.isolates)
		program->options.parallel = 1;
	program->orders.ledger = ledger_open(program->options.pause_ms);
	ledger_share(program->orders.ledger, NULL);
	result = run_all(arena, &program->orders, why);
	program->is_held_back = ledger_only_refused(program->orders.ledger);
	ledger_close(program->orders.ledger);
	program->orders.ledger = NULL;
	return result;
}

static int walk(struct arena *arena, struct program *program)
{
	struct span why = SPAN("");
	enum run_result result;

	begin_reports(program);
	result = walk_targets(arena, program, &why);
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
	if (!program->options.quiet)
		known_hosts_tell(arena, program->known_hosts);
	return end_reports(program);
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
	return EXIT_SUCCESS;
}

int walk_verb(struct arena *arena, struct program *program)
{
	int status;

	if (program->options.prints_scenario)
		return read_targets(arena, &program->options)
			       ? print_scenario(arena, program)
			       : EXIT_USAGE;
	if (!read_targets(arena, &program->options) ||
		!mta_plan_open(arena, program) ||
		!read_message(arena, program) || !open_signer(arena, program))
		return EXIT_USAGE;
	if (!program_read_codebook(arena, program) ||
		!program_read_answers(arena, program->options.answers_file,
			&program->orders.saved))
		return EXIT_PARSE;
	program->publication = arena_new(arena, struct publication);
	if (!publication_open(program->publication, arena, program))
		return EXIT_USAGE;
	if (!pcap_option_open(arena, program) ||
		!program_open_tls(arena, program) ||
		!program_open_answers_to(arena, program))
		return publication_close(program->publication, EXIT_USAGE);
	program_name_ourselves(arena, &program->options);
	run_limit(&program->options);
	if (program->options.repeat > 1)
		write_in_large_pieces();
	program->orders.options = &program->options;
	program->orders.finished = on_finished;
	program->orders.visited = on_visited;
	program->orders.receiver = program;
	program->known_hosts = known_hosts_open(arena, &program->options);
	program->record = arena_new(arena, struct record);
	program->publication->record = program->record;
	if (is_recorded(&program->options))
		record_open(program->record, arena, &program->options,
			HISTORY_AD_HOC);
	status = pcap_option_drop(program) ? walk(arena, program) : EXIT_USAGE;
	if (!pcap_option_close(program))
		status = status ? status : EXIT_UNDECIDED;
	record_close(program->record, status);
	status = publication_close(program->publication, status);
	if (!program_close_answers_to(arena, program))
		status = status ? status : EXIT_UNDECIDED;
	if (program->orders.tls)
		tls_context_close(program->orders.tls);
	if (program->signer.secret)
		dkim_secret_close(program->signer.secret);
	return status;
}
