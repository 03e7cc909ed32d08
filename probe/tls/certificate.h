#ifndef MXP_CERTIFICATE_H
#define MXP_CERTIFICATE_H

#include <openssl/x509.h>

#include "probe/tls/session.h"

/*
 * From OpenSSL's certificate to plain values.  Everything in it is foreign:
 * texts and the number of names are bounded, what cannot be read is left
 * empty or 0, and nothing here judges.  `sha256` is the hash, fetched once.
 */
void certificate_read(struct arena *arena, X509 *x509, const EVP_MD *sha256,
	struct certificate *certificate);

/* Seconds since 1970; 0 when it is no date. */
int64_t certificate_seconds(const ASN1_TIME *time);

#endif
