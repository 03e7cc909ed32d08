#include "reports/explain_text.h"

#include "probe/judge/delivery_words.h"

enum { HANG = 11, TIME_COLUMNS = 21 };

static const struct mark no_mark = { "", TONE_PLAIN };

static void put_line(struct screen *screen, size_t indent, struct span text)
{
	screen_paragraph(screen, indent, no_mark, indent, text);
}

static void put_heading(struct screen *screen, const char *text)
{
	fputc('\n', screen->out);
	put_line(screen, 0, span_of(text));
}

/* ---- findings */

static void put_part(struct screen *screen, const char *word, struct span text)
{
	if (text.len)
		screen_paragraph(screen, 2, (struct mark){ word, TONE_PLAIN },
			HANG, screen_safe(screen, text));
}

static void put_clauses(struct screen *screen, const char *word,
	const struct evidence *evidence, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put_part(screen, i ? "" : word, evidence[i].text);
}

/* In one line whatever the width: it is there to be copied. */
static void put_command(struct screen *screen, struct span command)
{
	if (!command.len)
		return;
	screen_spaces(screen, 2);
	screen_mark(screen, (struct mark){ "test", TONE_PLAIN });
	screen_spaces(screen, HANG - 6);
	screen_span(screen, screen_safe(screen, command));
	fputc('\n', screen->out);
}

static const char *parted_phrase(enum delivery_parted parted)
{
	switch (parted) {
	case PARTED_BY_FAMILY:
		return "; family-specific";
	case PARTED_BY_HOST:
		return "; host-specific";
	case PARTED_BY_SOURCE:
		return "; source-specific";
	case PARTED_BY_NOTHING:
		return "; the same over both families";
	case PARTED_UNDECIDED:
		return "; whether it is the family is not decided";
	case PARTED_IRRELEVANT:
		break;
	}
	return "";
}

/* "google.not-authorized, confirmed; at end of DATA; family-specific" */
static struct span cause_text(
	struct screen *screen, const struct delivery_finding *told)
{
	const struct finding *finding = &told->finding;

	return arena_print(screen->arena, "%.*s, %s%s%s%s",
		SPAN_ARG(finding->id), confidence_word(finding->confidence),
		told->has_stage ? "; " : "",
		told->has_stage ? stage_phrase(finding->stage) : "",
		parted_phrase(told->contrast.parted));
}

static void put_finding(
	struct screen *screen, const struct delivery_finding *told)
{
	const struct finding *finding = &told->finding;

	screen_paragraph(screen, 0, screen_severity(finding->severity), 5,
		screen_safe(screen, finding->title));
	put_part(screen, "cause", cause_text(screen, told));
	put_part(screen, "means", finding->meaning);
	put_clauses(screen, "for", finding->for_it, finding->for_count);
	put_clauses(
		screen, "against", finding->against, finding->against_count);
	put_part(screen, "then", told->next);
	put_part(screen, "fix", finding->remedy);
	put_part(screen, "see", finding->reference);
	put_command(screen, told->command);
}

void explain_text_findings(
	struct screen *screen, const struct delivery_findings *findings)
{
	size_t shown = findings->count;

	if (!shown)
		return;
	if (!screen->verbose && shown > EXPLAIN_FINDINGS_SHOWN)
		shown = EXPLAIN_FINDINGS_SHOWN;
	put_heading(screen, "FINDINGS");
	for (size_t i = 0; i < shown; i++)
		put_finding(screen, &findings->at[i]);
	if (shown < findings->count)
		put_line(screen, 0,
			arena_print(screen->arena,
				"%zu more findings are not shown: --verbose or "
				"--json tells them.",
				findings->count - shown));
	if (findings->left_out)
		put_line(screen, 0,
			arena_print(screen->arena,
				"%.*s more causes, of the destinations with "
				"the fewest failures, are in the table only.",
				SPAN_ARG(delivery_count_text(
					screen->arena, findings->left_out))));
}

/* ---- what happened, in short */

/* A lone finding below a short table is on the first screen anyway. */
static bool wants_summary(const struct incident_judgement *judgement)
{
	return judgement->findings.count > 1 ||
	       (judgement->findings.count &&
		       judgement->incident->table.row_count >
			       EXPLAIN_ROWS_SHORT);
}

void explain_text_summary(
	struct screen *screen, const struct delivery_findings *findings)
{
	size_t shown = findings->count;

	if (shown > EXPLAIN_TITLES_SHOWN)
		shown = EXPLAIN_TITLES_SHOWN;
	put_line(screen, 0, SPAN("WHAT HAPPENED (times are UTC)"));
	for (size_t i = 0; i < shown; i++)
		screen_paragraph(screen, 0,
			screen_severity(findings->at[i].finding.severity), 5,
			screen_safe(screen, findings->at[i].finding.title));
	if (shown < findings->count)
		put_line(screen, 0,
			arena_print(screen->arena, "%zu more %s below.",
				findings->count - shown,
				findings->count - shown == 1 ? "finding is"
							     : "findings are"));
	fputc('\n', screen->out);
}

/* ---- timeline */

static struct span entry_text(
	struct screen *screen, const struct timeline_entry *entry)
{
	return arena_print(screen->arena, "%s%s%.*s: %.*s%s%.*s%s",
		entry->has_family ? family_word(entry->family) : "",
		entry->has_family ? " to " : "",
		SPAN_ARG(screen_safe(screen, entry->destination)),
		SPAN_ARG(screen_safe(screen, entry->text)),
		entry->spot.len ? " (" : "",
		SPAN_ARG(screen_safe(screen, entry->spot)),
		entry->spot.len ? ")" : "");
}

