#ifndef MXP_REPORTED_H
#define MXP_REPORTED_H

#include <stdint.h>

#include "probe/base/ip.h"

/*
 * What receivers reported of mail and of sessions, all reports taken together:
 * DMARC aggregate reports (RFC 7489 section 7.2, RFC 9990), DMARC failure
 * reports (RFC 6591) and reports of TLS sessions (RFC 8460).
 *
 * A mail source is an address that brought mail whose From names a domain with
 * that policy.  It may be ours, a forwarder of what we sent, or a liar; that
 * is for the judge.
 */
enum {
	SOURCES_MAX = 64 * 1024,        /* the others are only counted */
	SOURCE_NAMES_MAX = 16,          /* of a kind; the others are dropped */
	SOURCE_DAYS_MAX = 64,
	TLS_TOTALS_MAX = 4096,
	REPORT_DOCUMENTS_MAX = 100 * 1000,      /* told of; all are counted */
};

enum reported_disposition {
	DISPOSITION_NONE,               /* "pass" of RFC 9990, too */
	DISPOSITION_QUARANTINE,
	DISPOSITION_REJECT,
};
enum { DISPOSITION_COUNT = DISPOSITION_REJECT + 1 };

/* Why a receiver did not do as the policy says: RFC 7489 appendix C. */
enum reported_override {
	OVERRIDE_FORWARDED,
	OVERRIDE_MAILING_LIST,
	OVERRIDE_TRUSTED_FORWARDER,
	OVERRIDE_SAMPLED_OUT,
	OVERRIDE_LOCAL_POLICY,
	OVERRIDE_OTHER,
};
enum { OVERRIDE_COUNT = OVERRIDE_OTHER + 1 };

struct source_name {
	struct span name;               /* lower case */
	uint64_t messages;
};

struct source_names {
	struct source_name *at;
	size_t count, room;
};

struct mail_source {
	struct ip ip;
	struct span domain;             /* whose policy it was */
	struct span host_name;          /* its PTR, for whoever looked it up;
					   or empty */
	uint64_t messages;
	uint64_t spf_aligned;           /* passed and aligned, as the ... */
	uint64_t dkim_aligned;          /* ... receivers evaluated */
	uint64_t aligned;               /* either: DMARC passed */
	uint64_t dispositions[DISPOSITION_COUNT];
	uint64_t overrides[OVERRIDE_COUNT];
	uint64_t arc_trusted;           /* of the overrides: by ARC (RFC 8617) */
	uint64_t spf_refused;           /* SPF: "fail" */
	uint64_t spf_without;           /* SPF: "none", or no result */
	uint64_t failure_reports;       /* RFC 6591: these messages are not in
					   `messages` */

	struct source_names from;       /* domains in From */
	struct source_names envelope;   /* of MAIL FROM; "": the null sender */
	struct source_names helo;       /* EHLO, where SPF checked that */
	struct source_names spf_passed; /* domains that SPF passed for */
	struct source_names dkim_passed;
	struct source_names dkim_failed;
	struct source_names reporters;

	int64_t days[SOURCE_DAYS_MAX];  /* on which it was seen, since 1970 */
	size_t day_count;
	int64_t first_s, last_s;        /* since 1970; 0: not told */
};

/* The family of an address that a report may leave out. */
enum told_family { TOLD_NOTHING, TOLD_IPV4, TOLD_IPV6 };
enum { TOLD_FAMILY_COUNT = TOLD_IPV6 + 1 };

/* The sessions of one policy of one domain. */
struct tls_total {
	struct span domain;
	struct span policy;             /* "sts", "tlsa", "no-policy-found" */
	uint64_t successes, failures;
	struct source_names reporters;  /* with their failures */
};

/* Of them, those that failed in one way. */
struct tls_failure {
	struct span domain, policy;
	struct span result;             /* "certificate-expired" ... : RFC 8460
					   section 4.3 */
	struct span reason;             /* failure-reason-code; or empty */
	struct span mx_host;            /* receiving-mx-hostname; or empty */
	enum told_family sending, receiving;
	struct ip sending_ip, receiving_ip;     /* the first told */
	uint64_t sessions;
};

enum report_kind { REPORT_DMARC, REPORT_DMARC_FAILURE, REPORT_TLS };

/* Of one report, for the list of what was read. */
struct reported_document {
	enum report_kind kind;
	struct span file;               /* as the caller named it, and its name
					   in an archive */
	struct span reporter;           /* organisation, or its address */
	struct span report_id;
	struct span domain;
	int64_t begin_s, end_s;         /* 0: not told */
	uint64_t messages;              /* or sessions */
	bool is_repeated;               /* had been read before: not counted */
	bool is_unread;                 /* it could not be read at all */
	struct span trouble;            /* what is wrong with it; or empty */
};

struct reported {
	struct mail_source **sources;   /* in the order they came */
	size_t source_count, source_room;
	uint64_t messages_over;         /* of sources over SOURCES_MAX */
	uint64_t messages_placeless;    /* whose source is no address */
	struct tls_total **tls;
	size_t tls_count, tls_room;
	struct tls_failure **failures;
	size_t failure_count, failure_room;
	uint64_t failures_over;
	struct reported_document *documents;
	size_t document_count, document_room;
	uint64_t documents_over;
};

const char *report_kind_word(enum report_kind kind);
const char *disposition_word(enum reported_disposition disposition);
const char *override_word(enum reported_override override);
const char *told_family_word(enum told_family family);  /* "IPv6", "?" */

/* NULL: it is not among them. */
const struct source_name *source_names_find(const struct source_names *names,
	struct span name);

#endif
