#ifndef MXP_HOSTILE_CASES_H
#define MXP_HOSTILE_CASES_H

#include <stdbool.h>

#include "tests/hostile/script.h"

/*
 * A case is one way to misbehave over IPv6 while IPv4 on the same port behaves
 * well, and what the prober has to make of it.  Words may be alternatives,
 * "starttls|tls", where the documents leave it open.
 */
enum message_kind {
	MESSAGE_NONE,                   /* no --deliver: ends after RCPT */
	MESSAGE_SMALL,                  /* a few hundred octets */
	MESSAGE_8BIT,
	MESSAGE_BIG,                    /* more than any socket buffer */
};
enum { MESSAGE_COUNT = MESSAGE_BIG + 1, CASE_OPTIONS_MAX = 6 };

struct hostile_case {
	const char *name;               /* a sentence */
	struct script ipv6;
	bool nobody_ipv4, nobody_ipv6;  /* nobody listens there */
	const char *tls;                /* --tls, and both servers offer
					   STARTTLS; NULL: neither */
	enum message_kind message;
	const char *options[CASE_OPTIONS_MAX];
	long cut_ms;                    /* the timeout that must end it; 0:
					   nothing has to be waited for */

	/* What is expected of the visit over IPv6. */
	const char *failure;            /* NULL: it passes */
	const char *stage;              /* of the failure */
	unsigned code;                  /* of the reply in the fault; 0: any */
	size_t lines;                   /* of that reply; 0: any */
	const char *oddity;             /* of some reply heard */
	const char *heard, *never;      /* lines that the server saw, or not */
	const char *shows;              /* somewhere on stdout */
	const char *tls_fact;           /* true there; "!name": false */
	bool undecided;                 /* it fails, but may not next time */
	bool finds;                     /* a finding, though it passes */
	bool used_helo;
	bool in_text;                   /* run it for the text report too */
};

extern const struct hostile_case hostile_cases[];
extern const size_t hostile_case_count;

#endif
