#ifndef MXP_TLS_TAP_H
#define MXP_TLS_TAP_H

#include "probe/tls/key_log.h"
#include "probe/tls/tls_sight.h"

/*
 * A tap reads a TLS connection from outside: feed it the octets of both sides
 * as they were captured.  It tells what is in clear, and opens the records for
 * which the key log has the secrets.  What it cannot open it passes over, at
 * the cost of no memory.
 */
struct tls_tap;

enum {
	TLS_RECORD_MAX = 16384 + 2048 + 5,
	TLS_HANDSHAKE_MAX = 64 * 1024,  /* octets of one message */
};

/* The log may be NULL; both outlive the tap. */
struct tls_tap *tls_tap_open(struct arena *arena, const struct key_log *log);
void tls_tap_close(struct tls_tap *tap);

/*
 * Octets of one side, behind so many that are missing.  What they and those
 * before them hold of application data, in clear: until the next call.
 */
struct span tls_tap_feed(struct tls_tap *tap, bool is_server,
	struct span bytes, uint64_t missing);

const struct tls_sight *tls_tap_sight(const struct tls_tap *tap);

/* Octets of memory that it holds beside the arena. */
size_t tls_tap_size(const struct tls_tap *tap);

#endif
