#ifndef MXP_REPLY_FIELDS_H
#define MXP_REPLY_FIELDS_H

#include "probe/base/arena.h"
#include "probe/base/ip.h"

/*
 * What a refusal carries beside its meaning: which address the server saw, for
 * which domain, what it found out about SPF, DKIM and DMARC, which list it
 * asked, where to read on, and the token by which its postmaster finds it.
 * All of it is the server's word, and foreign bytes: escape it before it is
 * shown.  What is not there is empty or false.
 */
enum {
	REPLY_DOMAINS_MAX = 4,
	REPLY_LINKS_MAX = 4,
};

struct reply_fields {
	bool has_ip;
	struct ip ip;                   /* of the client, as the server saw it */
	struct span domains[REPLY_DOMAINS_MAX]; /* "SPF [example.org]" */
	size_t domain_count;
	struct span spf, dkim, dmarc;   /* "did not pass", "fail" ... */
	struct span list;               /* "zen.spamhaus.org" */
	struct span links[REPLY_LINKS_MAX];
	size_t link_count;
	struct span keyword;            /* "NotAuthorizedError" of "?p=" */
	struct span token;              /* "5b1f17b1804b1-4a8si1f.3 - gsmtp" */
	bool has_wait;
	unsigned wait_s;                /* come back after so many seconds */
};

/* A reply as a server sent it, or as a log or a bounce tells of it.  Spans are
 * in the arena. */
void reply_fields_read(
	struct arena *arena, struct span text, struct reply_fields *fields);

#endif
