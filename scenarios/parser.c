#include "scenarios/parser.h"

#include "scenarios/definition.h"
#include "scenarios/statement_reader.h"

struct file_chain {
	const struct file_chain *above;
	struct span name;
	size_t depth;
};

/* Of a file and all that it includes. */
struct totals {
	size_t statements, octets;
};

/*
 * A line is a statement, which is flush left or of the block above it.  A header
 * that is wrong still opens its block, so that the lines under it are read by
 * its rules.
 */
struct parser {
	struct statement_reader reader;
	struct sheet *sheet;
	const struct file_chain *chain;
	struct totals *totals;
	struct statement *block; /* the header above, or NULL */
	bool is_block_unknown;   /* its header was no verb at all */
	bool has_begun;          /* a first statement was seen */
	bool has_verb;           /* a word of the language, in whatever place */
};

/* Lines at the top without one such word: the file is something else, and
 * what is wrong with the rest of it tells nobody anything. */
enum { STRANGE_LINES_MAX = 4 };

/* ---- included files */

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
	const struct reading_orders *orders = parser->reader.orders;
	const struct value *file = statement_value(statement, VALUE_FILE, 0);
	struct span name = name_from(
		parser->reader.arena, parser->chain->name, file->text);
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
	if (!orders->read(
		    orders->owner, parser->reader.arena, name, &text, &why)) {
		complain(orders->complaints, &file->place,
			arena_print(parser->reader.arena,
				"it cannot be read: %.*s", SPAN_ARG(why)),
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
	while (!statement_reader_is_over(&parser->reader))
		statement_reader_advance(&parser->reader);
}

/* It would be right in another room: say in which. */
static bool tell_other_room(struct parser *parser, enum verb_room room)
{
	const struct scenario_verb *verb;

	for (unsigned i = 0; i <= ROOM_SERVER; i++) {
		struct span what;

		verb = verb_find((enum verb_room)i, parser->reader.token.raw);
		if (i == (unsigned)room || !verb ||
			parser->reader.token.kind != TOKEN_WORD)
			continue;
		what = arena_print(parser->reader.arena,
			i == ROOM_FILE ? "\"%s\" stands %s, without blanks "
					 "before it"
				       : "\"%s\" stands %s, behind blanks",
			verb->word, verb_room_phrase((enum verb_room)i));
		statement_reader_tell_at(&parser->reader,
			&parser->reader.token.place, what, SPAN(""));
		return true;
	}
	return false;
}

static const struct scenario_verb *line_verb(
	struct parser *parser, enum verb_room room)
{
	const struct scenario_verb *verb = statement_reader_verb(
		&parser->reader, room);
	struct span what = SPAN(""), hint = SPAN("");

	parser->has_verb |= verb != NULL;
	if (verb)
		return verb;
	if (!complaints_are_full(parser->reader.orders->complaints))
		what = wanted_text(
			&parser->reader.wanted, &parser->reader.token, &hint);
	/* A slip of the fingers is likelier than the wrong place. */
	if (hint.len || !tell_other_room(parser, room))
		statement_reader_tell_at(&parser->reader,
			&parser->reader.token.place, what, hint);
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
	if (statement_reader_is_over(&parser->reader) || parser->reader.is_told)
		return;
	if (ends_in_text(statement)) {
		statement_reader_tell(&parser->reader,
			"a text of several words stands in quotes: \"");
		return;
	}
	wanted_phrase(&parser->reader.wanted, "the end of the line");
	statement_reader_tell_wanted(&parser->reader);
}

/* True: the form was read to its end, and the line with it. */
static bool read_statement(struct parser *parser, struct statement *statement)
{
	bool is_well;

	statement_reader_advance(&parser->reader);
	is_well = statement_reader_take(
		&parser->reader, statement, span_of(statement->verb->form));
	line_end(parser, statement);
	return is_well && !parser->reader.is_told;
}

static bool is_too_many(struct parser *parser)
{
	size_t *count = &parser->totals->statements;

	if ((*count)++ < SHEET_STATEMENTS_MAX)
		return false;
	if (*count == SHEET_STATEMENTS_MAX + 1)
		statement_reader_tell(&parser->reader,
			"there are more than 20000 lines in all files");
	return true;
}

static void tell_once(struct parser *parser, const struct place *earlier)
{
	statement_reader_tell_at(&parser->reader, &parser->reader.token.place,
		arena_print(parser->reader.arena,
			"this was said already in line %u", earlier->line),
		SPAN(""));
}

static void first_line(struct parser *parser, const struct scenario_verb *verb)
{
	struct place place = parser->reader.token.place;

	if (parser->has_begun)
		return;
	parser->has_begun = true;
	if (verb && verb->id == VERB_MXPROBE)
		return;
	complain(parser->reader.orders->complaints, &place,
		SPAN("the file begins with \"mxprobe 1\""), SPAN(""));
}

/* A header that is indented: what follows is not of the block above. */
static bool is_indented_header(
	struct parser *parser, enum verb_room room, bool has_block)
{
	const struct scenario_verb *header = verb_find(
		ROOM_FILE, parser->reader.token.raw);

	if (!header || parser->reader.token.kind != TOKEN_WORD ||
		(has_block && verb_find(room, parser->reader.token.raw)))
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
			statement_reader_tell(&parser->reader,
				"the line is indented, but there is no "
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
	statement = statement_reader_new(&parser->reader, verb);
	if (!read_statement(parser, statement)) {
		block->is_broken = true;
		return;
	}
	block->body = arena_grow(parser->reader.arena, block->body,
		block->body_count, &block->body_room, sizeof(statement));
	block->body[block->body_count++] = statement;
}

/* A block's header holds although it is wrong, for what is under it. */
static void keep(struct parser *parser, struct statement *statement)
{
	struct sheet *sheet = parser->sheet;

	sheet->statements = arena_grow(parser->reader.arena, sheet->statements,
		sheet->count, &sheet->room, sizeof(statement));
	sheet->statements[sheet->count++] = statement;
}

static void version(struct parser *parser, const struct statement *statement)
{
	const struct value *number = statement_value(
		statement, VALUE_NUMBER, 0);

	if (number->number != 1)
		complain(parser->reader.orders->complaints, &number->place,
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
	statement = statement_reader_new(&parser->reader, verb);
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
		definition_take(
			parser->reader.orders, parser->chain->name, statement);
	if (verb->id == VERB_INCLUDE)
		include(parser, statement);
}

static const struct sheet *parse(const struct reading_orders *orders,
	const struct file_chain *chain, struct totals *totals, struct span text)
{
	struct parser parser = { .sheet = arena_new(
					 orders->arena, struct sheet),
		.chain = chain,
		.totals = totals };
	size_t lines = 0;

	parser.sheet->file = chain->name;
	statement_reader_init(&parser.reader, orders, chain->name, text);
	for (statement_reader_advance(&parser.reader);
		parser.reader.token.kind != TOKEN_EOF;
		statement_reader_advance(&parser.reader)) {
		if (!parser.has_verb && lines++ == STRANGE_LINES_MAX) {
			complain(orders->complaints, &parser.reader.token.place,
				SPAN("this is no scenario: it is read no "
				     "further"),
				SPAN(""));
			break;
		}
		parser.reader.is_told = false;
		if (parser.reader.token.place.column > 1)
			indented(&parser);
		else
			flush_left(&parser);
		skip_line(&parser);
	}
	if (!parser.has_begun)
		complain(orders->complaints, &parser.reader.token.place,
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
