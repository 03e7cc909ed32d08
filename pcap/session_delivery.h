#ifndef MXP_SESSION_DELIVERY_H
#define MXP_SESSION_DELIVERY_H

#include "pcap/session_record.h"
#include "probe/facts/delivery.h"

/*
 * What a session in a capture tells of deliveries: one for each recipient of
 * each message, or one for the session when a reply or a fault ended it before
 * there was a message.  A fault defers: what the MTA did next the packets do not
 * show.  A session in which nothing was to be delivered, as in an MTU trial, or of
 * which nothing can be read, tells of none.  `file` is the caller's to fill.
 */
size_t session_deliveries(struct arena *arena,
	const struct session_record *record,
	const struct delivery **deliveries);

/* Which stage a reply belongs to. */
enum stage session_reply_stage(const struct session_record *record,
	const struct talk *talk);

/* The lines of a reply without their codes, parted by LF. */
struct span session_reply_text(struct arena *arena,
	const struct reply *reply);

#endif
