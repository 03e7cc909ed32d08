#ifndef MXP_VERB_TABLE_H
#define MXP_VERB_TABLE_H

#include "scenarios/value.h"

/*
 * The words of the language, a row each: where it may stand, what follows it,
 * and its manual.  The parser, the printer and `mxprobe check --verbs` know
 * the language from here and from nowhere else.
 *
 * What follows is a form, read from left to right:
 *
 *	form   = *item
 *	item   = word                   this word
 *	       / KIND                   a value: see value.h
 *	       / "{" room "}"           a clause of this room
 *	       / "[" form "]"           may be left out
 *	       / "(" form *( "|" form ) ")"
 *	       / item ",..."            one or more, with commas between
 *	       / item "..."             one or more, with blanks between
 *
 * The first item of a form in brackets decides whether the form is taken, so
 * it is never one in brackets itself.
 */
enum verb_room {
	ROOM_FILE,                      /* lines that begin in column 1 */
	ROOM_SCENARIO,                  /* lines under such a line */
	ROOM_PATH,
	ROOM_LIMIT,
	ROOM_IDENTITY,
	ROOM_PROBE,
	ROOM_COMPARE,
	ROOM_BASELINE,
	ROOM_FAILURE,
	ROOM_TWIN,
	ROOM_SERVER,
	ROOM_TARGET,                    /* clauses within a line */
	ROOM_STEP,
	ROOM_CONDITION,
	ROOM_AT_CONNECT,                /* what is expected of a step */
	ROOM_AT_REPLY,
	ROOM_AT_EHLO,
	ROOM_AT_TLS,
	ROOM_OF_SPF,
	ROOM_OFFER,                     /* of a scripted server's EHLO */
};
enum { VERB_ROOMS = ROOM_OFFER + 1 };

enum verb_word {
	VERB_MXPROBE, VERB_INCLUDE, VERB_SCENARIO, VERB_VAR, VERB_OWNS,
	VERB_PATH, VERB_LIMIT, VERB_IDENTITY, VERB_PROBE, VERB_COMPARE,
	VERB_BASELINE, VERB_ON, VERB_SERVER, VERB_TWIN, VERB_DNS,
	VERB_TAGS, VERB_EVERY, VERB_REQUIRE,
	VERB_SOURCE4, VERB_SOURCE6, VERB_INTERFACE, VERB_EHLO_NAME,
	VERB_EHLO_NAME4, VERB_EHLO_NAME6, VERB_TRANSIENT,
	VERB_CONNECTIONS, VERB_PAUSE, VERB_PER_DAY,
	VERB_FCRDNS, VERB_SPF, VERB_DKIM, VERB_DMARC,
	VERB_TARGET, VERB_FAMILY, VERB_USE_PATH, VERB_STEP, VERB_WHEN,
	VERB_VERDICT, VERB_PIPELINING,
	VERB_SAME, VERB_RATIO, VERB_COMPARISON,
	VERB_WATCH, VERB_CONFIRM,
	VERB_ISOLATE, VERB_PCAP,
	VERB_EXPECT,
	VERB_FOR, VERB_CALLED, VERB_LIKE, VERB_SAY_BANNER, VERB_SAY_EHLO,
	VERB_CERTIFICATE, VERB_AFTER,
	VERB_MX, VERB_HOST, VERB_ADDRESS,
	VERB_DO_CONNECT, VERB_DO_BANNER, VERB_DO_EHLO, VERB_DO_STARTTLS,
	VERB_DO_MAIL, VERB_DO_RCPT, VERB_DO_DATA, VERB_DO_QUIT,
	VERB_IF_FAMILY, VERB_IF_PATH, VERB_IF_TARGET,
	VERB_WITHIN, VERB_ACCEPT, VERB_REJECT, VERB_DEFER, VERB_CODE,
	VERB_TEXT, VERB_HAS, VERB_LACKS, VERB_TLS, VERB_CERT,
	VERB_SPF_RESULT, VERB_LOOKUPS, VERB_VOID,
	VERB_OFFER,
};
enum { VERB_WORDS = VERB_OFFER + 1 };

struct scenario_verb {
	enum verb_word id;
	const char *word;               /* NULL: the form begins at once */
	unsigned rooms;                 /* a bit for each room it stands in */
	const char *form;
	bool once;                      /* in its block, or among its clauses */
	bool opens;                     /* indented lines may follow ... */
	enum verb_room inside;          /* ... of this room */
	const char *manual;             /* sentences */
};

/* In the order of their manual; NULL behind the last. */
const struct scenario_verb *verb_at(size_t i);
bool verb_stands_in(const struct scenario_verb *verb, enum verb_room room);

/* The verb of this word in a room; NULL: there is none. */
const struct scenario_verb *verb_find(enum verb_room room, struct span word);

/* "under path", "a target": for the user. */
const char *verb_room_phrase(enum verb_room room);

/* "path": the name of a room in a form. */
const char *verb_room_word(enum verb_room room);
bool verb_room_of(struct span word, enum verb_room *room);

/* The language on a few screens, for `mxprobe check --verbs`. */
struct span verb_manual(struct arena *arena);

/* ---- walking a form */

/* The item that begins here, and *rest behind it and what repeats it. */
struct form_item {
	enum form_item_kind {
		FORM_WORD, FORM_VALUE, FORM_CLAUSE, FORM_MAYBE, FORM_CHOICE,
	} kind;
	struct span text;               /* the word, or what is in brackets */
	enum value_kind value;
	enum verb_room room;
	bool repeats, by_commas;
};

/* False: the form is over. */
bool form_next(struct span *form, struct form_item *item);

/* The next of the forms that "|" parts, not within brackets. */
struct span form_alternative(struct span *forms);

#endif
