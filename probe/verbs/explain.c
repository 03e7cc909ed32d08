#include <inttypes.h>
#include <unistd.h>

#include "probe/base/escape.h"
#include "probe/base/file.h"
#include "probe/base/note.h"
#include "probe/base/privileges.h"
#include "probe/verbs/explain_word.h"
#include "probe/verbs/explanation.h"
#include "probe/verbs/verbs.h"
#include "reports/codebook_json.h"
#include "reports/codebook_text.h"
#include "reports/explain_incident_json.h"
#include "reports/explain_text.h"
#include "reports/reported_json.h"
#include "reports/reported_text.h"
#include "reports/spool.h"

/* ---- the codebook */

static int tell_list(struct arena *arena, const struct program *program)
{
	const struct explain_options *options = &program->options.explain;
	const struct codebook_provider *provider = NULL;
	struct span name = SPAN("");

	if (options->name_count) {
		name = span_of(options->names[0]);
		provider = codebook_provider(program->codebook, name);
		if (provider)
			name = provider->id;
		else if (!span_is(name, SPAN("any"))) {
			note("--list %.*s: the codebook knows no such "
			     "provider (mxprobe explain --list shows all)",
				SPAN_ARG(escape_text(arena, name)));
			return EXIT_USAGE;
		}
	}
	if (program->options.format == FORMAT_TEXT)
		codebook_text_list(
			stdout, &program->style, program->codebook, name);
	else
		codebook_json_list(stdout, program->codebook, name);
	return EXIT_SUCCESS;
}

static int tell_row(
	const struct program *program, const struct codebook_row *row)
{
	if (program->options.format == FORMAT_TEXT)
		codebook_text_row(
			stdout, &program->style, program->codebook, row);
	else
		codebook_json_row(stdout, program->codebook, row);
	return EXIT_SUCCESS;
}

static int tell_finding(const struct program *program, struct span id)
{
	if (program->options.format == FORMAT_TEXT)
		codebook_text_finding(stdout, &program->style, id);
	else
		codebook_json_finding(stdout, id);
	return EXIT_SUCCESS;
}

/* ---- all files together */

static void judge_reports(struct explanation *explanation)
{
	const struct explain_options *options =
		&explanation->program->options.explain;
	struct own_prefixes own = { options->ours, options->our_count };

	if (explanation->report_count)
		explanation->incident.reported = reported_judge(
			explanation->arena,
			report_collection_reported(explanation->reports), &own);
}

static void note_reports(struct explanation *explanation)
{
	const struct reported *reported = report_collection_reported(
		explanation->reports);
	struct witness_account *account = &explanation->incident.account;

	for (size_t i = 0; i < reported->document_count; i++) {
		const struct reported_document *document =
			&reported->documents[i];

		if (document->is_unread)
			explain_unreadable(
				explanation, document->file, document->trouble);
		else if (document->kind == REPORT_TLS)
			account->tls_reports++;
		else
			account->dmarc_reports++;
	}
}

/* Behind what they come to, if they come to anything. */
static void tell_sessions(const struct explanation *explanation,
	const struct incident_judgement *judgement)
{
	const struct delivery_table *table = &judgement->incident->table;

	if (!explanation->sessions)
		return;
	if (table->row_count || judgement->limit_count ||
		explanation->incident.reported)
		fputs("\nSESSIONS OF CAPTURES\n", stdout);
	if (!spool_pour(explanation->sessions, stdout))
		note("the sessions of captures are lost: there is no room for "
		     "files of a short life");
	fclose(explanation->sessions);
}

static void tell_text(const struct explanation *explanation,
	const struct incident_judgement *judgement)
{
	const struct text_style *style = &explanation->program->style;
	const struct reported_judgement *reports =
		explanation->incident.reported;

	explain_text(stdout, style, judgement);
	if (reports) {
		reported_text(stdout, style, reports);
		reported_text_findings(stdout, style, reports);
		explain_text_last(stdout, style, judgement);
	}
	if (explanation->complaints)
		printf("Complaints about mail (ARF): %" PRIu64 ".\n",
			explanation->complaints);
	if (explanation->mails)
		printf("Mails that tell of no delivery: %" PRIu64 ".\n",
			explanation->mails);
	tell_sessions(explanation, judgement);
}

static void put_replies(
	const struct explanation *explanation, struct json_writer *json)
{
	writer_key(json, "replies");
	writer_begin_array(json);
	for (size_t i = 0; i < explanation->reply_count; i++) {
		struct codebook_question question = {
			.text = explanation->replies[i]
		};

		codebook_json_answer(json, explanation->arena,
			explanation->program->codebook, &question);
	}
	writer_end_array(json);
}

static void put_unread(
	const struct explanation *explanation, struct json_writer *json)
{
	writer_key(json, "unread");
	writer_begin_array(json);
	for (size_t i = 0; i < explanation->unread_count; i++) {
		writer_begin_object(json);
		writer_put(json, "file", explanation->unread[i].file);
		writer_put(json, "why", explanation->unread[i].why);
		writer_end_object(json);
	}
	writer_end_array(json);
}

static void end_document(const struct explanation *explanation,
	const struct incident_judgement *judgement, struct json_writer *json,
	int status)
{
	writer_end_array(json);
	put_replies(explanation, json);
	explain_json_incident(json, explanation->arena, judgement);
	writer_key(json, "reports");
	if (explanation->incident.reported)
		reported_json_value(json, explanation->arena,
			explanation->incident.reported);
	else
		writer_nothing(json);
	writer_put_count(json, "complaints", explanation->complaints);
	writer_put_count(json, "other_mails", explanation->mails);
	put_unread(explanation, json);
	writer_put_count(json, "passed_over", explanation->passed_over);
	writer_put_count(json, "not_joined", explanation->not_joined);
	writer_put_count(json, "exit_status", (uint64_t)status);
	writer_end_object(json);
	writer_newline(json);
	writer_close(json);
}

