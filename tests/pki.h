#ifndef MXP_TEST_PKI_H
#define MXP_TEST_PKI_H

#include <openssl/ssl.h>
#include <stdint.h>

#include "probe/base/span.h"

/*
 * A certificate maker for tests, in the process and without files: CAs,
 * intermediates and leaves good and bad.  A test includes pki.c, since it is
 * linked to nothing but itself.  Whatever goes wrong here aborts the test.
 *
 * Dates are seconds since 1970.  So that tests do not depend on the clock,
 * PKI_PAST is over for long and PKI_FUTURE will not come soon.
 */
enum pki_key { PKI_EC, PKI_RSA, PKI_ED25519 };

#define PKI_LONG_AGO   INT64_C(946684800)       /* 2000-01-01 */
#define PKI_PAST       INT64_C(978307200)       /* 2001-01-01 */
#define PKI_FUTURE     INT64_C(4102444800)      /* 2100-01-01 */
#define PKI_FAR_FUTURE INT64_C(4133980800)      /* 2101-01-01 */

struct credential {
	X509 *x509;
	EVP_PKEY *key;
};

/* Self-signed and good for 2000 to 2100.  pki_free() each. */
struct credential pki_ca_new(const char *common_name);

/* A CA below a CA. */
struct credential pki_intermediate(const struct credential *ca,
	const char *common_name);

/*
 * `names` are subjectAltNames parted by commas, addresses among them; any
 * octet else may stand in them.  The subject is CN=leaf.  Without a CA it is
 * self-signed.
 */
struct credential pki_leaf(const struct credential *ca, struct span names,
	int64_t not_before, int64_t not_after, enum pki_key key);

/* pki_leaf() with an EC key, good for 2000 to 2100. */
struct credential pki_good_leaf(const struct credential *ca,
	const char *names);

/* Signs again, after a test has changed the certificate. */
void pki_sign(X509 *x509, EVP_PKEY *signer);

void pki_free(struct credential *credential);

/* PEM files: a CA file, or what a server is started with. */
void pki_write_certificate(const char *path, const X509 *x509);
void pki_write_key(const char *path, const EVP_PKEY *key);

/*
 * A server's SSL_CTX that sends the leaf and, when not NULL, the
 * intermediate.  SSL_CTX_free() it.
 */
SSL_CTX *pki_server(const struct credential *leaf,
	const struct credential *intermediate);

#endif
