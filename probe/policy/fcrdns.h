#ifndef MXP_FCRDNS_H
#define MXP_FCRDNS_H

#include "probe/base/ip.h"
#include "probe/dns/answers.h"

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

#endif
