#include <inttypes.h>
#include <sys/stat.h>

#include "probe/base/escape.h"
#include "probe/base/note.h"
#include "probe/verbs/explain_delivery.h"
#include "probe/verbs/explain_follow.h"
#include "probe/verbs/explain_word.h"
#include "probe/verbs/witness.h"
#include "reports/inbound/archive_file.h"

/*
 * Logs are read last: bounces and captures, of which there is less, wait for
 * them in memory.  A log that can be opened again is; what comes through a
 * pipe is kept open.
 */
struct explain_later {
	struct witness *source; /* NULL: to be opened again */
	const char *name;
	bool is_found;
};

/*
 * Two logs are not held against each other, so that one that is named twice,
 * itself and by its folder or a link, would count twice.
 */
static bool is_read_already(
	struct explanation *explanation, const struct explain_later *later)
{
	struct named_file file = { .name = later->name };
	const char *first;
	struct arena *arena;
	struct stat status;

	if (later->source || stat(later->name, &status) != 0)
		return false;
	file.device = status.st_dev;
	file.number = status.st_ino;
	first = file_set_put(
		explanation->arena, &explanation->later_files, &file);
	if (!first)
		return false;
	arena = arena_open();
	if (strcmp(first, later->name) == 0)
		note("%s: it is named more than once, and is read once",
			escape_text(arena, span_of(first)).at);
	else
		note("%s: it is the file %s, and is read once",
			escape_text(arena, span_of(later->name)).at,
			escape_text(arena, span_of(first)).at);
	arena_close(arena);
	return true;
}

static void put_off(struct explanation *explanation, struct witness *source,
	const char *name)
{
	bool is_kept = witness_is_once(source);
	struct explain_later later = {
		.source = is_kept ? source : NULL,
		.name = arena_copy(explanation->arena, span_of(name)).at,
		.is_found = source->is_found,
	};

	if (!is_kept)
		witness_close(source);
	if (is_read_already(explanation, &later))
		return;
	explanation->later = arena_grow(explanation->arena, explanation->later,
		explanation->later_count, &explanation->later_room,
		sizeof(later));
	explanation->later[explanation->later_count++] = later;
}

/* ---- what is it? */

static bool explain_text(struct witness *source, bool wants_logs)
{
	/* People paste a reply without its code. */
	if (source->is_input && source->is_whole &&
		source->head.len <= WITNESS_REPLY_MAX) {
		explain_reply(source);
		return false;
	}
	if (wants_logs)
		explain_log(source);
	return true;
}

static void explain_small(struct witness *source, enum witness_form form)
{
	switch (form) {
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
	case WITNESS_FORM_EMPTY:
		/* What could not be read has been told of. */
		if (!source->explanation->has_unread)
			witness_is_useless(source, SPAN("it is empty"));
		return;
	case WITNESS_FORM_UNKNOWN:
	case WITNESS_FORM_LOG:
	case WITNESS_FORM_TEXT:
		break;
	}
	witness_is_useless(
		source, SPAN("it is none of the files that are known here"));
}

/* Is it a log? */
static bool explain_form(struct witness *source, bool wants_logs)
{
	enum witness_form form = witness_form_of(
		source->head, source->is_whole);

	if (form == WITNESS_FORM_TEXT)
		return explain_text(source, wants_logs);
	if (form == WITNESS_FORM_LOG) {
		if (wants_logs)
			explain_log(source);
		return true;
	}
	if (!wants_logs)
		explain_small(source, form);
	return false;
}

bool explain_witness(struct witness *source, bool wants_logs)
{
	struct explanation *explanation = source->explanation;
	uint64_t before = explanation->passed_over;
	bool is_log;

	if (archive_is_likely(source->head))
		return explain_archive(source, wants_logs);
	is_log = explain_form(source, wants_logs);
	/* What is no log was read the first time, a log is the second time. */
	if (is_log == wants_logs && explanation->passed_over == before)
		explanation->known++;
	return is_log;
}

static bool follows(const struct explanation *explanation)
{
	return explanation->program->options.explain.follows;
}

/* A log that somebody named and that can grow; an empty one may be the new one
 * of today. */
