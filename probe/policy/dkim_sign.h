#ifndef MXP_DKIM_SIGN_H
#define MXP_DKIM_SIGN_H

#include "probe/policy/dkim_signature.h"

/*
 * DKIM signing: RFC 6376 section 5, RFC 8463.
 *
 * A secret is a private key: PEM of an RSA key (PKCS#1 or PKCS#8) or of an
 * Ed25519 key (PKCS#8), or the base64 of 32 octets, which is an Ed25519 seed
 * as RFC 8463 section A.2 writes it.
 */
struct dkim_secret;

/* NULL with *why: it is none of these, or RSA of under 1024 bits. */
struct dkim_secret *dkim_secret_open(struct span text, const char **why)
	MXP_MUST_USE;
void dkim_secret_close(struct dkim_secret *secret);

/* DKIM_RSA_SHA256 or DKIM_ED25519_SHA256 */
enum dkim_algorithm dkim_secret_algorithm(const struct dkim_secret *secret);

/* "v=DKIM1; k=rsa; p=...", what its selector must hold in the DNS. */
struct span dkim_secret_record(struct arena *arena,
	const struct dkim_secret *secret);

/* The signature of a text (dkim_signed_text()): raw octets. */
struct span dkim_secret_sign(struct arena *arena,
	const struct dkim_secret *secret, struct span text);

struct dkim_signing {
	const struct dkim_secret *secret;
	struct span domain, selector;
	struct span identity;           /* i=; empty: not written */
	enum canon header_canon, body_canon;
	const struct span *names;       /* h= as it shall be; NULL: what
					   dkim_default_names() gives */
	size_t name_count;
	uint64_t body_length;           /* l=; 0: not written; CANON_WHOLE:
					   what the body has */
	uint64_t time, expiry;          /* t=, x=; 0: not written */
};

/*
 * What is signed unless somebody says otherwise: the fields of RFC 6376
 * section 5.4.1 that the message has, each as often as it has it, and the
 * List-Unsubscribe and List-Unsubscribe-Post that RFC 8058 wants signed; From,
 * To, Subject, Date and others that must not be added later once more than
 * they occur (section 5.4).
 */
size_t dkim_default_names(struct arena *arena, const struct header *header,
	const struct span **names);

/*
 * *field: "DKIM-Signature: ...\r\n", folded, to stand above the message, whose
 * line ends may be of any kind.  False with *why: no From, a domain or selector
 * that is none, i= not under d=, names without From.
 */
bool dkim_sign(struct arena *arena, const struct dkim_signing *signing,
	struct span message, struct span *field, const char **why)
	MXP_MUST_USE;

/*
 * One signature field printed and signed, as DKIM and ARC have it.  The result
 * has a CRLF at its end.
 */
struct dkim_tag {
	const char *name;
	struct span value;      /* broken over lines where it has a colon; */
	bool is_long;           /* or anywhere: base64 */
};

struct dkim_field {
	const char *name;       /* "DKIM-Signature" */
	enum canon canon;       /* of the header */
	const struct dkim_tag *tags;    /* without b=, which goes last */
	size_t tag_count;
	const struct header_field *const *fields;       /* signed with it */
	size_t field_count;
};

struct span dkim_sign_field(struct arena *arena,
	const struct dkim_secret *secret, const struct dkim_field *field);

#endif
