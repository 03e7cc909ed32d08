/*
 * replies_ours book|list|limit TIMES
 *
 * What the sample of each row of the codebook means, TIMES over: by the
 * codebook; by a list of regular expressions tried in turn, one for each
 * wording of the book, compiled to machine code; and the limit, which only
 * looks at each octet.  Exit status 0: as many were known as there are.
 */
#include <stdio.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "probe/judge/codebook.h"

enum { PATTERN_MAX = 64 * 1024 };

static struct arena *arena;
static const struct codebook *book;

/* ---- the book */

static bool is_known_to_book(struct span text)
{
	struct codebook_question question = { .text = text };

	return codebook_find_text(book, &question).row != NULL;
}

/* ---- a list of expressions */

struct expression {
	pcre2_code *code;
	pcre2_match_data *data;
};

static struct expression *expressions;
static size_t expression_count, expression_room;

static void put_words(FILE *out, const struct codebook_piece *piece)
{
	fputs("(?:", out);
	for (size_t i = 0; i < piece->word_count; i++) {
		const struct codebook_word *word = &piece->words[i];

		fprintf(out, "%s%s\\Q%.*s\\E%s", i ? "|" : "",
			word->is_whole ? "\\b" : "", SPAN_ARG(word->text),
			word->is_whole ? "\\b" : "");
	}
	putc(')', out);
}

static void put_pattern(FILE *out, const struct codebook_match *match)
{
	bool is_first = true;

	for (size_t i = 0; i < match->piece_count; i++) {
		const struct codebook_piece *piece = &match->pieces[i];

		if (piece->is_absent)
			continue;
		if (piece->gap)
			fprintf(out, ".{0,%u}?", piece->gap);
		else if (!is_first)
			fputs(".*?", out);
		put_words(out, piece);
		is_first = false;
	}
}

static void add_expression(const struct codebook_match *match)
{
	static char pattern[PATTERN_MAX];
	FILE *out = fmemopen(pattern, sizeof(pattern), "w");
	struct expression made;
	PCRE2_SIZE where;
	int error;

	if (!match->piece_count || !out)
		return;
	put_pattern(out, match);
	fclose(out);
	made.code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
		PCRE2_CASELESS | PCRE2_DOTALL, &error, &where, NULL);
	if (!made.code)
		abort();
	pcre2_jit_compile(made.code, PCRE2_JIT_COMPLETE);
	made.data = pcre2_match_data_create(1, NULL);
	expressions = arena_grow(arena, expressions, expression_count,
		&expression_room, sizeof(made));
	expressions[expression_count++] = made;
}

static void make_list(void)
{
	for (size_t i = 0; i < codebook_row_count(book); i++) {
		const struct codebook_row *row = codebook_row(book, i);

		for (size_t k = 0; k < row->match_count; k++)
			add_expression(&row->matches[k]);
	}
}

static bool is_known_to_list(struct span text)
{
	for (size_t i = 0; i < expression_count; i++)
		if (pcre2_match(expressions[i].code, (PCRE2_SPTR)text.at,
			    text.len, 0, 0, expressions[i].data, NULL) >= 0)
			return true;
	return false;
}

/* ---- the limit */

static bool is_looked_at(struct span text)
{
	unsigned sum = 0;

	for (size_t i = 0; i < text.len; i++)
		sum = sum * 31 + (unsigned char)ascii_lower(text.at[i]);
	return sum != 0;
}

int main(int argc, char **argv)
{
	bool (*is_known)(struct span text) = is_known_to_book;
	long times = argc == 3 ? atol(argv[2]) : 0;
	size_t known = 0, rows;

	arena = arena_open();
	book = codebook_embedded(arena);
	rows = codebook_row_count(book);
	if (times < 1)
		return 2;
	if (strcmp(argv[1], "list") == 0) {
		make_list();
		is_known = is_known_to_list;
	} else if (strcmp(argv[1], "limit") == 0) {
		is_known = is_looked_at;
	}
	for (long k = 0; k < times; k++)
		for (size_t i = 0; i < rows; i++)
			known += is_known(codebook_row(book, i)->sample);
	/* A few are known by their numbers alone, or from their provider. */
	return known >= rows * (size_t)times * 9 / 10 ? 0 : 1;
}
