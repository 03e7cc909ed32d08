#ifndef MXP_TLS_REPORT_H
#define MXP_TLS_REPORT_H

#include <stdint.h>

#include "probe/base/ip.h"

/*
 * A report of TLS sessions, as a sender of mail to us gives it (RFC 8460
 * section 4): per policy of ours how many sessions it could begin, and which
 * failed, why, and between which addresses.
 *
 * What a report leaves out is empty; numbers may be written as texts, dates in
 * any of the forms of RFC 3339.  Members that nobody knows are passed over,
 * and so is one of another type than it should have.
 */
enum {
	TLS_REPORT_OCTETS_MAX = 8 * 1024 * 1024,        /* unpacked */
	TLS_REPORT_NESTS_MAX = 100 * 1000,      /* objects and lists in it */
	TLS_REPORT_POLICIES_MAX = 1000,
	TLS_REPORT_DETAILS_MAX = 50 * 1000,     /* of all policies */
	TLS_REPORT_TEXT_MAX = 1024,     /* octets of a text; more is cut */
	TLS_REPORT_LINES_MAX = 64,      /* of a policy */
};

struct tls_report_detail {
	struct span result;             /* result-type: section 4.3 */
	bool has_sending, has_receiving;
	struct ip sending, receiving;   /* sending-mta-ip, receiving-ip */
	struct span mx_host;            /* receiving-mx-hostname */
	struct span mx_helo;            /* receiving-mx-helo */
	uint64_t sessions;              /* failed-session-count */
	struct span reason;             /* failure-reason-code */
	struct span more;               /* additional-information: a link */
};

struct tls_report_policy {
	struct span type;               /* "sts", "tlsa", "no-policy-found" */
	struct span domain;
	struct span mx_host;            /* its patterns, parted by LF */
	struct span text;               /* its lines, parted by LF */
	uint64_t successes, failures;   /* sessions */
	struct tls_report_detail *details;
	size_t detail_count, detail_room;
};

struct tls_report {
	struct span organization, contact, report_id;
	int64_t begin_s, end_s;         /* since 1970; 0: not told */
	struct tls_report_policy *policies;
	size_t policy_count, policy_room;
	struct span trouble;            /* what had to be left out; or empty */
};

/* False with *why: it is no such report.  Spans are in the arena. */
bool tls_report_read(struct arena *arena, struct span document,
	struct tls_report *report, struct span *why) MXP_MUST_USE;

/* Does it look like one?  From its first octets. */
bool tls_report_is_likely(struct span start);

#endif
