#ifndef MXP_MAIL_ATTEMPT_H
#define MXP_MAIL_ATTEMPT_H

#include "pcap/talk.h"

/*
 * A mail attempt is one MAIL command and what came of it, told from the talks of
 * a session.  It ends with the answer to its message, with a refusal of MAIL or
 * DATA, or when the client gives it up.  Places of talks are 1 more than their
 * index, so that 0 is none.
 */
enum mail_outcome {
	MAIL_UNFINISHED,        /* the session ends before the message */
	MAIL_UNKNOWN,           /* the answer to the message is not in the file */
	MAIL_ACCEPTED,
	MAIL_DEFERRED,          /* a 4xx: at MAIL, all RCPT, DATA or the end */
	MAIL_REJECTED,          /* a 5xx */
	MAIL_ABORTED,           /* RSET, QUIT, EHLO or another MAIL instead */
};

struct mail_recipient {
	uint32_t rcpt;                  /* its talk */
	struct span to;                 /* between < and > */
};

struct mail_attempt {
	uint32_t mail;
	struct span from;               /* between < and >; may be empty */
	const struct mail_recipient *recipients;
	size_t recipient_count;
	uint32_t data;                  /* the DATA command */
	uint32_t body;                  /* the message, or the last chunk */
	uint64_t octets;                /* of it, as on the wire, stuffed */
	uint32_t deciding;              /* the reply that decided; 0: none */
	enum mail_outcome outcome;
};

const char *mail_outcome_word(enum mail_outcome outcome);

/* The address of a MAIL or RCPT line, as it stands there. */
struct span mail_path(struct span line);

/* All of a session; the array is in the arena. */
size_t mail_attempts(struct arena *arena, const struct talk *talks,
	size_t count, const struct mail_attempt **attempts);

#endif
