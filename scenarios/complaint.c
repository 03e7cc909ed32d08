#include "scenarios/complaint.h"

#include "probe/base/escape.h"

enum { SHOWN_MAX = 100, SHOWN_BEFORE = 60, HINT_MAX = 80 };

bool complaints_are_full(const struct complaints *complaints)
{
	return complaints->total >= COMPLAINTS_MAX;
}

void complain(struct complaints *complaints, const struct place *place,
	struct span what, struct span hint)
{
	struct arena *arena = complaints->arena;

	if (complaints->total++ >= COMPLAINTS_MAX)
		return;
	complaints->list = arena_grow(arena, complaints->list,
		complaints->count, &complaints->room,
		sizeof(*complaints->list));
	complaints->list[complaints->count++] =
		(struct complaint){ .place = *place,
			.what = arena_copy(arena, what),
			.hint = arena_copy(arena, hint) };
}

/*
 * A tab would push the caret aside, and a backslash of a regular expression is
 * shown as it is: nobody reads this back.
 */
static struct span shown(struct arena *arena, struct span text)
{
	struct span all = SPAN("");

	while (text.len) {
		size_t len = 0;
		const char *edge = "";

		while (len < text.len && text.at[len] != '\t' &&
			text.at[len] != '\\')
			len++;
		if (len < text.len)
			edge = text.at[len] == '\t' ? " " : "\\";
		all = arena_print(arena, "%.*s%.*s%s", SPAN_ARG(all),
			SPAN_ARG(escape_text(arena, span_part(text, 0, len))),
			edge);
		text = span_part(text, len + 1, text.len);
	}
	return all;
}

static struct span repeated(struct arena *arena, char c, size_t count)
{
	char *bytes = arena_take(arena, count + 1);

	if (count)
		memset(bytes, c, count);
	return (struct span){ bytes, count };
}

/* Of a long line, the part around the place. */
static struct span caret_of(
	struct arena *arena, const struct place *place, struct span *line)
{
	size_t at = place->column ? place->column - 1 : 0, from = 0, columns;
	struct span part;

	if (at > place->text.len)
		at = place->text.len;
	if (place->text.len > SHOWN_MAX && at > SHOWN_BEFORE)
		from = at - SHOWN_BEFORE;
	part = span_part(place->text, from, SHOWN_MAX);
	*line = shown(arena, part);
	columns = escape_columns(
		shown(arena, span_part(place->text, at, place->width)));
	if (columns > SHOWN_MAX)
		columns = SHOWN_MAX;
	return arena_print(arena, "%.*s^%.*s",
		SPAN_ARG(repeated(arena, ' ',
			escape_columns(
				shown(arena, span_part(part, 0, at - from))))),
		SPAN_ARG(repeated(arena, '~', columns ? columns - 1 : 0)));
}

struct span complaint_print(
	struct arena *arena, const struct complaint *complaint)
{
	const struct place *place = &complaint->place;
	struct span line, caret = caret_of(arena, place, &line);
	struct span hint = SPAN("");

	if (complaint->hint.len)
		hint = arena_print(arena, " did you mean %.*s?",
			SPAN_ARG(shown(arena,
				span_part(complaint->hint, 0, HINT_MAX))));
	return arena_print(arena, "%.*s:%u:%u: %.*s\n    %.*s\n    %.*s%.*s\n",
		SPAN_ARG(escape_text(arena, place->file)), place->line,
		place->column, SPAN_ARG(shown(arena, complaint->what)),
		SPAN_ARG(line), SPAN_ARG(caret), SPAN_ARG(hint));
}

/* Where its file was first seen among them. */
static size_t rank_of(
	const struct complaints *complaints, const struct complaint *complaint)
{
	size_t i = 0;

	while (!span_is(complaints->list[i].place.file, complaint->place.file))
		i++;
	return i;
}

static bool is_before(const struct complaints *complaints,
	const struct complaint *a, const struct complaint *b)
{
	size_t rank_a = rank_of(complaints, a), rank_b = rank_of(complaints, b);

	if (rank_a != rank_b)
		return rank_a < rank_b;
	if (a->place.line != b->place.line)
		return a->place.line < b->place.line;
	return a->place.column < b->place.column;
}

/* Nearly in order already, and few. */
void complaints_sort(struct complaints *complaints)
{
	size_t count = complaints->count;
	struct complaint *sorted = arena_take(
		complaints->arena, (count + 1) * sizeof(*sorted));

	for (size_t i = 0; i < count; i++) {
		struct complaint moved = complaints->list[i];
		size_t at = i;

		while (at > 0 && is_before(complaints, &moved, &sorted[at - 1]))
			at--;
		memmove(&sorted[at + 1], &sorted[at], (i - at) * sizeof(moved));
		sorted[at] = moved;
	}
	complaints->list = sorted;
	complaints->room = count + 1;
}
