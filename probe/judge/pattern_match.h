#ifndef MXP_PATTERN_MATCH_H
#define MXP_PATTERN_MATCH_H

#include "probe/base/arena.h"
#include "probe/smtp/reply.h"

/*
 * The regular expressions of a scenario, as PCRE2 reads them, held against
 * what a server said.  A pattern is written by the user and the text by a
 * stranger: together they may take neither time nor memory without end, so a
 * search that goes beyond these limits is given up, and nothing is known.
 */
enum {
	PATTERN_TEXT_MAX = 8192,        /* octets looked at */
	PATTERN_TURNS_MAX = 1000000,    /* items of the pattern tried */
	PATTERN_DEPTH_MAX = 10000,      /* choices open at once */
	PATTERN_NESTING_MAX = 50,       /* groups within groups */
	PATTERN_HEAP_MAX = 2048,        /* KiB */
};

enum pattern_result { PATTERN_FITS, PATTERN_FITS_NOT, PATTERN_GIVEN_UP };

/* False: *why says what is wrong, and `at` at which octet. */
bool pattern_check(struct arena *arena, struct span pattern,
	bool ignores_case, size_t *at, struct span *why);

/* The text's octets that are not UTF-8 fit nothing; ^ and $ stand at lines. */
enum pattern_result pattern_match(struct span pattern, bool ignores_case,
	struct span text);

/*
 * The same for a reply: it fits in its words, which are its lines with a
 * blank between them, each without code and enhanced status; or else in the
 * reply as it came.
 */
enum pattern_result pattern_match_reply(struct arena *arena,
	struct span pattern, bool ignores_case, const struct reply *reply);

/* Those words. */
struct span pattern_words(struct arena *arena, const struct reply *reply);

#endif
