#ifndef MXP_SHEET_H
#define MXP_SHEET_H

#include "scenarios/verb_table.h"

/*
 * A sheet is a scenario file as it was read: its statements in order, each
 * with the words and values behind its verb.  It holds everything but
 * comments and the shape of the lines, so that it can be printed again.  It
 * is plain data, in the arena of the reader.
 */
enum {
	SHEET_STATEMENTS_MAX = 20000,   /* of a file and all it includes */
	SHEET_OCTETS_MAX = 1024 * 1024, /* likewise */
	SHEET_ELEMENTS_MAX = 2000,      /* of one line */
	SHEET_INCLUDES_MAX = 8,         /* one within the other */
};

enum element_kind {
	ELEMENT_WORD,                   /* of the language; also => and = */
	ELEMENT_VALUE,
	ELEMENT_CLAUSE,                 /* with a verb of its own */
	ELEMENT_COMMA,
	ELEMENT_COLON,
};

struct statement;

struct element {
	enum element_kind kind;
	struct span word;               /* ELEMENT_WORD */
	struct value value;             /* ELEMENT_VALUE */
	const struct statement *clause; /* ELEMENT_CLAUSE */
};

struct statement {
	const struct scenario_verb *verb;
	struct place place;             /* of its first word */
	struct element *elements;
	size_t element_count, element_room;
	struct statement **body;        /* the lines under it */
	size_t body_count, body_room;
	bool is_broken;                 /* a line under it was no statement */
	const struct sheet *included;   /* VERB_INCLUDE, when it was read */
};

struct sheet {
	struct span file;               /* as named */
	struct statement **statements;
	size_t count, room;
	bool has_lost_names;            /* the header of a block was wrong, and
					   nobody knows what it names */
};

/* The n-th value of a kind, 0.. ; NULL: it has not so many. */
const struct value *statement_value(const struct statement *statement,
	enum value_kind kind, size_t n);

/* Does this word stand in it, behind its verb? */
bool statement_has_word(const struct statement *statement, const char *word);

/* The n-th clause, 0.. ; NULL: it has not so many. */
const struct statement *statement_clause(const struct statement *statement,
	size_t n);

/* The clause of this verb, or NULL. */
const struct statement *statement_clause_of(const struct statement *statement,
	enum verb_word id);

/*
 * All statements in the order in which they hold: those of an included file
 * where it is included.  The include statements themselves are left out.
 */
struct statements {
	const struct statement **list;
	size_t count, room;
};
struct statements sheet_flatten(struct arena *arena,
	const struct sheet *sheet);

/* Do two say the same?  Where it was written does not count. */
bool sheet_is_same(const struct sheet *a, const struct sheet *b);

/*
 * The text of a sheet, which reads back as the same; includes stay includes,
 * and a secret stays the name of its variable.
 */
struct span sheet_print(struct arena *arena, const struct sheet *sheet);

/* The same of one line or clause, without what is under it. */
struct span statement_print(struct arena *arena,
	const struct statement *statement);

#endif
