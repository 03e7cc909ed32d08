#include "reports/diff_report.h"

#include "reports/history_text.h"
#include "reports/json_visit.h"
#include "reports/recorded_json.h"
#include "reports/screen.h"

enum { LABEL = 4, VALUE = 20 };

/* ---- text */

static void put_side(struct screen *screen, const char *mark,
	const struct recorded_run *run, struct span name)
{
	struct span date = history_date(screen->arena, run->began_ms);
	struct span text = screen_safe(screen, name);

	if (run->id)
		text = arena_print(screen->arena, "run %lld, %.*s, %.*s",
			(long long)run->id, SPAN_ARG(date),
			SPAN_ARG(screen_safe(screen, run->what)));
	screen_paragraph(screen, 0, (struct mark){ mark, TONE_PLAIN }, 4, text);
}

static const char *label_of(const struct difference *one)
{
	switch (one->kind) {
	case DIFFERENCE_GONE:
	case DIFFERENCE_NEW:
	case DIFFERENCE_VERDICT:
		break;
	case DIFFERENCE_TRAIT:
		return trait_word(one->trait);
	case DIFFERENCE_SLOWER:
	case DIFFERENCE_FASTER:
		return difference_word(one->kind);
	}
	return "verdict";
}

static struct span times_of(struct screen *screen, const struct difference *one)
{
	return arena_print(screen->arena, "%s: %.*s, was %.*s",
		stage_word(one->stage),
		SPAN_ARG(screen_time(screen, one->to_us * 1000)),
		SPAN_ARG(screen_time(screen, one->from_us * 1000)));
}

static struct span words_of(struct screen *screen, const struct difference *one)
{
	const char *worse = one->is_worse ? "  (worse)" : "";

	if (one->kind == DIFFERENCE_GONE)
		return arena_print(screen->arena,
			"not walked any more, was %.*s",
			SPAN_ARG(screen_safe(screen, one->from)));
	if (one->kind == DIFFERENCE_NEW)
		return arena_print(screen->arena, "%.*s, not walked before%s",
			SPAN_ARG(screen_safe(screen, one->to)), worse);
	return arena_print(screen->arena, "%.*s, was %.*s%s",
		SPAN_ARG(screen_safe(screen, one->to)),
		SPAN_ARG(screen_safe(screen, one->from)), worse);
}

static void put_label(
	struct screen *screen, const struct difference *one, struct span text)
{
	enum tone tone = one->is_worse ? TONE_BAD : TONE_PLAIN;

	screen_paragraph(screen, LABEL, (struct mark){ label_of(one), tone },
		VALUE, text);
}

/*
 * Both values, one below the other: only so what differs can be seen.  They
 * have been made safe when they were read.
 */
static void put_trait(struct screen *screen, const struct difference *one)
{
	static const struct span nothing = { "(none)", 6 };
	struct span from = one->from.len ? one->from : nothing;
	struct span to = one->to.len ? one->to : nothing;

	put_label(screen, one,
		arena_print(screen->arena, "- %.*s", SPAN_ARG(from)));
	screen_paragraph(screen, VALUE, (struct mark){ "", TONE_PLAIN }, VALUE,
		arena_print(screen->arena, "+ %.*s", SPAN_ARG(to)));
}

static void put_difference(struct screen *screen, const struct difference *one)
{
	switch (one->kind) {
	case DIFFERENCE_GONE:
	case DIFFERENCE_NEW:
	case DIFFERENCE_VERDICT:
		put_label(screen, one, words_of(screen, one));
		return;
	case DIFFERENCE_TRAIT:
		put_trait(screen, one);
		return;
	case DIFFERENCE_SLOWER:
	case DIFFERENCE_FASTER:
		put_label(screen, one, times_of(screen, one));
		return;
	}
}

static bool is_same_row(
	const struct difference *one, const struct difference *other)
{
	return one->before == other->before && one->after == other->after;
}

static const struct recorded *row_of(const struct difference *one)
{
	return one->after ? one->after : one->before;
}

static void put_end(FILE *out, const struct differences *all)
{
	if (!all->count)
		fprintf(out, "%zu row%s, and nothing changed\n", all->rows,
			all->rows == 1 ? "" : "s");
	else
		fprintf(out, "\n%zu of %zu rows differ, %zu got worse\n",
			all->rows_that_differ, all->rows, all->worse);
}

void diff_text(FILE *out, const struct text_style *style,
	const struct diff_report *report)
{
	const struct differences *all = report->differences;
	struct screen screen;

	screen_open(&screen, out, style);
	put_side(&screen, "-", report->before, report->before_name);
	put_side(&screen, "+", report->after, report->after_name);
	for (size_t i = 0; i < all->count; i++) {
		const struct difference *one = &all->list[i];

		if (!i || !is_same_row(one, one - 1)) {
			putc('\n', out);
			screen_paragraph(&screen, 0,
				(struct mark){ "", TONE_PLAIN }, 0,
				screen_safe(&screen, row_of(one)->key));
		}
		put_difference(&screen, one);
	}
	put_end(out, all);
	screen_close(&screen);
}

/* ---- JSON */

static void json_side(struct json_writer *json, const char *key,
	const struct recorded_run *run, struct span name)
{
	writer_key(json, key);
	writer_begin_object(json);
	writer_put(json, "name", name);
	if (run->id)
		writer_put_count(json, "run", (uint64_t)run->id);
	else
		writer_put_nothing(json, "run");
	recorded_json_date(json, "began", run->began_ms);
	writer_put_count(json, "rows", run->row_count);
	writer_end_object(json);
}

static void json_difference(
	struct json_writer *json, const struct difference *one)
{
	bool is_time = one->kind == DIFFERENCE_SLOWER ||
		       one->kind == DIFFERENCE_FASTER;

	writer_begin_object(json);
	writer_put(json, "key", row_of(one)->key);
	writer_put_word(json, "what", difference_word(one->kind));
	if (one->kind == DIFFERENCE_TRAIT)
		writer_put_word(json, "trait", trait_word(one->trait));
	if (one->kind == DIFFERENCE_TRAIT || is_time)
		writer_put_word(json, "stage", stage_word(one->stage));
	if (is_time) {
		writer_put_count(json, "from_us", one->from_us);
		writer_put_count(json, "to_us", one->to_us);
	} else {
		writer_put_maybe(json, "from", one->from);
		writer_put_maybe(json, "to", one->to);
	}
	writer_put_claim(json, "worse", one->is_worse);
	writer_end_object(json);
}

void diff_json(FILE *out, const struct diff_report *report, int exit_status)
{
	const struct differences *all = report->differences;
	struct json_writer json;

	writer_open(&json, out, true, 0);
	writer_begin_object(&json);
	writer_put_count(&json, "schema", 1);
	json_side(&json, "before", report->before, report->before_name);
	json_side(&json, "after", report->after, report->after_name);
	writer_put_count(&json, "rows", all->rows);
	writer_put_count(&json, "rows_that_differ", all->rows_that_differ);
	writer_put_count(&json, "worse", all->worse);
	writer_key(&json, "differences");
	writer_begin_array(&json);
	for (size_t i = 0; i < all->count; i++)
		json_difference(&json, &all->list[i]);
	writer_end_array(&json);
	writer_put_count(&json, "exit_status", (uint64_t)exit_status);
	writer_end_object(&json);
	writer_newline(&json);
	writer_close(&json);
}
