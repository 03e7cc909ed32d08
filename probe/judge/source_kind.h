#ifndef MXP_SOURCE_KIND_H
#define MXP_SOURCE_KIND_H

#include "probe/facts/reported.h"
#include "probe/judge/finding.h"
#include "probe/policy/org_domain.h"

/*
 * What a source of mail with our domain in From is, by what receivers
 * reported.  No report says it, and no single sign proves it: SPF breaks when
 * mail is forwarded, DKIM when a list changes it, and a forger may sit in the
 * next rack.  So each sign speaks for some kinds and against others with a
 * weight; the heaviest wins, and the signs are the evidence.  The table stands
 * in source_kind.c.
 */
enum source_kind {
	SOURCE_OURS,            /* SPF passes, and is aligned */
	SOURCE_UNLISTED,        /* ours: it signs for us, and our SPF record
				   does not have it */
	SOURCE_FORGOTTEN,       /* ours: a host that mails by itself, with
				   neither */
	SOURCE_FORWARDER,       /* what we had sent to somebody else */
	SOURCE_OTHER_SENDER,    /* passes as another domain: a service that
				   sends for us, or not for us */
	SOURCE_FORGER,
	SOURCE_UNKNOWN,         /* too little is told */
};
enum { SOURCE_KIND_COUNT = SOURCE_UNKNOWN + 1, SOURCE_EVIDENCE_MAX = 16 };

/* What the other sources tell of one. */
struct source_view {
	const struct suffix_list *suffixes;
	struct span org_domain;         /* of the source's domain */
	bool is_listed;                 /* the user calls it his own */
	bool we_sign;                   /* DKIM passes for it elsewhere */
	uint64_t own_messages;          /* of it, from where SPF passes */
	bool has_own[FAMILY_COUNT];     /* an address where SPF passes */
	size_t own_near;                /* of them, in its network: /24, /48 */
	size_t failing_near;            /* other addresses there, from which
					   nothing passes */
};

struct source_verdict {
	enum source_kind kind;
	enum source_kind second;        /* what else it may be */
	enum confidence confidence;
	struct span for_it[SOURCE_EVIDENCE_MAX];
	size_t for_count;
	struct span against[SOURCE_EVIDENCE_MAX];
	size_t against_count;
};

const char *source_kind_word(enum source_kind kind);    /* "forgotten-host" */
const char *source_kind_phrase(enum source_kind kind);  /* "a forwarder" */

/* SPF passed and was aligned for most of it. */
bool source_passes_spf(const struct mail_source *source);

void source_kind_weigh(struct arena *arena, const struct mail_source *source,
	const struct source_view *view, struct source_verdict *verdict);

#endif
