#ifndef MXP_DMARC_AGGREGATE_H
#define MXP_DMARC_AGGREGATE_H

#include <stdint.h>

#include "probe/base/ip.h"

/*
 * A DMARC aggregate report: what a receiver saw in some hours of mail that
 * says it is from a domain (RFC 7489 section 7.2 and appendix C, and its
 * successor's form with the same elements).
 *
 * Reports in the wild are not always XML.  What is plainly text where markup
 * stands is read as text, a schema around the report is passed over, elements
 * count by their names whatever the namespace, and a document that breaks off
 * is read as far as it goes: `trouble` then says where and what.  One that
 * declares entities is refused, whatever they would have become.
 */
enum {
	DMARC_OCTETS_MAX = 64 * 1024 * 1024,    /* of one document */
	DMARC_ROWS_MAX = 200 * 1000,
	DMARC_RESULTS_MAX = 32,         /* of one row, DKIM and SPF each */
	DMARC_TEXT_MAX = 1024,          /* octets of one element */
	DMARC_DEPTH_MAX = 32,
};

struct dmarc_auth_result {
	struct span domain;
	struct span selector;           /* DKIM */
	struct span scope;              /* SPF: "mfrom", "helo"; or empty */
	struct span result;             /* "pass", lower case */
};

/* Why the receiver did not do as the policy says. */
struct dmarc_reason {
	struct span type;               /* "forwarded", "mailing_list" ... */
	struct span comment;
};

struct dmarc_row {
	bool has_ip;
	struct ip ip;                   /* who brought the mail */
	struct span ip_text;            /* as written */
	uint64_t count;
	struct span disposition;        /* "none", "quarantine", "reject" ... */
	bool is_dkim_aligned, is_spf_aligned;   /* policy_evaluated: pass */
	struct span header_from, envelope_from, envelope_to;
	struct dmarc_auth_result *dkim, *spf;
	size_t dkim_count, dkim_room, spf_count, spf_room;
	struct dmarc_reason *reasons;
	size_t reason_count, reason_room;
};

struct dmarc_report {
	struct span org_name, email, report_id;
	int64_t begin_s, end_s;         /* since 1970; 0: not told */
	struct span domain;             /* whose policy it was */
	struct span policy, subdomain_policy;   /* p, sp: "reject" ... */
	struct span nonexistent_policy; /* np, RFC 9989 */
	struct span percent;            /* pct; RFC 9990 has none */
	struct span testing;            /* "y", "n": RFC 9990 */
	struct span dkim_mode, spf_mode;        /* adkim, aspf: "r", "s" */
	struct dmarc_row *rows;
	size_t row_count, row_room;
	struct span trouble;            /* "line 5: ..."; or empty */
};

/*
 * False with *why: it is no such report.  Spans are in the arena.
 */
bool dmarc_report_read(struct arena *arena, struct span document,
	struct dmarc_report *report, struct span *why) MXP_MUST_USE;

/* Does it look like one?  From its first octets. */
bool dmarc_report_is_likely(struct span start);

#endif
