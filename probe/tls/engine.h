#ifndef MXP_ENGINE_H
#define MXP_ENGINE_H

#include "probe/tls/session.h"

/*
 * TLS without sockets: bytes from the network go in, bytes for the network
 * come out, and between them a handshake and plain text (OpenSSL on a BIO of
 * ours).  One tls_context, with the trust anchors, serves a whole run; one
 * engine serves one connection.
 */
struct tls_context;
struct engine;
struct throwaway;

/* A line of the key log, without its end; valid during the call. */
typedef void tls_secret_told(void *receiver, struct span line);

struct tls_setup {
	const char *ca_file;            /* PEM; NULL: none */
	const char *ca_dir;             /* hashed as c_rehash does; NULL: none.
					   Both NULL: the system's anchors,
					   read when first needed */
	const char *keylog;             /* file to append secrets to, NSS key
					   log format; NULL: none */
	tls_secret_told *secret_told;   /* is told the same; NULL: nobody */
	void *secret_receiver;
	const struct throwaway *authority;      /* trusted beside them; NULL:
					   none */
};

enum { TLS_CHAINS_MAX = 64 };

/*
 * NULL on failure, with *why in words.  The arena must outlive the sessions:
 * what is known of a chain is kept in it, for TLS_CHAINS_MAX chains.  Close
 * the engines before the context.
 */
struct tls_context *tls_context_open(struct arena *arena,
	const struct tls_setup *setup, struct span *why);
void tls_context_close(struct tls_context *context);

enum engine_state {
	ENGINE_HANDSHAKE,       /* feed it what the server sends */
	ENGINE_OPEN,            /* plain text may flow */
	ENGINE_CLOSED,          /* the peer ended it; plain text that came
				   before can still be read */
	ENGINE_FAILED,          /* engine_why() says why */
};

/*
 * A client engine for one server.  `name` is what the certificate is held
 * against and what SNI asks for; `sni` empty: the same name.  An address
 * literal is checked as an address and not sent as SNI (RFC 6066 section 3).
 * `name` empty: nothing is held against it.  A dot at the end is dropped.
 * Both are copied.
 */
struct engine *engine_open(struct tls_context *context, struct arena *arena,
	struct span name, struct span sni);

/*
 * The other end, for servers of our own: the context is one of
 * throwaway_context(), and nothing is asked of the client.
 */
struct engine *engine_open_server(struct tls_context *context,
	struct arena *arena);

/*
 * TLSA records that the chain is held against too, before engine_start(); the
 * set is borrowed until the handshake is over.  What comes of it stands in
 * the session and ends nothing.
 */
void engine_hold_against(struct engine *engine, const struct tlsa_set *set);

/*
 * Makes what is in each encrypted record of ours from now on a multiple of so
 * many octets (RFC 8446 section 5.4), where TLS 1.3 is agreed on.
 */
void engine_pad(struct engine *engine, size_t octets);

/* Frees OpenSSL's part and what waits; what was learnt stays. */
void engine_close(struct engine *engine);

/* Starts the handshake; then engine_output() has the ClientHello. */
void engine_start(struct engine *engine);

/*
 * Bytes from the network; all of them are taken.  Read until engine_read()
 * gives 0 after each call, whatever the state: what was decrypted waits in
 * memory.  Look at engine_output() too, also after a failure: the server is
 * to be told by an alert.
 */
enum engine_state engine_feed(struct engine *engine, struct span bytes);

/*
 * The network ended: ENGINE_FAILED in the handshake, else ENGINE_CLOSED.
 * Without close_notify engine_is_truncated() is true.
 */
enum engine_state engine_feed_end(struct engine *engine);

/* Plain text that has arrived: up to room_len bytes; 0 when there is none. */
size_t engine_read(struct engine *engine, char *room, size_t room_len);

/* Encrypts all of it; in any state but ENGINE_OPEN it does nothing. */
void engine_write(struct engine *engine, struct span plain);

/* Sends close_notify, once; nothing before the handshake is over. */
void engine_say_goodbye(struct engine *engine);

/* Bytes for the network since the last call, valid until the next call of
 * any engine function; engine_sent() says they were taken. */
struct span engine_output(struct engine *engine);
void engine_sent(struct engine *engine);

enum engine_state engine_state(const struct engine *engine);
bool engine_is_truncated(const struct engine *engine);

/* Why it failed, in words a postmaster understands, with OpenSSL's reason
 * or the alert that the server sent; empty unless ENGINE_FAILED. */
struct span engine_why(const struct engine *engine);

/*
 * The server's first bytes were no TLS: plain text, perhaps injected, after
 * the reply to STARTTLS.  *first_bytes is what came, ENGINE_PLAIN_MAX octets
 * at most; more may be fed after the failure to see more of it.
 */
enum { ENGINE_PLAIN_MAX = 64 };
bool engine_saw_plaintext(const struct engine *engine,
	struct span *first_bytes);

/* The facts of the handshake, in the engine's arena.  Also after a failure:
 * then with what had been agreed on by then, perhaps nothing (NULL). */
const struct session *engine_session(struct engine *engine);

#endif
