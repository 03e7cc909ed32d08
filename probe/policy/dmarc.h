#ifndef MXP_DMARC_H
#define MXP_DMARC_H

#include "probe/dns/answers.h"
#include "probe/policy/dmarc_record.h"
#include "probe/policy/org_domain.h"

/*
 * What DMARC makes of a message: RFC 7489 with the public suffix list, or RFC
 * 9989 with the tree walk; receivers follow either, so a report may show both.
 *
 * It is asked with the author domain (that of From) and with what SPF and DKIM
 * said, and tells the record, the policy of it that applies, which of the
 * identifiers is aligned and why another is not, and what a receiver is asked
 * to do with the message.
 *
 * Domains are taken as they are written and brought to lower case; names that
 * no DNS could hold are aligned with nothing.
 */
enum { DMARC_IDENTIFIERS_MAX = 16 };    /* looked at; the others are not */

enum dmarc_result {
	DMARC_OPEN,             /* lookups are missing: settle, ask again */
	DMARC_NONE,             /* no record, so no judgement */
	DMARC_PASS,
	DMARC_FAIL,
	DMARC_TEMPERROR,        /* a lookup failed without which none of the
				   above is certain */
	DMARC_PERMERROR,        /* a record that cannot be read */
};

enum dmarc_method { DMARC_BY_SPF, DMARC_BY_DKIM };

enum dmarc_outcome {            /* of SPF or DKIM, for that domain */
	DMARC_METHOD_PASSED,
	DMARC_METHOD_FAILED,
	DMARC_METHOD_UNSURE,    /* a temporary error: it might have passed */
};

enum dmarc_alignment {
	DMARC_NOT_ALIGNED,
	DMARC_SAME_DOMAIN,      /* enough for strict alignment */
	DMARC_SAME_ORG_DOMAIN,  /* enough for relaxed alignment; under RFC
				   9989 not looked for when the record wants
				   it strict */
	DMARC_ALIGNMENT_UNKNOWN, /* the walk to one of them failed */
};

struct dmarc_identifier {
	enum dmarc_method method;
	enum dmarc_outcome outcome;
	struct span domain;     /* of MAIL FROM or EHLO, or d= */
};

struct dmarc_query {
	struct span from_domain;
	const struct dmarc_identifier *identifiers;
	size_t identifier_count;
	enum dmarc_rules rules;
	const struct suffix_list *suffixes;     /* NULL: that of the machine */
};

struct dmarc_finding {          /* about one identifier */
	struct dmarc_identifier identifier;
	enum dmarc_alignment alignment;
	bool is_strict;         /* the record wants the same domain */
	bool is_aligned;        /* by what the record wants */
	struct span org_domain; /* empty when it did not have to be known */
	struct span why;        /* "SPF passed for bounce.example.net, which
				   is not under example.org" */
};

enum dmarc_org_source {
	DMARC_ORG_NOT_NEEDED,   /* RFC 9989, 4.10.2: no need to know it */
	DMARC_ORG_BY_LIST,
	DMARC_ORG_BY_WALK,
	DMARC_ORG_UNKNOWN,      /* the walk failed */
};

struct dmarc_check {
	enum dmarc_result result;
	struct span why;        /* one sentence */
	struct span from_domain;        /* in lower case */
	struct span org_domain; /* of it; empty when not needed or unknown */
	enum dmarc_org_source org_source;

	const struct dmarc_record *record;      /* NULL: none */
	struct span record_domain;
	struct span discarded;  /* a name with several records; or empty */
	const char *policy_tag; /* "p", "sp", "np"; "" when p=none stands for
				   a policy that could not be read */
	enum dmarc_policy published;    /* what this tag says */
	enum dmarc_policy policy;       /* one weaker with t=y (RFC 9989) */
	unsigned percent;       /* of failing mail that gets it, the rest one
				   weaker (RFC 7489, 6.6.4) */

	enum dmarc_policy disposition;  /* what is asked for this message;
					   none unless the result is fail */
	bool passed_by_spf, passed_by_dkim;
	struct dmarc_finding *findings; /* in the order of the query */
	size_t finding_count;
};

enum dmarc_result dmarc_check(struct arena *arena, struct answers *answers,
	const struct dmarc_query *query, struct dmarc_check *check);

/*
 * Are two domains aligned, by the public suffix list alone (RFC 7489, 3.1)?
 * Dots around them and case do not count.
 */
enum dmarc_alignment dmarc_align(struct arena *arena,
	const struct suffix_list *suffixes, struct span a, struct span b);

const char *dmarc_result_word(enum dmarc_result result); /* RFC 8601 */

/*
 * May reports about a domain be sent where its record says?  A destination
 * outside of the organizational domain has to agree, at
 * DOMAIN._report._dmarc.DESTINATION: RFC 7489, 7.1; RFC 9990, 4.
 */
enum dmarc_consent {
	DMARC_CONSENT_OPEN,
	DMARC_CONSENT_OWN,      /* it need not be asked */
	DMARC_CONSENT_GIVEN,
	DMARC_CONSENT_MISSING,
	DMARC_CONSENT_UNKNOWN,  /* the lookup failed */
	DMARC_CONSENT_UNUSABLE, /* no receiver sends reports to such a URI */
};

struct dmarc_consent_check {
	enum dmarc_consent consent;
	struct span host;       /* of the destination, in lower case */
	struct span name;       /* where it was asked; empty: not asked */
	struct span instead;    /* rua= of the answer, at the same host: the
				   reports go there; empty: there is none */
	struct span why;        /* one sentence */
};

const char *dmarc_consent_word(enum dmarc_consent consent);

/*
 * Of one destination in the record of record_domain; what belongs together is
 * told by the public suffix list of this machine.
 */
enum dmarc_consent dmarc_consent_check(struct arena *arena,
	struct answers *answers, struct span record_domain,
	const struct dmarc_destination *destination,
	struct dmarc_consent_check *check);

#endif
