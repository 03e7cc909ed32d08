#ifndef MXP_MESSAGE_H
#define MXP_MESSAGE_H

#include <stdint.h>

#include "probe/base/arena.h"

/*
 * A message ready for the wire: line ends are CRLF, leading dots are doubled
 * (RFC 5321 section 4.5.2), and the last line is the lone dot.  Many visits
 * may send the same one; it is never changed.
 */
enum {
	MESSAGE_MAX = 64 * 1024 * 1024,         /* octets; a probe needs few */
	MESSAGE_TOKEN_LEN = 16,                 /* base32 letters */
};

struct message {
	struct span wire;       /* what follows the 354 */
	struct span wire_then_quit;     /* the same and QUIT, which may be said
				   in one go (RFC 2920 section 3.1) */
	size_t size;            /* octets as RFC 1870 counts them: CRLF line
				   ends, without stuffing and last dot */
	bool is_8bit;           /* bytes over 0x7f: needs BODY=8BITMIME */
	bool is_utf8_header;    /* in the header section: needs SMTPUTF8 */
	bool had_bare_ends;     /* a lone CR or LF was made CRLF */
	struct span token;      /* finds the built-in message again; else "" */
};

/* From the bytes of a file, with line ends of any kind. */
const struct message *message_from(struct arena *arena, struct span bytes);

/* The message as it is signed and read: no stuffing, no last dot. */
struct span message_text(struct arena *arena, const struct message *message);

/*
 * The same message with one more field on top: a trace or a signature, whole,
 * with its CRLF.  None of its lines begins with a dot (RFC 5322 section 2.2.3
 * has white space there).
 */
const struct message *message_with_field(struct arena *arena,
	const struct message *message, struct span field);

/*
 * The built-in test message.  Its token stands in the Subject and in the
 * Message-ID, so that whoever owns the mailbox finds it.  Each visit has its
 * own: receivers drop a second message with a known Message-ID, and the
 * second family would seem to vanish.
 */
struct message_head {
	struct span from, to;   /* mailboxes; from may be "" for <> */
	struct span domain;     /* right side of the Message-ID */
	struct span token;
	struct span family;     /* "IPv4": told in the Subject and the body */
	int64_t wall_ms;
	size_t size;            /* at least so many octets; 0: as it comes */
};

const struct message *message_compose(struct arena *arena,
	const struct message_head *head);

/* MESSAGE_TOKEN_LEN letters out of random bytes. */
struct span message_token(struct arena *arena, const unsigned char random[10]);

#endif
