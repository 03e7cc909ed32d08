#include "reports/history_text.h"

#include <time.h>

#include "reports/screen.h"
#include "reports/spark.h"

enum { DATE_COLUMNS = 19 };

struct span history_date(struct arena *arena, int64_t wall_ms)
{
	static const int64_t year_9999_ms = 253402300800000;
	time_t seconds = (time_t)(wall_ms / 1000);
	char room[32];
	struct tm date;

	if (wall_ms <= 0 || wall_ms >= year_9999_ms ||
		!gmtime_r(&seconds, &date))
		return SPAN("-");
	strftime(room, sizeof(room), "%Y-%m-%d %H:%M:%S", &date);
	return arena_copy(arena, span_of(room));
}

static enum tone tone_of(struct span verdict)
{
	if (span_is(verdict, SPAN("fail")))
		return TONE_BAD;
	if (span_is(verdict, SPAN("pass")) || span_is(verdict, SPAN("fixed")))
		return TONE_GOOD;
	if (span_is(verdict, SPAN("warn")) || span_is(verdict, SPAN("known")))
		return TONE_WARN;
	return TONE_DIM;
}

static void put_verdict(struct screen *screen, struct span verdict)
{
	struct span word = screen_safe(screen, verdict);
	struct span text = arena_print(screen->arena, "%.*s", SPAN_ARG(word));

	screen_mark(screen, (struct mark){ text.at, tone_of(verdict) });
}

static void put_conclusion(
	struct screen *screen, size_t column, struct span conclusion)
{
	if (conclusion.len)
		screen_paragraph(screen, column,
			(struct mark){ "", TONE_PLAIN }, column + 2,
			screen_safe(screen,
				arena_print(screen->arena, "isolation: %.*s",
					SPAN_ARG(conclusion))));
}

/* ---- runs */

static void add_count(struct screen *screen, struct span *text, size_t count,
	const char *verdict)
{
	if (count)
		*text = arena_print(screen->arena, "%.*s%s%zu %s",
			SPAN_ARG(*text), text->len ? ", " : "", count, verdict);
}

static struct span verdicts_of(
	struct screen *screen, const struct history_line *line)
{
	struct span text = SPAN("");

	for (size_t i = CELL_VERDICTS; i-- > 0;)
		add_count(screen, &text, line->of[i],
			cell_verdict_word((enum cell_verdict)i));
	add_count(screen, &text, line->warned, verdict_word(VERDICT_WARN));
	add_count(screen, &text, line->skipped, "skipped");
	return text.len ? text : SPAN("nothing was walked");
}

static struct span exit_of(
	struct screen *screen, const struct recorded_run *run)
{
	if (!run->has_ended)
		return SPAN("-");
	return arena_print(screen->arena, "%d", run->exit_status);
}

static void put_line(struct screen *screen, const struct history_line *line)
{
	const struct recorded_run *run = &line->run;

	fprintf(screen->out, "%8lld  %-*.*s  %-6.*s  %4.*s  %.*s\n",
		(long long)run->id, DATE_COLUMNS,
		SPAN_ARG(history_date(screen->arena, run->began_ms)),
		SPAN_ARG(screen_safe(screen, run->kind)),
		SPAN_ARG(exit_of(screen, run)),
		SPAN_ARG(verdicts_of(screen, line)));
	screen_paragraph(screen, 10, (struct mark){ "", TONE_PLAIN }, 10,
		screen_safe(screen, run->what));
}

void history_text_runs(FILE *out, const struct history_style *style,
	const struct history_lines *lines)
{
	struct screen screen;

	screen_open(&screen, out, &style->text);
	if (!lines->count)
		fputs("no run is recorded\n", out);
	else
		fprintf(out, "%8s  %-*s  %-6s  %4s  %s\n", "run", DATE_COLUMNS,
			"began (UTC)", "kind", "exit",
			"verdicts, and what was walked");
	for (size_t i = 0; i < lines->count; i++)
		put_line(&screen, &lines->list[i]);
	screen_close(&screen);
}

/* ---- the past of a target */

/* 0: nobody ever answered. */
static uint64_t median_us(
	struct screen *screen, const struct history_subject *subject)
{
	uint64_t *sorted = arena_take(
		screen->arena, (subject->past_count + 1) * sizeof(*sorted));
	size_t count = 0;

