#include "scenarios/statement_reader.h"

void statement_reader_init(struct statement_reader *reader,
	const struct reading_orders *orders, struct span file, struct span text)
{
	*reader = (struct statement_reader){ .orders = orders,
		.arena = orders->arena };
	lexer_init(&reader->lexer, file, text);
}

void statement_reader_advance(struct statement_reader *reader)
{
	reader->token = lexer_next(&reader->lexer);
	wanted_begin(&reader->wanted, reader->arena);
}

void statement_reader_tell_at(struct statement_reader *reader,
	const struct place *place, struct span what, struct span hint)
{
	if (!reader->is_told)
		complain(reader->orders->complaints, place, what, hint);
	reader->is_told = true;
}

void statement_reader_tell(struct statement_reader *reader, const char *what)
{
	statement_reader_tell_at(
		reader, &reader->token.place, span_of(what), SPAN(""));
}

bool statement_reader_tell_wanted(struct statement_reader *reader)
{
	struct span hint = SPAN(""), what = SPAN("");

	if (!complaints_are_full(reader->orders->complaints))
		what = wanted_text(&reader->wanted, &reader->token, &hint);
	statement_reader_tell_at(reader, &reader->token.place, what, hint);
	return false;
}

bool statement_reader_is_over(const struct statement_reader *reader)
{
	return reader->token.kind == TOKEN_END ||
	       reader->token.kind == TOKEN_EOF;
}

static bool is_word(const struct statement_reader *reader, struct span word)
{
	return reader->token.kind == TOKEN_WORD &&
	       span_is(reader->token.raw, word);
}

/* ---- elements */

static struct element *element_add(struct statement_reader *reader,
	struct statement *statement, enum element_kind kind)
{
	struct element *element;

	if (statement->element_count == SHEET_ELEMENTS_MAX) {
		statement_reader_tell(
			reader, "the line has more than 2000 words");
		return NULL;
	}
	statement->elements = arena_grow(reader->arena, statement->elements,
		statement->element_count, &statement->element_room,
		sizeof(*element));
	element = &statement->elements[statement->element_count++];
	element->kind = kind;
	return element;
}

struct statement *statement_reader_new(
	struct statement_reader *reader, const struct scenario_verb *verb)
{
	struct statement *statement = arena_new(
		reader->arena, struct statement);

	statement->verb = verb;
	statement->place = reader->token.place;
	return statement;
}

/* ---- values */

static struct place place_within(
	const struct token *token, const struct text_fault *fault)
{
	struct place place = token->place;

	place.column += (unsigned)fault->at + (token->kind == TOKEN_STRING);
	place.width = (unsigned)fault->len;
	return place;
}

static bool expand(struct statement_reader *reader, struct value *value)
{
	struct text_fault fault;
	struct place place;

	if (text_expand(reader->orders->variables, value->raw,
		    value->form == TOKEN_STRING, &value->text,
		    &value->has_secret, &fault))
		return true;
	place = place_within(&reader->token, &fault);
	statement_reader_tell_at(reader, &place, fault.what, fault.hint);
	return false;
}

static bool is_value_token(const struct token *token)
{
	return token->kind == TOKEN_WORD || token->kind == TOKEN_STRING;
}

/* "30 s" and the like: what is written apart belongs together. */
static bool take_value(struct statement_reader *reader,
	struct statement *statement, enum value_kind kind)
{
	struct element *element;
	struct value value = { .kind = kind };
	const char *why;

	if (kind == VALUE_REGEX && reader->token.kind == TOKEN_WORD &&
		reader->token.raw.at[0] == '/')
		reader->token = lexer_again_as_regex(
			&reader->lexer, &reader->token);
	if (reader->token.kind != TOKEN_REGEX &&
		(kind == VALUE_REGEX || !is_value_token(&reader->token)))
		return statement_reader_tell_wanted(reader);
	value.form = reader->token.kind;
	value.raw = value.text = reader->token.raw;
	value.ignores_case = reader->token.ignores_case;
	value.place = reader->token.place;
	if (kind != VALUE_REGEX && !expand(reader, &value))
		return false;
	if (!value_read(&value, &why)) {
		statement_reader_tell(reader, why);
		return false;
	}
	element = element_add(reader, statement, ELEMENT_VALUE);
	if (!element)
		return false;
	element->value = value;
	statement_reader_advance(reader);
	return true;
}

/* ---- does a form begin here? */

static bool item_fits(
	struct statement_reader *reader, const struct form_item *item);

static bool form_fits(struct statement_reader *reader, struct span form)
{
	struct form_item item;

	return form_next(&form, &item) && item_fits(reader, &item);
}

static bool choice_fits(struct statement_reader *reader, struct span forms)
{
	bool fits = false;

	/* All of them are asked, so that all are told. */
	while (forms.len)
		fits |= form_fits(reader, form_alternative(&forms));
	return fits;
}

