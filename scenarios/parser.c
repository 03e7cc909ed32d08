#include "scenarios/parser.h"

#include "probe/base/file.h"
#include "scenarios/wanted.h"

/*
 * A line is a verb of its room and what the verb's form says.  The parser
 * walks the form and the tokens side by side, and looks one token ahead; each
 * time that it asks whether a token fits, it notes what it asked for, and so
 * can say what was wanted when nothing fits.
 *
 * The first error of a line ends the line.  A header that is wrong still opens
 * its block, so that the lines under it are read by its rules.
 */
struct file_chain {
	const struct file_chain *above;
	struct span name;
	size_t depth;
};

/* Of a file and all that it includes. */
struct totals {
	size_t statements, octets;
};

struct parser {
	const struct reading_orders *orders;
	struct arena *arena;
	struct sheet *sheet;
	const struct file_chain *chain;
	struct totals *totals;
	struct lexer lexer;
	struct token token;      /* the next one */
	struct wanted wanted;    /* what was asked of it */
	struct statement *block; /* the header above, or NULL */
	bool is_block_unknown;   /* its header was no verb at all */
	bool is_told;            /* the line has its complaint */
	bool has_begun;          /* a first statement was seen */
	bool has_verb;           /* a word of the language, in whatever place */
};

/* Lines at the top without one such word: the file is something else, and
 * what is wrong with the rest of it tells nobody anything. */
enum { STRANGE_LINES_MAX = 4 };

static void advance(struct parser *parser)
{
	parser->token = lexer_next(&parser->lexer);
	wanted_begin(&parser->wanted, parser->arena);
}

static void tell_at(struct parser *parser, const struct place *place,
	struct span what, struct span hint)
{
	if (!parser->is_told)
		complain(parser->orders->complaints, place, what, hint);
	parser->is_told = true;
}

static void tell(struct parser *parser, const char *what)
{
	tell_at(parser, &parser->token.place, span_of(what), SPAN(""));
}

/* Nothing fits: what was asked for, and what was found. */
static bool tell_wanted(struct parser *parser)
{
	struct span hint = SPAN(""), what = SPAN("");

	if (!complaints_are_full(parser->orders->complaints))
		what = wanted_text(&parser->wanted, &parser->token, &hint);
	tell_at(parser, &parser->token.place, what, hint);
	return false;
}

static bool is_over(const struct parser *parser)
{
	return parser->token.kind == TOKEN_END ||
	       parser->token.kind == TOKEN_EOF;
}

static bool is_word(const struct parser *parser, struct span word)
{
	return parser->token.kind == TOKEN_WORD &&
	       span_is(parser->token.raw, word);
}

/* ---- elements */

static struct element *element_add(struct parser *parser,
	struct statement *statement, enum element_kind kind)
{
	struct element *element;

	if (statement->element_count == SHEET_ELEMENTS_MAX) {
		tell(parser, "the line has more than 2000 words");
		return NULL;
	}
	statement->elements = arena_grow(parser->arena, statement->elements,
		statement->element_count, &statement->element_room,
		sizeof(*element));
	element = &statement->elements[statement->element_count++];
	element->kind = kind;
	return element;
}

static struct statement *statement_new(
	struct parser *parser, const struct scenario_verb *verb)
{
	struct statement *statement = arena_new(
		parser->arena, struct statement);

	statement->verb = verb;
	statement->place = parser->token.place;
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

static bool expand(struct parser *parser, struct value *value)
{
	struct text_fault fault;
	struct place place;

	if (text_expand(parser->orders->variables, value->raw,
		    value->form == TOKEN_STRING, &value->text,
		    &value->has_secret, &fault))
		return true;
	place = place_within(&parser->token, &fault);
	tell_at(parser, &place, fault.what, fault.hint);
	return false;
}

static bool is_value_token(const struct token *token)
{
	return token->kind == TOKEN_WORD || token->kind == TOKEN_STRING;
}

/* "30 s" and the like: what is written apart belongs together. */
static bool take_value(struct parser *parser, struct statement *statement,
	enum value_kind kind)
{
	struct element *element;
	struct value value = { .kind = kind };
	const char *why;

