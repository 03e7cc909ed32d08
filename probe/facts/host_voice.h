#ifndef MXP_HOST_VOICE_H
#define MXP_HOST_VOICE_H

#include "probe/base/ip.h"

/*
 * Who answered at a host, over one family, as a session in a capture shows it:
 * what it calls itself, what it offers, from how far its packets came.
 */
struct host_voice {
	struct span host;               /* by which the client came to it */
	enum family family;
	struct span name;               /* by which it greets; or empty */
	bool has_ehlo;                  /* it answered EHLO in clear, */
	bool offers_tls;                /* with STARTTLS */
	unsigned hops;                  /* TTL or hop limit on arrival; 0: not
					   known */
	struct span file;
	uint64_t frame;                 /* of the greeting */
	bool has_time;
	int64_t time_ms;
};

#endif
