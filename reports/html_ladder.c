#include "reports/html_ladder.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
	EVENT_HEIGHT = 27, /* pixels between events of a lane */
	LABEL_HEIGHT = 17, /* between labels of the axis */
	LADDER_TOP = 40,
	WAIT_US = 1000 * 1000, /* waits of more are named */
	BLUR_LEAST_US = 1000,
};

/* An event, and where it stands. */
struct spot {
	const struct lane_event *event;
	unsigned family, y;
	uint64_t after_us; /* since what stands above it */
};

struct ladder {
	FILE *out;
	struct arena *arena;
	unsigned id;
	const struct lane *const *lanes;
	struct spot *spots;
	size_t count;
	unsigned height;
	uint64_t most_us, blur_us;
};

/* ---- where each event stands */

/* Room for a wait: more for a longer one, but not as much more. */
static unsigned gap_of(uint64_t us)
{
	static const struct {
		uint64_t us;
		unsigned pixels;
	} gaps[] = { { 10 * 1000 * 1000, 58 }, { WAIT_US, 50 },
		{ 200 * 1000, 14 }, { 50 * 1000, 8 }, { 10 * 1000, 4 } };

	for (size_t i = 0; i < COUNT_OF(gaps); i++)
		if (us >= gaps[i].us)
			return gaps[i].pixels;
	return us ? 1 : 0;
}

static const struct lane_event *event_at(
	const struct ladder *ladder, unsigned family, size_t at)
{
	const struct lane *lane = ladder->lanes[family];

	return lane && at < lane->count ? &lane->events[at] : NULL;
}

/* The two lists as one, by time. */
static void merge(struct ladder *ladder)
{
	size_t at[FAMILY_COUNT] = { 0 }, room = 0;

	for (unsigned f = 0; f < FAMILY_COUNT; f++)
		room += ladder->lanes[f] ? ladder->lanes[f]->count : 0;
	ladder->spots = arena_take(
		ladder->arena, (room + 1) * sizeof(*ladder->spots));
	while (ladder->count < room) {
		const struct lane_event *old = event_at(ladder, 0, at[0]);
		const struct lane_event *new = event_at(ladder, 1, at[1]);
		unsigned family = !old || (new &&new->us < old->us);
		const struct lane_event *event = family ? new : old;

		at[family]++;
		ladder->spots[ladder->count++] = (struct spot){ .event = event,
			.family = family };
	}
}

/* Below all that happened before, but for what is as good as at one time:
 * `above` is the lowest spot of those, and moves on. */
static void place_spot(struct ladder *ladder, size_t i, size_t *earlier,
	const struct spot **above)
{
	struct spot *spot = &ladder->spots[i];
	const struct spot *next = &ladder->spots[*earlier];

	while (*earlier < i &&
		next->event->us + ladder->blur_us <= spot->event->us) {
		if (!*above || next->y >= (*above)->y)
			*above = next;
		next = &ladder->spots[++*earlier];
	}
	spot->y = LADDER_TOP;
	if (!*above)
		return;
	spot->after_us = spot->event->us - (*above)->event->us;
	spot->y = (*above)->y + gap_of(spot->after_us);
}

static void place(struct ladder *ladder)
{
	unsigned lowest[FAMILY_COUNT] = { 0 };
	const struct spot *above = NULL;
	size_t earlier = 0;

	for (size_t i = 0; i < ladder->count; i++) {
		struct spot *spot = &ladder->spots[i];
		unsigned least = lowest[spot->family];

		place_spot(ladder, i, &earlier, &above);
		if (least && spot->y < least + EVENT_HEIGHT)
			spot->y = least + EVENT_HEIGHT;
		lowest[spot->family] = spot->y;
		if (spot->y + 14 > ladder->height)
			ladder->height = spot->y + 14;
	}
}

/* ---- the axis */

