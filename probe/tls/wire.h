#ifndef MXP_WIRE_H
#define MXP_WIRE_H

#include <openssl/bio.h>

#include "probe/tls/backlog.h"

/*
 * The network as OpenSSL sees it: a BIO that reads straight from the bytes
 * just fed and writes into a backlog.  Against two memory BIOs it saves a
 * copy of what arrives, and the buffers that they keep when they are empty.
 */
struct wire {
	struct span in;                 /* fed and not yet read; borrowed */
	struct backlog out;
};

/* The kind of BIO, one for a run; NULL when there is no memory. */
BIO_METHOD *wire_method_new(void);

/* The BIO borrows the wire. */
BIO *wire_bio(const BIO_METHOD *method, struct wire *wire);

#endif
