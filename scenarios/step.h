#ifndef MXP_STEP_H
#define MXP_STEP_H

#include <stdbool.h>
#include <stddef.h>

#include "probe/base/span.h"

/*
 * A step is one line of a scenario: what to do next in a dialogue.  It is
 * data: it knows its words and where it was written, and nothing of sockets.
 * An ad hoc run is such a list too, made from flags.
 */
enum step_verb {
	STEP_CONNECT,
	STEP_BANNER,
	STEP_EHLO,              /* argument: our name */
	STEP_STARTTLS,          /* the command and the handshake; `tls` */
	STEP_MAIL,              /* argument: the mailbox, "" for <> */
	STEP_RCPT,              /* argument: the mailbox */
	STEP_DATA,              /* the command */
	STEP_DOT,               /* the message and its last dot */
	STEP_QUIT,
};

enum step_tls {
	STEP_TLS_MAY,           /* go on in clear when it is not to be had */
	STEP_TLS_ENCRYPT,       /* must be had; any certificate */
	STEP_TLS_DANE,          /* must be had where TLSA records bind us, and
				   fit them; else as STEP_TLS_MAY */
	STEP_TLS_SECURE,        /* must be had, trusted and for this name */
};

struct step {
	enum step_verb verb;
	struct span argument;
	enum step_tls tls;      /* STEP_STARTTLS only */
	struct span file;       /* where it was written: "" for flags */
	unsigned line, column;  /* 1.. ; 0 for flags */
};

struct scenario {
	struct span name;
	const struct step *steps;
	size_t step_count;
	bool pipelines;         /* say what may be said in one go (RFC 2920)
				   where the server announces PIPELINING */
	bool pipelines_always;  /* ... and where it does not */
	bool talks_early;       /* EHLO is said before the banner is heard */
};

const char *step_word(enum step_verb verb);     /* "connect", "banner" ... */

#endif