	if (kind == VALUE_REGEX && parser->token.kind == TOKEN_WORD &&
		parser->token.raw.at[0] == '/')
		parser->token = lexer_again_as_regex(
			&parser->lexer, &parser->token);
	if (parser->token.kind != TOKEN_REGEX &&
		(kind == VALUE_REGEX || !is_value_token(&parser->token)))
		return tell_wanted(parser);
	value.form = parser->token.kind;
	value.raw = value.text = parser->token.raw;
	value.ignores_case = parser->token.ignores_case;
	value.place = parser->token.place;
	if (kind != VALUE_REGEX && !expand(parser, &value))
		return false;
	if (!value_read(&value, &why)) {
		tell(parser, why);
		return false;
	}
	element = element_add(parser, statement, ELEMENT_VALUE);
	if (!element)
		return false;
	element->value = value;
	advance(parser);
	return true;
}

/* ---- does a form begin here? */

static bool item_fits(struct parser *parser, const struct form_item *item);

static bool form_fits(struct parser *parser, struct span form)
{
	struct form_item item;

	return form_next(&form, &item) && item_fits(parser, &item);
}

static bool choice_fits(struct parser *parser, struct span forms)
{
	bool fits = false;

	/* All of them are asked, so that all are told. */
	while (forms.len)
		fits |= form_fits(parser, form_alternative(&forms));
	return fits;
}

static const struct scenario_verb *verb_here(
	struct parser *parser, enum verb_room room)
{
	const struct scenario_verb *verb, *found = NULL;

	for (size_t i = 0; (verb = verb_at(i)); i++) {
		if (!verb_stands_in(verb, room))
			continue;
		if (verb->word) {
			wanted_word(&parser->wanted, span_of(verb->word));
			if (is_word(parser, span_of(verb->word)))
				found = verb;
		} else if (!found && form_fits(parser, span_of(verb->form))) {
			found = verb;
		}
	}
	return found;
}

static bool value_fits(struct parser *parser, enum value_kind kind)
{
	struct token *token = &parser->token;

	wanted_kind(&parser->wanted, kind);
	if (!is_value_token(token))
		return false;
	return value_looks_like(kind, token->raw) ||
	       span_starts_nocase(token->raw, SPAN("${"));
}

static bool word_fits(struct parser *parser, struct span word)
{
	wanted_word(&parser->wanted, word);
	if (span_is(word, SPAN(":")))
		return parser->token.kind == TOKEN_COLON;
	return is_word(parser, word);
}

static bool item_fits(struct parser *parser, const struct form_item *item)
{
	switch (item->kind) {
	case FORM_WORD:
		return word_fits(parser, item->text);
	case FORM_VALUE:
		return value_fits(parser, item->value);
	case FORM_CLAUSE:
		return verb_here(parser, item->room) != NULL;
	case FORM_MAYBE:
		return form_fits(parser, item->text);
	case FORM_CHOICE:
		break;
	}
	return choice_fits(parser, item->text);
}

/* ---- taking what fits */

static bool take_form(
	struct parser *parser, struct statement *statement, struct span form);

static bool take_word(
	struct parser *parser, struct statement *statement, struct span word)
{
	bool is_colon = span_is(word, SPAN(":"));
	struct element *element;

	if (!word_fits(parser, word))
		return tell_wanted(parser);
	element = element_add(
		parser, statement, is_colon ? ELEMENT_COLON : ELEMENT_WORD);
	if (!element)
		return false;
	element->word = word;
	advance(parser);
	return true;
}

static bool was_said(
	const struct statement *statement, const struct scenario_verb *verb)
{
	return verb->once && statement_clause_of(statement, verb->id);
}

static bool take_clause(
	struct parser *parser, struct statement *statement, enum verb_room room)
{
	const struct scenario_verb *verb = verb_here(parser, room);
	struct element *element;
	struct statement *clause;

