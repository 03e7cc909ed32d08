#ifndef MXP_CONTEXT_H
#define MXP_CONTEXT_H

#include <openssl/ssl.h>

#include "probe/tls/engine.h"
#include "probe/tls/proof.h"
#include "probe/tls/wire.h"

struct throwaway;

/*
 * What all engines of a run share: OpenSSL's SSL_CTX with the trust anchors,
 * the chains seen so far, the key log.
 */
struct tls_context {
	SSL_CTX *ssl;
	BIO_METHOD *wire;
	struct known_chains known;
	int keylog;                     /* file descriptor; -1: none */
	tls_secret_told *secret_told;   /* or NULL */
	void *secret_receiver;
	bool lacks_anchors;             /* the system's are not read yet */
};

/*
 * A client connection on a wire, with the proof to fill; NULL when OpenSSL
 * has no memory.  The first one reads the system's anchors.
 */
SSL *tls_context_connect(struct tls_context *context, struct wire *wire,
	struct proof *proof);

/* That of a server with this certificate and key; NULL: OpenSSL cannot. */
struct tls_context *tls_context_open_server(struct arena *arena,
	X509 *certificate, EVP_PKEY *key);
SSL *tls_context_accept(struct tls_context *context, struct wire *wire);

/* Trusts what a throw-away authority has signed. */
bool throwaway_is_trusted(const struct throwaway *throwaway, SSL_CTX *ssl);

#endif
