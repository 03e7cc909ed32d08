#include <inttypes.h>

#include "pcap/session_voice.h"
#include "pcap/sessions.h"
#include "probe/base/escape.h"
#include "probe/base/note.h"
#include "probe/verbs/explain_delivery.h"
#include "probe/verbs/explain_session.h"
#include "probe/verbs/witness.h"
#include "reports/spool.h"

struct capture_telling {
	struct explanation *explanation;
	struct span file;
	FILE *text; /* of the first sessions; or NULL */
	uint64_t sessions;
	bool is_one_of_many; /* files: it is named */
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

	if (program->options.quiet ||
		(wanted && told->record->number != wanted))
		return;
	if (program->options.format != FORMAT_TEXT)
		session_as_json(explanation, told, telling->file);
	else if (wanted)
		explain_session_text(stdout, &program->style, told, true);
	else if (telling->text && telling->sessions <= EXPLAIN_SESSIONS_SHOWN)
		explain_session_text(
			telling->text, &program->style, told, false);
}

static void hear(
	struct capture_telling *telling, const struct session_record *record)
{
	struct host_voice voice;

	if (!session_voice(record, &voice))
		return;
	voice.file = telling->file;
	host_voices_add(&telling->explanation->incident.voices, &voice);
}

/* Packets were lost or turned away; whose silence it was is known. */
static bool is_on_the_way(enum cause cause)
{
	switch (cause) {
	case CAUSE_NO_ANSWER:
	case CAUSE_REFUSED:
	case CAUSE_PROHIBITED:
	case CAUSE_UNREACHABLE:
	case CAUSE_RESET:
	case CAUSE_BLACK_HOLE:
	case CAUSE_TOO_BIG:
	case CAUSE_STALL:
		return true;
	case CAUSE_NONE:
	case CAUSE_HALF_OPEN:
	case CAUSE_SERVER_SILENT:
	case CAUSE_CLIENT_SILENT:
		break;
	}
	return false;
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
		witness_account_add_session(&explanation->incident.account,
			session_is_hidden(record),
			is_on_the_way(record->cause.cause));
		hear(telling, record);
		tell_session(telling, &told);
		for (size_t i = 0; i < told.delivery_count; i++) {
			struct delivery delivery = told.deliveries[i];

			delivery.file = telling->file;
			if (telling->is_one_of_many)
				explain_delivery(explanation, &delivery);
			else
				explain_only_delivery(explanation, &delivery);
		}
		arena_close(arena);
	}
}

static void read_sessions(struct witness *source,
	struct capture_telling *telling, struct sessions *sessions)
{
	const struct capture_file *file = sessions_file(sessions);
	struct span piece;

	while (!file->is_bad && witness_read(source, &piece))
		while (!file->is_bad &&
			sessions_read(sessions, &piece) != CAPTURE_MORE)
			take_sessions(telling, sessions);
	sessions_end(sessions);
	take_sessions(telling, sessions);
	if (file->is_bad || file->is_cut) {
		source->explanation->incident.account.cut_captures++;
		explain_unreadable(
			source->explanation, source->name, span_of(file->why));
	}
}

static void tell_name(FILE *out, struct span file)
{
	struct arena *arena = arena_open();

	fprintf(out, "%.*s:\n", SPAN_ARG(escape_text(arena, file)));
	arena_close(arena);
}

/* What they come to is told before them, unless one was asked for. */
static FILE *words_to(struct explanation *explanation)
{
	if (explanation->program->options.explain.session)
		return stdout;
	if (!explanation->sessions)
		explanation->sessions = spool_open();
	return explanation->sessions ? explanation->sessions : stdout;
}

static void summarise(const struct capture_telling *telling,
	const struct session_totals *totals, struct span text)
{
	const struct options *options = &telling->explanation->program->options;
	FILE *out;

	if (options->explain.session &&
		options->explain.session <= telling->sessions)
		telling->explanation->has_session = true;
	if (options->quiet || options->format != FORMAT_TEXT)
		return;
	out = words_to(telling->explanation);
	if (telling->is_one_of_many)
		tell_name(out, telling->file);
	if (options->explain.session) {
		if (options->explain.session > telling->sessions)
			note("--session %" PRIu64 ": the capture has only "
			     "%" PRIu64 " session%s",
				(uint64_t)options->explain.session,
				telling->sessions,
				telling->sessions == 1 ? "" : "s");
	} else if (telling->sessions <= EXPLAIN_SESSIONS_SHOWN) {
		fwrite(text.at, 1, text.len, out);
	} else {
		fprintf(out,
			"%" PRIu64 " sessions: --session N tells one in full, "
			"--jsonl all in short.\n",
			telling->sessions);
	}
	if (totals->half_open)
		fprintf(out, "Connections that were only begun: %" PRIu64 ".\n",
			totals->half_open);
	if (!telling->sessions)
		fputs("No SMTP session is in the capture.\n", out);
}

void explain_capture(struct witness *source)
{
	struct explanation *explanation = source->explanation;
	struct capture_telling telling = { .explanation = explanation,
		.file = source->name,
		.is_one_of_many =
			source->is_found ||
			explanation->program->options.explain.name_count > 1 };
	struct sessions_wish wish = { .keylog = explanation->keylog };
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
	explanation->has_capture = true;
	explanation->has_told = true;
}