	if (!verb)
		return tell_wanted(parser);
	if (was_said(statement, verb)) {
		tell(parser, "this is said twice in one line");
		return false;
	}
	clause = statement_new(parser, verb);
	element = element_add(parser, statement, ELEMENT_CLAUSE);
	if (!element)
		return false;
	element->clause = clause;
	if (verb->word)
		advance(parser);
	return take_form(parser, clause, span_of(verb->form));
}

static bool take_choice(
	struct parser *parser, struct statement *statement, struct span forms)
{
	struct span all = forms;

	while (forms.len) {
		struct span form = form_alternative(&forms);

		if (form_fits(parser, form))
			return take_form(parser, statement, form);
	}
	(void)choice_fits(parser, all);
	return tell_wanted(parser);
}

static bool take_item(struct parser *parser, struct statement *statement,
	const struct form_item *item)
{
	switch (item->kind) {
	case FORM_WORD:
		return take_word(parser, statement, item->text);
	case FORM_VALUE:
		wanted_kind(&parser->wanted, item->value);
		return take_value(parser, statement, item->value);
	case FORM_CLAUSE:
		return take_clause(parser, statement, item->room);
	case FORM_MAYBE:
		return !form_fits(parser, item->text) ||
		       take_form(parser, statement, item->text);
	case FORM_CHOICE:
		break;
	}
	return take_choice(parser, statement, item->text);
}

static bool goes_on(struct parser *parser, struct statement *statement,
	const struct form_item *item)
{
	if (!item->by_commas)
		return item_fits(parser, item);
	wanted_word(&parser->wanted, SPAN(","));
	if (parser->token.kind != TOKEN_COMMA)
		return false;
	if (!element_add(parser, statement, ELEMENT_COMMA))
		return false;
	advance(parser);
	return true;
}

static bool take_form(
	struct parser *parser, struct statement *statement, struct span form)
{
	struct form_item item;

	while (form_next(&form, &item)) {
		if (!take_item(parser, statement, &item))
			return false;
		while (item.repeats && goes_on(parser, statement, &item))
			if (!take_item(parser, statement, &item))
				return false;
		if (parser->is_told)
			return false;
	}
	return true;
}

/* ---- variables and included files */

struct span name_from(struct arena *arena, struct span from, struct span name)
{
	size_t len = from.len;

