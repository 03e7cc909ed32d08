#ifndef MXP_HOSTILE_PEER_H
#define MXP_HOSTILE_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

/*
 * One end of a TCP connection, in plain text or TLS.  Every wait ends: with
 * what was waited for, when the other end leaves, when `stop` becomes readable
 * or at the deadline.  All functions then return false or 0.
 */
enum { PEER_BUFFER = 16 * 1024, PEER_LINE_MAX = 64 * 1024 };

struct peer {
	int fd;                         /* not blocking; owned */
	int stop;                       /* -1: none; not owned */
	int64_t deadline_ms;            /* of peer_now_ms() */
	SSL *tls;                       /* NULL: plain text */
	char buffer[PEER_BUFFER];
	char *bytes;                    /* in it: read and not yet taken ... */
	size_t len;                     /* ... so many */
	bool is_reset;                  /* it ended in a RST */
	bool is_late;                   /* it ended at the deadline */
};

int64_t peer_now_ms(void);              /* monotonic */

void peer_init(struct peer *peer, int fd, int stop, int64_t deadline_ms);

/* Handshakes as server or as client, with OpenSSL's role of the context. */
bool peer_shake(struct peer *peer, SSL_CTX *context, bool is_server);

bool peer_say(struct peer *peer, const char *bytes, size_t len);

/*
 * A line with its LF, NUL-terminated and cut to fit `room`; the rest of a
 * longer line is dropped, up to PEER_LINE_MAX, where it is cut in two.
 * Returns its full length; 0 when none came.
 */
size_t peer_hear(struct peer *peer, char *room, size_t room_len);

/* Takes up to `count` bytes, whatever they are. */
bool peer_skip(struct peer *peer, size_t count);

/* Only where TLS is: bytes that are no records, and a request for new keys
 * (RFC 8446 section 4.6.3) that the client has to answer at once. */
bool peer_say_beneath(struct peer *peer, const char *bytes, size_t len);
bool peer_update_keys(struct peer *peer);

/* Waits without reading; false when the other end left meanwhile. */
bool peer_pause(struct peer *peer, int64_t ms);

/* Ends the connection: politely, at once, or with a RST. */
void peer_goodbye(struct peer *peer);
void peer_close(struct peer *peer);
void peer_reset(struct peer *peer);

#endif
