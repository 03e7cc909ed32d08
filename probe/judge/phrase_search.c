#include "probe/judge/phrase_search_inside.h"

struct phrase_search *phrase_search_new(
	struct arena *arena, const struct codebook_row *rows, size_t count)
{
	struct phrase_search *search = arena_new(arena, struct phrase_search);

	search->arena = arena;
	search->rows = rows;
	search->row_count = count;
	return search;
}

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

static bool is_behind(
	const struct phrase_place *place, uint32_t begin, uint32_t gap)
{
	return begin >= place->end && (!gap || begin - place->end <= gap);
}

/* How much the way to this step weighs; 0 when it was not come to. */
static uint32_t weight_before(const struct phrase_search *search,
	const struct phrase_step *step, uint32_t begin)
{
	const struct phrase_step *before = &search->steps[step->before];

	if (before->stamp != search->run)
		return 0;
	if (is_behind(&before->last, begin, step->gap))
		return before->last.weight;
	if (is_behind(&before->first, begin, step->gap))
		return before->first.weight;
	return 0;
}

static void take_step(struct phrase_search *search, struct phrase_step *step,
	uint32_t begin, uint32_t end)
{
	struct phrase_place place = { end, end - begin };

	if (step->before != PHRASE_NONE) {
		uint32_t weight = weight_before(search, step, begin);

		if (!weight)
			return;
		place.weight += weight;
	}
	if (step->stamp != search->run)
		step->first = place;
	step->stamp = search->run;
	step->last = place;
	for (uint32_t i = step->phrases; i != PHRASE_NONE;
		i = search->phrases[i].next)
		add_hit(search, i, place.weight);
}

static void end_words(struct phrase_search *search, struct span wording,
	uint32_t first, size_t end)
{
	for (uint32_t i = first; i != PHRASE_NONE; i = search->words[i].next) {
		const struct phrase_word *word = &search->words[i];
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

	/* Many a program never has a refusal to explain. */
	if (!search->state_count) {
		phrase_steps_load(search);
		word_automaton_build(search);
	}
	begin_run(search);
	for (size_t i = 0; i < wording.len; i++) {
		at = phrase_next_state(
			search, at, (unsigned char)wording.at[i]);
		for (uint32_t told = search->reports[at]; told;
			told = search->reports[search->states[told].fallback])
			end_words(search, wording, search->states[told].word,
				i + 1);
	}
	drop_absent(search);
	*count = search->hit_count;
	return search->hits;
}
