#ifndef MXP_TRANSCRIPT_H
#define MXP_TRANSCRIPT_H

#include "probe/facts/fault.h"
#include "probe/tls/session.h"

/*
 * The transcript is all that happened on one path, in order: a product of its
 * own.  Each event knows when it happened and whose turn it was.
 */
enum event_kind {
	EVENT_CONNECTED,        /* TCP is established */
	EVENT_SAID,             /* we sent `said` */
	EVENT_HEARD,            /* the server answered `heard` */
	EVENT_TLS,              /* the handshake ended, well or badly */
	EVENT_FAULT,            /* `fault`; what follows is only goodbye */
	EVENT_CLOSED,           /* the connection ended */
};

struct event {
	uint64_t at_ns;         /* since the walk began, monotonic */
	enum event_kind kind;
	enum stage stage;
	union {
		struct span said;       /* one command line with CRLF; a message
					   is told as its size, see below */
		const struct reply *heard;
		const struct session *tls;      /* may be NULL */
		const struct fault *fault;
	};
	size_t message_size;    /* EVENT_SAID at STAGE_DOT: octets sent */
};

struct transcript {
	struct event *events;
	size_t count, room;
};

const char *event_word(enum event_kind kind);   /* "connected", "said" ... */

/* Adds one and returns it, valid until the next is added. */
struct event *transcript_add(struct transcript *transcript,
	struct arena *arena, uint64_t at_ns, enum event_kind kind,
	enum stage stage);

/* The last reply at a stage, or NULL. */
const struct reply *transcript_reply(const struct transcript *transcript,
	enum stage stage);

#endif
