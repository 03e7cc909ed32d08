#include <inttypes.h>
#include <sys/stat.h>

#include "pcap/sessions.h"
#include "probe/base/clock.h"
#include "probe/base/escape.h"
#include "probe/base/note.h"
#include "probe/verbs/explain_session.h"
#include "probe/verbs/explanation.h"
#include "reports/codebook_json.h"
#include "reports/codebook_text.h"
#include "reports/explain_json.h"
#include "reports/inbound/compressed_file.h"
#include "reports/inbound/inbound_message.h"
#include "reports/inbound/mailbox_file.h"
#include "reports/inbound/maillog.h"
#include "reports/inbound/witness_file.h"

/* A file under way: what has been read of it to know what it is, then the
 * rest of it. */
struct witness {
	struct explanation *explanation;
	struct arena *arena; /* its own */
	struct span name;
	struct compressed_file *file;
	struct span head;
	bool is_whole; /* the head is all */
	bool has_given_head;
};

void explain_unreadable(
	struct explanation *explanation, struct span file, struct span why)
{
	struct arena *arena = arena_open();

	explanation->has_unread = true;
	note("%.*s: %.*s", SPAN_ARG(escape_text(arena, file)),
		SPAN_ARG(escape_text(arena, why)));
	arena_close(arena);
	if (explanation->unread_count == EXPLAIN_UNREAD_MAX)
		return;
	explanation->unread = arena_grow(explanation->arena,
		explanation->unread, explanation->unread_count,
		&explanation->unread_room, sizeof(*explanation->unread));
	explanation->unread[explanation->unread_count++] =
		(struct explain_unread){ arena_copy(explanation->arena, file),
			arena_copy(explanation->arena, why) };
}

static enum option_format format_of(const struct explanation *explanation)
{
	return explanation->program->options.format;
}

static bool is_quiet(const struct explanation *explanation)
{
	return explanation->program->options.quiet;
}

/* ---- octets */

static bool read_on(struct witness *source, struct span *piece)
{
	struct span why = SPAN("");

	switch (compressed_file_read(source->file, piece, &why)) {
	case COMPRESSED_MORE:
		return true;
	case COMPRESSED_BAD:
		explain_unreadable(source->explanation, source->name, why);
		break;
	case COMPRESSED_END:
		break;
	}
	return false;
}

/* A pipe gives little at a time: until there is enough to tell. */
static void read_head(struct witness *source)
{
	size_t room = WITNESS_HEAD, len = 0;
	char *head = arena_take(source->arena, room);
	struct span piece;

	while (len < WITNESS_HEAD) {
		if (!read_on(source, &piece)) {
			source->is_whole = true;
			break;
		}
		if (len + piece.len > room) {
			char *larger = arena_take(
				source->arena, len + piece.len);

			memcpy(larger, head, len);
			head = larger;
			room = len + piece.len;
		}
		if (piece.len)
			memcpy(head + len, piece.at, piece.len);
		len += piece.len;
	}
	source->head = (struct span){ head, len };
}

/* The whole file from its start, a piece at a time. */
static bool next_piece(struct witness *source, struct span *piece)
{
	if (!source->has_given_head) {
		source->has_given_head = true;
		*piece = source->head;
		return true;
	}
	return !source->is_whole && read_on(source, piece);
}

/* ---- deliveries */

static void line_of_delivery(
	struct explanation *explanation, const struct delivery *delivery)
{
	struct arena *arena = arena_open();
	struct json_writer json;

	writer_open(&json, stdout, false, 0);
	writer_begin_object(&json);
	writer_put_word(&json, "kind", "delivery");
	explain_json_delivery(
		&json, arena, explanation->program->codebook, delivery);
	writer_end_object(&json);
	writer_newline(&json);
	writer_close(&json);
	arena_close(arena);
}

