#ifndef MXP_SESSION_VOICE_H
#define MXP_SESSION_VOICE_H

#include "pcap/session_record.h"
#include "probe/facts/host_voice.h"

/* Who answered in a session.  False: nobody, or nobody knows what host the
 * client was looking for.  `file` is the caller's to fill. */
bool session_voice(const struct session_record *record,
	struct host_voice *voice) MXP_MUST_USE;

#endif
