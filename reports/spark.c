#include "reports/spark.h"

#include <stdlib.h>

/* clang-format off */
static const struct {
	const char *word, *ascii, *utf8;
} marks[] = {
	{ "pass",    ".", "\u00b7" },
	{ "fixed",   "+", "+" },
	{ "warn",    "w", "w" },
	{ "known",   "k", "k" },
	{ "fail",    "X", "X" },
	{ "unknown", "?", "?" },
	{ "n/a",     "-", "-" },
	{ "skipped", "s", "s" },
};

static const char *const blocks[] = { "\u2581", "\u2582", "\u2583", "\u2584",
	"\u2585", "\u2586", "\u2587", "\u2588" };
static const char *const heights[] = { "_", ".", "-", "=", "+", "*", "%", "#" };
/* clang-format on */

bool spark_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const char *value = getenv(names[i]);
		struct span text;

		if (!value || !*value)
			continue;
		text = span_of(value);
		return span_find_nocase(text, SPAN("UTF-8")) < text.len ||
		       span_find_nocase(text, SPAN("utf8")) < text.len;
	}
	return false;
}

static const char *mark_of(struct span verdict, bool is_utf8)
{
	for (size_t i = 0; i < COUNT_OF(marks); i++)
		if (span_is(verdict, span_of(marks[i].word)))
			return is_utf8 ? marks[i].utf8 : marks[i].ascii;
	return "?";
}

struct span spark_verdicts(struct arena *arena,
	const struct history_moment *past, size_t count, bool is_utf8)
{
	char *room = arena_take(arena, count * 4 + 1);
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		const char *mark = mark_of(past[i].verdict, is_utf8);

		memcpy(room + len, mark, strlen(mark));
		len += strlen(mark);
	}
	return (struct span){ room, len };
}

struct extremes {
	uint64_t least, most;
	bool has_any;
};

static struct extremes extremes_of(
	const struct history_moment *past, size_t count)
{
	struct extremes found = { 0 };

	for (size_t i = 0; i < count; i++) {
		uint64_t us = past[i].connect_us;

		if (!past[i].has_connect)
			continue;
		if (!found.has_any || us < found.least)
			found.least = us;
		if (!found.has_any || us > found.most)
			found.most = us;
		found.has_any = true;
	}
	return found;
}

/* What hardly differs is all low: a millisecond is no mountain. */
static size_t height_of(const struct extremes *all, uint64_t us)
{
	uint64_t range = all->most - all->least;

	if (range < 1000)
		return 0;
	return (size_t)((double)(us - all->least) / (double)range *
			(COUNT_OF(blocks) - 1));
}

struct span spark_times(struct arena *arena, const struct history_moment *past,
	size_t count, bool is_utf8)
{
	struct extremes all = extremes_of(past, count);
	char *room = arena_take(arena, count * 4 + 1);
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		size_t height = 0;
		const char *mark = " ";

		if (past[i].has_connect) {
			height = height_of(&all, past[i].connect_us);
			mark = (is_utf8 ? blocks : heights)[height];
		}
		memcpy(room + len, mark, strlen(mark));
		len += strlen(mark);
	}
	return (struct span){ room, len };
}

struct span spark_legend(struct arena *arena, bool is_utf8)
{
	struct span text = SPAN("");

	for (size_t i = 0; i < COUNT_OF(marks); i++)
		text = arena_print(arena, "%.*s%s%s %s", SPAN_ARG(text),
			i ? "  " : "", is_utf8 ? marks[i].utf8 : marks[i].ascii,
			marks[i].word);
	return text;
}
