#include "reports/spf_text.h"

enum { DEPTH_SHOWN = 8, STEP_INDENT = 2, NOTE_HANG = 9 };

static struct span lookups_text(
	struct screen *screen, const struct spf_step *step)
{
	struct span text = SPAN("");

	for (const struct spf_lookup *lookup = step->lookups; lookup;
		lookup = lookup->next)
		text = arena_print(screen->arena, "%.*s%s%s %.*s %s",
			SPAN_ARG(text), text.len ? ", " : "",
			rr_type_word(lookup->type),
			SPAN_ARG(screen_safe(screen, lookup->name)),
			lookup->answer ? answer_word(lookup->answer->kind)
				       : "open");
	return text;
}

/* What the limits have been used up to; the record itself costs nothing. */
static struct span cost_text(struct screen *screen, const struct spf_step *step)
{
	if (!step->term.len)
		return SPAN("");
	return arena_print(screen->arena, " (%u of %d lookups, %u void)",
		step->lookups_used, SPF_LOOKUPS_MAX, step->voids_used);
}

static void put_step(struct screen *screen, const struct spf_step *step)
{
	unsigned depth = step->depth < DEPTH_SHOWN ? step->depth : DEPTH_SHOWN;
	size_t indent = 1 + STEP_INDENT * depth;
	struct span term = step->term.len ? step->term : step->domain;
	struct span lookups = lookups_text(screen, step);

	screen_paragraph(screen, indent, (struct mark){ "", TONE_PLAIN },
		indent,
		arena_print(screen->arena, "%.*s: %s%s%.*s%.*s",
			SPAN_ARG(screen_safe(screen, term)),
			step->term.len ? spf_outcome_word(step->outcome)
				       : "its record",
			lookups.len ? "; " : "", SPAN_ARG(lookups),
			SPAN_ARG(cost_text(screen, step))));
}

void spf_text_steps(struct screen *screen, const struct ip *source,
	const struct spf_check *check)
{
	if (!check->steps)
		return;
	screen_paragraph(screen, 0, (struct mark){ "", TONE_PLAIN }, 0,
		arena_print(screen->arena, "SPF from %.*s: %s",
			SPAN_ARG(ip_text(screen->arena, source)),
			spf_result_word(check->result)));
	if (check->record.len)
		screen_paragraph(screen, 1, (struct mark){ "", TONE_PLAIN }, 1,
			arena_print(screen->arena, "%.*s TXT \"%.*s\"",
				SPAN_ARG(screen_safe(screen, check->domain)),
				SPAN_ARG(screen_safe(screen, check->record))));
	for (const struct spf_step *step = check->steps; step;
		step = step->next)
		put_step(screen, step);
}

static struct mark mark_of(enum spf_severity severity)
{
	switch (severity) {
	case SPF_INFO:
		return (struct mark){ "note", TONE_DIM };
	case SPF_WARNING:
		return (struct mark){ "warn", TONE_WARN };
	case SPF_ERROR:
		break;
	}
	return (struct mark){ "error", TONE_BAD };
}

/* Whom it concerns; all, when nothing is said. */
static const char *families_text(const struct spf_note *note)
{
	switch (note->families & SPF_FAMILIES) {
	case SPF_FAMILY_IPV4:
		return ", IPv4";
	case SPF_FAMILY_IPV6:
		return ", IPv6";
	}
	return "";
}

/* Several addresses that one new record mends. */
static bool is_mended_alike(
	const struct spf_note *note, const struct spf_note *next)
{
	return note->record.len && strcmp(note->id, next->id) == 0 &&
	       span_is(note->domain, next->domain) &&
	       span_is(note->fix, next->fix) &&
	       span_is(note->record, next->record);
}

static void put_mending(struct screen *screen, const struct spf_note *note)
{
	if (note->fix.len)
		screen_paragraph(screen, 3, (struct mark){ "fix", TONE_PLAIN },
			NOTE_HANG, screen_safe(screen, note->fix));
	if (note->record.len)
		screen_paragraph(screen, 3, (struct mark){ "new", TONE_PLAIN },
			NOTE_HANG,
			arena_print(screen->arena, "%.*s TXT \"%.*s\"",
				SPAN_ARG(screen_safe(screen, note->domain)),
				SPAN_ARG(screen_safe(screen, note->record))));
}

static void put_note(struct screen *screen, const struct spf_note *note)
{
	screen_paragraph(screen, 1, mark_of(note->severity), NOTE_HANG,
		arena_print(screen->arena, "%.*s (%s, %.*s%s)",
			SPAN_ARG(screen_safe(screen, note->text)), note->id,
			SPAN_ARG(screen_safe(screen, note->domain)),
			families_text(note)));
}

void spf_text_notes(struct screen *screen, const struct spf_lint *lint)
{
	bool is_first = true;

	for (size_t i = 0; lint && i < lint->count; i++) {
		const struct spf_note *note = &lint->notes[i];

		if (note->severity == SPF_INFO && !screen->verbose)
			continue;
		if (is_first)
			fputs("SPF records\n", screen->out);
		is_first = false;
		put_note(screen, note);
		if (i + 1 == lint->count ||
			!is_mended_alike(note, &lint->notes[i + 1]))
			put_mending(screen, note);
	}
}
