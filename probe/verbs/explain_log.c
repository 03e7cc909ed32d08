#include <inttypes.h>

#include "probe/base/clock.h"
#include "probe/base/escape.h"
#include "probe/base/note.h"
#include "probe/verbs/explain_delivery.h"
#include "probe/verbs/witness.h"
#include "reports/inbound/maillog.h"

static void take_lines(struct explanation *explanation, struct maillog *log)
{
	const struct delivery *deliveries;
	size_t count;

	while ((deliveries = maillog_next_few(log, &count))) {
		delivery_table_foresee(
			&explanation->incident.table, deliveries, count);
		for (size_t i = 0; i < count; i++)
			explain_delivery(explanation, &deliveries[i]);
	}
}

static void tell_cut(const struct witness *source, uint64_t cut)
{
	struct arena *arena = arena_open();

	if (cut)
		note("%.*s: %" PRIu64 " line%s longer than %d KB, and only "
		     "that much was read",
			SPAN_ARG(escape_text(arena, source->name)), cut,
			cut == 1 ? " is" : "s are", MAILLOG_LINE_MAX / 1024);
	arena_close(arena);
}

static uint64_t lines_known(const struct maillog_account *account)
{
	uint64_t lines = 0;

	for (size_t i = 0; i < MAILLOG_DIALECT_COUNT; i++)
		lines += account->of_dialect[i];
	return lines;
}

/* "12 of postfix, 3 of exim" */
static struct span dialects_text(
	struct arena *arena, const struct maillog_account *account)
{
	struct span text = SPAN("");

	for (size_t i = 0; i < MAILLOG_DIALECT_COUNT; i++)
		if (account->of_dialect[i])
			text = arena_print(arena, "%.*s%s%" PRIu64 " of %s",
				SPAN_ARG(text), text.len ? ", " : "",
				account->of_dialect[i],
				maillog_dialect_word((enum maillog_dialect)i));
	return text;
}

/* A log of mail that came in only, or of programs that are not known here. */
static void tell_nothing(
	const struct witness *source, const struct maillog_account *account)
{
	const struct options *options = &source->explanation->program->options;
	struct span name, dialects;
	struct arena *arena;

	if (options->quiet || (source->is_found && !options->verbose))
		return;
	arena = arena_open();
	name = escape_text(arena, source->name);
	dialects = dialects_text(arena, account);
	note("%.*s: no delivery in %" PRIu64 " line%s: %.*s, %" PRIu64
	     " of other programs",
		SPAN_ARG(name), account->lines, account->lines == 1 ? "" : "s",
		SPAN_ARG(dialects), account->others);
	arena_close(arena);
}

/* The lines of a mail server may be there, in a form that is not known. */
static struct span why_useless(const struct witness *source)
{
	static const struct span names[] = { { "postfix", 7 },
		{ "sendmail", 8 }, { "sm-mta", 6 }, { "exim", 4 },
		{ "smtpd", 5 }, { "qmail", 5 } };

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (span_find_nocase(source->head, names[i]) < source->head.len)
			return SPAN("it names a mail server, but no line is in "
				    "a form that is known here; journalctl "
				    "writes such with -o short-iso or -o json");
	return SPAN("no line of a mail server is in it");
}

static void tell_account(
	struct witness *source, const struct maillog_account *account)
{
	tell_cut(source, account->cut);
	if (!lines_known(account))
		witness_is_useless(source, why_useless(source));
	else if (!account->deliveries)
		tell_nothing(source, account);
}

void explain_log(struct witness *source)
{
	struct maillog_orders orders = { .file = source->name,
		.now_ms = source->written_ms ? source->written_ms
					     : clock_wall_ms(),
		.zone = source->explanation->log_zone };
	struct maillog *log = maillog_open(&orders);
	struct span piece;

	while (explain_is_heard() && witness_read(source, &piece)) {
		maillog_feed(log, piece);
		take_lines(source->explanation, log);
	}
	maillog_end(log);
	take_lines(source->explanation, log);
	/* One that was not read to its end may well have had more. */
	if (explain_is_heard())
		tell_account(source, maillog_account(log));
	maillog_close(log);
}