const struct scenario_verb *statement_reader_verb(
	struct statement_reader *reader, enum verb_room room)
{
	const struct scenario_verb *verb, *found = NULL;

	for (size_t i = 0; (verb = verb_at(i)); i++) {
		if (!verb_stands_in(verb, room))
			continue;
		if (verb->word) {
			wanted_word(&reader->wanted, span_of(verb->word));
			if (is_word(reader, span_of(verb->word)))
				found = verb;
		} else if (!found && form_fits(reader, span_of(verb->form))) {
			found = verb;
		}
	}
	return found;
}

static bool value_fits(struct statement_reader *reader, enum value_kind kind)
{
	struct token *token = &reader->token;

	wanted_kind(&reader->wanted, kind);
	if (!is_value_token(token))
		return false;
	return value_looks_like(kind, token->raw) ||
	       span_starts_nocase(token->raw, SPAN("${"));
}

static bool word_fits(struct statement_reader *reader, struct span word)
{
	wanted_word(&reader->wanted, word);
	if (span_is(word, SPAN(":")))
		return reader->token.kind == TOKEN_COLON;
	return is_word(reader, word);
}

static bool item_fits(
	struct statement_reader *reader, const struct form_item *item)
{
	switch (item->kind) {
	case FORM_WORD:
		return word_fits(reader, item->text);
	case FORM_VALUE:
		return value_fits(reader, item->value);
	case FORM_CLAUSE:
		return statement_reader_verb(reader, item->room) != NULL;
	case FORM_MAYBE:
		return form_fits(reader, item->text);
	case FORM_CHOICE:
		break;
	}
	return choice_fits(reader, item->text);
}

/* ---- taking what fits */

static bool take_word(struct statement_reader *reader,
	struct statement *statement, struct span word)
{
	bool is_colon = span_is(word, SPAN(":"));
	struct element *element;

	if (!word_fits(reader, word))
		return statement_reader_tell_wanted(reader);
	element = element_add(
		reader, statement, is_colon ? ELEMENT_COLON : ELEMENT_WORD);
	if (!element)
		return false;
	element->word = word;
	statement_reader_advance(reader);
	return true;
}

static bool was_said(
	const struct statement *statement, const struct scenario_verb *verb)
{
	return verb->once && statement_clause_of(statement, verb->id);
}

static bool take_clause(struct statement_reader *reader,
	struct statement *statement, enum verb_room room)
{
	const struct scenario_verb *verb = statement_reader_verb(reader, room);
	struct element *element;
	struct statement *clause;

	if (!verb)
		return statement_reader_tell_wanted(reader);
	if (was_said(statement, verb)) {
		statement_reader_tell(reader, "this is said twice in one line");
		return false;
	}
	clause = statement_reader_new(reader, verb);
	element = element_add(reader, statement, ELEMENT_CLAUSE);
	if (!element)
		return false;
	element->clause = clause;
	if (verb->word)
		statement_reader_advance(reader);
	return statement_reader_take(reader, clause, span_of(verb->form));
}

static bool take_choice(struct statement_reader *reader,
	struct statement *statement, struct span forms)
{
	struct span all = forms;

	while (forms.len) {
		struct span form = form_alternative(&forms);

		if (form_fits(reader, form))
			return statement_reader_take(reader, statement, form);
	}
	(void)choice_fits(reader, all);
	return statement_reader_tell_wanted(reader);
}

static bool take_item(struct statement_reader *reader,
	struct statement *statement, const struct form_item *item)
{
	switch (item->kind) {
	case FORM_WORD:
		return take_word(reader, statement, item->text);
	case FORM_VALUE:
		wanted_kind(&reader->wanted, item->value);
		return take_value(reader, statement, item->value);
	case FORM_CLAUSE:
		return take_clause(reader, statement, item->room);
	case FORM_MAYBE:
		return !form_fits(reader, item->text) ||
		       statement_reader_take(reader, statement, item->text);
	case FORM_CHOICE:
		break;
	}
	return take_choice(reader, statement, item->text);
}

static bool goes_on(struct statement_reader *reader,
	struct statement *statement, const struct form_item *item)
{
	if (!item->by_commas)
		return item_fits(reader, item);
	wanted_word(&reader->wanted, SPAN(","));
	if (reader->token.kind != TOKEN_COMMA)
		return false;
	if (!element_add(reader, statement, ELEMENT_COMMA))
		return false;
	statement_reader_advance(reader);
	return true;
}

bool statement_reader_take(struct statement_reader *reader,
	struct statement *statement, struct span form)
{
	struct form_item item;

	while (form_next(&form, &item)) {
		if (!take_item(reader, statement, &item))
			return false;
		while (item.repeats && goes_on(reader, statement, &item))
			if (!take_item(reader, statement, &item))
				return false;
		if (reader->is_told)
			return false;
	}
	return true;
}
