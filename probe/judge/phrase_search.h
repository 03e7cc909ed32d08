#ifndef MXP_PHRASE_SEARCH_H
#define MXP_PHRASE_SEARCH_H

#include <stdint.h>

#include "probe/base/arena.h"

/*
 * Many phrases looked for in one pass: an automaton after Aho and Corasick
 * over the words of all of them, and beside it how far each phrase has come.
 * A phrase is some words in their order, each a choice of several.
 *
 * The automaton is built in the arena when it is first run; the rows must
 * stay where they are.
 */
struct phrase_search;
struct codebook_row;

struct phrase_hit {
	uint32_t row, match;            /* of the rows that were given */
	uint32_t weight;                /* octets of the words that stood there */
	uint32_t phrase;                /* of all matches of all rows */
};

struct phrase_search *phrase_search_new(struct arena *arena,
	const struct codebook_row *rows, size_t count);

/* All phrases that stand in the wording; good until the next run. */
const struct phrase_hit *phrase_search_run(struct phrase_search *search,
	struct span wording, size_t *count);

#endif
