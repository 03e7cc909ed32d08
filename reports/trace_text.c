#include "reports/trace_text.h"

#include "reports/cells.h"

enum { LABEL = 6, WORD = 8, HANG = 10 };

/* ---- one hop in a cell */

static struct span router_text(struct screen *screen, const struct hop *hop)
{
	char room[IP_TEXT_MAX];

	if (!hop->has_router)
		return SPAN("");
	return arena_print(screen->arena, "%s%s%.*s",
		ip_print(&hop->router, room), hop->router_name.len ? " " : "",
		SPAN_ARG(screen_safe(screen, hop->router_name)));
}

static struct span timed(
	struct screen *screen, struct span text, const struct hop *hop)
{
	return arena_print(screen->arena, "%.*s%s%.*s", SPAN_ARG(text),
		text.len ? "  " : "",
		SPAN_ARG(screen_time(screen, hop->rtt_ns)));
}

static struct span open_text(
	struct screen *screen, const struct trace *trace, const struct hop *hop)
{
	struct span text = timed(screen, SPAN(""), hop);

	if (!trace->banner.len)
		return text;
	return arena_print(screen->arena, "%.*s  %.*s", SPAN_ARG(text),
		SPAN_ARG(screen_safe(screen, trace->banner)));
}

static struct cell cell_of(
	struct screen *screen, const struct trace *trace, const struct hop *hop)
{
	struct span router = router_text(screen, hop);

	switch (hop->answer) {
	case HOP_SILENT:
		return (struct cell){ { "*", TONE_DIM }, SPAN("") };
	case HOP_ROUTER:
		return (struct cell){ { "router", TONE_PLAIN },
			timed(screen, router, hop) };
	case HOP_OPEN:
		return (struct cell){ { "open", TONE_GOOD },
			open_text(screen, trace, hop) };
	case HOP_RESET:
		return (struct cell){ { "RST", TONE_BAD },
			timed(screen, SPAN(""), hop) };
	case HOP_ICMP:
		return (struct cell){ { "ICMP", TONE_BAD },
			timed(screen, screen_safe(screen, hop->fault.why),
				hop) };
	case HOP_LOCAL:
		break;
	}
	return (struct cell){ { "n/a", TONE_DIM },
		screen_safe(screen, hop->fault.why) };
}

/* ---- the traces of one host and port */

static const struct hop *hop_at(const struct trace *trace, size_t at)
{
	return trace && at < trace->hop_count ? &trace->hops[at] : NULL;
}

static void put_row(struct screen *screen, const struct cell_layout *layout,
	const char *label, const struct cell *cells, size_t count)
{
	if (count)
		cells_put(screen, layout, label, cells, count);
}

static struct span head_text(struct screen *screen, const struct trace *trace)
{
	const struct source *source = &trace->source;
	char to[IP_TEXT_MAX], from[IP_TEXT_MAX];

	return arena_print(screen->arena, "%s%s%s port %u",
		source->is_known ? ip_print(&source->ip, from) : "",
		source->is_known ? " to " : "",
		ip_print(&trace->path->remote, to), trace->port);
}

static void put_heads(struct screen *screen, const struct cell_layout *layout,
	const struct trace *const *pair, size_t count)
{
	struct cell cells[CELLS_MAX];

	for (size_t i = 0; i < count; i++)
		cells[i] = (struct cell){ { family_word(pair[i]->path->family),
						  TONE_PLAIN },
			head_text(screen, pair[i]) };
	put_row(screen, layout, pair[0]->is_control ? "control" : "", cells,
		count);
}

static void put_hops(struct screen *screen, const struct cell_layout *layout,
	const struct trace *const *pair, size_t count)
{
	size_t most = 0;

	for (size_t i = 0; i < count; i++)
		if (pair[i]->hop_count > most)
			most = pair[i]->hop_count;
	for (size_t at = 0; at < most; at++) {
		struct cell cells[CELLS_MAX];
		struct span label = arena_print(screen->arena, "%zu", at + 1);

		for (size_t i = 0; i < count; i++) {
			const struct hop *hop = hop_at(pair[i], at);

			cells[i] = hop ? cell_of(screen, pair[i], hop)
				       : cell_nothing;
		}
		put_row(screen, layout, label.at, cells, count);
	}
}

static void put_directs(struct screen *screen, const struct cell_layout *layout,
	const struct trace *const *pair, size_t count)
{
	struct cell cells[CELLS_MAX];
	bool has_any = false;

	for (size_t i = 0; i < count; i++) {
		cells[i] = cell_nothing;
		if (!pair[i]->asked_direct)
			continue;
		cells[i] = cell_of(screen, pair[i], &pair[i]->direct);
		has_any = true;
	}
	if (has_any)
		put_row(screen, layout, "all", cells, count);
}