static void put_entry(struct screen *screen, const struct timeline_entry *entry)
{
	struct span when = SPAN("no time");
	size_t hang = screen->columns < 2 * SCREEN_COLUMNS_MIN ? 2
							       : TIME_COLUMNS;

	if (entry->has_time)
		when = delivery_second_text(screen->arena, entry->time_ms);
	screen_paragraph(screen, 0, (struct mark){ when.at, TONE_DIM }, hang,
		entry_text(screen, entry));
}

void explain_text_timeline(
	struct screen *screen, const struct timeline_entries *timeline)
{
	size_t shown = timeline->count;

	if (!shown)
		return;
	if (!screen->verbose && shown > EXPLAIN_TIMES_SHOWN)
		shown = EXPLAIN_TIMES_SHOWN;
	put_heading(screen, "TIMELINE");
	for (size_t i = 0; i < timeline->count; i++)
		if (timeline->at[i].rank < shown)
			put_entry(screen, &timeline->at[i]);
	if (shown < timeline->count)
		put_line(screen, 0,
			arena_print(screen->arena,
				"%zu entries that tell less are not shown: "
				"--verbose or --json tells them.",
				timeline->count - shown));
	if (timeline->left_out)
		put_line(screen, 0,
			arena_print(screen->arena, "%.*s entries are left out.",
				SPAN_ARG(delivery_count_text(
					screen->arena, timeline->left_out))));
}

/* ---- volume */

static void put_cell(struct screen *screen, const struct volume_cell *cell)
{
	struct arena *arena = screen->arena;
	uint64_t limit = volume_limit(cell->receiver);
	struct mark mark = { volume_is_over(cell) ? "warn" : "note",
		volume_is_over(cell) ? TONE_WARN : TONE_PLAIN };
	struct span by = SPAN("");

	if (cell->by_mail_from == cell->accepted)
		by = SPAN(" (by MAIL FROM: no From header is told)");
	else if (cell->by_mail_from)
		by = arena_print(arena,
			" (%.*s of them by MAIL FROM: no From header is told)",
			SPAN_ARG(delivery_count_text(
				arena, cell->by_mail_from)));
	screen_paragraph(screen, 0, mark, 5,
		arena_print(arena,
			"%.*s and its subdomains, %.*s: %.*s to %s%.*s; %s "
			"%.*s a day",
			SPAN_ARG(screen_safe(screen, cell->domain)),
			SPAN_ARG(volume_day_text(arena, cell->day)),
			SPAN_ARG(delivery_count_text(arena, cell->accepted)),
			volume_receiver_title(cell->receiver), SPAN_ARG(by),
			volume_is_over(cell)
				? "over the limit for bulk senders of"
				: "the limit for bulk senders is",
			SPAN_ARG(delivery_count_text(arena, limit))));
}

void explain_text_volume(struct screen *screen, const struct volume *volume)
{
	size_t shown = 0, near = 0;

	for (size_t i = 0; i < volume->count; i++)
		near += volume_is_near(volume->cells[i]);
	if (!near)
		return;
	put_heading(screen, "VOLUME (days of UTC)");
	for (size_t i = 0; i < volume->count; i++) {
		if (!volume_is_near(volume->cells[i]))
			continue;
		if (!screen->verbose && shown++ == EXPLAIN_DAYS_SHOWN)
			break;
		put_cell(screen, volume->cells[i]);
	}
	if (!screen->verbose && near > EXPLAIN_DAYS_SHOWN)
		put_line(screen, 0,
			arena_print(screen->arena,
				"%zu more days: --verbose or --json tells "
				"them.",
				near - EXPLAIN_DAYS_SHOWN));
}

/* ---- limits */

void explain_text_limits(
	struct screen *screen, const struct incident_judgement *judgement)
{
	if (!judgement->limit_count)
		return;
	put_heading(screen, "WHAT THIS CANNOT KNOW");
	for (size_t i = 0; i < judgement->limit_count; i++)
		screen_paragraph(screen, 0, (struct mark){ "-", TONE_PLAIN }, 2,
			screen_safe(screen, judgement->limits[i].text));
}

static bool has_reports(const struct incident_judgement *judgement)
{
	const struct witness_account *account = &judgement->incident->account;

	return account->dmarc_reports || account->tls_reports;
}

void explain_text_last(FILE *out, const struct text_style *style,
	const struct incident_judgement *judgement)
{
	struct screen screen;

	if (!has_reports(judgement))
		return;
	screen_open(&screen, out, style);
	explain_text_limits(&screen, judgement);
	screen_close(&screen);
}

void explain_text(FILE *out, const struct text_style *style,
	const struct incident_judgement *judgement)
{
	const struct delivery_table *table = &judgement->incident->table;
	struct screen screen;

	if (!table->row_count && !table->local && !judgement->limit_count)
		return;
	screen_open(&screen, out, style);
	if (wants_summary(judgement))
		explain_text_summary(&screen, &judgement->findings);
	else if (table->row_count)
		put_line(&screen, 0, SPAN("Times are UTC."));
	explain_text_table(&screen, table);
	explain_text_findings(&screen, &judgement->findings);
	explain_text_timeline(&screen, &judgement->timeline);
	explain_text_volume(&screen, &judgement->incident->volume);
	if (!has_reports(judgement))
		explain_text_limits(&screen, judgement);
	screen_close(&screen);
}
