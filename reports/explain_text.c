#include "reports/explain_text.h"

#include <inttypes.h>

#include "probe/base/clock.h"
#include "probe/base/escape.h"

enum { NAME_COLUMNS = 30 };

static struct span period_of(
	struct screen *screen, const struct delivery_period *seen)
{
	struct span first, last;

	if (!seen->has_time)
		return SPAN("");
	first = clock_text(screen->arena, seen->first_ms);
	last = clock_text(screen->arena, seen->last_ms);
	if (span_is(first, last))
		return arena_print(screen->arena, ", at %.*s", SPAN_ARG(first));
	return arena_print(screen->arena, ", from %.*s to %.*s",
		SPAN_ARG(first), SPAN_ARG(last));
}

static void tell_numbers(
	struct screen *screen, struct span name, const struct delivery_row *row)
{
	size_t width = escape_columns(name);

	if (width > NAME_COLUMNS) {
		fprintf(screen->out, "%.*s\n", SPAN_ARG(name));
		name.len = width = 0;
	}
	fprintf(screen->out, "%.*s", SPAN_ARG(name));
	screen_spaces(screen, NAME_COLUMNS - width);
	fprintf(screen->out,
		" %-6s %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 "\n",
		row->has_family ? family_word(row->family) : "?", row->accepted,
		row->deferred, row->refused, row->unknown);
}

static void tell_cause(
	struct screen *screen, const struct delivery_cause *cause)
{
	struct span name = cause->id.len ? cause->id : cause->policy;
	struct span text = arena_print(screen->arena, "%s%.*s%.*s. %.*s",
		cause->refused && cause->deferred ? "refused or deferred: "
		: cause->refused                  ? "refused: "
						  : "deferred: ",
		SPAN_ARG(screen_safe(screen, name)),
		SPAN_ARG(period_of(screen, &cause->seen)),
		SPAN_ARG(screen_safe(screen, cause->meaning)));

	text = arena_print(screen->arena, "%" PRIu64 " %.*s",
		cause->refused + cause->deferred, SPAN_ARG(text));
	screen_paragraph(screen, 4, (struct mark){ "", TONE_PLAIN }, 6, text);
}

static void tell_row(struct screen *screen, const struct delivery_row *row)
{
	tell_numbers(screen, screen_safe(screen, row->destination), row);
	if (row->seen.has_time) {
		struct span seen = period_of(screen, &row->seen);

		/* Without the comma that joins it to a sentence. */
		screen_paragraph(screen, 4, (struct mark){ "", TONE_PLAIN }, 6,
			arena_print(screen->arena, "seen %.*s",
				SPAN_ARG(span_part(seen, 2, seen.len))));
	}
	for (size_t i = 0; i < row->cause_count; i++)
		tell_cause(screen, &row->causes[i]);
	if (row->other_causes)
		screen_paragraph(screen, 4, (struct mark){ "", TONE_PLAIN }, 6,
			arena_print(screen->arena,
				"%" PRIu64 " for other reasons",
				row->other_causes));
}

static void tell_limits(
	struct screen *screen, const struct delivery_table *table, size_t shown)
{
	unsigned kinds = 0;

	for (size_t i = 0; i < WITNESS_KINDS; i++)
		kinds += table->of_witness[i] != 0;
	if (shown < table->row_count)
		screen_paragraph(screen, 0, (struct mark){ "", TONE_PLAIN }, 0,
			arena_print(screen->arena,
				"%zu more rows are not shown: --verbose or "
				"--json tells them all.",
				table->row_count - shown));
	if (table->local)
		screen_paragraph(screen, 0, (struct mark){ "", TONE_PLAIN }, 0,
			arena_print(screen->arena,
				"Deliveries to the mail server itself, not "
				"counted: %" PRIu64 ".",
				table->local));
	if (kinds > 1)
		screen_paragraph(screen, 0, (struct mark){ "", TONE_PLAIN }, 0,
			SPAN("Logs, bounces and captures are not matched with "
			     "each other: a delivery that two of them tell of "
			     "counts twice."));
}

void explain_text_table(FILE *out, const struct text_style *style,
	const struct delivery_table *table)
{
	size_t shown = table->row_count;
	struct screen screen;

	if (!style->verbose && shown > EXPLAIN_ROWS_SHOWN)
		shown = EXPLAIN_ROWS_SHOWN;
	if (!table->row_count && !table->local)
		return;
	screen_open(&screen, out, style);
	if (shown)
		fprintf(out, "%-30s %-6s %9s %9s %9s %9s\n", "DESTINATION",
			"FAMILY", "ACCEPTED", "DEFERRED", "REFUSED", "UNCLEAR");
	for (size_t i = 0; i < shown; i++)
		tell_row(&screen, table->rows[i]);
	tell_limits(&screen, table, shown);
	screen_close(&screen);
}
