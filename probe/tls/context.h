#ifndef MXP_CONTEXT_H
#define MXP_CONTEXT_H

#include <openssl/ssl.h>

#include "probe/tls/proof.h"
#include "probe/tls/wire.h"

/*
 * What all engines of a run share: OpenSSL's SSL_CTX with the trust anchors,
 * the chains seen so far, the key log.
 */
struct tls_context {
	SSL_CTX *ssl;
	BIO_METHOD *wire;
	struct known_chains known;
	int keylog;                     /* file descriptor; -1: none */
	bool lacks_anchors;             /* the system's are not read yet */
};

/*
 * A client connection on a wire, with the proof to fill; NULL when OpenSSL
 * has no memory.  The first one reads the system's anchors.
 */
SSL *tls_context_connect(struct tls_context *context, struct wire *wire,
	struct proof *proof);

#endif
