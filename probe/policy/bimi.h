#ifndef MXP_BIMI_H
#define MXP_BIMI_H

#include "probe/dns/answers.h"
#include "probe/policy/uri.h"

/*
 * The picture that a domain wants to be shown beside its mail: the TXT record
 * at default._bimi.DOMAIN, or else at that of the organizational domain
 * (draft-brand-indicators-for-message-identification, 4.2 and 7.2).  Only the
 * record is looked at; neither the picture nor its certificate is fetched.
 */
struct bimi_record {
	struct span text;
	struct uri location;    /* l=, https; .text empty when declined */
	struct uri evidence;    /* a=, https: a mark certificate; may be empty */
	bool is_declined;       /* "l=; a=;": the domain wants no picture */
};

/* False with *why in words. */
bool bimi_parse(struct arena *arena, struct span text,
	struct bimi_record *record, struct span *why) MXP_MUST_USE;

enum bimi {
	BIMI_OPEN,
	BIMI_NONE,
	BIMI_FOUND,
	BIMI_DECLINED,
	BIMI_BROKEN,
	BIMI_SEVERAL,
	BIMI_UNKNOWN,           /* the lookup failed */
};

struct bimi_check {
	enum bimi state;
	struct span name;       /* where it is, or was looked for last */
	struct bimi_record record;      /* FOUND, DECLINED; .text: BROKEN too */
	struct span why;        /* unless FOUND: one sentence */
};

/* Both domains may be the same. */
enum bimi bimi_check(struct arena *arena, struct answers *answers,
	struct span domain, struct span org_domain, struct bimi_check *check);

const char *bimi_word(enum bimi state);

#endif
