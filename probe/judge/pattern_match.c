#include "probe/judge/pattern_match.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

/* Ends a search that has tried enough: a number of our own, and below 0. */
enum { GIVE_UP = -1000 };

static pcre2_code *compile(
	struct span pattern, bool ignores_case, int *error, size_t *at)
{
	pcre2_compile_context *orders = pcre2_compile_context_create(NULL);
	uint32_t how = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF |
		       PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT |
		       PCRE2_MULTILINE | (ignores_case ? PCRE2_CASELESS : 0);
	pcre2_code *code;

	if (!orders)
		abort();
	pcre2_set_parens_nest_limit(orders, PATTERN_NESTING_MAX);
	pcre2_set_newline(orders, PCRE2_NEWLINE_ANYCRLF);
	code = pcre2_compile((PCRE2_SPTR)(pattern.len ? pattern.at : ""),
		pattern.len, how, error, at, orders);
	pcre2_compile_context_free(orders);
	return code;
}

bool pattern_check(struct arena *arena, struct span pattern, bool ignores_case,
	size_t *at, struct span *why)
{
	unsigned char words[200] = "";
	pcre2_code *code;
	int error;

	code = compile(pattern, ignores_case, &error, at);
	if (code) {
		pcre2_code_free(code);
		return true;
	}
	pcre2_get_error_message(error, words, sizeof(words));
	*why = arena_print(arena, "the regular expression does not compile: %s",
		(const char *)words);
	return false;
}

static int on_turn(pcre2_callout_block *block, void *turns)
{
	unsigned long *left = turns;

	(void)block;
	if (!*left)
		return GIVE_UP;
	--*left;
	return 0;
}

/*
 * PCRE2's own limit on matching begins anew at each octet of the text, so the
 * turns are counted here, over all of them.
 */
static enum pattern_result search(const pcre2_code *code, struct span text)
{
	unsigned long turns = PATTERN_TURNS_MAX;
	pcre2_match_context *limits = pcre2_match_context_create(NULL);
	pcre2_match_data *match = pcre2_match_data_create(1, NULL);
	int found;

	if (!limits || !match)
		abort();
	pcre2_set_match_limit(limits, PATTERN_TURNS_MAX);
	pcre2_set_depth_limit(limits, PATTERN_DEPTH_MAX);
	pcre2_set_heap_limit(limits, PATTERN_HEAP_MAX);
	pcre2_set_callout(limits, on_turn, &turns);
	found = pcre2_match(code, (PCRE2_SPTR)(text.len ? text.at : ""),
		text.len, 0, 0, match, limits);
	pcre2_match_data_free(match);
	pcre2_match_context_free(limits);
	if (found >= 0)
		return PATTERN_FITS;
	return found == PCRE2_ERROR_NOMATCH ? PATTERN_FITS_NOT
					    : PATTERN_GIVEN_UP;
}

enum pattern_result pattern_match(
	struct span pattern, bool ignores_case, struct span text)
{
	enum pattern_result result;
	int error;
	size_t at;
	pcre2_code *code = compile(pattern, ignores_case, &error, &at);

	if (!code)
		return PATTERN_GIVEN_UP;
	result = search(code, span_part(text, 0, PATTERN_TEXT_MAX));
	pcre2_code_free(code);
	return result;
}

struct span pattern_words(struct arena *arena, const struct reply *reply)
{
	size_t len = 0, at = 0;
	char *words;

	for (size_t i = 0; i < reply->line_count; i++)
		len += reply_text(reply, i).len + 1;
	words = arena_take(arena, len + 1);
	for (size_t i = 0; i < reply->line_count; i++) {
		struct span line = reply_text(reply, i);

		if (i)
			words[at++] = ' ';
		if (line.len)
			memcpy(words + at, line.at, line.len);
		at += line.len;
	}
	return (struct span){ words, at };
}

/* The octets as they came may hold what the words do not: "^220 ". */
enum pattern_result pattern_match_reply(struct arena *arena,
	struct span pattern, bool ignores_case, const struct reply *reply)
{
	enum pattern_result result = pattern_match(
		pattern, ignores_case, pattern_words(arena, reply));

	return result == PATTERN_FITS_NOT
		       ? pattern_match(pattern, ignores_case, reply->bytes)
		       : result;
}
