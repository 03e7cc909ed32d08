#include "scenarios/sheet.h"

const struct value *statement_value(
	const struct statement *statement, enum value_kind kind, size_t n)
{
	for (size_t i = 0; i < statement->element_count; i++) {
		const struct element *element = &statement->elements[i];

		if (element->kind == ELEMENT_VALUE &&
			element->value.kind == kind && n-- == 0)
			return &element->value;
	}
	return NULL;
}

bool statement_has_word(const struct statement *statement, const char *word)
{
	for (size_t i = 0; i < statement->element_count; i++)
		if (statement->elements[i].kind == ELEMENT_WORD &&
			span_is(statement->elements[i].word, span_of(word)))
			return true;
	return false;
}

const struct statement *statement_clause(
	const struct statement *statement, size_t n)
{
	for (size_t i = 0; i < statement->element_count; i++)
		if (statement->elements[i].kind == ELEMENT_CLAUSE && n-- == 0)
			return statement->elements[i].clause;
	return NULL;
}

const struct statement *statement_clause_of(
	const struct statement *statement, enum verb_word id)
{
	const struct statement *clause;

	for (size_t i = 0; (clause = statement_clause(statement, i)); i++)
		if (clause->verb->id == id)
			return clause;
	return NULL;
}

static void flatten(
	struct arena *arena, struct statements *all, const struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->count; i++) {
		const struct statement *statement = sheet->statements[i];

		if (statement->verb->id == VERB_INCLUDE) {
			if (statement->included)
				flatten(arena, all, statement->included);
			continue;
		}
		all->list = arena_grow(arena, all->list, all->count, &all->room,
			sizeof(struct statement *));
		all->list[all->count++] = statement;
	}
}

struct statements sheet_flatten(struct arena *arena, const struct sheet *sheet)
{
	struct statements all = { .list = NULL };

	flatten(arena, &all, sheet);
	return all;
}

/* ---- comparing */

static bool statement_is_same(
	const struct statement *a, const struct statement *b);

static bool value_is_same(const struct value *a, const struct value *b)
{
	bool has_ip = a->kind == VALUE_IPV4 || a->kind == VALUE_IPV6 ||
		      a->kind == VALUE_ADDRESS;

	return a->kind == b->kind && a->form == b->form &&
	       span_is(a->raw, b->raw) && span_is(a->text, b->text) &&
	       a->has_secret == b->has_secret && a->number == b->number &&
	       a->ignores_case == b->ignores_case &&
	       (!has_ip || ip_is(&a->ip, &b->ip));
}

static bool element_is_same(const struct element *a, const struct element *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case ELEMENT_WORD:
		return span_is(a->word, b->word);
	case ELEMENT_VALUE:
		return value_is_same(&a->value, &b->value);
	case ELEMENT_CLAUSE:
		return statement_is_same(a->clause, b->clause);
	case ELEMENT_COMMA:
	case ELEMENT_COLON:
		break;
	}
	return true;
}

/* As deep as the table: a block, a line, a clause. */
static bool statement_is_same(
	const struct statement *a, const struct statement *b)
{
	if (a->verb != b->verb || a->element_count != b->element_count ||
		a->body_count != b->body_count)
		return false;
	for (size_t i = 0; i < a->element_count; i++)
		if (!element_is_same(&a->elements[i], &b->elements[i]))
			return false;
	for (size_t i = 0; i < a->body_count; i++)
		if (!statement_is_same(a->body[i], b->body[i]))
			return false;
	return true;
}

bool sheet_is_same(const struct sheet *a, const struct sheet *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!statement_is_same(a->statements[i], b->statements[i]))
			return false;
	return true;
}

/* ---- printing */

struct printer {
	struct arena *arena;
	char *text;
	size_t len, room;
};

static void put(struct printer *printer, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		printer->text = arena_grow(printer->arena, printer->text,
			printer->len, &printer->room, 1);
		printer->text[printer->len++] = text.at[i];
	}
}

static void put_value(struct printer *printer, const struct value *value)
{
	struct span edge = SPAN("");

	if (value->form == TOKEN_STRING)
		edge = SPAN("\"");
	if (value->form == TOKEN_REGEX)
		edge = SPAN("/");
	put(printer, edge);
	put(printer, value->raw);
	put(printer, edge);
	if (value->ignores_case)
		put(printer, SPAN("i"));
}

static void put_words(
	struct printer *printer, const struct statement *statement, bool parts);

static void put_element(
	struct printer *printer, const struct element *element, bool parts)
{
	if (parts && element->kind != ELEMENT_COMMA &&
		element->kind != ELEMENT_COLON)
		put(printer, SPAN(" "));
	switch (element->kind) {
	case ELEMENT_WORD:
		put(printer, element->word);
		break;
	case ELEMENT_VALUE:
		put_value(printer, &element->value);
		break;
	case ELEMENT_CLAUSE:
		put_words(printer, element->clause, false);
		break;
	case ELEMENT_COMMA:
		put(printer, SPAN(","));
		break;
	case ELEMENT_COLON:
		/* A blank keeps it off an address that ends in a colon. */
		put(printer, SPAN(" :"));
		break;
	}
}

static void put_words(
	struct printer *printer, const struct statement *statement, bool parts)
{
	if (statement->verb->word) {
		if (parts)
			put(printer, SPAN(" "));
		put(printer, span_of(statement->verb->word));
		parts = true;
	}
	for (size_t i = 0; i < statement->element_count; i++) {
		put_element(printer, &statement->elements[i], parts);
		parts = true;
	}
}

struct span sheet_print(struct arena *arena, const struct sheet *sheet)
{
	struct printer printer = { .arena = arena };

	for (size_t i = 0; i < sheet->count; i++) {
		const struct statement *statement = sheet->statements[i];

		put_words(&printer, statement, false);
		put(&printer, SPAN("\n"));
		for (size_t k = 0; k < statement->body_count; k++) {
			put(&printer, SPAN("  "));
			put_words(&printer, statement->body[k], false);
			put(&printer, SPAN("\n"));
		}
	}
	return (struct span){ printer.text, printer.len };
}

struct span statement_print(
	struct arena *arena, const struct statement *statement)
{
	struct printer printer = { .arena = arena };

	put_words(&printer, statement, false);
	return (struct span){ printer.text, printer.len };
}
