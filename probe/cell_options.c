#include "probe/cell_options.h"

#include "probe/ad_hoc.h"

static struct span target_text(struct arena *arena, const struct aim *aim)
{
	if (aim->kind != AIM_ADDRESS)
		return aim->name;
	return arena_print(arena, "[%s%.*s]",
		aim->ip.family == FAMILY_IPV6 ? "IPv6:" : "",
		SPAN_ARG(ip_text(arena, &aim->ip)));
}

static void take_aim(
	struct arena *arena, struct options *options, const struct aim *aim)
{
	static const enum mx_choice choices[] = {
		[AIM_BEST] = MX_BEST,
		[AIM_ALL] = MX_ALL,
		[AIM_FIRST] = MX_FIRST,
	};

	options->targets = arena_take(arena, sizeof(*options->targets));
	options->targets[0] = target_text(arena, aim);
	options->target_count = options->target_room = 1;
	options->server = aim->kind == AIM_HOST ? aim->name : SPAN("");
	options->port = (uint16_t)aim->port;
	options->mx_choice = choices[aim->choice];
	options->mx_first = aim->first;
	options->has_only = aim->has_only;
	options->only = aim->only;
}

static void take_egress(struct arena *arena, struct options *options,
	const struct matrix_cell *cell)
{
	const struct egress *egress = cell->egress;

	for (unsigned i = 0; i < FAMILY_COUNT; i++) {
		options->wanted[i] = i == (unsigned)cell->family;
		options->binds[i] = egress->binds[i];
		options->bind_to[i] = egress->source[i];
		if (egress->ehlo[i].len)
			options->ehlo[i] = egress->ehlo[i];
	}
	if (egress->interface.len)
		options->interface = arena_copy(arena, egress->interface).at;
}

static bool take_mailbox(struct arena *arena, struct span text,
	struct span *mailbox, struct span *why)
{
	struct span domain;
	const char *reason;

	*mailbox = SPAN("");
	if (!text.len || span_is(text, SPAN("<>")))
		return true;
	if (ad_hoc_mailbox(arena, text, mailbox, &domain, &reason))
		return true;
	*why = arena_copy(arena, span_of(reason));
	return false;
}

static enum option_tls tls_of(enum step_tls tls)
{
	switch (tls) {
	case STEP_TLS_MAY:
		return OPTION_TLS_MAY;
	case STEP_TLS_ENCRYPT:
		return OPTION_TLS_ENCRYPT;
	case STEP_TLS_DANE:
		return OPTION_TLS_DANE;
	case STEP_TLS_SECURE:
		break;
	}
	return OPTION_TLS_SECURE;
}

/* How far it goes, where that is not seen from sender and recipient. */
static void take_reach(struct options *options, const struct scenario *scenario)
{
	enum step_verb last = STEP_CONNECT;

	options->tls = OPTION_TLS_NONE;
	for (size_t i = 0; i < scenario->step_count; i++) {
		const struct step *step = &scenario->steps[i];

		if (step->verb == STEP_STARTTLS)
			options->tls = tls_of(step->tls);
		if (step->verb != STEP_QUIT)
			last = step->verb;
	}
	options->has_quit_after = last <= STEP_BANNER;
	options->quit_after = last == STEP_CONNECT ? STAGE_CONNECT
						   : STAGE_BANNER;
}

static bool take_steps(struct arena *arena, struct options *options,
	const struct scenario *scenario, struct span *why)
{
	options->pipelines = scenario->pipelines;
	options->pipelines_always = scenario->pipelines_always;
	options->talks_early = scenario->talks_early;
	for (size_t i = 0; i < scenario->step_count; i++) {
		const struct step *step = &scenario->steps[i];

		if (step->verb == STEP_MAIL) {
			options->has_from = true;
			if (!take_mailbox(
				    arena, step->argument, &options->from, why))
				return false;
		}
		if (step->verb == STEP_RCPT &&
			!take_mailbox(arena, step->argument, &options->to, why))
			return false;
	}
	take_reach(options, scenario);
	return true;
}

bool cell_options(struct arena *arena, const struct options *base,
	const struct matrix_cell *cell, struct options *options,
	struct span *why)
{
	struct target target;

	*options = *base;
	options->verb = VERB_WALK;
	options->repeat = 1;
	options->deliver = cell->delivers;
	options->message_size = cell->message_size;
	options->has_from = false;
	options->from = options->to = SPAN("");
	take_aim(arena, options, cell->aim);
	take_egress(arena, options, cell);
	return take_steps(arena, options, &cell->scenario, why) &&
	       ad_hoc_target(arena, options, options->targets[0], &target, why);
}