	for (size_t i = 0; i < subject->past_count; i++) {
		size_t at = count;

		if (!subject->past[i].has_connect)
			continue;
		for (; at && sorted[at - 1] > subject->past[i].connect_us; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = subject->past[i].connect_us;
		count++;
	}
	return count ? sorted[count / 2] : 0;
}

/* As wide as the screen: the newest are those that count. */
static void put_past(struct screen *screen, const struct history_style *style,
	const struct history_subject *one, uint64_t median)
{
	size_t room = screen->columns - 14, count = one->past_count;
	const struct history_moment *past = one->past;

	if (count > room) {
		past += count - room;
		count = room;
	}
	fprintf(screen->out, "  verdict   %.*s\n",
		SPAN_ARG(spark_verdicts(
			screen->arena, past, count, style->is_utf8)));
	if (median)
		fprintf(screen->out, "  connect   %.*s\n",
			SPAN_ARG(spark_times(
				screen->arena, past, count, style->is_utf8)));
}

static void put_subject(struct screen *screen,
	const struct history_style *style, const struct history_subject *one)
{
	const struct history_moment *last = &one->past[one->past_count - 1];
	uint64_t median = median_us(screen, one);

	screen_paragraph(screen, 0, (struct mark){ "", TONE_PLAIN }, 0,
		screen_safe(screen, one->key));
	put_past(screen, style, one, median);
	fputs("  last      ", screen->out);
	put_verdict(screen, last->verdict);
	fprintf(screen->out, "  %.*s  run %lld",
		SPAN_ARG(history_date(screen->arena, last->began_ms)),
		(long long)last->run);
	if (median)
		fprintf(screen->out, "; the median connection took %.*s",
			SPAN_ARG(screen_time(screen, median * 1000)));
	fputc('\n', screen->out);
	put_conclusion(screen, 12, last->conclusion);
}

void history_text_subjects(FILE *out, const struct history_style *style,
	const struct history_subjects *subjects)
{
	struct screen screen;

	screen_open(&screen, out, &style->text);
	for (size_t i = 0; i < subjects->count; i++)
		put_subject(&screen, style, &subjects->list[i]);
	if (subjects->count)
		fprintf(out, "\n%.*s\n",
			SPAN_ARG(spark_legend(screen.arena, style->is_utf8)));
	else
		fputs("nothing of it is recorded\n", out);
	screen_close(&screen);
}

/* ---- one run */

static void put_isolation(struct screen *screen, struct database *database,
	const struct recorded *row)
{
	struct history_isolation isolation;

	history_isolation(screen->arena, database, row->id, &isolation);
	put_conclusion(screen, 11, isolation.conclusion);
}

static void put_row(struct screen *screen, struct database *database,
	const struct recorded *row)
{
	struct history_finding *findings;
	size_t count = history_findings(
		screen->arena, database, row->id, &findings);

	fputs("  ", screen->out);
	put_verdict(screen, row->verdict);
	screen_spaces(screen, row->verdict.len < 9 ? 9 - row->verdict.len : 1);
	fprintf(screen->out, "%.*s", SPAN_ARG(screen_safe(screen, row->name)));
	if (row->has_connect)
		fprintf(screen->out, "  %.*s",
			SPAN_ARG(screen_time(screen, row->connect_us * 1000)));
	fputc('\n', screen->out);
	if (row->why.len)
		screen_paragraph(screen, 11, (struct mark){ "", TONE_PLAIN },
			11, screen_safe(screen, row->why));
	put_isolation(screen, database, row);
	for (size_t i = 0; i < count; i++)
		screen_paragraph(screen, 11, (struct mark){ "", TONE_PLAIN },
			13,
			screen_safe(
				screen, arena_print(screen->arena, "%.*s: %.*s",
						SPAN_ARG(findings[i].code),
						SPAN_ARG(findings[i].title))));
}

void history_text_run(FILE *out, const struct history_style *style,
	struct database *database, const struct recorded_run *run)
{
	struct screen screen;

	screen_open(&screen, out, &style->text);
	fprintf(out, "run %lld, %.*s, began %.*s", (long long)run->id,
		SPAN_ARG(screen_safe(&screen, run->kind)),
		SPAN_ARG(history_date(screen.arena, run->began_ms)));
	if (run->has_ended)
		fprintf(out, ", ended %.*s, exit %d\n",
			SPAN_ARG(history_date(screen.arena, run->ended_ms)),
			run->exit_status);
	else
		fputs(", has not ended\n", out);
	screen_paragraph(&screen, 0, (struct mark){ "", TONE_PLAIN }, 0,
		screen_safe(&screen, run->what));
	for (size_t i = 0; i < run->row_count; i++)
		put_row(&screen, database, &run->rows[i]);
	screen_close(&screen);
}
