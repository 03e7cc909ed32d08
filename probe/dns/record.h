#ifndef MXP_RECORD_H
#define MXP_RECORD_H

#include "probe/dns/answers.h"

/*
 * From the bytes of a DNS response (RFC 1035, 4) to an answer in words.  The
 * bytes are a stranger's: nothing in them may be believed before it has been
 * measured, and one bad record does not spoil the good ones beside it; it is
 * told in answer.why instead.
 *
 * Values are in presentation form (probe/dns/record_value.h), in the order they
 * came in.  A CNAME or DNAME chain is followed inside the answer section
 * (probe/dns/answer_section.h); where it ended stands in answer.canonical.
 * Extended DNS errors (probe/dns/extended_error.h) are in answer.why.
 */
enum {
	RECORD_MESSAGE_MAX = 65535,
	RECORD_EDE_MAX = 4,             /* extended errors told */
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
