#include "probe/judge/phrase_search_inside.h"

enum { DENSE_DEPTH = 2 };

/* While the trie grows; children are a list. */
struct node {
	uint32_t child, sibling, word;
	uint32_t depth;
	unsigned char byte;
};

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
		.child = PHRASE_NONE,
		.sibling = trie->count ? trie->nodes[parent].child
				       : PHRASE_NONE,
		.word = PHRASE_NONE,
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

	while (child != PHRASE_NONE && trie->nodes[child].byte != c)
		child = trie->nodes[child].sibling;
	return child == PHRASE_NONE ? trie_grow(trie, node, c) : child;
}

static void add_words(struct phrase_search *search, struct trie *trie)
{
	trie_grow(trie, 0, 0);
	for (uint32_t i = 0; i < search->word_count; i++) {
		struct phrase_word *word = &search->words[i];
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
		struct phrase_state *state = &search->states[at];

		state->child = (uint32_t)end;
		state->word = node->word;
		search->bytes[at] = node->byte;
		if (node->depth < DENSE_DEPTH)
			search->dense_count = at + 1;
		for (uint32_t i = node->child; i != PHRASE_NONE;
			i = trie->nodes[i].sibling)
			order[end++] = i;
		state->child_count = (uint32_t)end - state->child;
	}
}

/* A row of the table is that of the fallback, and its own children. */
static void fill_row(struct phrase_search *search, uint32_t at)
{
	const struct phrase_state *state = &search->states[at];
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
		struct phrase_state *state = &search->states[at];

		search->reports[at] =
			state->word != PHRASE_NONE
				? at
				: search->reports[state->fallback];
		for (uint32_t i = 0; at && i < state->child_count; i++) {
			uint32_t child = state->child + i;

			search->states[child].fallback = phrase_next_state(
				search, state->fallback, search->bytes[child]);
		}
		if (at < search->dense_count)
			fill_row(search, at);
	}
}

void word_automaton_build(struct phrase_search *search)
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