static void put_wait(const struct ladder *ladder, const struct spot *spot)
{
	struct span time = html_time(ladder->arena, spot->after_us);

	fprintf(ladder->out,
		"<g class=\"wait\"><line x1=\"50%%\" x2=\"50%%\" y1=\"%u\" "
		"y2=\"%u\"/><text x=\"50%%\" y=\"%u\">+%.*s</text></g>\n",
		spot->y - 38, spot->y - 13, spot->y - 21, SPAN_ARG(time));
}

/* By height, which is by time but for the blur. */
static int compare_spots(const void *a, const void *b)
{
	const struct spot *one = a, *other = b;

	if (one->y != other->y)
		return one->y < other->y ? -1 : 1;
	return one->event->us < other->event->us ? -1 : 1;
}

static void put_axis(const struct ladder *ladder)
{
	unsigned last = 0;
	uint64_t us = 0;

	qsort(ladder->spots, ladder->count, sizeof(*ladder->spots),
		compare_spots);
	fprintf(ladder->out,
		"<svg class=\"axis\" width=\"100%%\" height=\"%u\" "
		"aria-hidden=\"true\" focusable=\"false\">\n"
		"<text x=\"50%%\" y=\"10\">time</text>\n",
		ladder->height);
	for (size_t i = 0; i < ladder->count; i++) {
		const struct spot *spot = &ladder->spots[i];
		bool waits = spot->after_us >= WAIT_US;

		us = spot->event->us > us ? spot->event->us : us;
		if (last && spot->y < last + LABEL_HEIGHT)
			continue;
		if (waits && last && spot->y >= last + 2 * LABEL_HEIGHT)
			put_wait(ladder, spot);
		last = spot->y;
		fprintf(ladder->out, "<text x=\"50%%\" y=\"%u\">%.*s</text>\n",
			spot->y + 4, SPAN_ARG(html_time(ladder->arena, us)));
	}
	fputs("</svg>\n", ladder->out);
}

/* ---- a lane */

static const char *way_of(const struct lane_event *event)
{
	switch (event->kind) {
	case EVENT_SAID:
		return "said";
	case EVENT_HEARD:
		return "heard";
	case EVENT_CONNECTED:
	case EVENT_TLS:
		return "up";
	case EVENT_FAULT:
		return "fault";
	case EVENT_CLOSED:
		break;
	}
	return "closed";
}

/* The heads are triangles of a fixed size at a place in percent: a nested
 * svg carries them there. */
static void put_arrow(FILE *out, const struct spot *spot)
{
	bool is_said = spot->event->kind == EVENT_SAID;

	fprintf(out, "<line x1=\"3%%\" x2=\"97%%\" y1=\"%u\" y2=\"%u\"/>",
		spot->y, spot->y);
	if (is_said || spot->event->kind == EVENT_HEARD)
		fprintf(out,
			"<svg x=\"%s\" y=\"%u\" overflow=\"visible\">"
			"<path d=\"%s\"/></svg>",
			is_said ? "97%" : "3%", spot->y,
			is_said ? "M0 0l-8 -4v8z" : "M0 0l8 -4v8z");
}

static void put_spot(const struct ladder *ladder, const struct spot *spot)
{
	const struct lane_event *event = spot->event;
	FILE *out = ladder->out;

	fprintf(out,
		"<g class=\"event %s%s\" data-us=\"%" PRIu64 "\" "
		"data-event=\"%s\" data-stage=\"%s\"><title>",
		way_of(event), event->is_bad ? " bad" : "", event->us,
		event_word(event->kind), stage_word(event->stage));
	markup_put(out, event->text);
	fprintf(out, " (%s, %.*s)</title>", stage_word(event->stage),
		SPAN_ARG(html_time(ladder->arena, event->us)));
	put_arrow(out, spot);
	fprintf(out, "<text x=\"3%%\" dx=\"11\" y=\"%u\">%s", spot->y - 5,
		event->is_bad ? "\xe2\x9c\x95 " : "");
	markup_put(out, event->text);
	fputs("</text></g>\n", out);
}

