#ifndef MXP_TLS_TALK_BY_HAND_H
#define MXP_TLS_TALK_BY_HAND_H

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "probe/tls/context.h"
#include "probe/tls/engine.h"

#include "tests/pki.c"
#include "tests/spans.h"

/*
 * The engine against OpenSSL's own server, both in this process and without
 * sockets.  What the server says is fed whole or cut into pieces of `piece`
 * octets.
 */
static char folder[] = "/tmp/test_tls_XXXXXX";
static char ca_file[64], keylog_file[64];
static struct credential ca, middle, good;

struct talk {
	struct arena *arena;
	struct tls_context *context;
	struct engine *engine;
	SSL *server;
	size_t piece;
	char heard[4096]; /* by the client, in all */
	size_t heard_len;
};

static inline struct tls_context *context_new(struct arena *arena)
{
	struct tls_setup setup = { .ca_file = ca_file };
	struct span why = { 0 };
	struct tls_context *context = tls_context_open(arena, &setup, &why);

	assert_non_null(context);
	return context;
}

static inline SSL *server_new(SSL_CTX *setup)
{
	SSL *server = SSL_new(setup);

	SSL_set_bio(server, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL_set_accept_state(server);
	return server;
}

static inline void talk_begin(struct talk *talk, struct tls_context *context,
	SSL_CTX *server, const char *name)
{
	talk->arena = arena_open();
	talk->context = context ? context : context_new(talk->arena);
	talk->engine = engine_open(
		talk->context, talk->arena, span_of(name), SPAN(""));
	talk->server = server_new(server);
	engine_start(talk->engine);
}

static inline void talk_end(struct talk *talk, bool owns_context)
{
	engine_close(talk->engine);
	if (owns_context)
		tls_context_close(talk->context);
	SSL_free(talk->server);
	arena_close(talk->arena);
	ERR_clear_error();
}

static inline void hear_all(struct talk *talk)
{
	size_t got;

	while ((got = engine_read(talk->engine, talk->heard + talk->heard_len,
			sizeof(talk->heard) - talk->heard_len)) > 0)
		talk->heard_len += got;
}

static inline void feed(struct talk *talk, struct span bytes)
{
	size_t piece = talk->piece ? talk->piece : bytes.len;

	while (bytes.len) {
		engine_feed(talk->engine, span_part(bytes, 0, piece));
		bytes = span_part(bytes, piece, bytes.len);
		hear_all(talk);
	}
}

static inline bool to_server(struct talk *talk)
{
	struct span out = engine_output(talk->engine);

	if (out.len == 0)
		return false;
	assert_int_equal(
		BIO_write(SSL_get_rbio(talk->server), out.at, (int)out.len),
		out.len);
	engine_sent(talk->engine);
	assert_int_equal(engine_output(talk->engine).len, 0);
	return true;
}

static inline struct span server_bytes(struct talk *talk)
{
	char *bytes;
	long len = BIO_get_mem_data(SSL_get_wbio(talk->server), &bytes);
	struct span copy = arena_copy(
		talk->arena, (struct span){ bytes, (size_t)len });

	(void)BIO_reset(SSL_get_wbio(talk->server));
	return copy;
}

static inline bool to_client(struct talk *talk)
{
	struct span bytes = server_bytes(talk);

	feed(talk, bytes);
	return bytes.len > 0;
}

static inline void shake_hands(struct talk *talk)
{
	bool moved;

	do {
		moved = to_server(talk);
		SSL_do_handshake(talk->server);
		moved = to_client(talk) || moved;
	} while (moved);
}

static inline void server_says(struct talk *talk, const char *text)
{
	assert_int_equal(
		SSL_write(talk->server, text, (int)strlen(text)), strlen(text));
}

static inline struct span heard(const struct talk *talk)
{
	return (struct span){ talk->heard, talk->heard_len };
}

static inline bool has(struct span text, const char *part)
{
	return span_find_nocase(text, span_of(part)) < text.len;
}

static inline int make_certificates(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(ca_file, sizeof(ca_file), "%s/ca.pem", folder);
	snprintf(keylog_file, sizeof(keylog_file), "%s/keys", folder);
	ca = pki_ca_new("Test CA");
	middle = pki_intermediate(&ca, "Test Intermediate");
	good = pki_good_leaf(&ca, "mx.example");
	pki_write_certificate(ca_file, ca.x509);
	return 0;
}

static inline int drop_certificates(void **state)
{
	(void)state;
	pki_free(&ca);
	pki_free(&middle);
	pki_free(&good);
	unlink(ca_file);
	return rmdir(folder);
}

#endif