static bool is_to_follow(struct witness *source)
{
	if (!follows(source->explanation) || source->is_found ||
		witness_is_once(source) ||
		compressed_file_is_packed(source->file) ||
		archive_is_likely(source->head))
		return false;
	switch (witness_form_of(source->head, source->is_whole)) {
	case WITNESS_FORM_LOG:
	case WITNESS_FORM_TEXT:
	case WITNESS_FORM_EMPTY:
		return true;
	case WITNESS_FORM_CAPTURE:
	case WITNESS_FORM_MAIL:
	case WITNESS_FORM_REPORT:
	case WITNESS_FORM_REPLY:
	case WITNESS_FORM_UNKNOWN:
		break;
	}
	return false;
}

static void explain_file(
	struct explanation *explanation, const char *name, bool is_found)
{
	struct witness *source = witness_open(explanation, name);

	if (!source)
		return;
	source->is_found = is_found;
	if (is_to_follow(source)) {
		witness_close(source);
		explain_follow_add(explanation, name);
	} else if (explain_witness(source, false))
		put_off(explanation, source, name);
	else
		witness_close(source);
}

static void explain_found(struct explanation *explanation, const char *name)
{
	explanation->found++;
	explain_file(explanation, name, true);
}

static void explain_found_in(struct explanation *explanation, const char *name)
{
	uint64_t before = explanation->found;

	explain_folder(explanation, name, explain_found);
	if (explanation->found == before && !explain_is_mailbox(name) &&
		!explanation->has_unread)
		explain_unreadable(
			explanation, span_of(name), SPAN("no file is in it"));
}

static void explain_operand(struct explanation *explanation, const char *name)
{
	bool is_input = strcmp(name, "-") == 0;
	struct stat status;

	/* What it is would take 64 KB to tell, and be told too late. */
	if (is_input && follows(explanation))
		explain_follow_add(explanation, name);
	else if (!is_input && stat(name, &status) == 0 &&
		 S_ISDIR(status.st_mode))
		explain_found_in(explanation, name);
	else
		explain_file(explanation, name, false);
}

bool explain_is_heard(void)
{
	return !ferror(stdout);
}

static void explain_logs(struct explanation *explanation)
{
	for (size_t i = 0; i < explanation->later_count; i++) {
		const struct explain_later *later = &explanation->later[i];
		struct witness *source = later->source;

		if (!source && explain_is_heard())
			source = witness_open(explanation, later->name);
		if (!source)
			continue;
		source->is_found = later->is_found;
		explain_witness(source, true);
		witness_close(source);
	}
}

/* A folder without anything in it is a wrong folder, and no good news. */
static void tell_in_vain(struct explanation *explanation)
{
	const struct explain_options *options =
		&explanation->program->options.explain;

	for (size_t i = 0; i < options->name_count; i++)
		explain_unreadable(explanation, span_of(options->names[i]),
			SPAN("no file in it is known here"));
}

static void tell_passed_over(struct explanation *explanation)
{
	uint64_t count = explanation->passed_over;

	if (count && !explanation->known && !explanation->has_unread &&
		!follows(explanation)) {
		tell_in_vain(explanation);
		return;
	}
	if (count == 1)
		note("one of the files in folders and archives is none that is "
		     "known here, and was passed over");
	else if (count)
		note("%" PRIu64 " of the files in folders and archives are "
		     "none that are known here, and were passed over",
			count);
}

/* Files and folders; or a reply, which no file has the name of. */
static void explain_operands(struct explanation *explanation)
{
	const struct explain_options *options =
		&explanation->program->options.explain;
	struct witness reply = { .explanation = explanation };

	reply.head = explain_word_reply(
		explanation->arena, explanation->program);
	if (reply.head.len) {
		explain_reply(&reply);
		return;
	}
	if (!options->name_count)
		explain_operand(explanation, "-");
	for (size_t i = 0; i < options->name_count; i++)
		explain_operand(explanation, options->names[i]);
}

void explain_read(struct explanation *explanation)
{
	const struct explain_options *options =
		&explanation->program->options.explain;

	explain_join_open(explanation);
	explain_operands(explanation);
	explain_logs(explanation);
	if (options->session && !explanation->has_capture)
		note("--session: no capture is among the files");
	if (options->session && !explanation->has_session)
		explanation->has_unread = true;
	if (options->follows)
		explain_follow_run(explanation);
	explain_join_close(explanation);
	tell_passed_over(explanation);
}
