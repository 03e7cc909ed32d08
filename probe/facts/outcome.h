#ifndef MXP_OUTCOME_H
#define MXP_OUTCOME_H

#include "probe/dns/answers.h"
#include "probe/facts/visit.h"
#include "probe/policy/mta_sts.h"
#include "probe/policy/spf_lint.h"
#include "probe/policy/tls_rpt.h"

/*
 * The outcome holds all facts of one target: what the DNS said, every path,
 * every visit.  It lives in the target's arena and is never changed once the
 * judge has it.
 */
struct target {
	struct span text;               /* as the user wrote it */
	struct span domain;             /* A-labels, lower case; empty when the
					   target is a literal or a server */
	struct span domain_shown;       /* U-labels, when they differ; else the
					   same as domain */
	struct span mailbox;            /* user@domain as given; or empty */
	bool is_literal;                /* an address, no DNS is asked */
	struct ip literal;
	struct span host;               /* -s: this server instead of the MX */
	uint16_t port;
};

/* One MX record, good or not. */
struct exchanger {
	unsigned preference;
	struct span host;               /* as the record has it */
	bool is_implicit;               /* RFC 5321 5.1: no MX, the domain's own
					   addresses */
	struct span canonical;          /* it is an alias of this: a fault of
					   the domain (RFC 5321 5.1); or empty */
	bool is_literal;                /* the record holds an address */
	bool is_loopback, is_private;   /* one of its addresses is */
	enum answer_kind a, aaaa;       /* how its addresses were answered */
	size_t a_count, aaaa_count;
};

struct outcome {
	const struct target *target;
	struct answers *answers;
	enum answer_kind mx_answer;     /* of the MX question; ANSWER_NONE also
					   when none was asked */
	bool mx_asked;
	const struct exchanger *exchangers;     /* by preference */
	size_t exchanger_count;
	const struct path *paths;       /* in the order they would be tried */
	size_t path_count;
	struct visit *const *visits;    /* one for each path not left out */
	size_t visit_count;
	bool wanted[FAMILY_COUNT];      /* the families the user asked for */
	const struct mta_sts *mta_sts;  /* what the domain asks of senders, */
	const struct tls_rpt_check *tls_rpt;    /* and where it wants to hear
						   of it; NULL: not asked */
	const struct fault *fault;      /* at STAGE_RESOLVE: no path at all */
	const struct spf_lint *spf_lint;        /* of MAIL FROM's domain, for
						   all our sources; NULL: SPF
						   passes, or was not asked */
	enum stage goal;                /* how far the walk was to go */
};

#endif