	while (len > 0 && from.at[len - 1] != '/')
		len--;
	if (!len || (name.len && name.at[0] == '/'))
		return arena_copy(arena, name);
	return arena_print(
		arena, "%.*s%.*s", (int)len, from.at, SPAN_ARG(name));
}

/* For a run; a check never reads them. */
static void reveal(struct parser *parser, struct variable *variable)
{
	const struct reading_orders *orders = parser->orders;
	struct span text, why;

	if (variable->kind == VARIABLE_TEXT || !orders->reveal)
		return;
	if (!orders->reveal(
		    orders->owner, parser->arena, variable, &text, &why)) {
		complain(orders->complaints, &variable->place, why, SPAN(""));
		return;
	}
	variable->kind = VARIABLE_TEXT;
	variable->text = text;
	variable->has_secret = variable->is_revealed = true;
}

/* env ENV or TEXT: no secret, and a check takes the text. */
static void take_environment(struct parser *parser, struct variable *variable,
	const struct value *env)
{
	const struct reading_orders *orders = parser->orders;
	struct variable asked = {
		.kind = VARIABLE_ENV, .text = env->text, .has_default = true
	};
	struct span text, why;

	if (!orders->reveal || !orders->reveal(orders->owner, parser->arena,
				       &asked, &text, &why))
		return;
	variable->text = text;
	variable->has_secret = false;
}

static void define(struct parser *parser, const struct statement *statement)
{
	const struct value *name = statement_value(statement, VALUE_NAME, 0);
	const struct value *env = statement_value(statement, VALUE_ENV, 0);
	const struct value *file = statement_value(statement, VALUE_FILE, 0);
	const struct value *text = statement_value(statement, VALUE_TEXT, 0);
	struct variable variable = {
		.name = name->text, .place = name->place, .kind = VARIABLE_TEXT
	};

	if (text) {
		variable.text = text->text;
		variable.has_secret = text->has_secret;
		if (env)
			take_environment(parser, &variable, env);
	} else {
		variable.kind = env ? VARIABLE_ENV : VARIABLE_FILE;
		variable.text = env ? env->text
				    : name_from(parser->arena,
					      parser->chain->name, file->text);
	}
	/* One that cannot be read stands for itself in the lines below. */
	reveal(parser, &variable);
	if (!variable_add(parser->orders->variables, &variable))
		complain(parser->orders->complaints, &name->place,
			SPAN("another variable has this name, or there are "
			     "more than 1000"),
			SPAN(""));
}

bool sheet_read_file(void *owner, struct arena *arena, struct span name,
	struct span *bytes, struct span *why)
{
	(void)owner;
	*why = SPAN("its name has a NUL in it");
	if (span_find(name, '\0') < name.len)
		return false;
	return file_read(
		arena, arena_copy(arena, name).at, LEXER_TEXT_MAX, bytes, why);
}

static const struct sheet *parse(const struct reading_orders *orders,
	const struct file_chain *chain, struct totals *totals,
	struct span text);

static const char *loop_of(const struct file_chain *chain, struct span name)
{
	if (chain->depth == SHEET_INCLUDES_MAX)
		return "files include each other more than 8 deep";
	for (; chain; chain = chain->above)
		if (span_is(chain->name, name))
			return "the file would include itself";
	return NULL;
}

static void include(struct parser *parser, struct statement *statement)
{
	const struct reading_orders *orders = parser->orders;
	const struct value *file = statement_value(statement, VALUE_FILE, 0);
	struct span name = name_from(
		parser->arena, parser->chain->name, file->text);
	const char *loop = loop_of(parser->chain, name);
	struct file_chain chain = { .above = parser->chain,
		.name = name,
		.depth = parser->chain->depth + 1 };
	struct span text, why;

	if (loop) {
		complain(orders->complaints, &file->place, span_of(loop),
			SPAN(""));
		return;
	}
	if (!orders->read(orders->owner, parser->arena, name, &text, &why)) {
		complain(orders->complaints, &file->place,
			arena_print(parser->arena, "it cannot be read: %.*s",
				SPAN_ARG(why)),
			SPAN(""));
		return;
	}
	parser->totals->octets += text.len;
	if (parser->totals->octets > SHEET_OCTETS_MAX) {
		complain(orders->complaints, &file->place,
			SPAN("all files together have more than 1 MiB"),
			SPAN(""));
		return;
	}
	statement->included = parse(orders, &chain, parser->totals, text);
}

/* ---- lines */

static void skip_line(struct parser *parser)
{
	while (!is_over(parser))
		advance(parser);
}

/* It would be right in another room: say in which. */
static bool tell_other_room(struct parser *parser, enum verb_room room)
{
	const struct scenario_verb *verb;

	for (unsigned i = 0; i <= ROOM_SERVER; i++) {
		struct span what;

		verb = verb_find((enum verb_room)i, parser->token.raw);
		if (i == (unsigned)room || !verb ||
			parser->token.kind != TOKEN_WORD)
			continue;
		what = arena_print(parser->arena,
			i == ROOM_FILE ? "\"%s\" stands %s, without blanks "
					 "before it"
				       : "\"%s\" stands %s, behind blanks",
			verb->word, verb_room_phrase((enum verb_room)i));
		tell_at(parser, &parser->token.place, what, SPAN(""));
		return true;
	}
	return false;
}

static const struct scenario_verb *line_verb(
	struct parser *parser, enum verb_room room)
{
	const struct scenario_verb *verb = verb_here(parser, room);
	struct span what = SPAN(""), hint = SPAN("");

