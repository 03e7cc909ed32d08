#include "probe/judge/phrase_search.h"

#include "probe/judge/codebook.h"

/*
 * The words make a trie, and a state's fallback is the state of the longest
 * end of its text that begins a word too.  States are numbered by depth, so
 * the children of one stand side by side.  The first levels, where a text
 * stays most of the time, have whole rows of the table; below them, a state
 * looks at its few children and falls back.
 *
 * Phrases make a trie of their own, whose steps are pieces: those that begin
 * alike share their first steps.  Where a word ends, each step that it is a
 * choice of is taken if the step before it was, and ended by the word's
 * beginning and within the gap.  Of the places where a step was taken the
 * first is kept, since it leaves most room for what follows, and the last,
 * since it is the nearest.
 */
#define NONE UINT32_MAX

enum { DENSE_DEPTH = 2 };

struct word {
	struct span text;
	bool is_whole;
	uint32_t next;                  /* another of the same text; or NONE */
	uint32_t first, count;          /* its uses: the steps ... */
	uint32_t first_absent, absents; /* ... and phrases that it rules out */
};

struct phrase {
	uint32_t row, match;
	uint32_t next;          /* another that ends at this step; or NONE */
	uint32_t hit;           /* of this run, if stamped */
	uint32_t stamp, absent; /* runs in which it was hit, or ruled out */
};

struct place {
	uint32_t end, weight;
};

struct step {
	uint32_t before;  /* or NONE */
	uint32_t gap;     /* 0: any */
	uint64_t piece;   /* which it is: see piece_of() */
	uint32_t phrases; /* that are complete with it; or NONE */
	uint32_t stamp;
	struct place first, last;
};

struct state {
	uint32_t child, child_count;
	uint32_t fallback;
	uint32_t word; /* that ends here; or NONE */
};

/* While the trie grows; children are a list. */
struct node {
	uint32_t child, sibling, word;
	uint32_t depth;
	unsigned char byte;
};

