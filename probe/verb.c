#include "probe/verb.h"

#include <stdio.h>

#include "probe/base/nearest.h"

static const struct verb_row *const verbs[] = { &verb_preflight, &verb_check,
	&verb_run, &verb_history, &verb_diff, &verb_trace, &verb_explain };

const struct verb_row *verb_of(struct span word)
{
	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		if (span_is(word, span_of(verbs[i]->word)))
			return verbs[i];
	return NULL;
}

/* One letter off, or two in each other's place: more may be a name. */
struct span verb_nearest_word(struct span word)
{
	struct nearest nearest = nearest_begin(word);

	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		nearest_offer(&nearest, span_of(verbs[i]->word));
	return nearest.distance < 2 ? nearest.best : SPAN("");
}

static const struct option_row *row_of_walk(const char *word)
{
	const struct option_row *row = option_rows;

	while (row->word && strcmp(row->word, word) != 0)
		row++;
	return row->word ? row : NULL;
}

/* The n-th option of a verb: its own rows, then those it shares. */
static const struct option_row *row_at(const struct verb_row *verb, size_t n)
{
	size_t own = 0, shared = 0;

	while (verb->rows[own].word) {
		if (own == n)
			return &verb->rows[n];
		own++;
	}
	while (verb->shared && verb->shared[shared]) {
		if (own + shared == n)
			return row_of_walk(verb->shared[shared]);
		shared++;
	}
	return NULL;
}

const struct option_row *option_row_of_word(
	const struct verb_row *verb, struct span word)
{
	const struct option_row *row;

	for (size_t i = 0; (row = row_at(verb, i)); i++)
		if (span_is(word, span_of(row->word)))
			return row;
	return NULL;
}

const struct option_row *option_row_of_letter(
	const struct verb_row *verb, char letter)
{
	const struct option_row *row;

	for (size_t i = 0; (row = row_at(verb, i)); i++)
		if (row->letter == letter)
			return row;
	return NULL;
}

struct span option_nearest_word(const struct verb_row *verb, struct span word)
{
	struct nearest nearest = nearest_begin(word);
	const struct option_row *row;

	for (size_t i = 0; (row = row_at(verb, i)); i++)
		nearest_offer(&nearest, span_of(row->word));
	return nearest.best;
}

/* What --deliver does of a walk and of a scenario are two things. */
static const char *words_of(
	const struct verb_row *verb, const struct option_row *row)
{
	const struct own_help *own = verb->helps;

	for (; own && own->word; own++)
		if (strcmp(own->word, row->word) == 0)
			return own->help;
	return row->help;
}

static struct span row_help(struct arena *arena, const struct verb_row *verb,
	const struct option_row *row)
{
	char left[40];

	snprintf(left, sizeof(left), "--%s%s%s", row->word,
		row->value ? " " : "", row->value ? row->value : "");
	return arena_print(arena, "%s%s%s  %c%c%s %-24s %s\n",
		row->heading ? "\n" : "", row->heading ? row->heading : "",
		row->heading ? ":\n" : "", row->letter ? '-' : ' ',
		row->letter ? row->letter : ' ', row->letter ? "," : " ", left,
		words_of(verb, row));
}

struct span option_help(struct arena *arena, const struct verb_row *verb)
{
	struct span text = span_of(verb->usage);
	const struct option_row *row;

	for (size_t i = 0; (row = row_at(verb, i)); i++)
		text = arena_print(arena, "%.*s%.*s", SPAN_ARG(text),
			SPAN_ARG(row_help(arena, verb, row)));
	return arena_print(arena, "%.*s\n%s", SPAN_ARG(text), verb->ending);
}
