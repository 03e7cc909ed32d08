#include "probe/mail/media_type.h"

#include "probe/mail/token.h"

/*
 *      content   = type "/" subtype *(";" parameter)
 *      parameter = attribute "=" value
 *      value     = token / quoted-string
 *
 * RFC 2045 section 5.1; comments may stand between.  A ";" at the end, and
 * two in a row, are let pass: they are common and harm nobody.
 */
static bool refuse(struct tokens *tokens, const char *why)
{
	tokens->why = why;
	return false;
}

static bool take_value(struct tokens *tokens, struct span *value)
{
	if (tokens_next(tokens) == '"')
		return tokens_quoted(tokens, value);
	*value = tokens_mime_word(tokens);
	return value->len || refuse(tokens, "a parameter has no value");
}

static bool take_parameter(struct tokens *tokens, struct media_type *type)
{
	struct span name, value;

	if (!tokens_skip(tokens, NULL))
		return false;
	if (tokens_are_over(tokens) || tokens_next(tokens) == ';')
		return true;
	name = tokens_mime_word(tokens);
	if (!tokens_skip(tokens, NULL))
		return false;
	if (!name.len || !tokens_take(tokens, '='))
		return refuse(tokens, "a parameter is not name=value");
	if (!tokens_skip(tokens, NULL) || !take_value(tokens, &value))
		return false;
	if (span_is_nocase(name, SPAN("charset")) && !type->charset.len)
		type->charset = value;
	if (span_is_nocase(name, SPAN("boundary")) && !type->boundary.len)
		type->boundary = value;
	return tokens_skip(tokens, NULL);
}

static bool take_type(struct tokens *tokens, struct media_type *type)
{
	if (!tokens_skip(tokens, NULL))
		return false;
	type->type = tokens_mime_word(tokens);
	if (!type->type.len || !tokens_take(tokens, '/'))
		return refuse(tokens, "it is not type/subtype");
	type->subtype = tokens_mime_word(tokens);
	if (!type->subtype.len)
		return refuse(tokens, "there is no subtype behind the /");
	return tokens_skip(tokens, NULL);
}

bool media_type_parse(struct arena *arena, struct span value,
	struct media_type *type, const char **why)
{
	struct tokens tokens;
	bool is_well;

	*type = (struct media_type){ .charset = SPAN("") };
	tokens_init(&tokens, arena, value);
	is_well = take_type(&tokens, type);
	while (is_well && tokens_take(&tokens, ';'))
		is_well = take_parameter(&tokens, type);
	if (is_well && !tokens_are_over(&tokens))
		is_well = refuse(&tokens, "a ; is missing");
	*why = tokens.why;
	return is_well;
}