static void take_delivery(
	struct explanation *explanation, const struct delivery *delivery)
{
	delivery_table_add(&explanation->table, delivery);
	explanation->has_told = true;
	explanation->has_refusal |= delivery_is_refused(delivery);
	if (format_of(explanation) == FORMAT_JSONL && !is_quiet(explanation))
		line_of_delivery(explanation, delivery);
}

static void take_log_lines(struct explanation *explanation, struct maillog *log)
{
	const struct delivery *delivery;

	while ((delivery = maillog_next(log)))
		take_delivery(explanation, delivery);
}

static void explain_log(struct witness *source)
{
	int64_t written_ms = compressed_file_written_ms(source->file);
	struct maillog_orders orders = { .file = source->name,
		.now_ms = written_ms ? written_ms : clock_wall_ms() };
	struct maillog *log = maillog_open(&orders);
	uint64_t lines = 0;
	struct span piece;

	while (next_piece(source, &piece)) {
		maillog_feed(log, piece);
		take_log_lines(source->explanation, log);
	}
	maillog_end(log);
	take_log_lines(source->explanation, log);
	for (size_t i = 0; i < MAILLOG_DIALECT_COUNT; i++)
		lines += maillog_account(log)->of_dialect[i];
	maillog_close(log);
	if (!lines)
		explain_unreadable(source->explanation, source->name,
			SPAN("no line of a mail server is in it"));
}

/* ---- mails */

static void explain_mail(struct explanation *explanation, struct span file,
	const struct mbox_mail *mail)
{
	struct arena *arena = arena_open();
	struct inbound_message message;
	size_t reports = 0;

	inbound_message_read(arena, mail->bytes, &message);
	for (size_t i = 0; i < message.delivery_count; i++) {
		struct delivery delivery = message.deliveries[i];

		delivery.file = file;
		delivery.position = mail->line;
		take_delivery(explanation, &delivery);
	}
	if (message.kind == INBOUND_FEEDBACK) {
		reports = report_collection_add_failure(
			explanation->reports, file, &message.feedback);
		explanation->complaints += !reports;
	} else if (!message.delivery_count) {
		reports = report_collection_add(
			explanation->reports, file, mail->bytes);
		explanation->mails += !reports;
	}
	explanation->report_count += reports;
	explanation->has_told = true;
	arena_close(arena);
}

static void explain_mails(struct witness *source)
{
	struct mbox_split split;
	struct mbox_mail mail;
	struct span piece;

	mbox_split_open(&split, 0);
	while (next_piece(source, &piece))
		while (mbox_split_take(&split, &piece, &mail))
			explain_mail(source->explanation, source->name, &mail);
	if (mbox_split_end(&split, &mail))
		explain_mail(source->explanation, source->name, &mail);
	mbox_split_close(&split);
}

static void explain_folder(struct explanation *explanation, const char *name)
{
	struct mailbox *mailbox = mailbox_open(name);
	enum mailbox_state state;
	struct mailbox_mail mail;

	while ((state = mailbox_next(mailbox, &mail)) != MAILBOX_END) {
		if (state == MAILBOX_BAD)
			explain_unreadable(explanation, mail.file, mail.why);
		else
			explain_mail(explanation, mail.file, &mail.mail);
	}
	mailbox_close(mailbox);
}

/* ---- reports */

static void explain_report(struct witness *source)
{
	struct explanation *explanation = source->explanation;
	char *bytes = NULL;
	size_t len = 0, reports;
	FILE *whole = open_memstream(&bytes, &len);
	uint64_t octets = 0;
	struct span piece;

	if (!whole) {
		explain_unreadable(
			explanation, source->name, SPAN("no memory for it"));
		return;
	}
	while (octets <= EXPLAIN_REPORT_MAX && next_piece(source, &piece)) {
		octets += piece.len;
		fwrite(piece.at, 1, piece.len, whole);
	}
	fclose(whole);
	reports = octets > EXPLAIN_REPORT_MAX
			  ? 0
			  : report_collection_add(explanation->reports,
				    source->name, (struct span){ bytes, len });
	free(bytes);
	explanation->report_count += reports;
	explanation->has_told |= reports != 0;
	if (!reports)
		explain_unreadable(explanation, source->name,
			octets > EXPLAIN_REPORT_MAX
				? SPAN("it is too large for a report")
				: SPAN("no report is in it"));
}

