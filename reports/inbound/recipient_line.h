#ifndef MXP_RECIPIENT_LINE_H
#define MXP_RECIPIENT_LINE_H

#include "probe/base/arena.h"

/*
 * How a line of a bounce names the recipient that it is about.  Each mail
 * system has its way; the forms are few:
 *
 *	<user@example.org>: host mx said ...     qmail, Postfix, OpenSMTPD
 *	user@example.org... Deferred: ...        Sendmail
 *	<user@example.org>   (reason)            and [reason], on DATE, - reason
 *	  user@example.org                       Exim, Google, Sendmail's list
 *	Undeliverable to user@example.org        words of failure before it
 *	Recipient address: user@example.org      or only a label
 */
enum recipient_form {
	RECIPIENT_NONE,
	RECIPIENT_LABEL,        /* behind words that do not say that it failed;
				   before words that may not be about it: it
				   counts where a reply is told */
	RECIPIENT_PHRASE,       /* behind words of failure */
	RECIPIENT_ALONE,        /* the line has nothing else, but a name */
	RECIPIENT_HEAD,         /* at its start, and the reason behind it */
};

enum { RECIPIENT_MAX = 320 };   /* octets: 64 + 1 + 255, RFC 5321 4.5.3.1 */

struct recipient_line {
	enum recipient_form form;
	struct span address;
	struct span rest;       /* what stands behind it, trimmed */
};

/* The line is trimmed; the spans point into it. */
struct recipient_line recipient_line_read(struct span line);

/*
 * Does this line lead to the recipients below it?  It ends with a colon, of
 * any script, or with "could not be delivered to".
 */
bool recipient_line_leads(struct span line);

/*
 * Cuts the first address off a line that holds nothing but several, parted by
 * "," or ";"; empty: it is no such line.
 */
struct span recipient_line_cut(struct span *line);

/* The length of a local-part@domain at the start of a text; or 0. */
size_t mailbox_at(struct span text);

#endif
