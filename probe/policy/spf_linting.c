#include "probe/policy/spf_linting.h"

struct spf_note *spf_linting_note(struct spf_linting *linting, const char *id,
	enum spf_severity severity, const struct spf_place *place,
	const struct spf_term *term)
{
	struct spf_lint *lint = linting->lint;
	struct spf_note *note = &linting->spare;

	if (lint->count < SPF_NOTES_MAX)
		note = &lint->notes[lint->count++];
	else
		lint->was_cut = true;
	*note = (struct spf_note){ .id = id,
		.severity = severity,
		.families = SPF_FAMILIES,
		.domain = place->domain };
	if (term)
		note->term = term->text;
	return note;
}

static size_t put(char *room, size_t len, struct span text)
{
	if (!text.len)
		return len;
	if (len)
		room[len++] = ' ';
	memcpy(room + len, text.at, text.len);
	return len + text.len;
}

struct span spf_place_record(struct arena *arena,
	const struct spf_record *record, const struct spf_term *term,
	struct span with)
{
	char *room = arena_take(arena, record->text.len + with.len + 1);
	size_t len = put(room, 0, SPAN("v=spf1"));

	for (size_t i = 0; i < record->count; i++) {
		const struct spf_term *one = &record->terms[i];

		len = put(room, len, one == term ? with : one->text);
	}
	return (struct span){ room, len };
}

struct span spf_linting_list(
	struct arena *arena, struct span list, struct span more)
{
	return arena_print(arena, "%.*s%s%.*s", SPAN_ARG(list),
		list.len ? ", " : "", SPAN_ARG(more));
}

const struct answer *spf_linting_ask(
	struct spf_linting *linting, struct span name, enum rr_type type)
{
	const struct answer *answer = answers_get(linting->answers, name, type);

	if (!answer)
		linting->open = true;
	return answer;
}
