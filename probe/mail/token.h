#ifndef MXP_TOKEN_H
#define MXP_TOKEN_H

#include "probe/base/arena.h"

/*
 * The tokens that structured header fields are made of: RFC 5322 section 3.2
 * with the obsolete forms of section 4.1, and bytes over 0x7f wherever RFC
 * 6532 lets UTF-8 stand.  A reader walks over one field's value; what it takes
 * points into the value, or into one room of the same size where quotes,
 * folding or comments had to go.
 */
enum { TOKEN_COMMENT_DEPTH_MAX = 64 };  /* nested comments */

struct tokens {
	struct span rest;       /* not read yet */
	char *room;             /* as long as the value: what was taken never
				   takes more than it was read from */
	size_t used;
	struct span comment;    /* the last comment passed, without brackets */
	const char *why;        /* what was wrong, after a false; else NULL */
};

void tokens_init(struct tokens *tokens, struct arena *arena,
	struct span value);

/*
 * White space, folding and comments (CFWS).  False when a comment does not
 * end.  *skipped, which may be NULL: was there any?
 */
bool tokens_skip(struct tokens *tokens, bool *skipped);

/* The next byte, without taking it; 0 at the end (and for a NUL). */
char tokens_next(const struct tokens *tokens);
bool tokens_are_over(const struct tokens *tokens);

/* Takes this one byte if it is the next. */
bool tokens_take(struct tokens *tokens, char c);

/* A run of atext; empty when the next byte is none. */
struct span tokens_atom(struct tokens *tokens);

/*
 * token of RFC 2045 section 5.1, for the MIME fields: any printable ASCII but
 * blanks and tspecials.  Empty when the next byte is none.
 */
struct span tokens_mime_word(struct tokens *tokens);

/* The next byte is a quote: what stands inside, unquoted and unfolded. */
bool tokens_quoted(struct tokens *tokens, struct span *text) MXP_MUST_USE;

/* The next byte is [: the domain literal, brackets kept, blanks dropped. */
bool tokens_literal(struct tokens *tokens, struct span *text) MXP_MUST_USE;

/*
 * dot-atom or obs-domain: atoms with single dots, CFWS around each dropped.
 * Or a domain literal.
 */
bool tokens_domain(struct tokens *tokens, struct span *domain) MXP_MUST_USE;

#endif