static void tell_lines(const struct explanation *explanation,
	const struct incident_judgement *judgement)
{
	struct json_writer json;

	explain_json_lines(stdout, explanation->arena, judgement);
	if (!explanation->incident.reported)
		return;
	writer_open(&json, stdout, false, 0);
	writer_begin_object(&json);
	writer_put_word(&json, "kind", "reports");
	writer_key(&json, "reports");
	reported_json_value(
		&json, explanation->arena, explanation->incident.reported);
	writer_end_object(&json);
	writer_newline(&json);
	writer_close(&json);
}

static void read_files(struct explanation *explanation)
{
	explain_read(explanation);
	note_reports(explanation);
	judge_reports(explanation);
}

/* All that was looked at is inside TLS: that is no good news. */
static bool is_in_the_dark(const struct explanation *explanation)
{
	const struct incident *incident = &explanation->incident;
	const struct witness_account *account = &incident->account;

	return account->sessions &&
	       account->hidden_sessions == account->sessions &&
	       !incident->table.row_count && !incident->table.local &&
	       !incident->reported && !explanation->mails &&
	       !explanation->complaints;
}

static int status_of(const struct explanation *explanation)
{
	if (explanation->has_unread)
		return EXIT_UNDECIDED;
	if (explanation->has_refusal)
		return EXIT_FAILURE;
	return is_in_the_dark(explanation) ? EXIT_UNDECIDED : EXIT_SUCCESS;
}

static int tell_all(struct explanation *explanation)
{
	const struct options *options = &explanation->program->options;
	const struct incident_judgement *judgement;
	struct json_writer json;
	int status;

	if (options->format == FORMAT_JSON && !options->quiet) {
		writer_open(&json, stdout, true, 0);
		writer_begin_object(&json);
		writer_key(&json, "sessions");
		writer_begin_array(&json);
		explanation->document = &json;
	}
	read_files(explanation);
	judgement = incident_judge(explanation->arena, &explanation->incident);
	explanation->has_refusal |= judgement->has_loss;
	status = status_of(explanation);
	if (options->quiet)
		return status;
	if (explanation->document)
		end_document(explanation, judgement, &json, status);
	else if (options->format == FORMAT_JSONL)
		tell_lines(explanation, judgement);
	else
		tell_text(explanation, judgement);
	return status;
}

/* "/var/log/" of /var/log/mail.log and /var/log/bounces/1.eml. */
static struct span shared_folder(const struct explain_options *options)
{
	struct span shared = SPAN("");

	if (options->name_count)
		shared = span_of(options->names[0]);
	for (size_t i = 1; i < options->name_count; i++) {
		struct span name = span_of(options->names[i]);
		size_t same = 0;

		while (same < shared.len && same < name.len &&
			shared.at[same] == name.at[same])
			same++;
		shared.len = same;
	}
	while (shared.len && shared.at[shared.len - 1] != '/')
		shared.len--;
	return shared;
}

/* False: it was told what is wrong. */
static bool find_zone(struct explanation *explanation)
{
	const char *name = explanation->program->options.explain.log_zone;
	struct log_zone *zone;
	struct span why;

	if (!name)
		return true;
	zone = arena_new(explanation->arena, struct log_zone);
	explanation->log_zone = zone;
	if (log_zone_find(explanation->arena, span_of(name), zone, &why))
		return true;
	note("--log-zone %.*s: %.*s",
		SPAN_ARG(escape_text(explanation->arena, span_of(name))),
		SPAN_ARG(why));
	return false;
}

static int explain_files(struct arena *arena, const struct program *program)
{
	struct explanation explanation = {
		.arena = arena, .program = program, .keylog = SPAN("")
	};
	const char *keylog = program->options.explain.keylog_file;
	struct span why;
	int status;

	if (!find_zone(&explanation))
		return EXIT_USAGE;
	if (keylog && !file_read(arena, keylog, OPTIONS_FILE_MAX,
			      &explanation.keylog, &why)) {
		note("--keylog %.*s: %.*s",
			SPAN_ARG(escape_text(arena, span_of(keylog))),
			SPAN_ARG(escape_text(arena, why)));
		return EXIT_UNDECIDED;
	}
	incident_open(&explanation.incident, program->codebook);
	if (program->options.format == FORMAT_TEXT)
		explanation.incident.folder = shared_folder(
			&program->options.explain);
	explanation.reports = report_collection_open();
	status = tell_all(&explanation);
	report_collection_close(explanation.reports);
	incident_close(&explanation.incident);
	return status;
}

int explain_verb(struct arena *arena, struct program *program)
{
	const struct explain_options *options = &program->options.explain;
	const struct codebook_row *row;
	struct span finding;
	const char *why;

	/* What is read here was written by others. */
	if (!privileges_drop(&why)) {
		note("privileges cannot be given up: %s", why);
		return EXIT_UNDECIDED;
	}
	if (!program_read_codebook(arena, program))
		return EXIT_PARSE;
	program_begin_screen(program);
	if (options->lists)
		return tell_list(arena, program);
	row = explain_word_row(program);
	if (row)
		return tell_row(program, row);
	finding = explain_word_finding(program);
	if (finding.len)
		return tell_finding(program, finding);
	if (explain_word_is_wrong(arena, program))
		return EXIT_USAGE;
	if (!options->name_count && isatty(STDIN_FILENO)) {
		note("a file, a reply on standard input or an id of the "
		     "codebook is wanted (mxprobe explain --help)");
		return EXIT_USAGE;
	}
	return explain_files(arena, program);
}
