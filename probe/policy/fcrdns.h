#ifndef MXP_FCRDNS_H
#define MXP_FCRDNS_H

#include "probe/base/ip.h"
#include "probe/dns/answers.h"
#include "probe/policy/generic_name.h"

/*
 * Forward-confirmed reverse DNS: does the address have a name, and does that
 * name have the address, by A for IPv4 and by AAAA for IPv6?
 */
enum fcrdns {
	FCRDNS_OPEN,            /* lookups are missing: settle them, ask again */
	FCRDNS_CONFIRMED,
	FCRDNS_NO_NAME,
	FCRDNS_NOT_CONFIRMED,
	FCRDNS_UNKNOWN,         /* the DNS failed us; blame nobody */
};

/* Receivers look at few names of an address with many; so do we. */
enum { FCRDNS_NAMES_MAX = 10 };

/* *name: the confirmed name, or else the first one given, or empty. */
enum fcrdns fcrdns_check(struct arena *arena, struct answers *answers,
	const struct ip *ip, struct span *name);

const char *fcrdns_word(enum fcrdns fcrdns);    /* "confirmed", "no-name" */

/*
 * The same in full, for one of our own sources: every name, where each leads
 * back to, and what it looks like.
 */
enum fcrdns_back {
	FCRDNS_BACK_OPEN,
	FCRDNS_BACK_SAME,       /* it has the address */
	FCRDNS_BACK_OTHER,      /* it has addresses of the family, but others */
	FCRDNS_BACK_NONE,       /* it has none of the family: no A, or no AAAA */
	FCRDNS_BACK_NO_NAME,    /* it does not exist */
	FCRDNS_BACK_UNKNOWN,    /* the lookup failed */
};

struct fcrdns_name {
	struct span name;
	enum fcrdns_back back;
	const struct answer *addresses; /* A or AAAA of it; NULL while open */
	struct generic_name generic;
};

struct fcrdns_facts {
	enum fcrdns result;     /* as fcrdns_check() has it */
	struct span reverse_name;       /* "1.2.0.192.in-addr.arpa" */
	struct fcrdns_name *names;      /* FCRDNS_NAMES_MAX at most */
	size_t count;
	size_t left_out;        /* names above that */
	const struct fcrdns_name *confirmed;    /* the first; NULL: none */
	struct span why;        /* unless CONFIRMED: one sentence */
};

enum fcrdns fcrdns_facts(struct arena *arena, struct answers *answers,
	const struct ip *ip, struct fcrdns_facts *facts);

const char *fcrdns_back_word(enum fcrdns_back back);

/* Where an answer for A or AAAA leads, seen from the address; NULL: open. */
enum fcrdns_back fcrdns_back_of(const struct answer *answer,
	const struct ip *ip);

/*
 * Are two who answer of one mind about an address?  `ours` was settled by the
 * resolver of this machine, `theirs` by another way: a resolver elsewhere, or
 * the zone's own servers.  Receivers see what the others say.
 */
enum fcrdns_views {
	FCRDNS_VIEWS_OPEN,
	FCRDNS_VIEWS_SAME,
	FCRDNS_VIEWS_DIFFER,
	FCRDNS_VIEWS_UNKNOWN,   /* one of them could not say */
};

/* *why: one sentence unless they are the same. */
enum fcrdns_views fcrdns_differ(struct arena *arena, struct answers *ours,
	struct answers *theirs, const struct ip *ip, struct span *why);

#endif
