#ifndef MXP_FEEDBACK_H
#define MXP_FEEDBACK_H

#include <stdint.h>

#include "probe/base/ip.h"

/*
 * A feedback report (ARF, RFC 5965): a recipient called our mail abuse, or a
 * receiver tells of one that failed DMARC (RFC 6591).  It is no bounce: the
 * mail arrived, or was dropped without a word to the sender.
 *
 * Spans are in the arena or in the bytes given.
 */
struct feedback {
	struct span type;               /* "abuse", "auth-failure", "fraud" */
	struct span user_agent;
	struct span mail_from;          /* without < and > */
	struct span rcpt_to;            /* the first; often redacted */
	struct span reported_domain;
	struct span reported_uri;
	bool has_source;
	struct ip source;               /* Source-IP: who brought the mail */
	bool has_time;
	int64_t time_ms;                /* Arrival-Date or Received-Date */
	unsigned long incidents;        /* 1 when not told */
	/* RFC 6591, for auth-failure */
	struct span auth_failure;       /* "dmarc", "signature", "spf" */
	struct span auth_results;       /* Authentication-Results */
	struct span dkim_domain;
	struct span delivery_result;    /* "reject", "delivered" ... */
	/* the mail that it is about, where it is enclosed */
	struct span from_domain;
	struct span message_id;         /* without < and > */
};

/* False: it has no Feedback-Type and is none. */
bool feedback_read(struct arena *arena, struct span text,
	struct feedback *feedback) MXP_MUST_USE;

/*
 * Microsoft's junk mail reports enclose the mail and say the rest in the
 * subject: "complaint about message from 192.0.2.1".
 */
bool feedback_read_subject(struct span subject, struct feedback *feedback)
	MXP_MUST_USE;

#endif
