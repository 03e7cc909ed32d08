#include "scenarios/lexer.h"

#include "probe/base/utf8.h"

/*
 *	line    = *blank [ token *( *blank token ) ] *blank [ comment ] EOL
 *	comment = "#" anything          at the beginning or behind a blank
 *	token   = string / operator / "," / ":" / word
 *	string  = DQUOTE *( char / "\" char ) DQUOTE
 *	operator = "=>" / "<=" / ">=" / "<" / ">" / "="
 *	word    = 1*char                up to a blank, "," or DQUOTE, or an
 *	                                operator of two characters; a ":"
 *	                                behind is a token, if not "::"
 *	EOL     = [ CR ] LF / end of text
 */

/* The character `ahead` of us; NUL behind the end and for a NUL. */
static char peek(const struct lexer *lexer, size_t ahead)
{
	size_t at = lexer->at + ahead;

	return at < lexer->text.len ? lexer->text.at[at] : '\0';
}

static bool is_over(const struct lexer *lexer)
{
	return lexer->at >= lexer->text.len;
}

/* At the end of a line, its CR included? */
static bool is_at_eol(const struct lexer *lexer)
{
	if (is_over(lexer) || peek(lexer, 0) == '\n')
		return true;
	return peek(lexer, 0) == '\r' &&
	       (peek(lexer, 1) == '\n' || lexer->at + 1 == lexer->text.len);
}

static void line_begun(struct lexer *lexer)
{
	struct span rest = span_part(
		lexer->text, lexer->line_from, lexer->text.len);
	struct span line = span_cut(&rest, '\n');

	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	lexer->line_text = line;
	lexer->is_too_long = line.len > LEXER_LINE_MAX;
}

void lexer_init(struct lexer *lexer, struct span file, struct span text)
{
	*lexer = (struct lexer){ .file = file, .text = text, .line = 1 };
	/* What some editors put before UTF-8. */
	if (span_is(span_part(text, 0, 3), SPAN("\xef\xbb\xbf")))
		lexer->at = lexer->line_from = 3;
	line_begun(lexer);
}

static struct token token_at(
	const struct lexer *lexer, enum token_kind kind, size_t from)
{
	size_t len = lexer->at - from;

	return (struct token){ .kind = kind,
		.raw = span_part(lexer->text, from, len),
		.from = from,
		.place = { .file = lexer->file,
			.text = lexer->line_text,
			.line = lexer->line,
			.column = (unsigned)(from - lexer->line_from) + 1,
			.width = (unsigned)len } };
}

static struct token bad(const struct lexer *lexer, size_t from, const char *why)
{
	struct token token = token_at(lexer, TOKEN_BAD, from);

	token.why = why;
	return token;
}

static void line_over(struct lexer *lexer)
{
	while (!is_over(lexer) && peek(lexer, 0) != '\n')
		lexer->at++;
	if (is_over(lexer))
		return;
	lexer->at++;
	lexer->line++;
	lexer->line_from = lexer->at;
	line_begun(lexer);
}

/* Blanks, a comment, and the backslash that joins two lines. */
static void skip_blanks(struct lexer *lexer)
{
	for (;;) {
		bool behind_blank = lexer->at == lexer->line_from ||
				    ascii_is_blank(
					    lexer->text.at[lexer->at - 1]);

		if (ascii_is_blank(peek(lexer, 0)))
			lexer->at++;
		else if (peek(lexer, 0) == '#' && behind_blank)
			while (!is_at_eol(lexer))
				lexer->at++;
		else if (peek(lexer, 0) == '\\' && lexer->is_in_line &&
			 (peek(lexer, 1) == '\n' ||
				 (peek(lexer, 1) == '\r' &&
					 peek(lexer, 2) == '\n')))
			line_over(lexer);
		else
			return;
	}
}

static struct token string(struct lexer *lexer)
{
	size_t from = lexer->at++;
	struct token token;

	while (!is_at_eol(lexer) && peek(lexer, 0) != '"')
		lexer->at += peek(lexer, 0) == '\\' && peek(lexer, 1) != '\n' &&
					     lexer->at + 1 < lexer->text.len
				     ? 2
				     : 1;
	if (is_over(lexer) || peek(lexer, 0) != '"')
		return bad(lexer, from,
			"the string is not closed: \" is wanted before the "
			"end of the line");
	lexer->at++;
	token = token_at(lexer, TOKEN_STRING, from);
	token.raw = span_part(token.raw, 1, token.raw.len - 2);
	return token;
}

