#ifndef MXP_HOSTILE_SCRIPT_H
#define MXP_HOSTILE_SCRIPT_H

#include <stddef.h>

#include "tests/hostile/certificates.h"

/*
 * A script is what a server does to whoever connects: a row of acts, read
 * from top to bottom.  Most scripts behave well up to one point (WELL_UNTIL)
 * and then do the one thing that they are there for.
 */
enum act_kind {
	ACT_END,        /* hang up politely; every script ends so */
	ACT_WELL,       /* be an ordinary mail server until a line begins with
			   `text`, which is heard and left unanswered; NULL:
			   until the client leaves */
	ACT_SAY,
	ACT_DRIP,       /* `text`, one byte in each `number` milliseconds, each
			   its own segment */
	ACT_ENDLESS,    /* `text` over and over, `number` bytes of it at most */
	ACT_HEAR,       /* a line, whatever it says */
	ACT_HEAR_SOME,  /* `number` bytes, whatever they say */
	ACT_HEAR_MESSAGE, /* up to the line with the dot alone */
	ACT_TLS,        /* shake hands, with certificate `number` */
	ACT_SAY_BENEATH, /* `text` in clear on a connection that has TLS */
	ACT_UPDATE_KEYS, /* TLS 1.3: ask the client for new keys, too */
	ACT_PAUSE,      /* `number` milliseconds */
	ACT_HANG,       /* neither speak nor read until the client leaves */
	ACT_CLOSE,      /* at once, whatever is on its way */
	ACT_RESET,      /* the same with a RST */
};

struct act {
	enum act_kind kind;
	const char *text;
	size_t len;                     /* of the text: it may hold NULs */
	size_t number;
};

enum { SCRIPT_ACTS_MAX = 16 };

struct script {
	struct act acts[SCRIPT_ACTS_MAX];
};

/* clang-format off */
#define TEXT(literal)           .text = (literal), .len = sizeof(literal) - 1
#define WELL_UNTIL(verb)        { .kind = ACT_WELL, TEXT(verb) }
#define WELL                    { .kind = ACT_WELL }
#define SAY(literal)            { .kind = ACT_SAY, TEXT(literal) }
#define DRIP(ms, literal)       { .kind = ACT_DRIP, .number = (ms), \
					TEXT(literal) }
#define ENDLESS(max, literal)   { .kind = ACT_ENDLESS, .number = (max), \
					TEXT(literal) }
#define HEAR                    { .kind = ACT_HEAR }
#define HEAR_SOME(count)        { .kind = ACT_HEAR_SOME, .number = (count) }
#define HEAR_MESSAGE            { .kind = ACT_HEAR_MESSAGE }
#define TLS(certificate)        { .kind = ACT_TLS, .number = (certificate) }
#define SAY_BENEATH(literal)    { .kind = ACT_SAY_BENEATH, TEXT(literal) }
#define UPDATE_KEYS             { .kind = ACT_UPDATE_KEYS }
#define PAUSE(ms)               { .kind = ACT_PAUSE, .number = (ms) }
#define HANG                    { .kind = ACT_HANG }
#define CLOSE                   { .kind = ACT_CLOSE }
#define RESET                   { .kind = ACT_RESET }
/* clang-format on */

#endif
