#include "probe/judge/phrase_search_inside.h"

/* ---- the words */

static size_t hash_of(struct span text, bool is_whole)
{
	size_t hash = 14695981039346656037U + is_whole;

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.at[i]) * 1099511628211U;
	return hash ^ hash >> 29;
}

static uint32_t word_of(
	struct phrase_search *search, const struct codebook_word *wanted)
{
	size_t at = hash_of(wanted->text, wanted->is_whole);
	struct phrase_word *word;

	for (;; at++) {
		uint32_t *place = &search->table[at & (search->table_size - 1)];

		if (*place == PHRASE_NONE) {
			*place = (uint32_t)search->word_count;
			break;
		}
		word = &search->words[*place];
		if (word->is_whole == wanted->is_whole &&
			span_is(word->text, wanted->text))
			return *place;
	}
	search->words = arena_grow(search->arena, search->words,
		search->word_count, &search->word_room, sizeof(*word));
	search->words[search->word_count] = (struct phrase_word){
		.text = wanted->text,
		.is_whole = wanted->is_whole,
		.next = PHRASE_NONE,
	};
	return (uint32_t)search->word_count++;
}

/* Room for the most there can be: one for each word of each piece. */
static void count_all(struct phrase_search *search,
	const struct codebook_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < rows[i].match_count; k++) {
			const struct codebook_match *match =
				&rows[i].matches[k];

			search->phrase_count++;
			search->step_room += match->piece_count;
			for (size_t p = 0; p < match->piece_count; p++)
				search->use_count +=
					match->pieces[p].word_count;
		}
}

static uint32_t *new_table(struct arena *arena, size_t size)
{
	uint32_t *table = arena_take(arena, size * sizeof(*table));

	for (size_t i = 0; i < size; i++)
		table[i] = PHRASE_NONE;
	return table;
}

static void make_room(struct phrase_search *search)
{
	struct arena *arena = search->arena;
	size_t uses = search->use_count + 1, phrases = search->phrase_count + 1;

	search->table_size = 64;
	while (search->table_size < 2 * uses)
		search->table_size *= 2;
	search->table = new_table(arena, search->table_size);
	search->step_table = new_table(arena, search->table_size);
	search->uses = arena_take(arena, uses * sizeof(*search->uses));
	search->absents = arena_take(arena, uses * sizeof(*search->absents));
	search->phrases = arena_take(arena, phrases * sizeof(*search->phrases));
	search->steps = arena_take(
		arena, (search->step_room + 1) * sizeof(*search->steps));
	search->hits = arena_take(arena, phrases * sizeof(*search->hits));
}

/* ---- phrases and their steps */

struct loading {
	struct phrase_search *search;
	bool fills; /* else only counts the uses of each word */
	uint32_t phrase;
};

/* A set is told by where its words are, a single word by its number. */
static uint64_t piece_of(
	struct phrase_search *search, const struct codebook_piece *piece)
{
	if (piece->word_count == 1)
		return (uint64_t)word_of(search, &piece->words[0]) << 1;
	return (uint64_t)(uintptr_t)piece->words | 1;
}

/* The step, which is new if the place in the table is. */
static uint32_t *place_of_step(
	struct phrase_search *search, const struct phrase_step *wanted)
{
	uint64_t hash = (wanted->piece ^ wanted->gap * 0x9e3779b9U) *
			1099511628211U;
	size_t at;

	hash = (hash ^ wanted->before) * 1099511628211U;
	for (at = (size_t)(hash ^ hash >> 29);; at++) {
		uint32_t *place =
			&search->step_table[at & (search->table_size - 1)];
		const struct phrase_step *step = &search->steps[*place];

		if (*place == PHRASE_NONE ||
			(step->before == wanted->before &&
				step->gap == wanted->gap &&
				step->piece == wanted->piece))
			return place;
	}
}

/* Of a shared step, its words hold it already. */
static void load_step(struct loading *loading, uint32_t step,
	const struct codebook_piece *piece)
{
	struct phrase_search *search = loading->search;

	for (size_t w = 0; w < piece->word_count; w++) {
		uint32_t number = word_of(search, &piece->words[w]);
		struct phrase_word *word = &search->words[number];

		if (loading->fills)
			search->uses[word->first + word->count] = step;
		word->count++;
	}
}

static void load_absent(
	struct loading *loading, const struct codebook_piece *piece)
{
	struct phrase_search *search = loading->search;

	for (size_t w = 0; w < piece->word_count; w++) {
		uint32_t number = word_of(search, &piece->words[w]);
		struct phrase_word *word = &search->words[number];

		if (loading->fills)
			search->absents[word->first_absent + word->absents] =
				loading->phrase;
		word->absents++;
	}
}

static uint32_t step_behind(struct loading *loading, uint32_t before,
	const struct codebook_piece *piece)
{
	struct phrase_search *search = loading->search;
	struct phrase_step wanted = {
		.before = before,
		.gap = piece->gap,
		.piece = piece_of(search, piece),
		.phrases = PHRASE_NONE,
	};
	uint32_t *place = place_of_step(search, &wanted);

	if (*place == PHRASE_NONE) {
		*place = (uint32_t)search->step_count++;
		search->steps[*place] = wanted;
		load_step(loading, *place, piece);
	}
	return *place;
}

static void load_match(
	struct loading *loading, const struct codebook_match *match)
{
	struct phrase_search *search = loading->search;
	uint32_t step = PHRASE_NONE;

	for (size_t p = 0; p < match->piece_count; p++) {
		const struct codebook_piece *piece = &match->pieces[p];

		if (piece->is_absent)
			load_absent(loading, piece);
		else
			step = step_behind(loading, step, piece);
	}
	if (step == PHRASE_NONE)
		return;
	search->phrases[loading->phrase].next = search->steps[step].phrases;
	search->steps[step].phrases = loading->phrase;
}

static void load(struct phrase_search *search, const struct codebook_row *rows,
	size_t count, bool fills)
{
	struct loading loading = { .search = search, .fills = fills };

	search->step_count = 0;
	for (size_t i = 0; i < search->table_size; i++)
		search->step_table[i] = PHRASE_NONE;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < rows[i].match_count; k++) {
			search->phrases[loading.phrase] = (struct phrase){
				.row = (uint32_t)i,
				.match = (uint32_t)k,
				.next = PHRASE_NONE,
			};
			load_match(&loading, &rows[i].matches[k]);
			loading.phrase++;
		}
}

static void place_uses(struct phrase_search *search)
{
	uint32_t at = 0, absent = 0;

	for (size_t i = 0; i < search->word_count; i++) {
		struct phrase_word *word = &search->words[i];

		word->first = at;
		word->first_absent = absent;
		at += word->count;
		absent += word->absents;
		word->count = word->absents = 0;
	}
}

void phrase_steps_load(struct phrase_search *search)
{
	count_all(search, search->rows, search->row_count);
	make_room(search);
	load(search, search->rows, search->row_count, false);
	place_uses(search);
	load(search, search->rows, search->row_count, true);
}
