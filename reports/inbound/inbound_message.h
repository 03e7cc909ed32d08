#ifndef MXP_INBOUND_MESSAGE_H
#define MXP_INBOUND_MESSAGE_H

#include "probe/facts/delivery.h"
#include "reports/inbound/feedback.h"
#include "reports/inbound/mail_part.h"

/*
 * What a mail in a mailbox of returned mail tells of deliveries.  Bounces are
 * RFC 3464 and the free forms of old mail systems; the text for people
 * completes the part for machines, which often has only the first line of a
 * reply, no command and no address.
 *
 * A free-form mail is called a bounce when a mail system wrote it (its sender,
 * its subject, what it says and encloses) and when it names the recipient in
 * a form that mail systems use.  What people write is none of that.
 *
 * Spans live in the arena or in the bytes of the message, which must outlive
 * them.  Hostile mail costs at most the limits of mail_part.h, notice_text.h
 * and delivery_status.h.
 */
enum inbound_kind {
	INBOUND_OTHER,          /* no report of any kind */
	INBOUND_BOUNCE,         /* a delivery failed, or waits */
	INBOUND_SUCCESS,        /* a delivery status, and all arrived */
	INBOUND_FEEDBACK,       /* ARF */
	INBOUND_AUTOREPLY,      /* RFC 3834: somebody is away */
};

enum { INBOUND_ENCLOSED_MAX = 3 };      /* mails in each other that are read */

struct inbound_message {
	enum inbound_kind kind;
	const struct delivery *deliveries;      /* of a bounce or a success;
						   file and position are the
						   caller's to fill */
	size_t delivery_count;
	struct feedback feedback;               /* of INBOUND_FEEDBACK */
	struct mail_parts parts;                /* for whoever looks for other
						   documents in it */
};

const char *inbound_kind_word(enum inbound_kind kind);

/* Never fails. */
void inbound_message_read(struct arena *arena, struct span bytes,
	struct inbound_message *message);

#endif
