#ifndef MXP_DKIM_SIGNATURE_H
#define MXP_DKIM_SIGNATURE_H

#include <stdint.h>

#include "probe/mail/canon.h"
#include "probe/mail/header.h"
#include "probe/policy/tag_list.h"

/*
 * A signature as it stands in its header field, read and checked as far as
 * that is possible without a key, a clock and the message: RFC 6376 section
 * 3.5, RFC 8301, RFC 8463, and for ARC RFC 8617 section 4.1.
 *
 * Every field that could be read is filled also when `fault` says that the
 * signature is void, so that a report can tell what it was meant to be.
 */
enum dkim_kind {
	DKIM_SIGNATURE,         /* DKIM-Signature */
	DKIM_ARC_MESSAGE,       /* ARC-Message-Signature: no v=; i= is the
				   instance; h= may be empty */
	DKIM_ARC_SEAL,          /* ARC-Seal: neither bh= nor h=, but cv= */
};

enum dkim_algorithm {
	DKIM_RSA_SHA256,
	DKIM_ED25519_SHA256,
	DKIM_RSA_SHA1,          /* read, never valid: RFC 8301 section 3.1 */
	DKIM_ALGORITHM_OTHER,
};

enum dkim_digest {
	DKIM_SHA256,
	DKIM_SHA1,              /* for forensics only */
};

/* In the order in which they are looked for. */
enum dkim_fault {
	DKIM_SOUND,
	DKIM_BAD_TAGS,          /* RFC 6376, 3.2: no tag list */
	DKIM_BAD_VERSION,       /* 3.5 v=: absent, or not 1 */
	DKIM_MISSING_TAG,       /* 3.5: a b bh d h s, i in ARC, cv in a seal */
	DKIM_BAD_TAG,           /* a value breaks its grammar */
	DKIM_BAD_ALGORITHM,     /* 3.5 a=: unknown */
	DKIM_OLD_ALGORITHM,     /* RFC 8301, 3.1: rsa-sha1 */
	DKIM_BAD_CANON,         /* 3.5 c=: unknown */
	DKIM_BAD_DOMAIN,        /* 3.5 d= or s= is no domain name */
	DKIM_BAD_IDENTITY,      /* 3.5 i= is not at or below d= */
	DKIM_FROM_UNSIGNED,     /* 5.4, 6.1.1: h= lacks From */
	DKIM_BAD_QUERY,         /* 3.5 q=: no method that we know */
	DKIM_BAD_TIMES,         /* 3.5 x=: not after t= */
	DKIM_EXPIRED,           /* set by dkim_check(), which knows the time */
};

enum {
	DKIM_NAMES_MAX = 1000,          /* in h= */
	DKIM_SIGNED_VALUE_MAX = 4096,   /* octets of b=, decoded */
	ARC_INSTANCE_MAX = 50,          /* RFC 8617 section 4.2.1 */
	DKIM_DIGEST_MAX = 32,           /* octets */
};

struct dkim_signature {
	enum dkim_kind kind;
	const struct header_field *field;
	struct tag_list tags;

	enum dkim_algorithm algorithm;  /* a= */
	enum canon header_canon;        /* c=; a seal is always relaxed */
	enum canon body_canon;
	struct span domain;             /* d=, lower case, A-labels */
	struct span selector;           /* s=, lower case */
	struct span identity;           /* i= decoded; "@" and d= without it */
	const struct span *names;       /* h=, in its order, may repeat;
					   without empty ones */
	size_t name_count;
	struct span signature;          /* b=, decoded */
	struct span body_hash;          /* bh=, decoded */
	uint64_t body_length;           /* l=, or CANON_WHOLE */
	bool has_time, has_expiry;
	uint64_t time, expiry;          /* t=, x=: seconds since 1970 */
	unsigned instance;              /* ARC i=; else 0 */
	struct span chain;              /* cv= of a seal */

	enum dkim_fault fault;
	struct span why;                /* one sentence; may quote the signer:
					   escape before a terminal sees it */
};

/* Returns whether fault is DKIM_SOUND.  All else is in the struct. */
bool dkim_signature_parse(struct arena *arena, enum dkim_kind kind,
	const struct header_field *field, struct dkim_signature *signature);

/* "selector._domainkey.domain"; empty when one of them is not readable. */
struct span dkim_signature_key_name(struct arena *arena,
	const struct dkim_signature *signature);

/* The signature field's raw bytes, with the value of b= taken out (3.7). */
struct span dkim_signature_without_b(struct arena *arena, struct span raw);

/* Does h= name this header field? */
bool dkim_signature_covers(const struct dkim_signature *signature,
	struct span name);

/*
 * The header fields that h= means, from the bottom of the message up for a
 * name that repeats (5.4.2), without those that are not there.  Returns how
 * many; *fields is in h='s order.
 */
size_t dkim_signature_pick(struct arena *arena, const struct header *header,
	const struct dkim_signature *signature,
	const struct header_field *const **fields);

/*
 * The text that is signed (3.7): each field in canonical form with CRLF, then
 * `last`, which is the signature's own field without its b= value, without
 * CRLF.  ARC-Seal gives its own list of fields (RFC 8617 section 5.1.1).
 */
struct span dkim_signed_text(struct arena *arena, enum canon canon,
	const struct header_field *const *fields, size_t count,
	struct span last);

/* What the algorithm hashes with; an unknown one: SHA-256. */
enum dkim_digest dkim_algorithm_digest(enum dkim_algorithm algorithm);

const char *dkim_algorithm_word(enum dkim_algorithm algorithm);
const char *dkim_fault_word(enum dkim_fault fault);     /* "bad-version" */

/* "RFC 6376 section 3.5", "RFC 8301 section 3.1" */
const char *dkim_fault_section(enum dkim_fault fault);

#endif
