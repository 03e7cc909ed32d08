#ifndef MXP_SPF_LINT_H
#define MXP_SPF_LINT_H

#include "probe/policy/spf.h"

/*
 * What the owner of an SPF record should know about it, for all who send in
 * its name and not for one sender alone: every record that it leads to is
 * read to its end, whether a term matches or not, and A and AAAA of every
 * name in it are asked for.
 *
 * A note names the term, the record that it stands in, and the text that puts
 * it right.  Terms with macros are read, but what they would look up depends
 * on the sender and is not asked for.
 */
enum spf_severity {
	SPF_INFO,
	SPF_WARNING,            /* it works, not always or not for long */
	SPF_ERROR,              /* receivers reject or distrust it */
};

enum {
	SPF_FAMILY_IPV4 = 1 << FAMILY_IPV4,
	SPF_FAMILY_IPV6 = 1 << FAMILY_IPV6,
	SPF_FAMILIES = SPF_FAMILY_IPV4 | SPF_FAMILY_IPV6,

	SPF_NOTES_MAX = 64,
	SPF_LINT_LOOKUPS_MAX = 40,      /* where a walk is given up */
	SPF_RECORD_FAIR = 450,          /* bytes: RFC 7208, 3.4 */
	SPF_STRING_MAX = 255,           /* RFC 1035, 3.3 */
};

struct spf_note {
	const char *id;         /* "spf-one-family": the list is below */
	enum spf_severity severity;
	unsigned families;      /* whom it concerns, SPF_FAMILY_... */
	struct span domain;     /* whose record it is about */
	struct span term;       /* as written there; may be empty */
	struct span text;       /* a sentence or two */
	struct span fix;        /* what to do, the exact text; may be empty */
	struct span record;     /* the whole new record for `domain`; may be
				   empty */
};

struct spf_lint_query {
	struct span domain;
	struct span helo;               /* may be empty: not looked at */
	const struct ip *sources;       /* where its mail comes from */
	size_t source_count;
	struct spf_cache *cache;        /* may be NULL */
};

struct spf_lint {
	struct spf_note notes[SPF_NOTES_MAX];
	size_t count;
	bool was_cut;           /* there were more notes than that */
	unsigned lookups;       /* by a sender whom no term matches */
	unsigned voids[FAMILY_COUNT];   /* the same */
};

/*
 * False: lookups are missing, settle them and run again.  All spans live as
 * long as the arena, the answers and the query.
 *
 *	spf-none             there is no record
 *	spf-unknown          the DNS did not tell
 *	spf-near-record      a TXT record is nearly one
 *	spf-many-records     two or more: a permerror
 *	spf-syntax           a term is wrong: a permerror
 *	spf-no-mechanism     "ip4=..." is a modifier that nobody knows
 *	spf-version-twice    "v=spf1" stands in the midst of a record
 *	spf-include-none     an include or redirect leads to no record
 *	spf-loop             an include leads back to where it stands
 *	spf-lookups          more than ten on the way, or just ten
 *	spf-void             a name that has neither A nor AAAA, or no MX
 *	spf-one-family       a name that has only one of them
 *	spf-void-limit       three of those: a permerror for a family
 *	spf-mx-names         an mx of more than ten hosts: a permerror
 *	spf-source-missing   one of the sources does not pass
 *	spf-ptr              slow, and not to be used
 *	spf-all-pass         "+all": the whole world passes
 *	spf-all-neutral      "?all": nobody fails
 *	spf-no-all           what matches nothing is neutral
 *	spf-wide             a network that is too large to be one's own
 *	spf-unreachable      a term behind "all"
 *	spf-redirect-ignored a redirect beside "all"
 *	spf-duplicate        a term that stands there twice
 *	spf-long             more than a UDP answer carries with ease
 *	spf-helo-none        the EHLO name has no record
 *	spf-helo-fail        the EHLO name's record does not pass a source
 */
bool spf_lint(struct arena *arena, struct answers *answers,
	const struct spf_lint_query *query, struct spf_lint *lint);

const char *spf_severity_word(enum spf_severity severity);      /* "error" */

#endif
