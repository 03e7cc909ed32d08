#ifndef MXP_DIAGNOSTIC_H
#define MXP_DIAGNOSTIC_H

#include "probe/base/ip.h"
#include "probe/smtp/stage.h"

/*
 * What the words of a mail system tell of a failed attempt: the server's reply
 * with its code and enhanced status, where in the session it came, and from
 * whom.  Each system has its own way to say so ("host NAME[IP] said: ... (in
 * reply to RCPT TO command)", "SMTP error from remote mail server after end of
 * data: host NAME [IP]: ...", "IP does not like recipient."); the tables in
 * diagnostic_stage.c and diagnostic_peer.c hold them.  What is not said is not known.
 *
 * Spans point into the text.
 */
enum { DIAGNOSTIC_TEXT_MAX = 16 * 1024 };       /* octets looked at */

struct diagnostic {
	unsigned code;                  /* of the reply; 0: no reply in it */
	size_t reply_at;                /* where it begins; else 0 */
	unsigned status[3];             /* all 0: none */
	bool has_stage;
	enum stage stage;
	bool may_be_earlier;            /* as in struct delivery */
	struct span host;               /* or empty */
	bool has_ip;
	struct ip ip;
	unsigned port;                  /* 0: not told */
	bool is_given_up;               /* tried for too long */
};

void diagnostic_read(struct span text, struct diagnostic *diagnostic);

/* Only the code, the status and where the reply begins. */
void diagnostic_read_reply(struct span text, struct diagnostic *diagnostic);

/*
 * The reply code at the start of a text, with what may stand behind it: a
 * blank, "-", an enhanced status, the end.  0: there is none.
 */
unsigned reply_code_at(struct span text);

/* The enhanced status at the start, "5.7.1" or "#5.7.1"; its length or 0. */
size_t status_at_start(struct span text, unsigned status[static 3]);

/* "mx.example.org. [192.0.2.1]", "[IPv6:2001:db8::1]", "192.0.2.1:25" */
void peer_read(struct span text, struct diagnostic *diagnostic);

#endif
