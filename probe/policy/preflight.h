#ifndef MXP_PREFLIGHT_H
#define MXP_PREFLIGHT_H

#include "probe/base/ip.h"
#include "probe/mail/form.h"
#include "probe/mail/unsubscribe.h"
#include "probe/policy/arc.h"
#include "probe/policy/deviation.h"
#include "probe/policy/dkim.h"
#include "probe/policy/dmarc.h"
#include "probe/policy/fcrdns.h"
#include "probe/policy/own_records.h"
#include "probe/policy/profile.h"
#include "probe/policy/spf_lint.h"

/*
 * Would this sender, and this message, pass?  Asked before anything is sent,
 * for each of our addresses: every check that a receiver's profile names is
 * answered once, with its evidence and one concrete step where it fails, and
 * from the answers follows what each receiver would do.
 *
 * Without a message it is a what-if: a sender, a From domain and an address.
 * That shows why a web form that writes its visitor's address into From is
 * refused: the visitor's domain says p=reject, and nothing that this host can
 * sign or send from is aligned with it.
 *
 * Like every policy it is a plain function of the answers: false means that
 * questions are open; settle them, and run it again from its start.
 */
enum {
	PREFLIGHT_SOURCES_MAX = 64,
	PREFLIGHT_PROFILES_MAX = 16,
	PREFLIGHT_ZONES_MAX = 32,
	PREFLIGHT_CHANGES_MAX = 4,      /* signatures that are looked into */
};

enum preflight_status {
	PREFLIGHT_PASS,
	PREFLIGHT_NA,           /* does not apply, or cannot be seen from here:
				   evidence says which */
	PREFLIGHT_WARN,         /* receivers look at it; nobody demands it */
	PREFLIGHT_UNKNOWN,      /* a look-up failed, or no message was given */
	PREFLIGHT_FAIL,
};

/* A message as the checks want it. */
struct preflight_message {
	const struct form *form;
	const struct dkim_message *dkim;
	struct unsubscribe unsubscribe;
	struct span body;       /* for body_forensics() */
	bool was_converted;     /* local line ends were made CRLF: what is
				   signed and sent is never the file's form */
};

/* The bytes of a file.  now: as in form_reader_end(). */
const struct preflight_message *preflight_message_of(struct arena *arena,
	struct span bytes, int64_t now);

struct preflight_query {
	struct span mail_from;          /* mailbox, or a bare domain; empty:
					   <>, and SPF checks the HELO */
	struct span from;               /* mailbox or domain of From; empty:
					   that of the message */
	struct span helo;               /* empty: none is known */
	const struct ip *sources;       /* may be none */
	size_t source_count;
	const struct preflight_message *message;        /* NULL: what-if */
	const struct profile *const *profiles;
	size_t profile_count;
	const struct span *zones;       /* of block lists to ask */
	size_t zone_count;
	int64_t now;                    /* seconds since 1970 */
	struct dkim_keys *keys;
	struct spf_cache *cache;        /* may be NULL */
	const struct suffix_list *suffixes;     /* NULL: the machine's own */
	bool is_traced;                 /* wants the steps of SPF */

	/*
	 * What another resolver says of our sources: a table of its own, that
	 * is settled by that resolver.  Ours may answer for itself, and
	 * receivers never ask it.  NULL: nobody else is asked.
	 */
	struct answers *elsewhere;
};

struct preflight_line {
	bool is_asked;                  /* one of the profiles names it */
	enum preflight_status status;
	bool wants_message;             /* with one, more could be said */
	struct span evidence;           /* one sentence; may hold foreign
					   bytes: escape */
	struct span fix;                /* one step; empty: nothing to do */
};

/* What a receiver would do, and for which of its rules. */
struct preflight_forecast {
	const struct profile *profile;
	enum consequence consequence;   /* CONSEQUENCE_NONE: accepted */
	bool is_unknown;                /* a check that could change it is */
	const struct profile_rule *rule;        /* the weightiest that is
						   broken; NULL: none is */
	size_t broken_count;            /* rules in all */
	struct span why;                /* one sentence */
};

/*
 * What stands beside a check and explains it.  No receiver asks for it by
 * itself, so it never changes the verdict.
 */
enum preflight_aside {
	ASIDE_SPF_RECORDS,      /* what the lint has against them */
	ASIDE_TREE_WALK,        /* what DMARC is by RFC 9989 */
	ASIDE_ELSEWHERE,        /* what the other resolver says */
};
enum { ASIDE_COUNT = ASIDE_ELSEWHERE + 1 };

/* Another resolver's view of one source; see fcrdns_differ(). */
struct preflight_view {
	enum fcrdns_views views;
	struct span why;                /* one sentence unless they agree */
	struct fcrdns_facts reverse;
};

struct preflight_source {
	bool has_ip;                    /* false: the host has no address */
	struct ip ip;
	struct spf_check spf;
	struct dmarc_check dmarc;       /* by RFC 7489 */
	struct dmarc_check walked;      /* by RFC 9989 */
	enum fcrdns fcrdns;             /* as our resolver has it */
	struct span ptr_name;
	const struct preflight_view *elsewhere; /* NULL: not asked */
	struct preflight_line lines[CHECK_COUNT];
	struct preflight_line asides[ASIDE_COUNT];      /* is_asked: there is
					   something to tell; without, those
					   with evidence are for the curious */
	struct preflight_forecast forecasts[PREFLIGHT_PROFILES_MAX];
	size_t forecast_count;
};

/* What was done to a signed message, and how that is known. */
struct preflight_change {
	const struct dkim_check *check; /* of a signature that fails */
	unsigned instance;              /* of its ARC set; 0: a
					   DKIM-Signature */
	bool is_of_body;                /* or else of the header */
	const struct deviation *found;  /* that fits; NULL: none does */
	unsigned tried;                 /* ways to hash it */
	struct span says;               /* one sentence, or empty */
};

struct preflight {
	struct span from_domain;        /* of From, lower case; or empty */
	struct span mail_domain;        /* of MAIL FROM; empty for <> */
	bool is_foreign_from;           /* From is of another organizational
					   domain than MAIL FROM */
	const struct spf_lint *lint;    /* of the MAIL FROM domain's record;
					   NULL: not looked at */
	struct dkim_checks dkim;        /* count 0 without a message */
	struct arc_chain arc;
	struct preflight_change changes[PREFLIGHT_CHANGES_MAX];
	size_t change_count;
	const struct own_records *records;      /* of the domain that is ours:
					   From's, or that of MAIL FROM when
					   From is foreign; NULL: of none */
	struct span story;              /* why a From that is not ours is
					   refused, in plain words; or empty */
	struct preflight_source *sources;               /* at least one */
	size_t source_count;
	enum preflight_status worst;    /* of all lines that were asked */
};

bool preflight(struct arena *arena, struct answers *answers,
	const struct preflight_query *query, struct preflight *result)
	MXP_MUST_USE;

const char *preflight_status_word(enum preflight_status status);

/* "DMARC by walk"; and behind which check it is told. */
const char *preflight_aside_title(enum preflight_aside aside);
enum check preflight_aside_check(enum preflight_aside aside);

/* What was found out about this signature, or NULL. */
const struct preflight_change *preflight_change_of(
	const struct preflight *preflight, const struct dkim_check *check);

/* The rules of one profile that ask for this check; NULL behind the last. */
const struct profile_rule *preflight_rule(const struct profile *profile,
	enum check check);

#endif
