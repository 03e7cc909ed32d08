#ifndef MXP_STATEMENT_READER_H
#define MXP_STATEMENT_READER_H

#include "scenarios/reading_orders.h"
#include "scenarios/sheet.h"
#include "scenarios/wanted.h"

/*
 * Reads what stands in a line: a verb of its room, and what the verb's form
 * says.  It walks the form and the tokens side by side, and looks one token
 * ahead; each time that it asks whether a token fits, it notes what it asked
 * for, and so can say what was wanted when nothing fits.
 *
 * The first error of a line ends the line: the others are not told.  What is
 * read lies in the arena of the orders, and borrows from the text.
 */
struct statement_reader {
	const struct reading_orders *orders;
	struct arena *arena;
	struct lexer lexer;
	struct token token;             /* the next one */
	struct wanted wanted;           /* what was asked of it */
	bool is_told;                   /* the line has its complaint; who
					   begins a line sets it back */
};

/* The first token is yet to be read. */
void statement_reader_init(struct statement_reader *reader,
	const struct reading_orders *orders, struct span file,
	struct span text);

void statement_reader_advance(struct statement_reader *reader);

/* No token is left of the line. */
bool statement_reader_is_over(const struct statement_reader *reader);

/* The verb that begins here, of those of the room; NULL: there is none, and
 * all that would fit is noted. */
const struct scenario_verb *statement_reader_verb(
	struct statement_reader *reader, enum verb_room room);

/* A statement of this verb, where the reader stands; nothing is in it yet. */
struct statement *statement_reader_new(struct statement_reader *reader,
	const struct scenario_verb *verb);

/* Takes what the form says into the statement; false: it was told why not. */
bool statement_reader_take(struct statement_reader *reader,
	struct statement *statement, struct span form);

/* ---- complaints, of which a line has one at the most */

void statement_reader_tell_at(struct statement_reader *reader,
	const struct place *place, struct span what, struct span hint);

/* About the next token. */
void statement_reader_tell(struct statement_reader *reader, const char *what);

/* Nothing fits: what was asked for, and what was found.  Always false. */
bool statement_reader_tell_wanted(struct statement_reader *reader);

#endif
