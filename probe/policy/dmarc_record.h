#ifndef MXP_DMARC_RECORD_H
#define MXP_DMARC_RECORD_H

#include <stdint.h>

#include "probe/base/arena.h"
#include "probe/policy/uri.h"

/*
 * One TXT record at _dmarc.DOMAIN, as it was published: RFC 7489, 6.3 and 6.4,
 * and its successor RFC 9989, 4.7 and 4.8.  Both say that what is wrong in a
 * record is replaced by its default; so a record is read to its end, the
 * faults are written down beside it, and it is told apart whether a receiver
 * can make use of it (usable) and whether its owner should mend it (valid).
 *
 * All spans are the record's own bytes: foreign, and to be escaped when shown.
 */
enum dmarc_rules { DMARC_RFC7489 = 1, DMARC_RFC9989 = 2 };
enum { DMARC_RULES_BOTH = DMARC_RFC7489 | DMARC_RFC9989 };

enum {
	DMARC_TAGS_MAX = 64,            /* the others are a fault */
	DMARC_FAULTS_MAX = 32,          /* the others are not told */
	DMARC_DESTINATIONS_MAX = 32,    /* of one rua= or ruf=; the others
					   are a fault */
};

enum dmarc_policy {
	DMARC_POLICY_ABSENT,
	DMARC_POLICY_UNKNOWN,           /* a word that is none of these: */
	DMARC_POLICY_NONE,
	DMARC_POLICY_QUARANTINE,
	DMARC_POLICY_REJECT,
};

enum dmarc_psd { DMARC_PSD_UNSAID, DMARC_PSD_YES, DMARC_PSD_NO };

enum dmarc_report_option {      /* fo= */
	DMARC_FO_ALL_FAILED = 1,        /* "0", the default */
	DMARC_FO_ANY_FAILED = 2,        /* "1" */
	DMARC_FO_DKIM = 4,              /* "d" */
	DMARC_FO_SPF = 8,               /* "s" */
};

struct dmarc_tag {
	struct span name;
	struct span value;      /* without white space around it */
};

struct dmarc_destination {
	struct uri uri;         /* without the size limit */
	bool is_usable;         /* mailto: with an address, or https: */
	uint64_t size_max;      /* octets, RFC 7489 section 6.2; 0: no limit */
};

struct dmarc_fault {
	unsigned rules;         /* under which of enum dmarc_rules it is one */
	struct span tag;        /* empty: of no tag */
	struct span why;        /* "p=none stands twice" */
};

struct dmarc_record {
	struct span text;
	enum dmarc_policy p, sp, np;    /* np: RFC 9989 (and 9091) only */
	bool is_dkim_strict;            /* adkim=s */
	bool is_spf_strict;             /* aspf=s */
	bool is_test;                   /* t=y, RFC 9989 only */
	enum dmarc_psd psd;             /* RFC 9989 only */
	unsigned percent;               /* pct=, RFC 7489 only; 100 */
	unsigned long interval;         /* ri= in seconds, RFC 7489; 86400 */
	unsigned options;               /* fo=, enum dmarc_report_option */
	struct dmarc_destination *rua, *ruf;
	size_t rua_count, ruf_count;    /* of them; only those with a URI */
	struct dmarc_tag *tags;         /* all, in their order */
	size_t tag_count;
	struct dmarc_fault *faults;
	size_t fault_count;
	bool has_duplicate;             /* a tag twice: nothing of it counts */
};

/*
 * Does it begin with v=DMARC1?  Anything else at the name is not a DMARC
 * record, and is looked over.
 */
bool dmarc_record_is_one(struct span text);

/* For text that is one; never fails. */
struct dmarc_record *dmarc_record_parse(struct arena *arena, struct span text);

/*
 * Can a receiver use it?  Not when a tag stands twice, and not when p= is
 * missing or unknown, or sp= (np=) unknown, without a rua= that has a URI.
 */
bool dmarc_record_is_usable(const struct dmarc_record *record,
	enum dmarc_rules rules);

/* Usable, and without a fault under these rules. */
bool dmarc_record_is_valid(const struct dmarc_record *record,
	enum dmarc_rules rules);

enum dmarc_author {
	DMARC_AUTHOR_SAME,      /* the record is the author domain's own */
	DMARC_AUTHOR_BELOW,     /* that of a domain above it */
	DMARC_AUTHOR_MISSING,   /* so, and the author domain does not exist */
};

/*
 * What the record asks for, and by which tag: "p", "sp", "np", or "" when
 * p=none stands for an unknown policy.  The record must be usable.
 */
enum dmarc_policy dmarc_record_policy(const struct dmarc_record *record,
	enum dmarc_rules rules, enum dmarc_author author, const char **tag);

/* The value of a tag; false when the record does not have it. */
bool dmarc_record_tag(const struct dmarc_record *record, const char *name,
	struct span *value);

const char *dmarc_policy_word(enum dmarc_policy policy); /* "reject" */

/* One policy weaker: reject, quarantine, none. */
enum dmarc_policy dmarc_policy_weaken(enum dmarc_policy policy);

#endif
