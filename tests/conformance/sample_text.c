#include "tests/conformance/sample_text.h"

enum { TEXT_MAX = 4096 };

struct writing {
	struct span rest; /* of the pattern */
	char text[TEXT_MAX];
	size_t len;
	bool is_last;       /* last choices, more repetition */
	struct span number; /* instead of captured digits; or empty */
};

static void put(struct writing *writing, char c)
{
	if (writing->len < TEXT_MAX)
		writing->text[writing->len++] = c;
}

static char next(struct writing *writing)
{
	char c = writing->rest.len ? writing->rest.at[0] : '\0';

	writing->rest = span_part(writing->rest, 1, writing->rest.len);
	return c;
}

static char peek(const struct writing *writing)
{
	return writing->rest.len ? writing->rest.at[0] : '\0';
}

static char member_of(char class)
{
	switch (class) {
	case 'd':
		return '1';
	case 's':
		return ' ';
	case 'D':
	case 'S':
	case 'W':
		return '-';
	case 'w':
		return 'x';
	}
	return class;
}

static void put_set(struct writing *writing)
{
	bool is_first = true;

	while (writing->rest.len && (is_first || peek(writing) != ']')) {
		char c = next(writing);

		if (c == '\\')
			c = member_of(next(writing));
		if (is_first)
			put(writing, c);
		is_first = false;
	}
	next(writing);
}

static void put_choices(struct writing *writing);

static void put_group(struct writing *writing)
{
	bool is_captured = peek(writing) != '?';
	size_t begin = writing->len;

	if (!is_captured) {
		next(writing);
		next(writing);
	}
	put_choices(writing);
	next(writing);
	if (!is_captured || !writing->number.len)
		return;
	writing->len = begin;
	for (size_t i = 0; i < writing->number.len; i++)
		put(writing, writing->number.at[i]);
}

static void put_one(struct writing *writing)
{
	char c = next(writing);

	if (c == '(')
		put_group(writing);
	else if (c == '[')
		put_set(writing);
	else if (c == '.')
		put(writing, 'x');
	else if (c == '\\')
		put(writing, member_of(next(writing)));
	else if (c != '^' && c != '$')
		put(writing, c);
}

static unsigned read_number(struct writing *writing)
{
	unsigned number = 0;

	while (ascii_is_digit(peek(writing)) && number < 1000)
		number = number * 10 + (unsigned)(next(writing) - '0');
	return number;
}

/* How often what is before stands there. */
static unsigned repetition(struct writing *writing)
{
	unsigned least;

	switch (peek(writing)) {
	case '?':
	case '*':
		next(writing);
		return writing->is_last ? 1 : 0;
	case '+':
		next(writing);
		return writing->is_last ? 2 : 1;
	case '{':
		next(writing);
		least = read_number(writing);
		if (peek(writing) != ',') {
			next(writing);
			return least;
		}
		while (writing->rest.len && next(writing) != '}')
			;
		return writing->is_last ? least + 1 : least;
	}
	return 1;
}

static void put_sequence(struct writing *writing)
{
	while (writing->rest.len && peek(writing) != '|' &&
		peek(writing) != ')') {
		size_t begin = writing->len, len;
		unsigned times;

		put_one(writing);
		len = writing->len - begin;
		times = repetition(writing);
		writing->len = begin;
		for (unsigned i = 0; i < times; i++)
			for (size_t k = 0; k < len; k++)
				put(writing, writing->text[begin + k]);
	}
}

static void put_choices(struct writing *writing)
{
	size_t begin = writing->len, first_end;

	put_sequence(writing);
	first_end = writing->len;
	while (peek(writing) == '|') {
		next(writing);
		writing->len = writing->is_last ? begin : first_end;
		put_sequence(writing);
		if (!writing->is_last)
			writing->len = first_end;
	}
}

/* "captured number in 1310-1340": the first or the last one. */
static struct span captured(struct span note, bool is_last)
{
	size_t at = span_find_nocase(note, SPAN("captured number in "));
	struct span range, first;

	if (at == note.len)
		return SPAN("");
	range = span_part(note, at + strlen("captured number in "), note.len);
	first = span_cut(&range, '-');
	return is_last && range.len ? range : first;
}

struct span sample_text(struct arena *arena, struct span pattern,
	struct span note, unsigned which)
{
	struct writing *writing = arena_new(arena, struct writing);

	writing->rest = pattern;
	writing->is_last = which == 1;
	writing->number = captured(note, writing->is_last);
	while (writing->rest.len) {
		put_choices(writing);
		if (peek(writing) == ')')
			next(writing);
	}
	return (struct span){ writing->text, writing->len };
}
