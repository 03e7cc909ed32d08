#include "reports/html_history.h"

#include "probe/base/escape.h"

enum { PLOT_HEIGHT = 66, BAR_BOTTOM = 48, BAR_MOST = 44 };

struct plot {
	FILE *out;
	struct arena *arena;
	const struct past *past;
	uint64_t most_us;
};

static const struct badge *badge_of_word(struct span word)
{
	static const struct badge badges[] = {
		{ "\xe2\x9c\x93", "pass", "good" },
		{ "\xe2\x98\x85", "fixed", "good" },
		{ "\xe2\x97\x8c", "known", "warn" },
		{ "!", "warn", "warn" },
		{ "?", "unknown", "warn" },
		{ "\xe2\x9c\x95", "fail", "bad" },
	};
	static const struct badge other = { "\xe2\x80\x93", "n/a", "na" };

	for (size_t i = 0; i < COUNT_OF(badges); i++)
		if (span_is(word, span_of(badges[i].word)))
			return &badges[i];
	return &other;
}

static uint64_t most_of(const struct past *past)
{
	uint64_t most = 0;

	for (size_t i = 0; i < past->count; i++)
		if (past->moments[i].has_connect &&
			past->moments[i].connect_us > most)
			most = past->moments[i].connect_us;
	return most;
}

/* ---- in words */

static size_t count_of(const struct past *past, const char *class)
{
	size_t count = 0;

	for (size_t i = 0; i < past->count; i++)
		count += strcmp(badge_of_word(past->moments[i].verdict)->class,
				 class) == 0;
	return count;
}

static void put_words(const struct plot *plot)
{
	const struct past *past = plot->past;

	fprintf(plot->out, "%zu of the last %zu runs well, %zu failed",
		count_of(past, "good"), past->count, count_of(past, "bad"));
	if (plot->most_us)
		fprintf(plot->out, "; connected within %.*s at most",
			SPAN_ARG(html_time(plot->arena, plot->most_us)));
}

/* ---- as a picture */

static void put_moment(const struct plot *plot, size_t i)
{
	const struct history_moment *moment = &plot->past->moments[i];
	const struct badge *badge = badge_of_word(moment->verdict);
	double step = 100.0 / (double)plot->past->count;
	double height = 0;

	if (plot->most_us)
		height = BAR_MOST * (double)moment->connect_us /
			 (double)plot->most_us;
	fprintf(plot->out, "<g class=\"%s\"><title>%.*s: ", badge->class,
		SPAN_ARG(html_date(plot->arena, moment->began_ms)));
	markup_put(plot->out, escape_text(plot->arena, moment->verdict));
	if (moment->has_connect)
		fprintf(plot->out, ", connected in %.*s",
			SPAN_ARG(html_time(plot->arena, moment->connect_us)));
	fputs("</title>", plot->out);
	if (moment->has_connect && plot->most_us)
		fprintf(plot->out,
			"<rect x=\"%.2f%%\" width=\"%.2f%%\" y=\"%.1f\" "
			"height=\"%.1f\"/>",
			step * ((double)i + .15), step * .7,
			BAR_BOTTOM - (height < 1 ? 1 : height),
			height < 1 ? 1 : height);
	fprintf(plot->out, "<text x=\"%.2f%%\" y=\"%d\">%s</text></g>\n",
		step * ((double)i + .5), PLOT_HEIGHT - 4, badge->sign);
}

static void put_plot(const struct plot *plot, unsigned id, enum family family)
{
	FILE *out = plot->out;

	fprintf(out,
		"<dt>%s</dt><dd><svg width=\"100%%\" height=\"%d\" "
		"role=\"img\" "
		"aria-labelledby=\"h%u-%d\">\n<title id=\"h%u-%d\">History "
		"over %s: ",
		family_word(family), PLOT_HEIGHT, id, (int)family, id,
		(int)family, family_word(family));
	put_words(plot);
	fprintf(out,
		"</title><line x1=\"0\" x2=\"100%%\" y1=\"%d\" y2=\"%d\"/>\n",
		BAR_BOTTOM, BAR_BOTTOM);
	for (size_t i = 0; i < plot->past->count; i++)
		put_moment(plot, i);
	fputs("</svg><small>", out);
	put_words(plot);
	fputs("</small></dd>\n", out);
}

void html_history(FILE *out, struct arena *arena, unsigned id,
	const struct past pasts[FAMILY_COUNT])
{
	if (pasts[FAMILY_IPV4].count < 2 && pasts[FAMILY_IPV6].count < 2)
		return;
	fputs("<figure class=\"history\"><figcaption>History</figcaption>"
	      "<dl class=\"bars\">\n",
		out);
	for (int f = 0; f < FAMILY_COUNT; f++) {
		struct plot plot = { .out = out,
			.arena = arena,
			.past = &pasts[f],
			.most_us = most_of(&pasts[f]) };

		if (pasts[f].count > 1)
			put_plot(&plot, id, (enum family)f);
	}
	fputs("</dl></figure>\n", out);
}