/* ---- a reply */

static void explain_reply(struct witness *source)
{
	struct explanation *explanation = source->explanation;
	const struct program *program = explanation->program;
	struct codebook_question question = { .text = span_trim(source->head) };
	struct codebook_answer answer;

	while (question.text.len &&
		ascii_is_space(question.text.at[question.text.len - 1]))
		question.text.len--;
	answer = codebook_find_text(program->codebook, &question);
	explanation->has_told = true;
	explanation->has_refusal |= answer.code / 100 == 5;
	if (is_quiet(explanation))
		return;
	switch (format_of(explanation)) {
	case FORMAT_TEXT:
		codebook_text_reply(
			stdout, &program->style, program->codebook, &question);
		break;
	case FORMAT_JSONL:
		codebook_json_reply(stdout, program->codebook, &question);
		break;
	case FORMAT_JSON:
		explanation->replies = arena_grow(explanation->arena,
			explanation->replies, explanation->reply_count,
			&explanation->reply_room, sizeof(question.text));
		explanation->replies[explanation->reply_count++] = arena_copy(
			explanation->arena, question.text);
		break;
	}
}

/* ---- captures */

struct capture_telling {
	struct explanation *explanation;
	struct span file;
	FILE *text; /* of the first sessions; or NULL */
	uint64_t sessions;
};

static void session_as_json(struct explanation *explanation,
	const struct session_telling *told, struct span file)
{
	struct json_writer line, *json = explanation->document;
	struct arena *arena = arena_open();

	if (!json) {
		json = &line;
		writer_open(json, stdout, false, 0);
	}
	writer_begin_object(json);
	if (json == &line)
		writer_put_word(json, "kind", "session");
	writer_put(json, "file", file);
	explain_session_json(json, arena, told);
	writer_end_object(json);
	if (json == &line) {
		writer_newline(json);
		writer_close(json);
	}
	arena_close(arena);
}

static void tell_session(
	struct capture_telling *telling, const struct session_telling *told)
{
	struct explanation *explanation = telling->explanation;
	const struct program *program = explanation->program;
	unsigned long wanted = program->options.explain.session;

	if (is_quiet(explanation) || (wanted && told->record->number != wanted))
		return;
	if (format_of(explanation) != FORMAT_TEXT)
		session_as_json(explanation, told, telling->file);
	else if (wanted)
		explain_session_text(stdout, &program->style, told, true);
	else if (telling->text && telling->sessions <= EXPLAIN_SESSIONS_SHOWN)
		explain_session_text(
			telling->text, &program->style, told, false);
}

static void take_sessions(
	struct capture_telling *telling, struct sessions *sessions)
{
	struct explanation *explanation = telling->explanation;
	const struct session_record *record;

	while ((record = sessions_next(sessions))) {
		struct arena *arena = arena_open();
		struct session_telling told = { .record = record,
			.codebook = explanation->program->codebook };

		told.delivery_count = session_deliveries(
			arena, record, &told.deliveries);
		telling->sessions++;
		tell_session(telling, &told);
		for (size_t i = 0; i < told.delivery_count; i++) {
			struct delivery delivery = told.deliveries[i];

			delivery.file = telling->file;
			take_delivery(explanation, &delivery);
		}
		arena_close(arena);
	}
}

static void read_sessions(struct witness *source,
	struct capture_telling *telling, struct sessions *sessions)
{
	const struct capture_file *file = sessions_file(sessions);
	struct span piece;

