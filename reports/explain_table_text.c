#include "probe/base/escape.h"
#include "probe/judge/delivery_words.h"
#include "reports/explain_text.h"

enum { NAME_COLUMNS = 30, TABLE_COLUMNS = 77, INDENT = 4, HANG = 6 };

static const struct mark no_mark = { "", TONE_PLAIN };

static void put_line(
	struct screen *screen, size_t indent, size_t hang, struct span text)
{
	screen_paragraph(screen, indent, no_mark, hang, text);
}

/* "from 2024-09-07 10:51:02 to 12:00:00" of one day, else with both. */
static struct span period_text(
	struct screen *screen, const struct delivery_period *seen)
{
	struct span first, last;

	if (!seen->has_time)
		return SPAN("");
	first = delivery_second_text(screen->arena, seen->first_ms);
	last = delivery_second_text(screen->arena, seen->last_ms);
	if (span_is(first, last))
		return arena_print(screen->arena, "at %.*s", SPAN_ARG(first));
	if (span_is(span_part(first, 0, 10), span_part(last, 0, 10)))
		last = span_part(last, 11, last.len);
	return arena_print(screen->arena, "from %.*s to %.*s", SPAN_ARG(first),
		SPAN_ARG(last));
}

static const char *family_of(const struct delivery_row *row)
{
	return row->has_family ? family_word(row->family) : "?";
}

static void put_number(struct screen *screen, uint64_t number)
{
	struct span text = delivery_count_text(screen->arena, number);

	fprintf(screen->out, " %9.*s", SPAN_ARG(text));
}

static void put_wide(
	struct screen *screen, struct span name, const struct delivery_row *row)
{
	size_t width = escape_columns(name);

	if (width > NAME_COLUMNS) {
		screen_span(screen, name);
		fputc('\n', screen->out);
		name.len = width = 0;
	}
	screen_span(screen, name);
	screen_spaces(screen, NAME_COLUMNS - width);
	fprintf(screen->out, " %-6s", family_of(row));
	put_number(screen, row->accepted);
	put_number(screen, row->deferred);
	put_number(screen, row->refused);
	put_number(screen, row->unknown);
	fputc('\n', screen->out);
}

static void add_word(struct screen *screen, struct span *text, uint64_t number,
	const char *word)
{
	if (number)
		*text = arena_print(screen->arena, "%.*s%s%.*s %s",
			SPAN_ARG(*text), text->len ? ", " : "",
			SPAN_ARG(delivery_count_text(screen->arena, number)),
			word);
}

/* Where no table fits: in words, and nothing of what there is none of. */
static void put_narrow(
	struct screen *screen, struct span name, const struct delivery_row *row)
{
	struct span text = SPAN(""), head;

	add_word(screen, &text, row->accepted, "accepted");
	add_word(screen, &text, row->deferred, "deferred");
	add_word(screen, &text, row->refused, "refused");
	add_word(screen, &text, row->unknown, "unclear");
	head = arena_print(screen->arena, "%.*s, %s:", SPAN_ARG(name),
		row->has_family ? family_of(row) : "family not told");
	screen_paragraph(
		screen, 0, (struct mark){ head.at, TONE_PLAIN }, 2, text);
}

static struct span share_text(struct screen *screen, struct change_share share)
{
	return arena_print(screen->arena, "%.*s of %.*s",
		SPAN_ARG(delivery_count_text(screen->arena, share.failed)),
		SPAN_ARG(delivery_count_text(screen->arena, share.tried)));
}

static void put_change(struct screen *screen, const struct delivery_row *row)
{
	const struct change_point *change = &row->change;
	struct span text;

	if (!row->has_change)
		return;
	text = arena_print(screen->arena, "failed: %.*s",
		SPAN_ARG(share_text(screen, change->during)));
	if (change->has_since)
		text = arena_print(screen->arena,
			"failed: %.*s before %.*s, %.*s since",
			SPAN_ARG(share_text(screen, change->before)),
			SPAN_ARG(delivery_second_text(
				screen->arena, change->since_ms)),
			SPAN_ARG(share_text(screen, change->during)));
	if (change->has_until)
		text = arena_print(screen->arena, "%.*s until %.*s, %.*s after",
			SPAN_ARG(text),
			SPAN_ARG(delivery_second_text(
				screen->arena, change->until_ms)),
			SPAN_ARG(share_text(screen, change->after)));
	put_line(screen, INDENT, HANG, text);
}

static void put_cause(struct screen *screen, const struct delivery_cause *cause)
{
	struct span counts = SPAN("");
	struct span period = period_text(screen, &cause->seen);
	struct span name = cause->id.len ? cause->id : cause->policy;

	add_word(screen, &counts, cause->refused, "refused");
	add_word(screen, &counts, cause->deferred, "deferred");
	add_word(screen, &counts, cause->unknown, "broken off");
	put_line(screen, INDENT, HANG,
		arena_print(screen->arena, "%.*s: %.*s%s%s%s%s%.*s",
			SPAN_ARG(counts), SPAN_ARG(screen_safe(screen, name)),
			cause->fault != PATH_NO_FAULT ? " (" : "",
			cause->fault != PATH_NO_FAULT
				? path_fault_phrase(cause->fault)
				: "",
			cause->fault != PATH_NO_FAULT ? ")" : "",
			period.len ? ", " : "", SPAN_ARG(period)));
}

static void put_row(
	struct screen *screen, const struct delivery_row *row, bool is_narrow)
{
	struct span name = screen_safe(screen, row->destination);

	if (is_narrow)
		put_narrow(screen, name, row);
	else
		put_wide(screen, name, row);
	if (row->seen.has_time)
		put_line(screen, INDENT, HANG,
			arena_print(screen->arena, "seen %.*s",
				SPAN_ARG(period_text(screen, &row->seen))));
	put_change(screen, row);
	for (size_t i = 0; i < row->cause_count; i++)
		put_cause(screen, row->causes[i]);
	if (row->other_causes)
		put_line(screen, INDENT, HANG,
			arena_print(screen->arena, "%.*s for other reasons",
				SPAN_ARG(delivery_count_text(
					screen->arena, row->other_causes))));
}

void explain_text_table(
	struct screen *screen, const struct delivery_table *table)
{
	bool is_narrow = screen->columns < TABLE_COLUMNS;
	size_t shown = table->row_count;

	if (!screen->verbose && shown > EXPLAIN_ROWS_SHOWN)
		shown = EXPLAIN_ROWS_SHOWN;
	if (shown && !is_narrow)
		fprintf(screen->out, "%-30s %-6s %9s %9s %9s %9s\n",
			"DESTINATION", "FAMILY", "ACCEPTED", "DEFERRED",
			"REFUSED", "UNCLEAR");
	for (size_t i = 0; i < shown; i++)
		put_row(screen, table->rows[i], is_narrow);
	if (shown < table->row_count)
		put_line(screen, 0, 0,
			arena_print(screen->arena,
				"%zu more rows are not shown: --verbose or "
				"--json tells them all.",
				table->row_count - shown));
	if (table->local)
		put_line(screen, 0, 0,
			arena_print(screen->arena,
				"Deliveries to the mail server itself, not "
				"counted: %.*s.",
				SPAN_ARG(delivery_count_text(
					screen->arena, table->local))));
}
