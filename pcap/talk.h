#ifndef MXP_TALK_H
#define MXP_TALK_H

#include "pcap/stream.h"
#include "probe/smtp/reply.h"

/*
 * What one side said in a session that was captured: a reply, a command, a
 * message.  A session is a list of them, in the order in which their last octet
 * became readable.
 */
enum talk_kind {
	TALK_REPLY,             /* `reply`; of a broken one, what is there */
	TALK_COMMAND,           /* `line` */
	TALK_ANSWER,            /* `line`: the client's part of AUTH */
	TALK_BODY,              /* `body`: what followed 354, to its dot */
	TALK_CHUNK,             /* `body`: what followed a BDAT line */
	TALK_TLS,               /* `octets` from here on are TLS records */
	TALK_HOLE,              /* `octets` are not in the file */
	TALK_FRAGMENT,          /* `line`: the end of one that began in a hole */
	TALK_JUNK,              /* `line` of the server that is no reply */
};

enum smtp_verb {
	SMTP_OTHER,
	SMTP_EHLO,
	SMTP_HELO,
	SMTP_LHLO,
	SMTP_STARTTLS,
	SMTP_AUTH,
	SMTP_MAIL,
	SMTP_RCPT,
	SMTP_DATA,
	SMTP_BDAT,
	SMTP_RSET,
	SMTP_NOOP,
	SMTP_VRFY,
	SMTP_EXPN,
	SMTP_HELP,
	SMTP_QUIT,
};
enum { SMTP_VERBS = SMTP_QUIT + 1 };

/* What a reply is about. */
enum talk_answers {
	ANSWERS_NOTHING,        /* unasked for, or the question is not here */
	ANSWERS_CONNECTION,     /* it is the greeting */
	ANSWERS_TALK,           /* talks[about] */
};

struct talk_line {
	struct span text;               /* without its line end */
	uint64_t octets;                /* of it; more than text.len: clipped */
	enum smtp_verb verb;                 /* of a command */
};

struct talk_body {
	uint64_t wire;                  /* octets, the dot line included */
	uint64_t octets;                /* without it, still dot-stuffed */
	uint64_t dots;                  /* that stuffing added */
	uint64_t missing;               /* octets of it in holes */
	uint64_t declared;              /* of a chunk */
	struct span kept;               /* the first octets, if asked for */
	bool is_last;                   /* of a chunk: BDAT ... LAST */
	bool is_assumed;                /* the 354 is not in the file */
};

struct talk {
	enum talk_kind kind;
	enum side who;
	bool is_complete;               /* its end is here, and no hole in it */
	bool is_encrypted;              /* and was decrypted */
	bool has_bare_lf;               /* a line of it ended without CR */
	enum talk_answers answers;           /* of a reply */
	uint32_t about;
	uint32_t answered_by;           /* of the client's: 1 + the reply's
					   place; 0: by none */
	struct sighting began, seen;    /* first and last octet */
	uint64_t acked;                 /* octets of the other side that had
					   come when it was said */
	const char *why;                /* what is wrong with it; or NULL */
	union {
		const struct reply *reply;
		struct talk_line line;
		struct talk_body body;
		uint64_t octets;
	};
};

enum { TALK_TEXT_MAX = 8 * 1024 };        /* octets kept of a line */

const char *smtp_verb_word(enum smtp_verb verb);          /* "EHLO"; "other" */

/* The verb of a command line, whatever its case. */
enum smtp_verb smtp_verb_of(struct span line);

/* "EHLO" of a command; "." of a body; for a sentence. */
const char *talk_word(const struct talk *talk);

#endif
