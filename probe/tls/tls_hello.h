#ifndef MXP_TLS_HELLO_H
#define MXP_TLS_HELLO_H

#include "probe/tls/tls_sight.h"

/*
 * The hellos of TLS (RFC 8446 section 4.1, RFC 5246 section 7.4.1), without the
 * head of the handshake message.  False: it is cut or broken.
 */
struct tls_hello {
	uint8_t random[32];
	unsigned version;               /* the newest offered, or agreed on */
	unsigned suite;                 /* of a server */
	struct span sni;                /* of a client; borrowed */
	bool is_retry;                  /* HelloRetryRequest */
	struct span session_id;         /* borrowed */
};

bool tls_hello_client(struct span text, struct tls_hello *hello) MXP_MUST_USE;
bool tls_hello_server(struct span text, struct tls_hello *hello) MXP_MUST_USE;

/* Numbers in network order from the front; false when they are not there. */
bool tls_take(struct span *text, size_t octets, size_t *number) MXP_MUST_USE;

/* A vector with its length in so many octets before it. */
bool tls_take_vector(struct span *text, size_t octets,
	struct span *vector) MXP_MUST_USE;

#endif