struct phrase_search {
	struct arena *arena;
	const struct codebook_row *rows;
	size_t row_count;
	struct word *words;
	size_t word_count, word_room;
	uint32_t *table; /* of words, by hash */
	size_t table_size;
	uint32_t *uses, *absents;
	size_t use_count;
	struct phrase *phrases;
	size_t phrase_count;
	struct step *steps;
	uint32_t *step_table; /* by hash */
	size_t step_count, step_room;
	struct state *states;
	uint32_t *reports;    /* of each state: it, or the next fallback with
				   a word; 0: none */
	unsigned char *bytes; /* that leads to each state */
	size_t state_count, dense_count;
	uint32_t *dense;
	size_t class_count;
	unsigned char classes[256];
	struct phrase_hit *hits;
	size_t hit_count;
	uint32_t run;
};

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
	struct word *word;

	for (;; at++) {
		uint32_t *place = &search->table[at & (search->table_size - 1)];

		if (*place == NONE) {
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
	search->words[search->word_count] = (struct word){
		.text = wanted->text,
		.is_whole = wanted->is_whole,
		.next = NONE,
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
		table[i] = NONE;
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
	struct phrase_search *search, const struct step *wanted)
{
	uint64_t hash = (wanted->piece ^ wanted->gap * 0x9e3779b9U) *
			1099511628211U;
	size_t at;

	hash = (hash ^ wanted->before) * 1099511628211U;
	for (at = (size_t)(hash ^ hash >> 29);; at++) {
		uint32_t *place =
			&search->step_table[at & (search->table_size - 1)];
		const struct step *step = &search->steps[*place];

		if (*place == NONE || (step->before == wanted->before &&
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
		struct word *word = &search->words[number];

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
		struct word *word = &search->words[number];

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
	struct step wanted = {
		.before = before,
		.gap = piece->gap,
		.piece = piece_of(search, piece),
		.phrases = NONE,
	};
	uint32_t *place = place_of_step(search, &wanted);

	if (*place == NONE) {
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
	uint32_t step = NONE;

	for (size_t p = 0; p < match->piece_count; p++) {
		const struct codebook_piece *piece = &match->pieces[p];

		if (piece->is_absent)
			load_absent(loading, piece);
		else
			step = step_behind(loading, step, piece);
	}
	if (step == NONE)
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
		search->step_table[i] = NONE;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < rows[i].match_count; k++) {
			search->phrases[loading.phrase] = (struct phrase){
				.row = (uint32_t)i,
				.match = (uint32_t)k,
				.next = NONE,
			};
			load_match(&loading, &rows[i].matches[k]);
			loading.phrase++;
		}
}

static void place_uses(struct phrase_search *search)
{
	uint32_t at = 0, absent = 0;

	for (size_t i = 0; i < search->word_count; i++) {
		struct word *word = &search->words[i];

		word->first = at;
		word->first_absent = absent;
		at += word->count;
		absent += word->absents;
		word->count = word->absents = 0;
	}
}

/* ---- the automaton */

struct trie {
	struct arena *arena;
	struct node *nodes;
	size_t count, room;
};

static uint32_t trie_grow(struct trie *trie, uint32_t parent, unsigned char c)
{
	uint32_t depth = trie->count ? trie->nodes[parent].depth + 1 : 0;

	trie->nodes = arena_grow(trie->arena, trie->nodes, trie->count,
		&trie->room, sizeof(*trie->nodes));
	trie->nodes[trie->count] = (struct node){
		.child = NONE,
		.sibling = trie->count ? trie->nodes[parent].child : NONE,
		.word = NONE,
		.depth = depth,
		.byte = c,
	};
	if (trie->count)
		trie->nodes[parent].child = (uint32_t)trie->count;
	return (uint32_t)trie->count++;
}

static uint32_t trie_child(struct trie *trie, uint32_t node, unsigned char c)
{
	uint32_t child = trie->nodes[node].child;

	while (child != NONE && trie->nodes[child].byte != c)
		child = trie->nodes[child].sibling;
	return child == NONE ? trie_grow(trie, node, c) : child;
}

static void add_words(struct phrase_search *search, struct trie *trie)
{
	trie_grow(trie, 0, 0);
	for (uint32_t i = 0; i < search->word_count; i++) {
		struct word *word = &search->words[i];
		uint32_t node = 0;

		for (size_t k = 0; k < word->text.len; k++) {
			unsigned char c = (unsigned char)word->text.at[k];

			if (!search->classes[c])
				search->classes[c] =
					(unsigned char)++search->class_count;
			node = trie_child(trie, node, c);
		}
		word->next = trie->nodes[node].word;
		trie->nodes[node].word = i;
	}
	search->class_count++; /* class 0: in no word */
}

/* By depth; what `order` holds are nodes, by the number of the state. */
static void number_states(struct phrase_search *search, const struct trie *trie)
{
	uint32_t *order = arena_take(
		search->arena, trie->count * sizeof(*order));
	size_t end = 1;

	for (size_t at = 0; at < end; at++) {
		const struct node *node = &trie->nodes[order[at]];
		struct state *state = &search->states[at];

		state->child = (uint32_t)end;
		state->word = node->word;
		search->bytes[at] = node->byte;
		if (node->depth < DENSE_DEPTH)
			search->dense_count = at + 1;
		for (uint32_t i = node->child; i != NONE;
			i = trie->nodes[i].sibling)
			order[end++] = i;
		state->child_count = (uint32_t)end - state->child;
	}
}

static uint32_t next_state(
	const struct phrase_search *search, uint32_t at, unsigned char c)
{
	while (at >= search->dense_count) {
		const struct state *state = &search->states[at];

		for (uint32_t i = 0; i < state->child_count; i++)
			if (search->bytes[state->child + i] == c)
				return state->child + i;
		at = state->fallback;
	}
	return search->dense[at * search->class_count + search->classes[c]];
}

/* A row of the table is that of the fallback, and its own children. */
static void fill_row(struct phrase_search *search, uint32_t at)
{
	const struct state *state = &search->states[at];
	uint32_t *row = search->dense + at * search->class_count;

	if (at)
		memcpy(row,
			search->dense + state->fallback * search->class_count,
			search->class_count * sizeof(*row));
	for (uint32_t i = 0; i < state->child_count; i++) {
		uint32_t child = state->child + i;

		row[search->classes[search->bytes[child]]] = child;
	}
}

static void link_states(struct phrase_search *search)
{
	for (uint32_t at = 0; at < search->state_count; at++) {
		struct state *state = &search->states[at];

		search->reports[at] =
			state->word != NONE ? at
					    : search->reports[state->fallback];
		for (uint32_t i = 0; at && i < state->child_count; i++) {
			uint32_t child = state->child + i;

			search->states[child].fallback = next_state(
				search, state->fallback, search->bytes[child]);
		}
		if (at < search->dense_count)
			fill_row(search, at);
	}
}

static void build(struct phrase_search *search)
{
	struct trie trie = { .arena = search->arena };

	add_words(search, &trie);
	search->state_count = trie.count;
	search->states = arena_take(
		search->arena, trie.count * sizeof(*search->states));
	search->bytes = arena_take(search->arena, trie.count);
	search->reports = arena_take(
		search->arena, trie.count * sizeof(*search->reports));
	number_states(search, &trie);
	search->dense = arena_take(
		search->arena, search->dense_count * search->class_count *
				       sizeof(*search->dense));
	link_states(search);
}

struct phrase_search *phrase_search_new(
	struct arena *arena, const struct codebook_row *rows, size_t count)
{
	struct phrase_search *search = arena_new(arena, struct phrase_search);

	search->arena = arena;
	search->rows = rows;
	search->row_count = count;
	return search;
}

/* Not before the first run: many a program never has a refusal to explain. */
static void make(struct phrase_search *search)
{
	count_all(search, search->rows, search->row_count);
	make_room(search);
	load(search, search->rows, search->row_count, false);
	place_uses(search);
	load(search, search->rows, search->row_count, true);
	build(search);
}

/* ---- a run */

static bool is_word_byte(char c)
{
	return ascii_is_digit(c) || ascii_is_alpha(c);
}

static bool is_whole(struct span wording, size_t begin, size_t end)
{
	return (begin == 0 || !is_word_byte(wording.at[begin - 1])) &&
	       (end == wording.len || !is_word_byte(wording.at[end]));
}

static void add_hit(
	struct phrase_search *search, uint32_t number, uint32_t weight)
{
	struct phrase *phrase = &search->phrases[number];

	if (phrase->stamp != search->run) {
		phrase->stamp = search->run;
		phrase->hit = (uint32_t)search->hit_count++;
		search->hits[phrase->hit] = (struct phrase_hit){
			.row = phrase->row,
			.match = phrase->match,
			.phrase = number,
		};
	}
	if (search->hits[phrase->hit].weight < weight)
		search->hits[phrase->hit].weight = weight;
}

static bool is_behind(const struct place *place, uint32_t begin, uint32_t gap)
{
	return begin >= place->end && (!gap || begin - place->end <= gap);
}

/* How much the way to this step weighs; 0 when it was not come to. */
static uint32_t weight_before(const struct phrase_search *search,
	const struct step *step, uint32_t begin)
{
	const struct step *before = &search->steps[step->before];

	if (before->stamp != search->run)
		return 0;
	if (is_behind(&before->last, begin, step->gap))
		return before->last.weight;
	if (is_behind(&before->first, begin, step->gap))
		return before->first.weight;
	return 0;
}

static void take_step(struct phrase_search *search, struct step *step,
	uint32_t begin, uint32_t end)
{
	struct place place = { end, end - begin };

	if (step->before != NONE) {
		uint32_t weight = weight_before(search, step, begin);

		if (!weight)
			return;
		place.weight += weight;
	}
	if (step->stamp != search->run)
		step->first = place;
	step->stamp = search->run;
	step->last = place;
	for (uint32_t i = step->phrases; i != NONE; i = search->phrases[i].next)
		add_hit(search, i, place.weight);
}

static void end_words(struct phrase_search *search, struct span wording,
	uint32_t first, size_t end)
{
	for (uint32_t i = first; i != NONE; i = search->words[i].next) {
		const struct word *word = &search->words[i];
		const uint32_t *uses = search->uses + word->first;
		size_t begin = end - word->text.len;

		if (word->is_whole && !is_whole(wording, begin, end))
			continue;
		for (uint32_t k = 0; k < word->count; k++)
			take_step(search, &search->steps[uses[k]],
				(uint32_t)begin, (uint32_t)end);
		for (uint32_t k = 0; k < word->absents; k++)
			search->phrases[search->absents[word->first_absent + k]]
				.absent = search->run;
	}
}

/* What was ruled out by a word that must not stand there goes. */
static void drop_absent(struct phrase_search *search)
{
	size_t kept = 0;

	for (size_t i = 0; i < search->hit_count; i++) {
		uint32_t phrase = search->hits[i].phrase;

		if (search->phrases[phrase].absent != search->run)
			search->hits[kept++] = search->hits[i];
	}
	search->hit_count = kept;
}

/* The stamps of old runs would come back when the number wraps around. */
static void begin_run(struct phrase_search *search)
{
	search->hit_count = 0;
	if (++search->run != 0)
		return;
	for (size_t i = 0; i < search->phrase_count; i++)
		search->phrases[i].stamp = search->phrases[i].absent = 0;
	for (size_t i = 0; i < search->step_count; i++)
		search->steps[i].stamp = 0;
	search->run = 1;
}

const struct phrase_hit *phrase_search_run(
	struct phrase_search *search, struct span wording, size_t *count)
{
	uint32_t at = 0;

	if (!search->state_count)
		make(search);
	begin_run(search);
	for (size_t i = 0; i < wording.len; i++) {
		at = next_state(search, at, (unsigned char)wording.at[i]);
		for (uint32_t told = search->reports[at]; told;
			told = search->reports[search->states[told].fallback])
			end_words(search, wording, search->states[told].word,
				i + 1);
	}
	drop_absent(search);
	*count = search->hit_count;
	return search->hits;
}