static void put_title(const struct ladder *ladder, const struct lane *lane)
{
	FILE *out = ladder->out;

	fprintf(out, "<title id=\"t%u-%d\">%s dialogue with ", ladder->id,
		(int)lane->family, family_word(lane->family));
	markup_put(out, lane->host);
	fprintf(out,
		"</title><desc id=\"d%u-%d\">%zu events in %.*s; all of them "
		"are in the transcript below.</desc>\n",
		ladder->id, (int)lane->family, lane->count,
		SPAN_ARG(html_time(ladder->arena, lane->took_us)));
}

static void put_lane(const struct ladder *ladder, unsigned family)
{
	const struct lane *lane = ladder->lanes[family];
	FILE *out = ladder->out;

	fprintf(out,
		"<svg class=\"lane\" data-family=\"%s\" width=\"100%%\" "
		"height=\"%u\" role=\"img\" aria-labelledby=\"t%u-%u "
		"d%u-%u\">\n",
		family_word(lane->family), ladder->height, ladder->id, family,
		ladder->id, family);
	put_title(ladder, lane);
	fprintf(out,
		"<line class=\"life\" x1=\"3%%\" x2=\"3%%\" y1=\"14\" "
		"y2=\"100%%\"/><line class=\"life\" x1=\"97%%\" x2=\"97%%\" "
		"y1=\"14\" y2=\"100%%\"/>\n<text class=\"end\" x=\"3%%\" "
		"y=\"10\">we</text><text class=\"end them\" x=\"97%%\" "
		"y=\"10\">they</text>\n");
	for (size_t i = 0; i < ladder->count; i++)
		if (ladder->spots[i].family == family)
			put_spot(ladder, &ladder->spots[i]);
	fputs("</svg>\n", out);
}

static void put_no_lane(const struct ladder *ladder, unsigned family)
{
	const struct lane *lane = ladder->lanes[family];

	fputs("<p class=\"lane none\">", ladder->out);
	if (lane)
		markup_show(ladder->out, lane->why_not);
	else
		fprintf(ladder->out, "%s was not walked",
			family_word((enum family)family));
	fputs("</p>\n", ladder->out);
}

/* ---- the bars */

/* The part of a bar that one stage takes, however many events it has. */
static size_t stage_end(const struct lane *lane, size_t from)
{
	size_t to = from;

	while (to + 1 < lane->count &&
		lane->events[to + 1].stage == lane->events[from].stage)
		to++;
	return to;
}

static double percent(const struct ladder *ladder, uint64_t us)
{
	return 100.0 * (double)us / (double)ladder->most_us;
}

static bool is_bad(const struct lane *lane, size_t from, size_t to)
{
	for (size_t i = from; i <= to; i++)
		if (lane->events[i].is_bad)
			return true;
	return false;
}

static void put_part(const struct ladder *ladder, const char *shade,
	uint64_t from, uint64_t to)
{
	fprintf(ladder->out,
		"<rect class=\"%s\" x=\"%.2f%%\" width=\"%.2f%%\" "
		"height=\"14\"/>\n",
		shade, percent(ladder, from), percent(ladder, to - from));
}

static void put_parts(const struct ladder *ladder, const struct lane *lane)
{
	uint64_t from = 0;
	bool is_odd = false;

	for (size_t i = 0; i < lane->count; i++) {
		size_t last = stage_end(lane, i);
		uint64_t to = lane->events[last].us;
		const char *shade = is_odd ? "odd" : "even";

		is_odd = !is_odd;
		if (to > from)
			put_part(ladder, is_bad(lane, i, last) ? "bad" : shade,
				from, to);
		from = to > from ? to : from;
		i = last;
	}
}

/* The same in words: "connect 18 ms, banner 17 ms". */
static void put_stages(const struct ladder *ladder, const struct lane *lane)
{
	uint64_t from = 0;
	bool has_any = false;

	for (size_t i = 0; i < lane->count; i++) {
		size_t first = i, last = stage_end(lane, i);
		uint64_t to = lane->events[last].us;

		i = last;
		if (to <= from)
			continue;
		fprintf(ladder->out, "%s<span>%s%s&nbsp;%.*s</span>",
			has_any ? ", " : "",
			is_bad(lane, first, last) ? "\xe2\x9c\x95&nbsp;" : "",
			stage_word(lane->events[i].stage),
			SPAN_ARG(html_time(ladder->arena, to - from)));
		has_any = true;
		from = to;
	}
}

