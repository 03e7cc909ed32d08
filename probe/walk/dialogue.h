#ifndef MXP_DIALOGUE_H
#define MXP_DIALOGUE_H

#include "probe/facts/visit.h"
#include "probe/mail/message.h"
#include "probe/smtp/reply_parser.h"

/*
 * A dialogue walks the steps of a scenario against one server and writes what
 * happens into a visit.  It does no input or output: it says what it wants,
 * and is told what happened, each time with the monotonic time at which it
 * did.
 *
 *      for (;;) switch (dialogue_want(dialogue, now, &line)) { ... }
 *
 * The walk in words.  Each step says its line, if it has one, and waits for
 * its reply.  A reply that fits moves on; a 4xx or 5xx ends the walk at once
 * with a fault at that stage.  EHLO falls back to HELO where the server does
 * not know it (RFC 5321 section 3.2).  STARTTLS is left out where it is not
 * offered or refused and the scenario says `may`, and with it the EHLO behind
 * it.  After a 220 to STARTTLS every further byte of plain text is a fault,
 * and all that EHLO announced in clear is forgotten (RFC 3207 section 4.2).
 * However the walk ends, QUIT is said if the stream still has a meaning.
 *
 * A scenario that pipelines says MAIL, RCPT and DATA, or QUIT, in one go, and
 * QUIT behind the message (RFC 2920 section 3.1), where the server announces
 * it.  Behind a refusal the replies still owed are heard out; to a server that
 * then still wants a message the walk hangs up.
 *
 * A scenario that talks early says EHLO before it has heard the banner.
 */
enum want {
	WANT_CONNECT,           /* open the connection */
	WANT_SAY,               /* send *line, then ask again */
	WANT_HEAR,              /* wait for bytes, dialogue_patience() long */
	WANT_TLS,               /* shake hands, then dialogue_tls_up() */
	WANT_HANGUP,            /* it is over, well or badly */
};

/*
 * How long to wait, in milliseconds.  RFC 5321 section 4.5.3.2 wants a sending
 * server to wait for minutes; those are upper bounds for a probe that a human
 * watches.  `total` bounds the whole walk.
 */
struct patience {
	unsigned connect, banner, command, tls, data, dot, quit, total;
};
#define PATIENCE_DEFAULT                                                       \
	((struct patience){ .connect = 10000, .banner = 40000,                 \
		.command = 30000, .tls = 15000, .data = 60000,                 \
		.dot = 120000, .quit = 5000, .total = 300000 })

enum dialogue_turn {
	TURN_BEGIN,             /* the step has not said its line */
	TURN_REPLY,             /* said; its reply is not here */
	TURN_HELO,              /* EHLO was not understood: HELO is to be said */
	TURN_HELO_REPLY,
	TURN_TLS,               /* the handshake is under way */
	TURN_GOODBYE,           /* a fault: QUIT is to be said */
	TURN_GOODBYE_REPLY,
	TURN_OVER,
};

struct dialogue {
	struct arena *arena;
	struct visit *visit;
	const struct message *message;  /* NULL when no step sends one */
	const struct patience *patience;
	struct reply_parser parser;
	size_t at;              /* the step under way */
	size_t said_until;      /* steps before this one are said */
	size_t heard_until;     /* goodbye: replies before this one are heard */
	enum dialogue_turn turn;
	bool is_deaf;           /* what comes has no meaning any more */
	bool is_encrypted;
};

void dialogue_init(struct dialogue *dialogue, struct arena *arena,
	struct visit *visit, const struct message *message,
	const struct patience *patience);

enum want dialogue_want(struct dialogue *dialogue, uint64_t now_ns,
	struct span *line);

/* Milliseconds for what is wanted now, and the stage that waits. */
unsigned dialogue_patience(const struct dialogue *dialogue);
enum stage dialogue_stage(const struct dialogue *dialogue);

/* What happened. */
void dialogue_connected(struct dialogue *dialogue, uint64_t now_ns);
void dialogue_hear(struct dialogue *dialogue, uint64_t now_ns,
	struct span bytes);
void dialogue_hear_end(struct dialogue *dialogue, uint64_t now_ns,
	bool was_reset);
void dialogue_tls_up(struct dialogue *dialogue, uint64_t now_ns,
	const struct session *session);
void dialogue_tls_failed(struct dialogue *dialogue, uint64_t now_ns,
	const struct session *session, const struct fault *fault);
void dialogue_silence(struct dialogue *dialogue, uint64_t now_ns,
	bool is_total);

/* Anything else that ends the walk; the fault's stage is filled in.  The
 * connection is of no more use. */
void dialogue_fail(struct dialogue *dialogue, uint64_t now_ns,
	struct fault fault);

/* Ctrl-C: say QUIT and be gone. */
void dialogue_interrupt(struct dialogue *dialogue, uint64_t now_ns);

#endif
