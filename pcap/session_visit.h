#ifndef MXP_SESSION_VISIT_H
#define MXP_SESSION_VISIT_H

#include "pcap/session_record.h"
#include "probe/facts/visit.h"

/*
 * A captured session as a visit, the same facts that a live walk leaves, so that
 * the judge and the reports need not know who the witness was.  What a capture
 * cannot know is empty: the domain, the scenario (NULL), our own DNS.  Of a
 * session with several messages the fault is that of the first that was not
 * accepted; record->mails tells of each.
 *
 * Times are since the first packet of the session.  It borrows from the record
 * and lives as long, in this arena.
 */
struct visit *session_visit(struct arena *arena,
	const struct session_record *record);

/* The stage at which something was said; `before`: what to say of RSET, AUTH
 * and whatever else belongs to none. */
enum stage talk_stage(const struct talk *talk, enum stage before);

#endif
