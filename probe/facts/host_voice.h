#ifndef MXP_HOST_VOICE_H
#define MXP_HOST_VOICE_H

#include "probe/base/ip.h"

/*
 * Who answered at a host, over one family, as a walk or a session in a capture
 * shows it: what it calls itself, what it offers, what it proves, from how far
 * its packets came.  The spans are the witness's.
 */
enum voice_proof {
	VOICE_UNPROVEN,                 /* nothing was shown, or nobody looked */
	VOICE_FITS,                     /* it is who the host should be */
	VOICE_CONTRADICTS,
};

struct host_voice {
	struct span host;               /* by which the client came to it */
	enum family family;
	struct span name;               /* by which it greets; or empty */
	bool has_ehlo;                  /* it answered EHLO in clear, */
	bool offers_tls;                /* with STARTTLS */
	enum voice_proof certificate;   /* the name in it */
	enum voice_proof tlsa;          /* the host's TLSA records, if any */
	unsigned hops;                  /* TTL or hop limit on arrival; 0: not
					   known, as in a walk */

	/* Of a capture. */
	struct span file;
	uint64_t frame;                 /* of the greeting */
	bool has_time;
	int64_t time_ms;
};

#endif
