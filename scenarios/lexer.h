#ifndef MXP_LEXER_H
#define MXP_LEXER_H

#include "scenarios/complaint.h"

/*
 * Cuts a scenario into tokens, one at a time, and never stops at bad bytes:
 * they come as TOKEN_BAD with the reason, and the next token follows.  Every
 * span lies in the text.
 *
 * Lines count: each that is not empty ends with TOKEN_END, and a backslash at
 * the end of a line joins the next to it.  Whether a line is indented is seen
 * from the column of its first token.
 */
enum {
	LEXER_TEXT_MAX = 256 * 1024,    /* octets of a file */
	LEXER_LINE_MAX = 4096,          /* octets, without line end */
};

enum token_kind {
	TOKEN_WORD,                     /* also => <= >= < > = */
	TOKEN_STRING,                   /* "..."; raw is without the quotes */
	TOKEN_REGEX,                    /* /.../ or /.../i, only on demand */
	TOKEN_COMMA,
	TOKEN_COLON,                    /* at the end of a word */
	TOKEN_BAD,
	TOKEN_END,                      /* of the line */
	TOKEN_EOF,
};

struct token {
	enum token_kind kind;
	struct span raw;                /* as written; escapes still in it */
	struct place place;
	size_t from;                    /* octet in the text */
	bool ignores_case;              /* TOKEN_REGEX: the i behind it */
	const char *why;                /* TOKEN_BAD */
};

struct lexer {
	struct span text, file;
	size_t at;
	size_t line_from;
	struct span line_text;
	bool is_too_long;               /* the line, and it was not told yet */
	unsigned line;
	bool is_in_line;                /* a token of this line was given */
};

void lexer_init(struct lexer *lexer, struct span file, struct span text);
struct token lexer_next(struct lexer *lexer);

/*
 * Reads the token that was last given again, as a regular expression: only
 * the parser knows where one may stand, and /etc/motd is a word elsewhere.
 */
struct token lexer_again_as_regex(struct lexer *lexer,
	const struct token *token);

#endif