	parser->has_verb |= verb != NULL;
	if (verb)
		return verb;
	if (!complaints_are_full(parser->orders->complaints))
		what = wanted_text(&parser->wanted, &parser->token, &hint);
	/* A slip of the fingers is likelier than the wrong place. */
	if (hint.len || !tell_other_room(parser, room))
		tell_at(parser, &parser->token.place, what, hint);
	else
		parser->has_verb = true;
	return NULL;
}

static bool ends_in_text(const struct statement *statement)
{
	const struct element *last;

	if (!statement->element_count)
		return false;
	last = &statement->elements[statement->element_count - 1];
	return last->kind == ELEMENT_VALUE && last->value.kind == VALUE_TEXT &&
	       last->value.form == TOKEN_WORD;
}

static void line_end(struct parser *parser, const struct statement *statement)
{
	if (is_over(parser) || parser->is_told)
		return;
	if (ends_in_text(statement)) {
		tell(parser, "a text of several words stands in quotes: \"");
		return;
	}
	wanted_phrase(&parser->wanted, "the end of the line");
	tell_wanted(parser);
}

/* True: the form was read to its end, and the line with it. */
static bool read_statement(struct parser *parser, struct statement *statement)
{
	bool is_well;

	advance(parser);
	is_well = take_form(parser, statement, span_of(statement->verb->form));
	line_end(parser, statement);
	return is_well && !parser->is_told;
}

static bool is_too_many(struct parser *parser)
{
	size_t *count = &parser->totals->statements;

	if ((*count)++ < SHEET_STATEMENTS_MAX)
		return false;
	if (*count == SHEET_STATEMENTS_MAX + 1)
		tell(parser, "there are more than 20000 lines in all files");
	return true;
}

static void tell_once(struct parser *parser, const struct place *earlier)
{
	tell_at(parser, &parser->token.place,
		arena_print(parser->arena, "this was said already in line %u",
			earlier->line),
		SPAN(""));
}

static void first_line(struct parser *parser, const struct scenario_verb *verb)
{
	struct place place = parser->token.place;

	if (parser->has_begun)
		return;
	parser->has_begun = true;
	if (verb && verb->id == VERB_MXPROBE)
		return;
	complain(parser->orders->complaints, &place,
		SPAN("the file begins with \"mxprobe 1\""), SPAN(""));
}

/* A header that is indented: what follows is not of the block above. */
static bool is_indented_header(
	struct parser *parser, enum verb_room room, bool has_block)
{
	const struct scenario_verb *header = verb_find(
		ROOM_FILE, parser->token.raw);

