#ifndef MXP_SESSION_RECORD_H
#define MXP_SESSION_RECORD_H

#include "pcap/mail_attempt.h"
#include "pcap/path_cause.h"
#include "pcap/stream.h"
#include "probe/tls/tls_sight.h"

/*
 * One SMTP session as a capture tells of it: who met whom, how the connection
 * went, what was said, what became of each message.  Frames are counted from 1
 * as in the file.  All of it lives until the next session is asked for.
 */
enum session_mode {
	SESSION_EMPTY,                  /* not one octet was said */
	SESSION_PLAIN,
	SESSION_STARTTLS,               /* TLS after STARTTLS */
	SESSION_IMPLICIT_TLS,           /* TLS from the first octet */
	SESSION_TLS_TO_PLAIN,           /* TLS to a server that speaks none */
};

enum session_known_by {                 /* how the client is known */
	KNOWN_BY_SYN,
	KNOWN_BY_PORT,
	KNOWN_BY_CONTENT,
};

enum session_end {
	SESSION_END_OPEN,               /* the file ends first */
	SESSION_END_CLOSED,             /* FIN of both */
	SESSION_END_HALF_CLOSED,        /* FIN of one */
	SESSION_END_RESET,
	SESSION_END_REUSED,             /* its ports served another connection */
	SESSION_END_GIVEN_UP,           /* too many others, or too much of it:
					   the table is bounded */
};

struct session_record {
	struct arena *arena;
	uint64_t number;                /* 1.., as they end */
	enum family family;
	struct ip client, server;
	uint16_t client_port, server_port;
	struct span server_name;        /* by which the client came to it, as
					   the file or an answer in it tells;
					   or empty */
	enum session_known_by known_by;
	enum session_mode mode;
	enum session_end end;
	bool has_time;                  /* the file tells times */
	bool is_tunnelled;
	bool is_trial;                  /* of the path's MTU, and meant to bring
					   no mail: our own file says so */
	const struct stream *stream;    /* how TCP went */

	const struct talk *talks;
	size_t talk_count;
	const struct mail_attempt *mails;
	size_t mail_count;
	bool is_cut_short;              /* more was said than is kept */

	struct {
		bool offered, asked;
		bool answered, accepted;
		bool switched;          /* TLS was seen behind it */
		size_t in_clear;        /* commands between STARTTLS and its
					   answer: an injection */
		bool is_decrypted;      /* and what it hides is in talks */
	} starttls;
	const struct tls_sight *tls;    /* NULL: none was seen */
	struct sighting tls_end[SIDE_COUNT];    /* close_notify; frame 0: none
						   that can be read */

	struct path_cause cause;        /* what was wrong with the path */
};

/* What the file as a whole has shown. */
struct session_totals {
	uint64_t packets;
	uint64_t tcp, icmp, other;      /* other: nothing to do with TCP */
	uint64_t fragments;             /* packets */
	uint64_t fragments_differ;      /* datagrams */
	uint64_t broken;                /* lengths that cannot be */
	uint64_t strange;               /* of an unknown link type */
	unsigned strange_link_type;     /* the last one of those */
	uint64_t tunnelled;
	uint64_t not_smtp;              /* TCP segments of no SMTP session */
	uint64_t late;                  /* segments of sessions told before */
	uint64_t sessions;              /* told */
	uint64_t half_open;             /* only a SYN, or a SYN and its answer;
					   too many to be told one by one */
	uint64_t given_up;
	int64_t first_ns, last_ns;
};

const char *session_mode_word(enum session_mode mode);
const char *session_end_word(enum session_end end);

/* TLS was seen, and what it hides is not in talks. */
bool session_is_hidden(const struct session_record *record);

#endif