static void put_group(
	struct screen *screen, const struct trace *const *pair, size_t count)
{
	struct cell_layout layout = { .label = LABEL + 3, .word = WORD };

	cells_spread(&layout, screen, count);
	put_heads(screen, &layout, pair, count);
	put_hops(screen, &layout, pair, count);
	put_directs(screen, &layout, pair, count);
}

static bool are_beside(const struct trace *a, const struct trace *b)
{
	return a->port == b->port && a->path->family != b->path->family &&
	       span_is(a->path->host, b->path->host);
}

/* ---- the target */

static struct span target_text(
	struct screen *screen, const struct outcome *outcome)
{
	struct span text = screen_safe(screen, outcome->target->text);

	if (!outcome->fault)
		return text;
	return arena_print(screen->arena, "%.*s: %.*s", SPAN_ARG(text),
		SPAN_ARG(screen_safe(screen, outcome->fault->why)));
}

/* Why there is nothing to show. */
static void put_untraced(struct screen *screen, const struct outcome *outcome)
{
	static const struct mark none = { "", TONE_PLAIN };
	char room[IP_TEXT_MAX];

	for (size_t i = 0; i < outcome->path_count; i++) {
		const struct path *path = &outcome->paths[i];

		screen_paragraph(screen, 1, none, 1,
			arena_print(screen->arena, "%s %s left out: %.*s",
				family_word(path->family),
				ip_print(&path->remote, room),
				SPAN_ARG(screen_safe(
					screen, path->left_out))));
	}
	for (int i = 0; i < FAMILY_COUNT && !outcome->path_count; i++)
		if (outcome->wanted[i])
			screen_paragraph(screen, 1, none, 1,
				arena_print(screen->arena,
					"%s n/a: no exchanger has an address "
					"of this family",
					family_word((enum family)i)));
}

void trace_text_target(FILE *out, const struct text_style *style,
	const struct outcome *outcome, const struct trace_set *traces)
{
	struct screen screen;
	struct span host = SPAN("");

	screen_open(&screen, out, style);
	screen_paragraph(&screen, 0, (struct mark){ "", TONE_PLAIN }, 0,
		target_text(&screen, outcome));
	for (size_t i = 0; i < traces->count;) {
		const struct trace *const *pair = &traces->traces[i];
		size_t count = screen.columns >= TEXT_SIDE_BY_SIDE &&
					       i + 1 < traces->count &&
					       are_beside(pair[0], pair[1])
				       ? 2
				       : 1;

		if (!span_is(host, pair[0]->path->host)) {
			host = pair[0]->path->host;
			screen_paragraph(&screen, 1,
				(struct mark){ "", TONE_PLAIN }, 1,
				screen_safe(&screen, host));
		}
		put_group(&screen, pair, count);
		i += count;
	}
	if (!traces->count && !outcome->fault)
		put_untraced(&screen, outcome);
	screen_close(&screen);
}

/* ---- what they tell */

static void put_evidence(struct screen *screen, const char *word,
	const struct evidence *evidence, size_t count)
{
	for (size_t i = 0; i < count; i++)
		screen_paragraph(screen, 2, (struct mark){ word, TONE_DIM },
			HANG + 1, screen_safe(screen, evidence[i].text));
}

static void put_finding(struct screen *screen, const struct finding *finding)
{
	screen_paragraph(screen, 1, (struct mark){ "FAIL", TONE_BAD }, 6,
		arena_print(screen->arena, "%s: %.*s (%.*s, %s)",
			family_word(finding->family), SPAN_ARG(finding->title),
			SPAN_ARG(finding->id),
			confidence_word(finding->confidence)));
	put_evidence(screen, "for", finding->for_it, finding->for_count);
	put_evidence(
		screen, "against", finding->against, finding->against_count);
	if (finding->remedy.len)
		screen_paragraph(screen, 2, (struct mark){ "fix", TONE_DIM },
			HANG + 1, finding->remedy);
}

void trace_text_end(FILE *out, const struct text_style *style,
	const struct trace_judgement *judgement, int exit_status)
{
	struct screen screen;

	screen_open(&screen, out, style);
	for (size_t i = 0; i < judgement->finding_count; i++)
		put_finding(&screen, &judgement->findings[i]);
	fprintf(out, "IPv4 %s, IPv6 %s.  exit %d\n",
		verdict_word(judgement->families[FAMILY_IPV4]),
		verdict_word(judgement->families[FAMILY_IPV6]), exit_status);
	screen_close(&screen);
}
