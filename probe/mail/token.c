#include "probe/mail/token.h"

/*
 *      FWS           = ([*WSP CRLF] 1*WSP) / obs-FWS
 *      ctext         = %d33-39 / %d42-91 / %d93-126
 *      comment       = "(" *([FWS] ccontent) [FWS] ")"
 *      ccontent      = ctext / quoted-pair / comment
 *      atext         = ALPHA / DIGIT / "!#$%&'*+-/=?^_`{|}~"
 *      quoted-string = [CFWS] DQUOTE *([FWS] qcontent) [FWS] DQUOTE [CFWS]
 *      domain-literal = [CFWS] "[" *([FWS] dtext) [FWS] "]" [CFWS]
 *
 * RFC 5322 sections 3.2 and 3.4.1.  A value here has lost its own line end, so
 * every CR and LF in it belongs to a fold.
 */
void tokens_init(struct tokens *tokens, struct arena *arena, struct span value)
{
	*tokens = (struct tokens){ .rest = value, .comment = SPAN("") };
	tokens->room = arena_take(arena, value.len + 1);
}

static bool refuse(struct tokens *tokens, const char *why)
{
	tokens->why = why;
	return false;
}

static void drop(struct tokens *tokens, size_t len)
{
	tokens->rest = span_part(tokens->rest, len, tokens->rest.len);
}

static bool is_atext(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) ||
	       (unsigned char)c >= 0x80 ||
	       (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* RFC 2045 section 5.1: tspecials. */
static bool is_mime_char(char c)
{
	return c > ' ' && c < 0x7f && !strchr("()<>@,;:\\\"/[]?=", c);
}

bool tokens_are_over(const struct tokens *tokens)
{
	return tokens->rest.len == 0;
}

char tokens_next(const struct tokens *tokens)
{
	return tokens->rest.len ? tokens->rest.at[0] : 0;
}

bool tokens_take(struct tokens *tokens, char c)
{
	if (!tokens->rest.len || tokens->rest.at[0] != c)
		return false;
	drop(tokens, 1);
	return true;
}

/* The next byte is an opening bracket. */
static bool skip_comment(struct tokens *tokens)
{
	struct span text = tokens->rest;
	unsigned depth = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '\\')
			i++;
		else if (text.at[i] == '(')
			depth++;
		else if (text.at[i] == ')')
			depth--;
		if (depth > TOKEN_COMMENT_DEPTH_MAX)
			return refuse(tokens, "comments are nested too deep");
		if (depth)
			continue;
		tokens->comment = span_part(text, 1, i - 1);
		drop(tokens, i + 1);
		return true;
	}
	return refuse(tokens, "a comment is not closed");
}

bool tokens_skip(struct tokens *tokens, bool *skipped)
{
	size_t before = tokens->rest.len;

	while (tokens->rest.len) {
		if (ascii_is_space(tokens->rest.at[0]))
			drop(tokens, 1);
		else if (tokens->rest.at[0] != '(')
			break;
		else if (!skip_comment(tokens))
			return false;
	}
	if (skipped)
		*skipped = tokens->rest.len != before;
	return true;
}

static struct span take_while(struct tokens *tokens, bool (*is_one)(char))
{
	struct span text = tokens->rest;
	size_t len = 0;

	while (len < text.len && is_one(text.at[len]))
		len++;
	drop(tokens, len);
	return span_part(text, 0, len);
}

struct span tokens_atom(struct tokens *tokens)
{
	return take_while(tokens, is_atext);
}

struct span tokens_mime_word(struct tokens *tokens)
{
	return take_while(tokens, is_mime_char);
}

static struct span keep(struct tokens *tokens, char *room, size_t len)
{
	tokens->used += len;
	return (struct span){ room, len };
}

bool tokens_quoted(struct tokens *tokens, struct span *text)
{
	struct span in = span_part(tokens->rest, 1, tokens->rest.len);
	char *room = tokens->room + tokens->used;
	size_t len = 0;

	for (size_t i = 0; i < in.len; i++) {
		if (in.at[i] == '"') {
			*text = keep(tokens, room, len);
			drop(tokens, i + 2);
			return true;
		}
		if (in.at[i] == '\\' && i + 1 < in.len)
			i++;
		else if (in.at[i] == '\r' || in.at[i] == '\n')
			continue;
		room[len++] = in.at[i];
	}
	return refuse(tokens, "a quote is not closed");
}

bool tokens_literal(struct tokens *tokens, struct span *text)
{
	struct span in = tokens->rest;
	char *room = tokens->room + tokens->used;
	size_t len = 0;

	for (size_t i = 0; i < in.len; i++) {
		if (ascii_is_space(in.at[i]))
			continue;
		if (i && in.at[i] == '[')
			break;
		room[len++] = in.at[i];
		if (in.at[i] != ']')
			continue;
		*text = keep(tokens, room, len);
		drop(tokens, i + 1);
		return true;
	}
	return refuse(tokens, "an address literal is not closed");
}

bool tokens_domain(struct tokens *tokens, struct span *domain)
{
	char *room = tokens->room + tokens->used;
	size_t len = 0;

	if (!tokens_skip(tokens, NULL))
		return false;
	if (tokens_next(tokens) == '[')
		return tokens_literal(tokens, domain) &&
		       tokens_skip(tokens, NULL);
	do {
		struct span label;

		if (!tokens_skip(tokens, NULL))
			return false;
		label = tokens_atom(tokens);
		if (!label.len)
			return refuse(tokens, len ? "the domain has a dot too "
						    "many"
						  : "there is no domain behind "
						    "the @");
		if (len)
			room[len++] = '.';
		memcpy(room + len, label.at, label.len);
		len += label.len;
		if (!tokens_skip(tokens, NULL))
			return false;
	} while (tokens_take(tokens, '.'));
	*domain = keep(tokens, room, len);
	return true;
}
