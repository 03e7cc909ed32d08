#ifndef MXP_STAGE_H
#define MXP_STAGE_H

/*
 * Where in a delivery something happened.  The stage of a rejection is a
 * first-class field: the same text means different things at rcpt and at dot.
 */
enum stage {
	STAGE_RESOLVE,
	STAGE_CONNECT,
	STAGE_BANNER,
	STAGE_EHLO,
	STAGE_STARTTLS,         /* the command and its reply */
	STAGE_TLS,              /* the handshake and what it proved */
	STAGE_MAIL,
	STAGE_RCPT,
	STAGE_DATA,             /* the command and its 354 */
	STAGE_DOT,              /* the message and the reply to its last dot */
	STAGE_QUIT,
};
enum { STAGE_COUNT = STAGE_QUIT + 1 };

const char *stage_word(enum stage stage);       /* "resolve", "connect" ... */

/* For a sentence: "at end of DATA", "in the TLS handshake". */
const char *stage_phrase(enum stage stage);

#endif