static void put_bar(const struct ladder *ladder, const struct lane *lane)
{
	FILE *out = ladder->out;

	fprintf(out, "<dt>%s <b>%.*s</b></dt><dd>", family_word(lane->family),
		SPAN_ARG(html_time(ladder->arena, lane->took_us)));
	fputs("<svg class=\"bar\" width=\"100%\" height=\"14\" "
	      "aria-hidden=\"true\" focusable=\"false\">\n",
		out);
	put_parts(ladder, lane);
	fputs("</svg><small>", out);
	put_stages(ladder, lane);
	fputs("</small></dd>\n", out);
}

static void put_bars(const struct ladder *ladder)
{
	fputs("<dl class=\"bars\">\n", ladder->out);
	for (unsigned f = 0; f < FAMILY_COUNT; f++)
		if (ladder->lanes[f] && ladder->lanes[f]->count)
			put_bar(ladder, ladder->lanes[f]);
	fputs("</dl>\n", ladder->out);
}

/* ---- the figure */

static void put_head(const struct ladder *ladder, unsigned family)
{
	const struct lane *lane = ladder->lanes[family];
	FILE *out = ladder->out;

	fprintf(out, "<p class=\"lane-head\"><b>%s</b> ",
		family_word((enum family)family));
	if (lane) {
		html_badge(out, lane->badge);
		fputs(" <bdi>", out);
		markup_show(out, lane->host);
		fputs("</bdi> <span class=\"ip\">", out);
		markup_show(out, lane->remote);
		fputs("</span>", out);
	}
	fputs("</p>\n", out);
}

static void measure(struct ladder *ladder)
{
	ladder->most_us = 1;
	for (unsigned f = 0; f < FAMILY_COUNT; f++) {
		const struct lane *lane = ladder->lanes[f];

		if (lane && lane->took_us > ladder->most_us)
			ladder->most_us = lane->took_us;
	}
	merge(ladder);
	if (ladder->count &&
		ladder->spots[ladder->count - 1].event->us > ladder->most_us)
		ladder->most_us = ladder->spots[ladder->count - 1].event->us;
	ladder->blur_us = ladder->most_us / 200;
	if (ladder->blur_us < BLUR_LEAST_US)
		ladder->blur_us = BLUR_LEAST_US;
	if (ladder->blur_us > LADDER_BLUR_US)
		ladder->blur_us = LADDER_BLUR_US;
	place(ladder);
}

void html_ladder(FILE *out, struct arena *arena, unsigned id,
	const struct lane *const lanes[FAMILY_COUNT])
{
	struct ladder ladder = {
		.out = out, .arena = arena, .id = id, .lanes = lanes
	};

	measure(&ladder);
	fputs("<figure class=\"ladder\">\n", out);
	put_bars(&ladder);
	fputs("<div class=\"lanes\">\n", out);
	put_head(&ladder, FAMILY_IPV4);
	fputs("<p class=\"lane-head\"></p>\n", out);
	put_head(&ladder, FAMILY_IPV6);
	for (unsigned f = 0; f < FAMILY_COUNT; f++) {
		if (lanes[f] && lanes[f]->count)
			put_lane(&ladder, f);
		else
			put_no_lane(&ladder, f);
		if (f == FAMILY_IPV4)
			put_axis(&ladder);
	}
	fputs("</div>\n", out);
	for (unsigned f = 0; f < FAMILY_COUNT; f++)
		if (lanes[f] && lanes[f]->left_out)
			fprintf(out,
				"<p>%s: %zu more events are left out.</p>\n",
				family_word((enum family)f),
				lanes[f]->left_out);
	fputs("</figure>\n", out);
}
