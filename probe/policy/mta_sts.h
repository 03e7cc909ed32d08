#ifndef MXP_MTA_STS_H
#define MXP_MTA_STS_H

#include "probe/dns/answers.h"

/*
 * MTA-STS (RFC 8461): a domain says by a TXT record that it has a policy, and
 * by HTTPS which mail exchangers it has and that they speak TLS with a good
 * certificate.  A sender that honours it does not deliver elsewhere.
 *
 * The record and the policy are parsed as strictly as the RFC's grammar is,
 * since a strict sender acts as if a faulty one were not there; only empty
 * lines pass, as an oddity.  Whatever is wrong is told with what would be
 * right.
 */
enum {
	MTA_STS_ID_MAX = 32,            /* RFC 8461, 3.1 */
	MTA_STS_KEY_MAX = 32,
	MTA_STS_POLICY_MAX = 64 * 1024, /* RFC 8461, 3.3 suggests it */
	MTA_STS_AGE_MAX = 31557600,     /* seconds: RFC 8461, 3.2 */
	MTA_STS_AGE_SHORT = 604800,     /* less than a week: 3.2 expects weeks
					   or more, or an attacker only waits */
};

enum mta_sts_state {
	MTA_STS_OPEN,           /* lookups are missing: settle, ask again */
	MTA_STS_UNKNOWN,        /* the DNS failed us; blame nobody */
	MTA_STS_NONE,           /* the domain has no such record */
	MTA_STS_RECORD_BAD,     /* it has one, or several, that do not count */
	MTA_STS_FETCH_FAILED,   /* no policy could be had */
	MTA_STS_POLICY_BAD,
	MTA_STS_FOUND,
};

enum mta_sts_mode { MTA_STS_MODE_NONE, MTA_STS_TESTING, MTA_STS_ENFORCE };

struct mta_sts_policy {
	enum mta_sts_mode mode;
	const struct span *patterns;    /* "mx.example", "*.example" */
	size_t pattern_count;           /* 0 only in mode none */
	uint32_t max_age;               /* seconds */
	struct span oddity;             /* what the grammar does not allow and
					   senders let through; or empty */
};

struct mta_sts {
	enum mta_sts_state state;
	struct span why;                /* what is wrong, in words; or empty */
	struct span id;                 /* of the record; or empty */
	struct span host;               /* "mta-sts.example"; or empty */
	const struct answer *record;    /* what was asked: the evidence; */
	const struct answer *file;      /* NULL when it was not */
	struct mta_sts_policy policy;   /* MTA_STS_FOUND only */
};

/*
 * What the domain asks of senders; also the state returned.  The spans borrow
 * from the answers and the arena.
 */
enum mta_sts_state mta_sts_check(struct arena *arena, struct answers *answers,
	struct span domain, struct mta_sts *sts);

/* "v=STSv1; id=20160831085700Z;".  False and *why when it is not that. */
bool mta_sts_record_parse(struct arena *arena, struct span text,
	struct span *id, struct span *why) MXP_MUST_USE;

/* The policy file.  *why: "line 3: mode is not ...", "the policy has no mx". */
bool mta_sts_policy_parse(struct arena *arena, struct span body,
	struct mta_sts_policy *policy, struct span *why) MXP_MUST_USE;

/*
 * Does one pattern, or one of a policy's, hold this mail exchanger?  In
 * "*.example" the star is for one whole label (RFC 8461, 4.1; RFC 6125, 6.4).
 */
bool mta_sts_match(struct span pattern, struct span mx);
bool mta_sts_lists(const struct mta_sts_policy *policy, struct span mx);

const char *mta_sts_word(enum mta_sts_state state);     /* "fetch-failed" */
const char *mta_sts_mode_word(enum mta_sts_mode mode);  /* "enforce" */

#endif
