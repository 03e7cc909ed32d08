#ifndef MXP_SESSION_H
#define MXP_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "probe/tls/tlsa.h"

/*
 * What a TLS handshake showed, as plain values.  Verification never aborts
 * the handshake: the session says what was found, and whoever asked for
 * --tls secure decides.  The session lives in the visit's arena; a chain that
 * was seen before lives in the arena of the TLS context, which outlives the
 * visits.  Text taken from certificates is foreign and not escaped.
 */
enum {
	SESSION_CHAIN_MAX = 16,         /* certificates kept of what was sent */
	SESSION_NAMES_MAX = 256,        /* names kept of a certificate */
	SESSION_TEXT_MAX = 1024,        /* octets kept of a name or a subject */
};

struct certificate {
	struct span subject;            /* RFC 2253 style, "CN=mx.example" */
	struct span issuer;
	const struct span *names;       /* subjectAltName: DNS names, and
					   addresses as text; NUL and all */
	size_t name_count;
	size_t names_in_all;            /* more than name_count: cut short */
	int64_t not_before, not_after;  /* seconds since 1970, UTC; 0: the
					   certificate's date is no date */
	struct span key_type;           /* "RSA", "EC", "ED25519" */
	unsigned key_bits;              /* 0: not known */
	struct span signature;          /* "ecdsa-with-SHA256" */
	uint8_t sha256[32];             /* of the certificate */
	uint8_t spki_sha256[32];        /* of its public key: as TLSA x 1 1 */
	bool is_self_issued;
};

struct session {
	struct span version;            /* "TLSv1.3" */
	struct span cipher;             /* "TLS_AES_256_GCM_SHA384" */
	unsigned cipher_bits;
	struct span group;              /* "x25519"; empty: not known */
	struct span peer_signature;     /* "ECDSA-SHA256"; may be empty */
	struct span sni;                /* what we asked for; empty: none */
	const struct certificate *chain;        /* as sent, leaf first */
	size_t chain_count;             /* at most SESSION_CHAIN_MAX */
	struct span checked_name;       /* the name the leaf was held against */
	bool name_matches;              /* true too when none was held */
	bool is_trusted;                /* a chain to a trust anchor, in date,
					   whatever the name */
	bool is_expired;                /* some certificate of the chain */
	bool is_self_signed;            /* the leaf */
	int verify_code;                /* the most telling X509_V_ERR_*: trust
					   before dates before the name */
	struct span verify_why;         /* in words; empty: none */
	const struct tlsa_verdict *tlsa;        /* NULL: no record was given */
	unsigned handshake_us;
};

#endif
