#include "reports/mta_text.h"

enum { INDENT = 1, HANG = 9 };

static struct span source_text(
	struct screen *screen, const struct mta_config *config)
{
	if (!config->file.len)
		return SPAN("with its default settings");
	return arena_print(screen->arena, "with %.*s",
		SPAN_ARG(screen_safe(screen, config->file)));
}

static void put_title(struct screen *screen, const struct mta_order *order)
{
	screen_paragraph(screen, 0, (struct mark){ "", TONE_PLAIN }, 0,
		arena_print(screen->arena, "What %s would do for %.*s, %.*s:",
			mta_name(order->mta),
			SPAN_ARG(screen_safe(screen, order->domain)),
			SPAN_ARG(source_text(screen, order->config))));
}

static struct span path_text(struct screen *screen, const struct path *path)
{
	char room[IP_TEXT_MAX];

	return arena_print(screen->arena, "%.*s [%s]",
		SPAN_ARG(screen_safe(screen, path->host)),
		ip_print(&path->remote, room));
}

static void put_try(struct screen *screen, const struct mta_try *try)
{
	struct span turn = try->turn ? arena_print(
					       screen->arena, "%zu", try->turn)
				     : SPAN("never");

	screen_paragraph(screen, INDENT,
		(struct mark){ turn.at, try->turn ? TONE_GOOD : TONE_DIM },
		HANG,
		arena_print(screen->arena, "%s %.*s%s%.*s",
			family_word(try->path->family),
			SPAN_ARG(path_text(screen, try->path)),
			try->why.len ? ": " : "",
			SPAN_ARG(screen_safe(screen, try->why))));
}

static struct span next_text(
	struct screen *screen, const struct mta_reaction *reaction)
{
	switch (reaction->next) {
	case MTA_BOUNCES:
		return SPAN("the message bounces");
	case MTA_DEFERS:
		return SPAN("the message waits");
	case MTA_TRIES_NEXT:
		break;
	}
	if (!reaction->then)
		return SPAN("the message waits, for there is no other address");
	return arena_print(screen->arena, "%s %.*s is next",
		family_word(reaction->then->family),
		SPAN_ARG(path_text(screen, reaction->then)));
}

static void put_reactions(struct screen *screen, const struct mta_order *order)
{
	screen_paragraph(screen, 0, (struct mark){ "", TONE_PLAIN }, 0,
		SPAN("If the first address"));
	for (size_t i = 0; i < MTA_FAILURE_COUNT; i++) {
		const struct mta_reaction *reaction = &order->reactions[i];

		screen_paragraph(screen, INDENT,
			(struct mark){ "", TONE_PLAIN }, INDENT + 2,
			arena_print(screen->arena, "%s: %.*s. %.*s%s",
				mta_failure_phrase((enum mta_failure)i),
				SPAN_ARG(next_text(screen, reaction)),
				SPAN_ARG(reaction->why),
				reaction->is_seen ? "" : " (As documented.)"));
	}
}

static void put_steps(struct screen *screen, struct span steps)
{
	while (steps.len) {
		screen_spaces(screen, INDENT + 2);
		screen_span(
			screen, screen_safe(screen, span_cut(&steps, '\n')));
		fputc('\n', screen->out);
	}
}

static void put_change(
	struct screen *screen, const struct mta_order *order, enum family only)
{
	const struct mta_change *change = &order->only[only];
	struct span domain = screen_safe(screen, order->domain);

	screen_paragraph(screen, 0, (struct mark){ "", TONE_PLAIN }, 0,
		arena_print(screen->arena, "To reach %.*s over %s only:%s",
			SPAN_ARG(domain), family_word(only),
			change->is_needed || !change->is_possible
				? ""
				: " it is so already."));
	if (change->is_possible && change->is_needed)
		put_steps(screen, change->steps);
	if (change->note.len && (change->is_needed || !change->is_possible))
		screen_paragraph(screen, INDENT,
			(struct mark){ "", TONE_PLAIN }, INDENT,
			screen_safe(screen, change->note));
}

static bool tries_any(const struct mta_order *order)
{
	return order->count && order->tries[0].turn;
}

void mta_text_put(struct screen *screen, const struct mta_order *order)
{
	const struct mta_config *config = order->config;

	put_title(screen, order);
	for (size_t i = 0; i < order->count; i++)
		put_try(screen, &order->tries[i]);
	if (tries_any(order))
		put_reactions(screen, order);
	for (size_t i = 0; order->count && i < FAMILY_COUNT; i++)
		put_change(screen, order, (enum family)i);
	for (size_t i = 0; i < config->doubt_count; i++)
		screen_paragraph(screen, 0, (struct mark){ "note", TONE_WARN },
			5, screen_safe(screen, config->doubts[i]));
}

void mta_text(FILE *out, const struct text_style *style,
	const struct mta_order *order)
{
	struct screen screen;

	screen_open(&screen, out, style);
	mta_text_put(&screen, order);
	screen_close(&screen);
}
