#include "probe/tls/engine.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "probe/base/clock.h"
#include "probe/base/ip.h"
#include "probe/tls/context.h"
#include "probe/tls/failure.h"

enum {
	RECORD_ALERT = 21, /* RFC 8446 section 5.1 */
	RECORD_HANDSHAKE = 22,
	RECORD_MAJOR = 3,
	SNI_MAX = 255,
	READ_SIZE = 4096,
};

struct engine {
	struct arena *arena;
	SSL *ssl; /* NULL: closed */
	struct wire wire;
	struct backlog plain; /* decrypted, not read yet */
	enum engine_state state;
	bool is_truncated;
	bool said_goodbye;
	struct span why;
	struct span sni;
	struct proof proof;
	struct session *session;
	uint64_t began_ns;

	/* The first bytes, until they are known to be TLS or plain text. */
	char first[ENGINE_PLAIN_MAX];
	size_t first_len;
	bool saw_tls;
	bool saw_plaintext;
};

/* ---- the facts */

static struct span group_text(struct arena *arena, SSL *ssl)
{
	int nid = (int)SSL_get_negotiated_group(ssl);
	const char *name = nid ? SSL_group_to_name(ssl, nid) : NULL;

	return name ? arena_copy(arena, span_of(name)) : SPAN("");
}

static const char *signature_word(int type)
{
	static const struct signer {
		int type;
		const char *word;
	} signers[] = {
		{ EVP_PKEY_RSA, "RSA" },
		{ EVP_PKEY_RSA_PSS, "RSA-PSS" },
		{ EVP_PKEY_EC, "ECDSA" },
		{ EVP_PKEY_ED25519, "Ed25519" },
		{ EVP_PKEY_ED448, "Ed448" },
	};

	for (size_t i = 0; i < COUNT_OF(signers); i++)
		if (signers[i].type == type)
			return signers[i].word;
	return OBJ_nid2sn(type);
}

/* The Edwards curves have their digest built in and name none. */
static struct span signature_text(struct arena *arena, SSL *ssl)
{
	int type = 0, digest = 0;

	if (SSL_get_peer_signature_type_nid(ssl, &type) != 1)
		return SPAN("");
	if (SSL_get_peer_signature_nid(ssl, &digest) != 1 || !digest)
		return span_of(signature_word(type));
	return arena_print(
		arena, "%s-%s", signature_word(type), OBJ_nid2sn(digest));
}

static void agreed(struct engine *engine, struct session *session)
{
	const SSL_CIPHER *cipher = SSL_get_current_cipher(engine->ssl);
	int bits;

	session->version = span_of(SSL_get_version(engine->ssl));
	session->sni = engine->sni;
	if (!cipher)
		return;
	bits = SSL_CIPHER_get_bits(cipher, NULL);
	session->cipher = span_of(SSL_CIPHER_get_name(cipher));
	session->cipher_bits = bits > 0 ? (unsigned)bits : 0;
	session->group = group_text(engine->arena, engine->ssl);
	session->peer_signature = signature_text(engine->arena, engine->ssl);
}

static void proved(const struct proof *proof, struct session *session)
{
	const struct verdict *verdict = &proof->chain.verdict;

	session->checked_name = proof->name;
	session->name_matches = proof->name.len == 0;
	if (!proof->is_taken)
		return;
	session->chain = proof->chain.certificates;
	session->chain_count = proof->chain.count;
	session->name_matches = proof->name_matches;
	session->is_trusted = verdict->is_trusted;
	session->is_expired = verdict->is_expired;
	session->is_self_signed = verdict->is_self_signed;
	session->verify_code = proof_code(proof);
	session->verify_why = proof_why(proof);
	session->tlsa = proof->tlsa_verdict;
}

