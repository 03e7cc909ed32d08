#ifndef MXP_TLS_DANE_H
#define MXP_TLS_DANE_H

#include <openssl/ssl.h>

#include "probe/tls/tlsa.h"

/*
 * A chain against TLSA records, by OpenSSL's own DANE (RFC 7671), without a
 * connection: so that one handshake gives the verdict of a sender that looks
 * for authorities and that of a sender that looks for TLSA.  Beside it stands
 * what OpenSSL does not tell: which record is unusable, and which one would
 * fit if its usage, selector or matching type were another.
 *
 * `context` has the trust anchors (they count for usages 0 and 1 only) and
 * SSL_CTX_dane_enable() was called for it.  `sent` is the chain as it came,
 * the server's own certificate first.  The records are copied.
 */
void dane_verify(struct arena *arena, SSL_CTX *context,
	STACK_OF(X509) *sent, const struct tlsa_set *set,
	struct tlsa_verdict *verdict);

#endif
