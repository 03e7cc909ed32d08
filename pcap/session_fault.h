#ifndef MXP_SESSION_FAULT_H
#define MXP_SESSION_FAULT_H

#include "pcap/session_record.h"
#include "probe/smtp/stage.h"

/*
 * Why a session brought no mail although no reply said no: the path failed, TLS
 * did not come about, or the server hung up and owed an answer.  What the client
 * itself broke off, or never went on with, is no fault of the session.
 */
struct session_fault {
	const char *word;               /* of enum cause; or "tls-handshake",
					   "hung-up" */
	struct span text;               /* one sentence */
	bool has_stage;                 /* what TLS hides has none */
	enum stage stage;
	struct sighting seen;           /* the packet that shows it */
};

/* False: there is none. */
bool session_fault_find(struct arena *arena,
	const struct session_record *record,
	struct session_fault *fault) MXP_MUST_USE;

/* The server hung up and owed an answer, be it the greeting. */
bool session_hung_up(const struct session_record *record,
	enum stage *stage) MXP_MUST_USE;

/* "before it said anything", behind "hung up" */
const char *session_hung_up_when(enum stage stage);

#endif
