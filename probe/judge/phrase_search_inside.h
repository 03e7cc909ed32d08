#ifndef MXP_PHRASE_SEARCH_INSIDE_H
#define MXP_PHRASE_SEARCH_INSIDE_H

#include "probe/judge/codebook.h"
#include "probe/judge/phrase_search.h"

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
#define PHRASE_NONE UINT32_MAX  /* no word, phrase or step */

struct phrase_word {
	struct span text;
	bool is_whole;
	uint32_t next;                  /* another of the same text; or none */
	uint32_t first, count;          /* its uses: the steps ... */
	uint32_t first_absent, absents; /* ... and phrases that it rules out */
};

struct phrase {
	uint32_t row, match;
	uint32_t next;                  /* another that ends at this step; or
					   none */
	uint32_t hit;                   /* of this run, if stamped */
	uint32_t stamp, absent;         /* runs in which it was hit, or ruled
					   out */
};

struct phrase_place {
	uint32_t end, weight;
};

struct phrase_step {
	uint32_t before;                /* or none */
	uint32_t gap;                   /* 0: any */
	uint64_t piece;                 /* which it is: see piece_of() */
	uint32_t phrases;               /* that are complete with it; or
					   none */
	uint32_t stamp;
	struct phrase_place first, last;
};

struct phrase_state {
	uint32_t child, child_count;
	uint32_t fallback;
	uint32_t word;                  /* that ends here; or none */
};

struct phrase_search {
	struct arena *arena;
	const struct codebook_row *rows;
	size_t row_count;
	struct phrase_word *words;
	size_t word_count, word_room;
	uint32_t *table;                /* of words, by hash */
	size_t table_size;
	uint32_t *uses, *absents;
	size_t use_count;
	struct phrase *phrases;
	size_t phrase_count;
	struct phrase_step *steps;
	uint32_t *step_table;           /* by hash */
	size_t step_count, step_room;
	struct phrase_state *states;
	uint32_t *reports;              /* of each state: it, or the next
					   fallback with a word; 0: none */
	unsigned char *bytes;           /* that leads to each state */
	size_t state_count, dense_count;
	uint32_t *dense;
	size_t class_count;
	unsigned char classes[256];
	struct phrase_hit *hits;
	size_t hit_count;
	uint32_t run;
};

/* All phrases, as the steps of their words (phrase_steps.c). */
void phrase_steps_load(struct phrase_search *search);

/* The automaton of all words, once they are there (word_automaton.c). */
void word_automaton_build(struct phrase_search *search);

static inline uint32_t phrase_next_state(
	const struct phrase_search *search, uint32_t at, unsigned char c)
{
	while (at >= search->dense_count) {
		const struct phrase_state *state = &search->states[at];

		for (uint32_t i = 0; i < state->child_count; i++)
			if (search->bytes[state->child + i] == c)
				return state->child + i;
		at = state->fallback;
	}
	return search->dense[at * search->class_count + search->classes[c]];
}

#endif
