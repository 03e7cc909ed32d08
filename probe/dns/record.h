#ifndef MXP_RECORD_H
#define MXP_RECORD_H

#include "probe/dns/answers.h"

/*
 * From the bytes of a DNS response (RFC 1035, 4) to an answer in words.  The
 * bytes are a stranger's: nothing in them may be believed before it has been
 * measured, and one bad record does not spoil the good ones beside it; it is
 * told in answer.why instead.
 *
 * Values are in presentation form: an address as ip_print() writes it;
 * "10 host" for MX, "0 ." for the null MX of RFC 7505; a name for PTR and
 * CNAME, normalised (probe/dns/name.h); the strings of one TXT record joined
 * to raw bytes; "3 1 1 hex" for TLSA; "mname rname serial refresh retry
 * expire minimum" for SOA.  They stand in the order they came in.
 *
 * A CNAME or DNAME chain is followed inside the answer section; where it
 * ended stands in answer.canonical.  Extended DNS errors (RFC 8914) are in
 * answer.why: "DNSSEC Bogus (6): text of the server", the text escaped.
 */
enum {
	RECORD_MESSAGE_MAX = 65535,
	RECORD_VALUES_MAX = 256,        /* the others are dropped, and told */
	RECORD_WALK_MAX = 1024,         /* records looked at in a message */
	RECORD_CHAIN_MAX = 16,          /* CNAME and DNAME steps */
	RECORD_EDE_MAX = 4,             /* extended errors told */
	RECORD_EDE_TEXT_MAX = 200,
};

struct response {
	/*
	 * .secure repeats the AD bit: the caller clears it when the way to
	 * the server is not trusted.  .ttl of a negative answer is that of
	 * RFC 2308, 5, and 0 without an SOA.  .server, .rtt_us: not ours.
	 */
	struct answer answer;
	unsigned rcode;         /* with the upper bits from the OPT record */
	bool has_edns;          /* an OPT record came with it */
	bool is_truncated;      /* TC: ask again over TCP */
};

void record_answer(struct arena *arena, struct span message, struct span name,
	enum rr_type type, struct response *response);

/*
 * What a message asks: its first question, of class IN.  *type may be one
 * that enum rr_type does not know.
 */
bool record_question(struct arena *arena, struct span message,
	struct span *name, unsigned *type) MXP_MUST_USE;

#endif
