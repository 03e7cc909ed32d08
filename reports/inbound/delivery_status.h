#ifndef MXP_DELIVERY_STATUS_H
#define MXP_DELIVERY_STATUS_H

#include "probe/base/arena.h"

/*
 * The part of a bounce that is for machines: message/delivery-status, RFC 3464
 * section 2.  Groups of fields: the first is of the message, each further one
 * of a recipient.  Many write it as one group, leave out empty lines or put
 * too many; so a group begins where an empty line is and also where a field
 * comes that the recipient already has.
 *
 * All spans are trimmed, folds opened; in the arena or in the bytes given.
 */
enum { STATUS_RECIPIENTS_MAX = 4096 };

enum dsn_action {               /* RFC 3464 section 2.3.3 */
	DSN_ACTION_NONE,
	DSN_FAILED,
	DSN_DELAYED,
	DSN_DELIVERED,
	DSN_RELAYED,
	DSN_EXPANDED,
};

struct dsn_recipient {
	struct span final, original;    /* addresses, without their type */
	struct span actual;             /* X-Actual-Recipient of Sendmail */
	enum dsn_action action;
	unsigned status[3];             /* all 0: none */
	struct span status_comment;     /* "Illegal host/domain name found" */
	struct span remote_mta;         /* without its type */
	struct span diagnostic_type;    /* "smtp", "X-Postfix"; or empty */
	struct span diagnostic;         /* lines that begin with a reply code
					   stay lines, parted by LF */
	struct span last_attempt;       /* a date, as written */
};

struct delivery_status {
	struct span reporting_mta;
	struct span queue_id;           /* X-Postfix-Queue-ID and the like */
	struct span sender;             /* X-Postfix-Sender */
	struct span envelope_id;
	struct span arrival;            /* a date, as written */
	const struct dsn_recipient *recipients;
	size_t recipient_count;
};

void delivery_status_read(struct arena *arena, struct span text,
	struct delivery_status *status);

/*
 * "rfc822; <user@example.org> (comment)" to "user@example.org"; the type may
 * be missing.
 */
struct span dsn_address(struct span value);

#endif