	while (!file->is_bad && next_piece(source, &piece))
		while (!file->is_bad &&
			sessions_read(sessions, &piece) != CAPTURE_MORE)
			take_sessions(telling, sessions);
	sessions_end(sessions);
	take_sessions(telling, sessions);
	if (file->is_bad || file->is_cut)
		explain_unreadable(
			source->explanation, source->name, span_of(file->why));
}

static void tell_name(struct span file)
{
	struct arena *arena = arena_open();

	printf("%.*s:\n", SPAN_ARG(escape_text(arena, file)));
	arena_close(arena);
}

static void summarise(const struct capture_telling *telling,
	const struct session_totals *totals, struct span text)
{
	const struct options *options = &telling->explanation->program->options;

	if (options->quiet || options->format != FORMAT_TEXT)
		return;
	if (options->explain.name_count > 1)
		tell_name(telling->file);
	if (options->explain.session) {
		if (options->explain.session > telling->sessions)
			note("the capture has only %" PRIu64 " sessions",
				telling->sessions);
	} else if (telling->sessions <= EXPLAIN_SESSIONS_SHOWN) {
		fwrite(text.at, 1, text.len, stdout);
	} else {
		printf("%" PRIu64 " sessions: --session N tells one in full, "
		       "--jsonl all in short.\n",
			telling->sessions);
	}
	if (totals->half_open)
		printf("Connections that were only begun: %" PRIu64 ".\n",
			totals->half_open);
	if (!telling->sessions)
		printf("No SMTP session is in the capture.\n");
}

static void explain_capture(struct witness *source)
{
	struct capture_telling telling = { .explanation = source->explanation,
		.file = source->name };
	struct sessions_wish wish = { .keylog = source->explanation->keylog };
	struct sessions *sessions = sessions_open(&wish);
	char *text = NULL;
	size_t len = 0;

	telling.text = open_memstream(&text, &len);
	read_sessions(source, &telling, sessions);
	if (telling.text)
		fclose(telling.text);
	summarise(&telling, sessions_totals(sessions),
		(struct span){ text, text ? len : 0 });
	free(text);
	sessions_close(sessions);
	source->explanation->has_told = true;
}

/* ---- what is it? */

static void explain_known(struct witness *source, bool is_input)
{
	struct explanation *explanation = source->explanation;

	switch (witness_form_of(source->head, source->is_whole)) {
	case WITNESS_FORM_CAPTURE:
		explain_capture(source);
		return;
	case WITNESS_FORM_MAIL:
		explain_mails(source);
		return;
	case WITNESS_FORM_REPORT:
		explain_report(source);
		return;
	case WITNESS_FORM_REPLY:
		explain_reply(source);
		return;
	case WITNESS_FORM_LOG:
		explain_log(source);
		return;
	case WITNESS_FORM_TEXT:
		/* People paste a reply without its code. */
		if (is_input && source->is_whole &&
			source->head.len <= WITNESS_REPLY_MAX)
			explain_reply(source);
		else
			explain_log(source);
		return;
	case WITNESS_FORM_EMPTY:
		if (!explanation->has_unread)
			explain_unreadable(
				explanation, source->name, SPAN("it is empty"));
		return;
	case WITNESS_FORM_UNKNOWN:
		break;
	}
	explain_unreadable(explanation, source->name,
		SPAN("it is none of the files that are known here"));
}

void explain_file(struct explanation *explanation, const char *name)
{
	bool is_input = strcmp(name, "-") == 0;
	struct witness source = { .explanation = explanation,
		.name = is_input ? SPAN("standard input") : span_of(name) };
	struct span why = SPAN("");
	struct stat status;

	if (!is_input && stat(name, &status) == 0 && S_ISDIR(status.st_mode)) {
		explain_folder(explanation, name);
		return;
	}
	source.arena = arena_open();
	source.file = compressed_file_open(source.arena, name, &why);
	if (source.file) {
		read_head(&source);
		explain_known(&source, is_input);
		compressed_file_close(source.file);
	} else {
		explain_unreadable(explanation, source.name, why);
	}
	arena_close(source.arena);
}
