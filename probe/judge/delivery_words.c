#include "probe/judge/delivery_words.h"

#include <inttypes.h>
#include <stdio.h>

#include "probe/base/clock.h"

struct span delivery_count_text(struct arena *arena, uint64_t count)
{
	char digits[24], room[32];
	size_t used = 0;
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, count);

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			room[used++] = ',';
		room[used++] = digits[i];
	}
	return arena_copy(arena, (struct span){ room, used });
}

/* "2024-09-07T10:51:02.000Z" up to there, the T made a blank. */
static struct span time_text(struct arena *arena, int64_t time_ms, size_t cut)
{
	struct span whole = clock_text(arena, time_ms);
	size_t mark = span_find(whole, 'T');
	struct span day = span_part(whole, 0, mark);
	struct span rest = span_part(whole, mark + 1, cut);

	return arena_print(arena, "%.*s %.*s", SPAN_ARG(day), SPAN_ARG(rest));
}

struct span delivery_minute_text(struct arena *arena, int64_t time_ms)
{
	return time_text(arena, time_ms, 5);
}

struct span delivery_second_text(struct arena *arena, int64_t time_ms)
{
	return time_text(arena, time_ms, 8);
}

struct span delivery_wait_text(struct arena *arena, int64_t wait_ms)
{
	int64_t seconds = wait_ms > 0 ? wait_ms / 1000 + (wait_ms % 1000 >= 500)
				      : 0;

	if (wait_ms > 0 && wait_ms < 1000)
		return SPAN("less than a second");
	if (seconds < 120)
		return arena_print(arena, "%" PRId64 " s", seconds);
	if (seconds < 7200)
		return arena_print(arena, "%" PRId64 " min", seconds / 60);
	if (seconds < 172800)
		return arena_print(arena, "%" PRId64 " h", seconds / 3600);
	return arena_print(arena, "%" PRId64 " days", seconds / 86400);
}

static struct span witness_text(
	struct arena *arena, const struct delivery_witness *witness)
{
	const char *unit = witness->kind == WITNESS_CAPTURE ? "frame" : "line";
	struct span file = span_part(
		witness->file, witness->folders, witness->file.len);

	if (!file.len)
		file = span_of(witness_kind_word(witness->kind));
	/* A mail in a file of its own begins at its first line. */
	if (!witness->position ||
		(witness->kind == WITNESS_BOUNCE && witness->position == 1))
		return file;
	return arena_print(arena, "%.*s %s %" PRIu64, SPAN_ARG(file), unit,
		witness->position);
}

struct span delivery_spot_text(
	struct arena *arena, const struct delivery_spot *spot)
{
	struct span text = SPAN("");

	for (size_t i = 0; i < spot->witness_count; i++) {
		struct span one = witness_text(arena, &spot->witnesses[i]);

		text = arena_print(arena, "%.*s%s%.*s", SPAN_ARG(text),
			i ? ", " : "", SPAN_ARG(one));
	}
	return text;
}

/* "5.7.1" at the start; its length, or 0. */
static size_t status_length(struct span text)
{
	size_t at = 0;

	for (int part = 0; part < 3; part++) {
		size_t digits = 0;

		if (part && (at == text.len || text.at[at++] != '.'))
			return 0;
		while (at < text.len && ascii_is_digit(text.at[at])) {
			at++;
			digits++;
		}
		if (!digits || digits > 3)
			return 0;
	}
	return at == text.len || ascii_is_space(text.at[at]) ? at : 0;
}

/* "550-5.7.1 " or "550 " at the start; its length, or 0. */
static size_t number_length(struct span text, const char *code)
{
	size_t at = strlen(code);
	bool has_code = at && text.len > at && memcmp(text.at, code, at) == 0 &&
			(text.at[at] == '-' || text.at[at] == ' ');
	size_t status;

	if (!has_code)
		return 0;
	at++;
	status = status_length(span_part(text, at, text.len));
	/* "550 users" is no number of a line. */
	return text.at[at - 1] == '-' || status ? at + status : 0;
}

struct span delivery_reply_text(
	struct arena *arena, struct span text, unsigned code)
{
	char *line = arena_take(arena, text.len + 5), number[4] = "";
	size_t used = 0, at = 0, first;

	if (code >= 100 && code <= 999)
		snprintf(number, sizeof(number), "%u", code);
	first = strlen(number);
	memcpy(line, number, first);
	used = first;
	if (first && text.len >= first && memcmp(text.at, number, first) == 0) {
		if (text.len == first)
			at = first;
		else if (text.at[first] == '-' || text.at[first] == ' ')
			at = first + 1;
	}
	if (used && at < text.len)
		line[used++] = ' ';
	for (size_t begin = at; at < text.len;) {
		struct span rest = span_part(text, at, text.len);
		bool is_start = at > begin && ascii_is_space(text.at[at - 1]);
		bool is_line = is_start && text.at[at - 1] == '\n';
		size_t skip = is_start ? number_length(rest, number) : 0;

		if (!skip && is_line)
			skip = status_length(rest);
		at += skip;
		while (skip && at < text.len && ascii_is_blank(text.at[at]))
			at++;
		if (at == text.len)
			break;
		line[used++] = ascii_is_space(text.at[at]) ? ' ' : text.at[at];
		at++;
	}
	return (struct span){ line, used };
}

struct span delivery_destination_text(
	const struct codebook *codebook, const struct delivery_row *row)
{
	const struct codebook_provider *provider = NULL;
	size_t end;

	if (row->is_provider)
		provider = codebook_provider(codebook, row->destination);
	if (!provider)
		return row->destination;
	end = span_find_nocase(provider->title, SPAN(" ("));
	return span_part(provider->title, 0, end);
}
