#include "reports/html_text.h"

#include <inttypes.h>
#include <time.h>

#include "probe/base/clock.h"
#include "probe/base/escape.h"

/* ---- badges */

static const struct badge badge_skipped = { "\xe2\x80\x93", "skipped", "na" };

struct badge badge_of(const struct result_row *row)
{
	static const struct badge badges[CELL_VERDICTS] = {
		[CELL_NA] = { "\xe2\x80\x93", "n/a", "na" },
		[CELL_PASS] = { "\xe2\x9c\x93", "pass", "good" },
		[CELL_FIXED] = { "\xe2\x98\x85", "fixed", "good" },
		[CELL_KNOWN] = { "\xe2\x97\x8c", "known", "warn" },
		[CELL_UNKNOWN] = { "?", "unknown", "warn" },
		[CELL_FAIL] = { "\xe2\x9c\x95", "fail", "bad" },
	};

	return row->is_skipped ? badge_skipped : badges[row->result->verdict];
}

struct badge badge_of_verdict(enum verdict verdict)
{
	static const struct badge badges[] = {
		[VERDICT_PASS] = { "\xe2\x9c\x93", "pass", "good" },
		[VERDICT_WARN] = { "!", "warn", "warn" },
		[VERDICT_FAIL] = { "\xe2\x9c\x95", "fail", "bad" },
		[VERDICT_UNKNOWN] = { "?", "unknown", "warn" },
		[VERDICT_NA] = { "\xe2\x80\x93", "n/a", "na" },
	};

	return badges[verdict];
}

void html_badge(FILE *out, struct badge badge)
{
	fprintf(out,
		"<span class=\"badge %s\"><span aria-hidden=\"true\">%s"
		"</span> %s</span>",
		badge.class, badge.sign, badge.word);
}

/* ---- times */

struct span html_time(struct arena *arena, uint64_t us)
{
	if (us >= 10 * 1000 * 1000)
		return arena_print(arena, "%" PRIu64 ".%" PRIu64 " s",
			us / 1000000, us / 100000 % 10);
	if (us >= 1000)
		return arena_print(arena, "%" PRIu64 " ms", us / 1000);
	return arena_print(arena, "%" PRIu64 ".%" PRIu64 " ms", us / 1000,
		us % 1000 / 100);
}

struct span html_date(struct arena *arena, int64_t wall_ms)
{
	struct span text = clock_text(arena, wall_ms);

	return arena_print(arena, "%.*s %.*s UTC",
		SPAN_ARG(span_part(text, 0, 10)),
		SPAN_ARG(span_part(text, 11, 8)));
}

struct span html_day(struct arena *arena, int64_t second)
{
	time_t time = (time_t)second;
	struct tm date;

	if (!gmtime_r(&time, &date) || date.tm_year > 9999 - 1900 ||
		date.tm_year < -1900)
		return SPAN("never");
	return arena_print(arena, "%04d-%02d-%02d", date.tm_year + 1900,
		date.tm_mon + 1, date.tm_mday);
}

/* ---- what was said */

struct span html_fault(struct arena *arena, const struct result_row *row,
	const struct fault *fault)
{
	struct span why = row_shown(arena, row, fault->why);

	return arena_print(arena, "%s%s%.*s", failure_word(fault->failure),
		why.len ? ": " : "", SPAN_ARG(why));
}

struct span html_reply_line(struct arena *arena, const struct result_row *row,
	const struct reply *reply, size_t i)
{
	return arena_print(arena, "%u%c%.*s", reply->code,
		i + 1 == reply->line_count ? ' ' : '-',
		SPAN_ARG(row_shown(arena, row, reply->lines[i])));
}

struct span html_said(struct arena *arena, const struct result_row *row,
	const struct event *event)
{
	struct span line = event->said;

	if (event->stage == STAGE_DOT)
		return arena_print(arena, "(the message, %zu octets)",
			event->message_size);
	while (line.len && (line.at[line.len - 1] == '\n' ||
				   line.at[line.len - 1] == '\r'))
		line.len--;
	return row_shown(arena, row, line);
}
