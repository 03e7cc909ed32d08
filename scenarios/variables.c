#include "scenarios/variables.h"

#include "probe/base/utf8.h"
#include "probe/base/nearest.h"

struct variable *variable_find(struct variables *variables, struct span name)
{
	for (size_t i = 0; i < variables->count; i++)
		if (span_is(variables->list[i].name, name))
			return &variables->list[i];
	return NULL;
}

bool variable_add(struct variables *variables, const struct variable *variable)
{
	if (variables->count == VARIABLES_MAX ||
		variable_find(variables, variable->name))
		return false;
	variables->list = arena_grow(variables->arena, variables->list,
		variables->count, &variables->room, sizeof(*variables->list));
	variables->list[variables->count++] = *variable;
	return true;
}

/* ---- expanding */

struct expansion {
	struct variables *variables;
	struct span raw;
	size_t at;
	char *text;
	size_t len, room;
	bool has_secret;
	struct text_fault *fault;
};

static bool wrong(struct expansion *expansion, struct span what, size_t len)
{
	*expansion->fault = (struct text_fault){
		.what = what, .hint = SPAN(""), .at = expansion->at, .len = len
	};
	return false;
}

static bool put(struct expansion *expansion, struct span text)
{
	if (expansion->len + text.len > VARIABLE_TEXT_MAX)
		return wrong(expansion,
			SPAN("the text becomes longer than 8192 octets"), 1);
	for (size_t i = 0; i < text.len; i++) {
		expansion->text = arena_grow(expansion->variables->arena,
			expansion->text, expansion->len, &expansion->room, 1);
		expansion->text[expansion->len++] = text.at[i];
	}
	return true;
}

/* "did you mean ${rcpt}?" */
static struct span near_name(struct expansion *expansion, struct span name)
{
	struct nearest nearest = nearest_begin(name);
	struct arena *arena = expansion->variables->arena;

	for (size_t i = 0; i < expansion->variables->count; i++)
		nearest_offer(&nearest, expansion->variables->list[i].name);
	if (!nearest.best.len)
		return SPAN("");
	return arena_print(arena, "${%.*s}", SPAN_ARG(nearest.best));
}

static bool put_variable(struct expansion *expansion)
{
	struct span rest = span_part(
		expansion->raw, expansion->at, expansion->raw.len);
	size_t end = span_find(rest, '}');
	struct span name = span_part(rest, 2, end < 2 ? 0 : end - 2);
	struct variable *variable = variable_find(expansion->variables, name);

	if (end == rest.len)
		return wrong(expansion, SPAN("${ has no } behind it"), 2);
	if (!variable) {
		wrong(expansion,
			arena_print(expansion->variables->arena,
				"there is no variable \"%.*s\" above this line",
				SPAN_ARG(name)),
			end + 1);
		expansion->fault->hint = near_name(expansion, name);
		return false;
	}
	if (variable->text.len >
		VARIABLES_GROWTH_MAX - expansion->variables->growth)
		return wrong(expansion,
			SPAN("the variables become more than 4 MiB of text"),
			end + 1);
	expansion->variables->growth += variable->text.len;
	expansion->at += end + 1;
	if (variable->kind == VARIABLE_TEXT) {
		expansion->has_secret |= variable->has_secret;
		return put(expansion, variable->text);
	}
	expansion->has_secret = true;
	return put(expansion, SPAN("***"));
}

static bool put_octet(struct expansion *expansion)
{
	struct span digits = span_part(expansion->raw, expansion->at + 2, 2);
	int high = digits.len == 2 ? ascii_hex_digit(digits.at[0]) : -1;
	int low = digits.len == 2 ? ascii_hex_digit(digits.at[1]) : -1;
	char octet;

	if (high < 0 || low < 0)
		return wrong(expansion,
			SPAN("two hexadecimal digits are wanted behind \\x"),
			2);
	octet = (char)(unsigned char)(high * 16 + low);
	expansion->at += 4;
	return put(expansion, (struct span){ &octet, 1 });
}

static bool put_escape(struct expansion *expansion)
{
	static const char letters[] = "\"\\$nrt";
	char c = expansion->at + 1 < expansion->raw.len
			 ? expansion->raw.at[expansion->at + 1]
			 : '\0';
	const char *found = c ? strchr(letters, c) : NULL;

	if (c == 'x')
		return put_octet(expansion);
	if (!found)
		return wrong(expansion,
			SPAN("\\\" \\\\ \\$ \\n \\r \\t or \\xHH is wanted "
			     "behind a backslash"),
			2);
	expansion->at += 2;
	return put(expansion,
		span_part(SPAN("\"\\$\n\r\t"), (size_t)(found - letters), 1));
}

static bool put_next(struct expansion *expansion, bool is_quoted)
{
	struct span rest = span_part(
		expansion->raw, expansion->at, expansion->raw.len);
	uint32_t point = 0;
	size_t len = utf8_take(rest, &point);

	if (len == 0 || (point < ' ' && point != '\t') || point == 0x7f)
		return wrong(expansion,
			SPAN("a character that may not stand here: \\xHH is "
			     "wanted in its place"),
			1);
	if (is_quoted && point == '\\')
		return put_escape(expansion);
	if (point == '$' && rest.len > 1 && rest.at[1] == '{')
		return put_variable(expansion);
	expansion->at += len;
	return put(expansion, span_part(rest, 0, len));
}

bool text_expand(struct variables *variables, struct span raw, bool is_quoted,
	struct span *text, bool *has_secret, struct text_fault *fault)
{
	struct expansion expansion = {
		.variables = variables, .raw = raw, .fault = fault
	};

	while (expansion.at < raw.len)
		if (!put_next(&expansion, is_quoted))
			return false;
	*text = (struct span){ expansion.text, expansion.len };
	*has_secret = expansion.has_secret;
	return true;
}

/* ---- hiding */

static struct span hide(
	struct arena *arena, struct span text, struct span secret)
{
	struct span all = SPAN("");
	size_t at;

	while ((at = span_find_nocase(text, secret)) < text.len) {
		all = arena_print(arena, "%.*s%.*s***", SPAN_ARG(all),
			SPAN_ARG(span_part(text, 0, at)));
		text = span_part(text, at + secret.len, text.len);
	}
	return arena_print(arena, "%.*s%.*s", SPAN_ARG(all), SPAN_ARG(text));
}

struct span variables_hide(struct arena *arena,
	const struct variables *variables, struct span text)
{
	for (size_t i = 0; i < variables->count; i++)
		if (variables->list[i].is_revealed &&
			variables->list[i].text.len)
			text = hide(arena, text, variables->list[i].text);
	return text;
}