/* Without a cipher the server has agreed to nothing yet. */
static void record(struct engine *engine)
{
	struct session *session;

	if (!SSL_get_current_cipher(engine->ssl))
		return;
	session = arena_new(engine->arena, struct session);
	agreed(engine, session);
	proved(&engine->proof, session);
	session->handshake_us = (unsigned)((clock_now_ns() - engine->began_ns) /
					   1000);
	engine->session = session;
}

/* ---- the machine */

static enum engine_state fail(struct engine *engine, struct span why)
{
	if (engine->state == ENGINE_HANDSHAKE && engine->ssl)
		record(engine);
	engine->state = ENGINE_FAILED;
	engine->why = why;
	return engine->state;
}

static void shake(struct engine *engine)
{
	int result;

	ERR_clear_error();
	result = SSL_do_handshake(engine->ssl);
	if (result == 1) {
		record(engine);
		engine->state = ENGINE_OPEN;
	} else if (SSL_get_error(engine->ssl, result) != SSL_ERROR_WANT_READ) {
		fail(engine, failure_why(engine->arena, "the handshake"));
	}
}

/* Decrypts all that was fed; text before a failure or an end is kept. */
static void hear(struct engine *engine)
{
	char text[READ_SIZE];
	size_t got = 0;
	int result;

	ERR_clear_error();
	while ((result = SSL_read_ex(engine->ssl, text, sizeof(text), &got)) ==
		1)
		backlog_add(&engine->plain, text, got);
	switch (SSL_get_error(engine->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return;
	case SSL_ERROR_ZERO_RETURN:
		engine->state = ENGINE_CLOSED;
		return;
	}
	fail(engine, failure_why(engine->arena, "the encrypted session"));
}

/* A server begins with a handshake or an alert, of SSL 3.0 or later. */
static bool is_record(const char *bytes, size_t len)
{
	if (bytes[0] != RECORD_ALERT && bytes[0] != RECORD_HANDSHAKE)
		return false;
	return len < 2 || bytes[1] == RECORD_MAJOR;
}

static void keep_first(struct engine *engine, struct span bytes)
{
	struct span kept = span_part(
		bytes, 0, sizeof(engine->first) - engine->first_len);

	if (kept.len)
		memcpy(engine->first + engine->first_len, kept.at, kept.len);
	engine->first_len += kept.len;
}

static void look_for_plaintext(struct engine *engine, struct span bytes)
{
	keep_first(engine, bytes);
	if (engine->saw_plaintext || engine->first_len == 0)
		return;
	if (is_record(engine->first, engine->first_len)) {
		engine->saw_tls = engine->first_len >= 2;
		return;
	}
	engine->saw_plaintext = true;
	fail(engine, SPAN("plain text where TLS was expected"));
}

/* ---- for others */

static struct span without_dot(struct span name)
{
	while (name.len && name.at[name.len - 1] == '.')
		name.len--;
	return name;
}

/* What cannot be a host name is not sent as one. */
static void ask_for(struct engine *engine, struct span sni)
{
	char text[SNI_MAX + 1] = { 0 };
	struct ip ip;
	struct span name = without_dot(sni);

	if (name.len == 0 || name.len > SNI_MAX || ip_parse(name, &ip) ||
		span_find(name, '\0') != name.len)
		return;
	memcpy(text, name.at, name.len);
	if (SSL_set_tlsext_host_name(engine->ssl, text) == 1)
		engine->sni = arena_copy(engine->arena, name);
}

struct engine *engine_open(struct tls_context *context, struct arena *arena,
	struct span name, struct span sni)
{
	struct engine *engine = arena_new(arena, struct engine);

	engine->arena = arena;
	engine->proof.arena = arena;
	engine->proof.name = arena_copy(arena, without_dot(name));
	engine->ssl = tls_context_connect(
		context, &engine->wire, &engine->proof);
	if (!engine->ssl)
		fail(engine, failure_why(arena, "starting TLS"));
	else
		ask_for(engine, sni.len ? sni : name);
	return engine;
}

struct engine *engine_open_server(
	struct tls_context *context, struct arena *arena)
{
	struct engine *engine = arena_new(arena, struct engine);

	engine->arena = arena;
	engine->proof.arena = arena;
	engine->proof.name = engine->sni = SPAN("");
	engine->ssl = tls_context_accept(context, &engine->wire);
	if (!engine->ssl)
		fail(engine, failure_why(arena, "starting TLS"));
	return engine;
}

void engine_hold_against(struct engine *engine, const struct tlsa_set *set)
{
	engine->proof.tlsa = set;
}

void engine_pad(struct engine *engine, size_t octets)
{
	if (engine->ssl)
		SSL_set_block_padding(engine->ssl, octets);
}

void engine_close(struct engine *engine)
{
	SSL_free(engine->ssl);
	engine->ssl = NULL;
	backlog_clear(&engine->wire.out);
	backlog_clear(&engine->plain);
}

void engine_start(struct engine *engine)
{
	engine->began_ns = clock_now_ns();
	if (engine->ssl && engine->state == ENGINE_HANDSHAKE)
		shake(engine);
}

enum engine_state engine_feed(struct engine *engine, struct span bytes)
{
	if (!engine->saw_tls)
		look_for_plaintext(engine, bytes);
	if (!engine->ssl)
		return engine->state;
	engine->wire.in = bytes;
	if (engine->state == ENGINE_HANDSHAKE)
		shake(engine);
	if (engine->state == ENGINE_OPEN)
		hear(engine);
	engine->wire.in = SPAN("");
	return engine->state;
}

enum engine_state engine_feed_end(struct engine *engine)
{
	switch (engine->state) {
	case ENGINE_HANDSHAKE:
		engine->is_truncated = true;
		return fail(engine, SPAN("the server closed the connection "
					 "during the handshake"));
	case ENGINE_OPEN:
		engine->is_truncated = true;
		engine->state = ENGINE_CLOSED;
		return engine->state;
	case ENGINE_CLOSED:
	case ENGINE_FAILED:
		return engine->state;
	}
	return engine->state;
}

size_t engine_read(struct engine *engine, char *room, size_t room_len)
{
	struct span part = span_part(
		backlog_bytes(&engine->plain), 0, room_len);

	if (part.len == 0)
		return 0;
	memcpy(room, part.at, part.len);
	backlog_drop(&engine->plain, part.len);
	return part.len;
}

void engine_write(struct engine *engine, struct span plain)
{
	size_t taken = 0;

	if (!engine->ssl || engine->state != ENGINE_OPEN || plain.len == 0 ||
		engine->said_goodbye)
		return;
	ERR_clear_error();
	if (SSL_write_ex(engine->ssl, plain.at, plain.len, &taken) != 1)
		fail(engine,
			failure_why(engine->arena, "the encrypted session"));
}

void engine_say_goodbye(struct engine *engine)
{
	bool may = engine->state == ENGINE_OPEN ||
		   engine->state == ENGINE_CLOSED;

	if (!engine->ssl || !may || engine->said_goodbye)
		return;
	engine->said_goodbye = true;
	ERR_clear_error();
	SSL_shutdown(engine->ssl);
	ERR_clear_error();
}

struct span engine_output(struct engine *engine)
{
	return backlog_bytes(&engine->wire.out);
}

void engine_sent(struct engine *engine)
{
	backlog_clear(&engine->wire.out);
}

enum engine_state engine_state(const struct engine *engine)
{
	return engine->state;
}

bool engine_is_truncated(const struct engine *engine)
{
	return engine->is_truncated;
}

struct span engine_why(const struct engine *engine)
{
	return engine->why;
}

bool engine_saw_plaintext(const struct engine *engine, struct span *first_bytes)
{
	*first_bytes = SPAN("");
	if (!engine->saw_plaintext)
		return false;
	*first_bytes = (struct span){ engine->first, engine->first_len };
	return true;
}

const struct session *engine_session(struct engine *engine)
{
	return engine->session;
}
