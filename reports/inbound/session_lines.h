#ifndef MXP_SESSION_LINES_H
#define MXP_SESSION_LINES_H

#include "probe/base/ip.h"
#include "probe/smtp/stage.h"
#include "reports/inbound/notice_text.h"

/*
 * The session that Sendmail and its kin put into a bounce, as far as it
 * failed:
 *
 *	... while talking to mx.example.org.:
 *	>>> RCPT To:<user@example.org>
 *	<<< 550-5.7.1 first line of the reply
 *	<<< 550 5.7.1 and its last
 *	550 5.1.1 <user@example.org>... User unknown
 *
 * It is the one place where all lines of a reply survive.  The line without
 * an arrow is Sendmail's own verdict, and says for whom the reply was.
 */
enum { SESSION_REPLIES_MAX = 256 };

struct session_reply {
	struct span address;            /* or empty: for whoever failed */
	struct span host;               /* or empty */
	bool has_ip;
	struct ip ip;
	struct span text;               /* lines parted by LF; a server's ... */
	bool is_own;                    /* ... or only Sendmail's verdict */
	bool has_stage;
	enum stage stage;
};

struct session_lines {
	const struct session_reply *replies;
	size_t count;
};

void session_lines_read(struct arena *arena, const struct notice *notice,
	struct session_lines *session);

/*
 * The reply for a recipient whose reason, which may be empty, is `reason`:
 * that with its address, else that whose text begins as the reason does, else
 * one without an address.  NULL: none.
 */
const struct session_reply *session_reply_for(
	const struct session_lines *session, struct span address,
	struct span reason);

#endif
