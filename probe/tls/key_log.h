#ifndef MXP_KEY_LOG_H
#define MXP_KEY_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "probe/base/span.h"

/*
 * The secrets of TLS connections, as OpenSSL, NSS and others write them down
 * (the SSLKEYLOGFILE format): one line each, a label, the client's random, the
 * secret.  Unknown labels and broken lines are passed over.  It holds
 * KEY_LOG_MAX connections; the oldest make way.
 */
enum {
	KEY_LOG_MAX = 8192,
	TLS_RANDOM_LEN = 32,
	TLS_SECRET_MAX = 48,
};

enum key_label {
	KEY_MASTER,                     /* CLIENT_RANDOM: up to TLS 1.2 */
	KEY_CLIENT_HANDSHAKE,           /* TLS 1.3, RFC 8446 section 7.1 */
	KEY_SERVER_HANDSHAKE,
	KEY_CLIENT_TRAFFIC,
	KEY_SERVER_TRAFFIC,
};
enum { KEY_LABELS = KEY_SERVER_TRAFFIC + 1 };

struct key_log;

struct key_log *key_log_open(void);
void key_log_close(struct key_log *log);

/* A text of whole lines; the last one may lack its end. */
void key_log_add(struct key_log *log, struct span text);

/* Empty: it is not known.  Good until something is added. */
struct span key_log_find(const struct key_log *log,
	const uint8_t random[static TLS_RANDOM_LEN], enum key_label label);

size_t key_log_count(const struct key_log *log);        /* connections */

#endif