	if (!header || parser->token.kind != TOKEN_WORD ||
		(has_block && verb_find(room, parser->token.raw)))
		return false;
	parser->has_verb = true;
	first_line(parser, header);
	if (!tell_other_room(parser, room))
		return false;
	parser->is_block_unknown = header->opens;
	parser->sheet->has_lost_names |= header->opens;
	return true;
}

/* NULL: told, or of no interest. */
static const struct scenario_verb *indented_verb(struct parser *parser)
{
	struct statement *block = parser->block;
	enum verb_room room = block ? block->verb->inside : ROOM_SERVER;
	const struct scenario_verb *verb;

	if (parser->is_block_unknown ||
		is_indented_header(parser, room, block != NULL))
		return NULL;
	first_line(parser, NULL);
	if (!block) {
		if (!tell_other_room(parser, ROOM_FILE))
			tell(parser, "the line is indented, but there is no "
				     "block above it that it belongs to");
		return NULL;
	}
	verb = line_verb(parser, room);
	for (size_t i = 0; verb && i < block->body_count; i++)
		if (verb->once && block->body[i]->verb == verb) {
			tell_once(parser, &block->body[i]->place);
			return NULL;
		}
	return verb;
}

static void indented(struct parser *parser)
{
	const struct scenario_verb *verb = indented_verb(parser);
	struct statement *block = parser->block, *statement;

	if (!verb || is_too_many(parser)) {
		if (block)
			block->is_broken = true;
		return;
	}
	statement = statement_new(parser, verb);
	if (!read_statement(parser, statement)) {
		block->is_broken = true;
		return;
	}
	block->body = arena_grow(parser->arena, block->body, block->body_count,
		&block->body_room, sizeof(statement));
	block->body[block->body_count++] = statement;
}

/* A block's header holds although it is wrong, for what is under it. */
static void keep(struct parser *parser, struct statement *statement)
{
	struct sheet *sheet = parser->sheet;

	sheet->statements = arena_grow(parser->arena, sheet->statements,
		sheet->count, &sheet->room, sizeof(statement));
	sheet->statements[sheet->count++] = statement;
}

static void version(struct parser *parser, const struct statement *statement)
{
	const struct value *number = statement_value(
		statement, VALUE_NUMBER, 0);

	if (number->number != 1)
		complain(parser->orders->complaints, &number->place,
			SPAN("this program reads version 1 of the language"),
			SPAN(""));
}

static bool was_said_in_file(
	struct parser *parser, const struct scenario_verb *verb)
{
	for (size_t i = 0; verb->once && i < parser->sheet->count; i++)
		if (parser->sheet->statements[i]->verb == verb) {
			tell_once(parser, &parser->sheet->statements[i]->place);
			return true;
		}
	return false;
}

static void flush_left(struct parser *parser)
{
	const struct scenario_verb *verb = line_verb(parser, ROOM_FILE);
	struct statement *statement;

	parser->block = NULL;
	parser->is_block_unknown = !verb;
	first_line(parser, verb);
	if (!verb)
		parser->sheet->has_lost_names = true;
	if (!verb || is_too_many(parser))
		return;
	(void)was_said_in_file(parser, verb);
	statement = statement_new(parser, verb);
	if (verb->opens)
		parser->block = statement;
	if (!read_statement(parser, statement)) {
		if (verb->opens && statement->element_count)
			keep(parser, statement);
		else
			parser->sheet->has_lost_names = true;
		return;
	}
	keep(parser, statement);
	if (verb->id == VERB_MXPROBE)
		version(parser, statement);
	if (verb->id == VERB_VAR)
		define(parser, statement);
	if (verb->id == VERB_INCLUDE)
		include(parser, statement);
}

static const struct sheet *parse(const struct reading_orders *orders,
	const struct file_chain *chain, struct totals *totals, struct span text)
{
	struct parser parser = { .orders = orders,
		.arena = orders->arena,
		.sheet = arena_new(orders->arena, struct sheet),
		.chain = chain,
		.totals = totals };
	size_t lines = 0;

	parser.sheet->file = chain->name;
	lexer_init(&parser.lexer, chain->name, text);
	for (advance(&parser); parser.token.kind != TOKEN_EOF;
		advance(&parser)) {
		if (!parser.has_verb && lines++ == STRANGE_LINES_MAX) {
			complain(orders->complaints, &parser.token.place,
				SPAN("this is no scenario: it is read no "
				     "further"),
				SPAN(""));
			break;
		}
		parser.is_told = false;
		if (parser.token.place.column > 1)
			indented(&parser);
		else
			flush_left(&parser);
		skip_line(&parser);
	}
	if (!parser.has_begun)
		complain(orders->complaints, &parser.token.place,
			SPAN("the file begins with \"mxprobe 1\""), SPAN(""));
	return parser.sheet;
}

const struct sheet *sheet_parse(
	const struct reading_orders *orders, struct span file, struct span text)
{
	struct file_chain chain = { .name = file };
	struct totals totals = { .octets = text.len };

	return parse(orders, &chain, &totals, text);
}
