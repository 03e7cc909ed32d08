#ifndef MXP_TLS_RPT_H
#define MXP_TLS_RPT_H

#include "probe/dns/answers.h"
#include "probe/policy/uri.h"

/*
 * Where a domain wants to hear about failed TLS sessions: the TXT record at
 * _smtp._tls.DOMAIN, RFC 8460, 3.  Its grammar is narrow and is taken as it
 * stands; a record that breaks it is as good as none.
 */
enum { TLS_RPT_DESTINATIONS_MAX = 32 }; /* the others are a fault */

struct tls_rpt_record {
	struct span text;
	struct uri *destinations;       /* rua= */
	size_t count;
	size_t usable;          /* of them: a mailto: with an address, or an
				   https: with a host; the RFC knows no other */
};

/* False with *why in words. */
bool tls_rpt_parse(struct arena *arena, struct span text,
	struct tls_rpt_record *record, struct span *why) MXP_MUST_USE;

enum tls_rpt {
	TLS_RPT_OPEN,
	TLS_RPT_NONE,
	TLS_RPT_FOUND,
	TLS_RPT_BROKEN,         /* a record that breaks the grammar */
	TLS_RPT_SEVERAL,        /* more than one: none counts */
	TLS_RPT_UNKNOWN,        /* the lookup failed */
};

struct tls_rpt_check {
	enum tls_rpt state;
	struct span name;       /* "_smtp._tls.example.org" */
	struct tls_rpt_record record;   /* FOUND; .text also when BROKEN */
	struct span why;        /* unless FOUND: one sentence */
};

enum tls_rpt tls_rpt_check(struct arena *arena, struct answers *answers,
	struct span domain, struct tls_rpt_check *check);

const char *tls_rpt_word(enum tls_rpt state);

#endif
