#ifndef MXP_HOSTILE_CERTIFICATES_H
#define MXP_HOSTILE_CERTIFICATES_H

#include <openssl/ssl.h>

/*
 * Certificates for servers that exist only while a test runs: an authority of
 * our own, and one server certificate for each way of being right or wrong.
 * All of them are for HOSTILE_HOST unless their name says otherwise.
 */
#define HOSTILE_HOST "mx.test"

enum certificate_kind {
	CERTIFICATE_GOOD,
	CERTIFICATE_EXPIRED,
	CERTIFICATE_WRONG_NAME,         /* good, but for other.test */
	CERTIFICATE_SELF_SIGNED,
};
enum { CERTIFICATE_COUNT = CERTIFICATE_SELF_SIGNED + 1 };

struct certificates {
	SSL_CTX *servers[CERTIFICATE_COUNT];    /* ready to accept */
	X509 *authority;
};

/* Both end the program when OpenSSL cannot do it: nothing can be tested. */
void certificates_open(struct certificates *certificates);
void certificates_write_authority(const struct certificates *certificates,
	const char *path);

void certificates_close(struct certificates *certificates);

#endif
