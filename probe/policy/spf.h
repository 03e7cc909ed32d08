#ifndef MXP_SPF_H
#define MXP_SPF_H

#include "probe/dns/answers.h"
#include "probe/policy/spf_record.h"
#include "probe/policy/spf_result.h"

/*
 * Would a receiver that sees this address, this EHLO name and this MAIL FROM
 * say that the domain allows it?  check_host() of RFC 7208, whole, as a plain
 * function of the answers: it is run again from its start while it says
 * SPF_OPEN, and in each run asks all that it can foresee, but nothing behind
 * a term that is certain to match, and nothing past the limits.
 *
 * An address of ::ffff:0:0/96 is checked as the IPv4 address in it (RFC 7208,
 * 5).  A domain in U-labels is asked for in A-labels (RFC 8616, 4).
 */
enum {
	SPF_LOOKUPS_MAX = 10,   /* terms that ask: RFC 7208, 4.6.4 */
	SPF_VOIDS_MAX = 2,      /* lookups that find nothing: the same */
	SPF_NAMES_MAX = 10,     /* hosts of an mx, names of a ptr: the same */
	SPF_SENDER_MAX = 1024,  /* ours; RFC 5321, 4.5.3.1.3 has 256 */
};

struct spf_query {
	struct ip ip;
	struct span helo;
	struct span mail_from;  /* empty: the HELO identity is checked; without
				   an at-sign: a domain, its postmaster */
	struct span receiver;   /* for %{r}; may be empty */
	int64_t now;            /* for %{t}: seconds of Unix time */
	struct spf_cache *cache;        /* NULL: records are compiled anew */
	bool is_traced;         /* wants `steps` */
};

struct spf_lookup {
	struct spf_lookup *next;
	struct span name;
	enum rr_type type;
	const struct answer *answer;
};

/* One term that was looked at, in the order of evaluation. */
struct spf_step {
	struct spf_step *next;
	unsigned depth;         /* 0: a term of the first record */
	struct span domain;     /* whose record the term stands in */
	struct span term;       /* as written; empty: the first lookup of all */
	struct span target;     /* the name it means, macros expanded */
	struct spf_lookup *lookups;
	enum spf_outcome outcome;
	unsigned lookups_used;  /* of SPF_LOOKUPS_MAX, with this term */
	unsigned voids_used;    /* of SPF_VOIDS_MAX, with this term */
};

/* A lookup that found nothing, and the term that made it. */
struct spf_void {
	struct span name;
	enum rr_type type;
	struct span domain, term;
};

/*
 * All spans live as long as the arena and the answers do.  While the result
 * is SPF_OPEN the rest means nothing.
 */
struct spf_check {
	enum spf_result result;
	struct span domain;     /* whose policy was asked for */
	struct span record;     /* the first record; empty: none was found */
	struct span term;       /* what matched or was wrong; may be empty */
	struct span term_domain;        /* whose record that stands in */
	const struct span *path;        /* from `domain` to `term_domain`, by
					   include and redirect */
	size_t path_count;
	unsigned lookups;
	unsigned void_count;
	struct spf_void voids[SPF_VOIDS_MAX + 1];
	struct span explanation;        /* of fail; empty: there is none */
	struct span why;        /* of none, temperror and permerror */
	struct spf_step *steps;
};

enum spf_result spf_check(struct arena *arena, struct answers *answers,
	const struct spf_query *query, struct spf_check *check);

/* How many of the TXT values are SPF records; *first: the first of them. */
size_t spf_records_find(const struct answer *answer, struct span *first);

#endif
