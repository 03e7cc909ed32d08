#ifndef MXP_CONVERSATION_H
#define MXP_CONVERSATION_H

#include "pcap/talk.h"
#include "probe/smtp/reply_parser.h"
#include "probe/tls/tls_tap.h"

/*
 * A conversation reads SMTP out of both sides of a stream: the server's through
 * the same reply parser as the live walk, the client's line by line.  Feed it
 * the chunks of a stream in their order.
 *
 * What a client's octets mean depends on what the server answers: after DATA
 * comes a message if the answer was 354, and commands if it was not; after AUTH
 * comes a line that is no command as long as the answer is 334.  A client that
 * does not wait is held back until the answer is there.
 *
 *      COMMANDS  each line is a command
 *      WAITING   DATA or AUTH was said and not answered: what comes is held
 *      BODY      until CRLF.CRLF
 *      CHUNK     as many octets as BDAT said
 *
 * Some servers take other ends of a message than CRLF.CRLF.  The first one that
 * is nearly right is remembered; if the server answers while the message goes
 * on, that was its end for this server.
 *
 * From its first TLS record on, a side is read through a tap (tls_tap.h): with
 * the secrets the conversation goes on inside, else its octets are counted.
 *
 * A server that breaks RFC 5321 section 4.2 is read on: the reply parser says
 * what is wrong, and the line becomes a broken reply or junk.
 */
enum {
	TALKS_MAX = 64 * 1024,
	CONVERSATION_KEPT_MAX = 8 * 1024 * 1024,        /* of one session */
	CONVERSATION_HELD_MAX = 256 * 1024,     /* of a client that does not
						   wait */
	CONVERSATION_TAIL_MAX = 16 * 1024,      /* behind a nearly right end */
};

enum client_state {
	CLIENT_COMMANDS,
	CLIENT_WAITING,
	CLIENT_BODY,
	CLIENT_CHUNK,
};

/* Is this SMTP?  On a port for it: yes.  Else its first lines tell. */
enum smtp_evidence {
	EVIDENCE_OPEN,
	EVIDENCE_SMTP,
	EVIDENCE_OTHER,
};

/* Where in a message's line the reader is: a dot line ends it. */
enum dot_state {
	DOT_NONE,               /* within a line */
	DOT_LINE,               /* a line begins */
	DOT_DOT,                /* with a dot */
	DOT_CR,                 /* and a CR behind it */
};

struct line_under_way {
	char *text;
	size_t len, room;               /* kept */
	uint64_t octets;                /* in all */
	struct sighting began, latest;
};

struct held_back;

/* Chunks of a client that does not wait. */
struct held_list {
	struct held_back *first, *last;
	size_t octets;                  /* of memory */
};

struct conversation {
	struct arena *arena;
	enum smtp_evidence evidence;
	bool is_from_start;             /* the server's first octet is here */
	size_t body_keep_max;           /* octets of each body to keep */
	const struct key_log *keys;     /* secrets; or NULL */

	struct talk *talks;
	size_t count, room;
	size_t kept;                    /* octets of memory, about */
	bool is_cut_short;              /* a limit was reached */

	uint32_t *owed;                 /* client talks without an answer yet */
	size_t owed_from, owed_count, owed_room;
	bool had_greeting;
	bool lost_replies;              /* a hole in the server's side, and no
					   reply is tied to anything since */
	bool lost_in_junk;              /* or a line that is no reply */
	uint64_t lost_until;            /* offset behind it */

	/* The server's side. */
	struct reply_parser parser;
	struct sighting reply_began, reply_seen;
	uint64_t server_until;          /* offset behind what is here */
	uint64_t reply_acked;
	bool skips_line;                /* the rest of one that is too long */
	bool in_fragment;               /* behind a hole, until a line ends */
	struct line_under_way skipped;
	const char *skip_why;

	/* The client's side. */
	enum client_state state;
	uint32_t waits_for;             /* talk whose answer decides */
	bool answer_next;               /* the next line is part of AUTH */
	bool is_client_behind_hole;
	struct line_under_way line;
	struct held_list held;          /* not understood yet */
	struct held_list tail;          /* behind a nearly right end */
	uint32_t body;                  /* talk of the body under way */
	bool body_is_open, body_answered;
	uint64_t chunk_left;
	enum dot_state dot;
	bool dot_strict;                /* that line begins behind CRLF */
	bool last_was_cr;
	bool ends_with_lf;              /* the client's command lines do */
	bool has_nearly;                /* an end that is nearly right */
	bool nearly_tried;
	size_t nearly_at;               /* where in this chunk it ends */
	char *body_text;                /* of what is kept of it */
	size_t body_room;
	struct talk nearly;             /* the body as it would be */

	/* What was seen of STARTTLS. */
	bool starttls_offered, starttls_asked;
	bool starttls_answered, starttls_accepted;

	/* TLS, of either side. */
	bool is_tls[SIDE_COUNT];
	uint32_t tls_talk[SIDE_COUNT];
	struct sighting tls_end[SIDE_COUNT];
	struct tls_tap *tap;            /* NULL: no TLS yet */
	bool is_inside;                 /* what is heard was encrypted */
	bool was_decrypted;
};

void conversation_init(struct conversation *conversation, struct arena *arena,
	bool is_known_port);
void conversation_close(struct conversation *conversation);

void conversation_hear(struct conversation *conversation,
	const struct chunk *chunk);

/* The stream has ended: what was under way is told as incomplete, and the talks
 * are put in order. */
void conversation_end(struct conversation *conversation);

/* The first that waits for an answer; there is one if owed_from is less than
 * owed_count. */
static inline const struct talk *conversation_owed(
	const struct conversation *conversation)
{
	return &conversation->talks
			[conversation->owed[conversation->owed_from]];
}

#endif
