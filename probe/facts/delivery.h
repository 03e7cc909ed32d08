#ifndef MXP_DELIVERY_H
#define MXP_DELIVERY_H

#include "probe/base/ip.h"
#include "probe/smtp/reply.h"
#include "probe/smtp/stage.h"

/*
 * A delivery is one attempt to bring one message to one recipient, as a
 * witness tells of it afterwards: a line of a mail log, a bounce, a session in
 * a capture.  No witness knows all of it.  What it does not tell is empty or
 * not known, and is never guessed here: that two witnesses saw the same
 * attempt is for whoever joins them to find out.
 *
 * Spans are in the arena of the reader, or in its input where it says so.
 */
enum witness_kind {
	WITNESS_LOG,
	WITNESS_BOUNCE,
	WITNESS_CAPTURE,
};

enum delivery_result {
	DELIVERY_ACCEPTED,              /* a server took it */
	DELIVERY_DEFERRED,              /* not this time: it will be tried again,
					   or nobody tells what was done */
	DELIVERY_REFUSED,               /* for good: a 5xx, or as good as one */
	DELIVERY_EXPIRED,               /* tried for too long */
	DELIVERY_UNKNOWN,
};

struct delivery {
	enum witness_kind witness;
	struct span file;               /* as named by the user */
	uint64_t position;              /* its line, 1.. ; of a capture its
					   frame; 0: not known */
	struct span dialect;            /* "postfix", "exim", "rfc3464" ... */

	bool has_time;
	int64_t time_ms;                /* since 1970, UTC as far as is told */
	bool guesses_year;              /* the witness names none */
	bool guesses_zone;              /* nor a zone, nor does the user */
	bool has_delay;
	int64_t delay_ms;               /* since the message came */

	struct span queue_id;
	struct span message_id;         /* without < and > */
	struct span sender;             /* MAIL FROM, without < and >; empty
					   also for the null sender, */
	bool has_sender;                /* which is told apart here */
	struct span recipient;          /* RCPT TO */
	struct span original_recipient; /* or empty */
	struct span from_domain;        /* of the From header; or empty */

	struct span relay_host;         /* the server's name */
	bool has_relay;
	struct ip relay;                /* its address: and so the family */
	unsigned relay_port;            /* 0: not told */
	bool has_source;
	struct ip source;               /* ours, where the witness or the reply
					   quotes it */
	bool has_family;                /* of the relay, or of our source */
	enum family family;

	enum delivery_result result;
	bool has_stage;
	enum stage stage;
	bool may_be_earlier;            /* of commands sent in one go the mail
					   server names the last */
	unsigned code;                  /* 550; 0: not told */
	unsigned status[3];             /* 5.7.1; all 0: not told */
	bool is_local_status;           /* the status is the MTA's own word, as
					   dsn=5.0.0, and no server said it */
	struct span text;               /* the reply or reason as it was written
					   down, its lines parted by LF */
	struct span fault;              /* seen in packets: no reply ended it but
					   this, "black-hole" (enum cause),
					   "tls-handshake" or "hung-up"; the
					   text says how it shows; or empty */
	bool lacks_reply;               /* a server refused, and what it said is
					   lost ("Service unavailable") */
};

const char *witness_kind_word(enum witness_kind kind);  /* "log" ... */
const char *delivery_result_word(enum delivery_result result);

#endif