static size_t operator_len(const struct lexer *lexer)
{
	char a = peek(lexer, 0), b = peek(lexer, 1);

	if ((a == '=' && b == '>') || ((a == '<' || a == '>') && b == '='))
		return 2;
	return a == '<' || a == '>' || a == '=' ? 1 : 0;
}

/* The length of one character that may stand in a word; 0: none may. */
static size_t word_char_len(const struct lexer *lexer)
{
	struct span rest = span_part(lexer->text, lexer->at, 4);
	unsigned char c = (unsigned char)peek(lexer, 0);
	uint32_t point;

	if (is_over(lexer) || c <= ' ' || c == 0x7f || c == '"' || c == ',')
		return 0;
	return c < 0x80 ? 1 : utf8_take(rest, &point);
}

/* The null sender, and a mailbox in angle brackets, are words. */
static bool is_bracketed(const struct lexer *lexer)
{
	struct lexer ahead = *lexer;
	size_t len;

	if (peek(&ahead, 0) != '<' || peek(&ahead, 1) == '=')
		return false;
	while ((len = word_char_len(&ahead)) != 0) {
		if (peek(&ahead, 0) == '>')
			return true;
		ahead.at += len;
	}
	return false;
}

static struct token word(struct lexer *lexer)
{
	bool is_mailbox = is_bracketed(lexer);
	size_t from = lexer->at, len;

	while ((len = word_char_len(lexer)) != 0) {
		if (!is_mailbox && lexer->at > from && operator_len(lexer) == 2)
			break;
		lexer->at += len;
	}
	if (lexer->at == from) {
		while (!is_at_eol(lexer) && !ascii_is_blank(peek(lexer, 0)) &&
			peek(lexer, 0) != '"' && peek(lexer, 0) != ',' &&
			word_char_len(lexer) == 0)
			lexer->at++;
		return bad(lexer, from,
			"a character that may not stand here: plain text in "
			"UTF-8 is wanted");
	}
	if (lexer->at - from > 1 && lexer->text.at[lexer->at - 1] == ':' &&
		lexer->text.at[lexer->at - 2] != ':')
		lexer->at--;
	return token_at(lexer, TOKEN_WORD, from);
}

static struct token in_line(struct lexer *lexer)
{
	size_t from = lexer->at, len = operator_len(lexer);

	lexer->is_in_line = true;
	if (peek(lexer, 0) == '"')
		return string(lexer);
	if (peek(lexer, 0) == ',') {
		lexer->at++;
		return token_at(lexer, TOKEN_COMMA, from);
	}
	if (peek(lexer, 0) == ':' && peek(lexer, 1) != ':') {
		lexer->at++;
		return token_at(lexer, TOKEN_COLON, from);
	}
	if (len && !is_bracketed(lexer)) {
		lexer->at += len;
		return token_at(lexer, TOKEN_WORD, from);
	}
	return word(lexer);
}

static struct token too_long(struct lexer *lexer)
{
	size_t from = lexer->at;
	struct token token;

	lexer->at++;
	lexer->is_in_line = true;
	lexer->is_too_long = false; /* told once */
	token = bad(lexer, from,
		"the line is too long: at most 4096 octets are taken");
	while (!is_at_eol(lexer))
		lexer->at++;
	return token;
}

struct token lexer_next(struct lexer *lexer)
{
	for (;;) {
		struct token token;

		skip_blanks(lexer);
		if (!is_at_eol(lexer))
			break;
		token = token_at(lexer, TOKEN_END, lexer->at);
		if (!lexer->is_in_line && is_over(lexer))
			return token_at(lexer, TOKEN_EOF, lexer->at);
		line_over(lexer);
		if (lexer->is_in_line) {
			lexer->is_in_line = false;
			return token;
		}
	}
	if (lexer->is_too_long)
		return too_long(lexer);
	return in_line(lexer);
}

struct token lexer_again_as_regex(
	struct lexer *lexer, const struct token *before)
{
	size_t from = before->from;
	struct token token;

	lexer->at = from + 1;
	while (!is_at_eol(lexer) && peek(lexer, 0) != '/')
		lexer->at += peek(lexer, 0) == '\\' && peek(lexer, 1) != '\n' &&
					     lexer->at + 1 < lexer->text.len
				     ? 2
				     : 1;
	if (is_over(lexer) || peek(lexer, 0) != '/')
		return bad(lexer, from,
			"the regular expression is not closed: / is wanted "
			"before the end of the line");
	lexer->at++;
	token = token_at(lexer, TOKEN_REGEX, from);
	token.raw = span_part(token.raw, 1, token.raw.len - 2);
	token.ignores_case = peek(lexer, 0) == 'i';
	lexer->at += token.ignores_case;
	token.place.width += token.ignores_case;
	return token;
}
