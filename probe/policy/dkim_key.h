#ifndef MXP_DKIM_KEY_H
#define MXP_DKIM_KEY_H

#include "probe/policy/dkim_signature.h"

/*
 * A key record: what a TXT record at selector._domainkey.domain says (RFC 6376
 * section 3.6.1, RFC 8301, RFC 8463), and the public key in it.
 *
 * The key is cut out of the record by hand, as SubjectPublicKeyInfo or as the
 * bare RSAPublicKey that the RFC's grammar asks for: both are common.  Reading
 * one costs several microseconds, so keys are kept.
 */
struct dkim_keys;

enum {
	DKIM_KEY_RECORDS_MAX = 8,       /* looked at of one selector */
	DKIM_KEYS_MAX = 1024,           /* kept; the longest unused goes.  More
				   than one message can ask for, with all its
				   sets of ARC: see dkim.c */
	DKIM_KEY_RECORD_MAX = 8192,     /* octets; RSA of 16384 bits has 2800 */
	DKIM_RSA_MIN = 1024,            /* bits: RFC 8301 section 3.2 */
	DKIM_RSA_WEAK = 2048,           /* below it: valid, not recommended */
	DKIM_RSA_MAX = 8192,            /* ours: the time to check it */
};

enum dkim_key_fault {
	DKIM_KEY_SOUND,
	DKIM_KEY_ABSENT,        /* no TXT record, or none that is a key */
	DKIM_KEY_BAD_TAGS,
	DKIM_KEY_BAD_VERSION,   /* v= is not DKIM1, or not first */
	DKIM_KEY_BAD_TYPE,      /* k= unknown */
	DKIM_KEY_REVOKED,       /* p= is empty */
	DKIM_KEY_MISSING,       /* no p= */
	DKIM_KEY_BAD_KEY,       /* p= is no base64, or no such key */
	DKIM_KEY_TOO_SHORT,     /* RSA under DKIM_RSA_MIN */
	DKIM_KEY_TOO_LONG,      /* RSA over DKIM_RSA_MAX */
	DKIM_KEY_BAD_SERVICE,   /* s= excludes mail */
	DKIM_KEY_BAD_HASH,      /* h= excludes sha256 */
	DKIM_KEY_MISMATCH,      /* set by dkim_check(): a= wants another k= */
	DKIM_KEY_STRICT,        /* set by dkim_check(): t=s, i= below d= */
};

enum dkim_key_type {
	DKIM_KEY_RSA,
	DKIM_KEY_ED25519,
	DKIM_KEY_OTHER,
};

struct dkim_key {
	struct span record;     /* its bytes */
	enum dkim_key_type type;
	unsigned bits;          /* of an RSA modulus; 256 for ed25519 */
	bool is_testing;        /* t=y */
	bool is_strict;         /* t=s: i= must be d= itself */
	bool has_sha1;          /* h= allows it; of interest to forensics */
	struct span notes;      /* n= */
	enum dkim_key_fault fault;
	struct span why;        /* one sentence */
	struct evp_pkey_st *pkey;       /* also when only too short, or of bad
					   service or hash; else NULL */
	struct evp_pkey_ctx_st *checker;        /* of an RSA key, ready for a
						   SHA-256; may be NULL */
};

struct dkim_keys *dkim_keys_open(void);
void dkim_keys_close(struct dkim_keys *keys);

/*
 * Never NULL.  The key lives until it is thrown out for others: not before
 * DKIM_KEYS_MAX different ones have been asked for since.
 */
const struct dkim_key *dkim_keys_get(struct dkim_keys *keys,
	struct span record);

/* OpenSSL's method, found once; NULL where this machine forbids it. */
const struct evp_md_st *dkim_digest_method(enum dkim_digest digest);

/* The digest of a text: its octets into room, and how many they are: 20 or
 * 32, or 0 where this machine forbids SHA-1. */
size_t dkim_hash(enum dkim_digest digest, struct span text,
	unsigned char room[static DKIM_DIGEST_MAX]);

/*
 * Does the signature fit the text (dkim_signed_text()), or a hash of it, under
 * this key?  rsa-sha1 is computed too: whether it counts is the caller's
 * business.  False also for a key without pkey, or of the wrong type.
 */
bool dkim_key_verify(const struct dkim_key *key,
	enum dkim_algorithm algorithm, struct span text,
	struct span signature) MXP_MUST_USE;
bool dkim_key_verify_hash(const struct dkim_key *key,
	enum dkim_algorithm algorithm, struct span hash,
	struct span signature) MXP_MUST_USE;

const char *dkim_key_fault_word(enum dkim_key_fault fault);     /* "revoked" */

#endif
