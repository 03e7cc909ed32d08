#include "probe/policy/tag_list.h"

static struct span trim(struct span text)
{
	while (text.len && ascii_is_space(text.at[0]))
		text = span_part(text, 1, text.len);
	while (text.len && ascii_is_space(text.at[text.len - 1]))
		text.len--;
	return text;
}

bool tag_name_is(struct span name)
{
	if (!name.len || !ascii_is_alpha(name.at[0]))
		return false;
	for (size_t i = 1; i < name.len; i++)
		if (!ascii_is_alpha(name.at[i]) &&
			!ascii_is_digit(name.at[i]) && name.at[i] != '_')
			return false;
	return true;
}

/* VALCHAR with RFC 8616, and the white space of folds. */
static bool is_value(struct span value)
{
	bool is_bad = false;

	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.at[i];

		is_bad |= (c < ' ' && !ascii_is_space((char)c)) || c == 0x7f;
	}
	return !is_bad;
}

static void blame(struct tag_list *list, enum tag_fault fault, struct span text,
	struct span piece)
{
	if (list->fault != TAG_OK)
		return;
	list->fault = fault;
	list->fault_at = (size_t)(piece.at - text.at);
	list->fault_text = piece;
}

static enum tag_fault read_piece(
	const struct tag_list *list, struct span piece, struct tag *tag)
{
	struct span rest = piece;

	if (!trim(piece).len)
		return TAG_EMPTY_PIECE;
	if (span_find(piece, '=') == piece.len)
		return TAG_NO_EQUALS;
	tag->name = trim(span_cut(&rest, '='));
	tag->raw = rest;
	tag->value = trim(rest);
	if (!tag_name_is(tag->name))
		return TAG_BAD_NAME;
	if (!is_value(tag->value))
		return TAG_BAD_VALUE;
	for (size_t i = 0; i < list->count; i++)
		if (span_is(list->tags[i].name, tag->name))
			return TAG_DUPLICATE;
	return TAG_OK;
}

bool tag_list_parse(
	struct arena *arena, struct span text, struct tag_list *list)
{
	struct tag *tags = NULL;
	struct span rest = text;
	size_t room = 0;

	*list = (struct tag_list){ 0 };
	while (rest.len) {
		struct span piece = span_cut(&rest, ';');
		struct tag tag = { 0 };
		enum tag_fault fault;

		/* Behind the last semicolon nothing need stand. */
		if (piece.at + piece.len == text.at + text.len && list->count &&
			!trim(piece).len)
			break;
		fault = list->count == TAG_LIST_MAX
				? TAG_TOO_MANY
				: read_piece(list, piece, &tag);
		if (fault != TAG_OK)
			blame(list, fault, text, piece);
		if (fault == TAG_TOO_MANY)
			break;
		if (fault != TAG_OK && fault != TAG_DUPLICATE)
			continue;
		tags = arena_grow(arena, tags, list->count, &room, sizeof(tag));
		tags[list->count++] = tag;
		list->tags = tags;
	}
	if (!list->count)
		blame(list, TAG_EMPTY_LIST, text, text);
	return list->fault == TAG_OK;
}

const struct tag *tag_list_get(const struct tag_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (span_is(list->tags[i].name, span_of(name)))
			return &list->tags[i];
	return NULL;
}

struct span tag_list_value(const struct tag_list *list, const char *name)
{
	const struct tag *tag = tag_list_get(list, name);

	return tag ? tag->value : SPAN("");
}

struct span tag_squeeze(struct arena *arena, struct span value)
{
	char *room = arena_take(arena, value.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < value.len; i++)
		if (!ascii_is_space(value.at[i]))
			room[len++] = value.at[i];
	return (struct span){ room, len };
}

const char *tag_fault_text(enum tag_fault fault)
{
	switch (fault) {
	case TAG_OK:
		return "";
	case TAG_EMPTY_LIST:
		return "there is no tag in it";
	case TAG_NO_EQUALS:
		return "a tag has no \"=\"";
	case TAG_EMPTY_PIECE:
		return "between two semicolons there is no tag";
	case TAG_BAD_NAME:
		return "a tag's name is not letters, digits and underscores";
	case TAG_BAD_VALUE:
		return "a tag's value has a control character";
	case TAG_DUPLICATE:
		return "a tag stands there twice";
	case TAG_TOO_MANY:
		return "there are too many tags";
	}
	return "";
}
