#include "scenarios/wanted.h"

#include "probe/base/nearest.h"

enum { SHOWN_MAX = 40 };

void wanted_begin(struct wanted *wanted, struct arena *arena)
{
	wanted->arena = arena;
	wanted->count = 0;
}

static void add(struct wanted *wanted, struct span text, bool is_word)
{
	for (size_t i = 0; i < wanted->count; i++)
		if (span_is(wanted->list[i].text, text))
			return;
	if (wanted->count == WANTED_MAX)
		return;
	wanted->list[wanted->count].text = text;
	wanted->list[wanted->count++].is_word = is_word;
}

void wanted_word(struct wanted *wanted, struct span word)
{
	add(wanted, word, true);
}

void wanted_kind(struct wanted *wanted, enum value_kind kind)
{
	add(wanted, span_of(value_kind_phrase(kind)), false);
}

void wanted_phrase(struct wanted *wanted, const char *phrase)
{
	add(wanted, span_of(phrase), false);
}

static struct span joined(const struct wanted *wanted)
{
	struct span all = SPAN("");

	for (size_t i = 0; i < wanted->count; i++) {
		const char *between = i + 1 == wanted->count ? " or " : ", ";
		const char *quote = wanted->list[i].is_word ? "\"" : "";

		all = arena_print(wanted->arena, "%.*s%s%s%.*s%s",
			SPAN_ARG(all), i ? between : "", quote,
			SPAN_ARG(wanted->list[i].text), quote);
	}
	return all;
}

static struct span found(const struct wanted *wanted, const struct token *token)
{
	switch (token->kind) {
	case TOKEN_WORD:
	case TOKEN_STRING:
		return arena_print(wanted->arena, ", not \"%.*s\"",
			SPAN_ARG(span_part(token->raw, 0, SHOWN_MAX)));
	case TOKEN_COMMA:
		return SPAN(", not a comma");
	case TOKEN_COLON:
		return SPAN(", not a colon");
	case TOKEN_END:
	case TOKEN_EOF:
		return SPAN(", but the line ends here");
	case TOKEN_REGEX:
	case TOKEN_BAD:
		break;
	}
	return SPAN("");
}

struct span wanted_text(const struct wanted *wanted, const struct token *token,
	struct span *hint)
{
	struct nearest nearest = nearest_begin(token->raw);

	*hint = SPAN("");
	if (token->kind == TOKEN_BAD)
		return span_of(token->why);
	for (size_t i = 0; i < wanted->count; i++)
		if (wanted->list[i].is_word)
			nearest_offer(&nearest, wanted->list[i].text);
	if (token->kind == TOKEN_WORD)
		*hint = nearest.best;
	return arena_print(wanted->arena, "%.*s is wanted%.*s",
		SPAN_ARG(joined(wanted)), SPAN_ARG(found(wanted, token)));
}
