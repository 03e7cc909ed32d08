#include "probe/mail/message_id.h"

#include "probe/mail/token.h"

/*
 *      msg-id    = [CFWS] "<" id-left "@" id-right ">" [CFWS]
 *      id-left   = dot-atom-text / obs-id-left
 *      id-right  = dot-atom-text / no-fold-literal / obs-id-right
 *
 * The left side is copied as it stands: dots and atoms, or a quoted string,
 * which only the obsolete form has.
 */
static bool refuse(struct tokens *tokens, const char *why)
{
	tokens->why = why;
	return false;
}

static bool take_left(struct tokens *tokens, struct span *left)
{
	const char *start = tokens->rest.at;
	struct span word;

	do {
		if (tokens_next(tokens) == '"') {
			if (!tokens_quoted(tokens, &word))
				return false;
		} else if (!tokens_atom(tokens).len) {
			return refuse(tokens,
				"what stands before its @ is not well formed");
		}
	} while (tokens_take(tokens, '.'));
	*left = (struct span){ start, (size_t)(tokens->rest.at - start) };
	return true;
}

static bool take_id(struct tokens *tokens, struct message_id *id)
{
	if (!tokens_skip(tokens, NULL))
		return false;
	if (tokens_are_over(tokens))
		return refuse(tokens, "it is empty");
	if (!tokens_take(tokens, '<'))
		return refuse(tokens, "it does not begin with <");
	if (!take_left(tokens, &id->left))
		return false;
	if (!tokens_take(tokens, '@'))
		return refuse(tokens, "it has no @");
	if (!tokens_domain(tokens, &id->right))
		return refuse(
			tokens, "what stands behind its @ is not well formed");
	if (!tokens_take(tokens, '>'))
		return refuse(tokens, "it does not end with >");
	if (!tokens_skip(tokens, NULL))
		return false;
	return tokens_are_over(tokens) ||
	       refuse(tokens, "something stands behind the >");
}

bool message_id_parse(struct arena *arena, struct span value,
	struct message_id *id, const char **why)
{
	struct tokens tokens;
	bool is_well;

	*id = (struct message_id){ .left = SPAN(""), .right = SPAN("") };
	tokens_init(&tokens, arena, value);
	is_well = take_id(&tokens, id);
	*why = tokens.why;
	return is_well;
}
