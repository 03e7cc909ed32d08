#ifndef MXP_TLSA_H
#define MXP_TLSA_H

#include <stdbool.h>

#include "probe/base/arena.h"

/*
 * TLSA records (RFC 6698) as plain values: what a domain published, what a
 * server is held against, and what came of it.  SMTP knows two usages,
 * DANE-TA(2) and DANE-EE(3); records that say anything else are unusable, and
 * where all are, TLS is wanted all the same, but authenticates nobody
 * (RFC 7672 sections 2.2 and 3.1.3).
 */
enum {
	TLSA_RECORDS_MAX = 32,          /* of a set; the others are dropped */
	TLSA_NAMES_MAX = 4,
};

struct tlsa {
	unsigned usage, selector, mtype;        /* one octet each */
	struct span data;               /* the association, as bytes */
};

/*
 * What a server is held against.  The names are the reference identifiers of
 * RFC 7672 section 3.2.2, the TLSA base domain first: it is what SNI asks for.
 */
struct tlsa_set {
	const struct tlsa *records;     /* TLSA_RECORDS_MAX at most */
	size_t count;
	const struct span *names;       /* TLSA_NAMES_MAX at most, 1 at least */
	size_t name_count;
	bool knows_pkix;                /* usages 0 and 1 count too, as outside
					   of SMTP (RFC 6698 section 2.1.1) */
	bool checks_ee_name;            /* the name counts for usage 3 too: not
					   so in SMTP, RFC 7672 3.1.1 */
};

enum tlsa_use {
	TLSA_USABLE,
	TLSA_NOT_FOR_SMTP,      /* usage 0 or 1 */
	TLSA_UNKNOWN_USAGE,
	TLSA_UNKNOWN_SELECTOR,
	TLSA_UNKNOWN_MTYPE,
	TLSA_WRONG_LENGTH,      /* no digest of that type is so long */
	TLSA_NOT_DER,           /* not digested, and no certificate or key */
};

/* One record against the chain that came. */
struct tlsa_fact {
	struct tlsa tlsa;
	enum tlsa_use use;
	bool is_match;          /* the one by which the server is authentic */
	int fits_at;            /* which certificate its data is of, 0 being
				   the server's own; -1: of none */
	struct span hint;       /* what is wrong with a record whose data is
				   of a certificate that came; or empty */
};

enum tlsa_result {
	TLSA_ALL_UNUSABLE,      /* TLS, but nobody is authenticated */
	TLSA_MATCHES,           /* the server is who it should be */
	TLSA_NO_MATCH,          /* no usable record fits */
	TLSA_INVALID,           /* one fits, but the date or the name, or the
				   chain to it, does not */
};

struct tlsa_verdict {
	enum tlsa_result result;
	int code;               /* X509_V_OK or X509_V_ERR_*; of no meaning
				   with TLSA_ALL_UNUSABLE */
	int depth;              /* of the certificate that a record fits, 0
				   being the server's own; -1: none */
	const struct tlsa_fact *records;        /* as in the set */
	size_t count;
	struct span publish;    /* the record that would fit: "3 1 1 hash" */
	struct span why;        /* in words; empty with TLSA_MATCHES */
};

/* "3 1 1 hex", as the answers have it; the hex may be parted by spaces. */
bool tlsa_parse(struct arena *arena, struct span text, struct tlsa *tlsa)
	MXP_MUST_USE;
struct span tlsa_text(struct arena *arena, const struct tlsa *tlsa);

/* By what can be said without a look at the data: never TLSA_NOT_DER. */
enum tlsa_use tlsa_use(const struct tlsa *tlsa, bool knows_pkix);

const char *tlsa_use_word(enum tlsa_use use);   /* "usable", "wrong-length" */
const char *tlsa_use_why(enum tlsa_use use);    /* a clause; "" if usable */
const char *tlsa_result_word(enum tlsa_result result);  /* "matches" */

#endif
