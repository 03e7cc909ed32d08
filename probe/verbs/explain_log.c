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

static bool has_line(const struct maillog *log)
{
	for (size_t i = 0; i < MAILLOG_DIALECT_COUNT; i++)
		if (maillog_account(log)->of_dialect[i])
			return true;
	return false;
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

void explain_log(struct witness *source)
{
	struct maillog_orders orders = { .file = source->name,
		.now_ms = source->written_ms ? source->written_ms
					     : clock_wall_ms(),
		.zone = source->explanation->log_zone };
	struct maillog *log = maillog_open(&orders);
	struct span piece;

	while (witness_read(source, &piece)) {
		maillog_feed(log, piece);
		take_lines(source->explanation, log);
	}
	maillog_end(log);
	take_lines(source->explanation, log);
	tell_cut(source, maillog_account(log)->cut);
	if (!has_line(log))
		witness_is_useless(
			source, SPAN("no line of a mail server is in it"));
	maillog_close(log);
}
