#ifndef MXP_SESSIONS_H
#define MXP_SESSIONS_H

#include "pcap/session_record.h"

/*
 * All SMTP sessions of a capture.  Read it in pieces of any size, and ask for
 * the sessions that have ended meanwhile:
 *
 *      while ((len = read(...)) > 0) {
 *              struct span input = { bytes, len };
 *
 *              while (sessions_read(sessions, &input) != CAPTURE_MORE)
 *                      while ((record = sessions_next(sessions)))
 *                              ...
 *      }
 *      sessions_end(sessions);
 *      while ((record = sessions_next(sessions)))
 *              ...
 *
 * A session is on a port for SMTP (25, 465, 587, 2525 and those asked for), or
 * it begins as SMTP does.  It is told when it has ended, in the order of their
 * ends; a record lives until sessions_next() is asked again.
 *
 * Memory is bounded whatever the file holds: the number of connections, the
 * octets behind holes, what is kept of a session.  Beyond the bounds those are
 * given up first that were silent longest.  Connections with nothing but a SYN
 * are told one by one as long as they are few, else as a number.
 */
struct sessions;

enum {
	SESSIONS_TALKING_MAX = 8192,    /* connections at a time */
	SESSIONS_HALF_MAX = 8192,       /* with nothing but a SYN */
	SESSIONS_DONE_MAX = 1024,       /* ended, and remembered for what
					   follows a FIN */
	SESSIONS_FEW_HALF = 256,        /* more are only counted */
	SESSIONS_PORTS_MAX = 64,
	SESSIONS_NAMES_MAX = 1024,      /* of addresses, in an evidence file */
};
#define SESSIONS_KEPT_MAX (24u * 1024 * 1024)   /* octets of all talks */

struct sessions_wish {
	const uint16_t *ports;          /* more ports of servers */
	size_t port_count;
	size_t body_keep_max;           /* octets of each message to keep */
	struct span keylog;             /* secrets from elsewhere; borrowed
					   until the sessions are closed */
};

struct sessions *sessions_open(const struct sessions_wish *wish);
void sessions_close(struct sessions *sessions);

/*
 * CAPTURE_MORE: *input is used up.  CAPTURE_PACKET: sessions have ended.
 * CAPTURE_BAD: the capture ends here, see sessions_file(); do as at its end.
 */
enum capture_got sessions_read(struct sessions *sessions,
	struct span *input) MXP_MUST_USE;

/* For packets that come from elsewhere than a file. */
void sessions_add(struct sessions *sessions,
	const struct captured_packet *captured);

void sessions_end(struct sessions *sessions);

/* The next session that has ended, or NULL. */
const struct session_record *sessions_next(struct sessions *sessions);

const struct session_totals *sessions_totals(const struct sessions *sessions);

/* The file: its format, whether it is cut and where. */
const struct capture_file *sessions_file(const struct sessions *sessions);

#endif
