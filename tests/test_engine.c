#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/tls/certificate.h"
#include "probe/tls/context.h"
#include "probe/tls/engine.h"

#include "tests/pki.c"
#include "tests/spans.h"

/*
 * The engine against OpenSSL's own server, both in this process and without
 * sockets.  What the server says is fed whole or cut into pieces of `piece`
 * octets.
 */
static char folder[] = "/tmp/test_engine_XXXXXX";
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

static struct tls_context *context_new(struct arena *arena)
{
	struct tls_setup setup = { .ca_file = ca_file };
	struct span why = { 0 };
	struct tls_context *context = tls_context_open(arena, &setup, &why);

	assert_non_null(context);
	return context;
}

static SSL *server_new(SSL_CTX *setup)
{
	SSL *server = SSL_new(setup);

	SSL_set_bio(server, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL_set_accept_state(server);
	return server;
}

static void talk_begin(struct talk *talk, struct tls_context *context,
	SSL_CTX *server, const char *name)
{
	talk->arena = arena_open();
	talk->context = context ? context : context_new(talk->arena);
	talk->engine = engine_open(
		talk->context, talk->arena, span_of(name), SPAN(""));
	talk->server = server_new(server);
	engine_start(talk->engine);
}

static void talk_end(struct talk *talk, bool owns_context)
{
	engine_close(talk->engine);
	if (owns_context)
		tls_context_close(talk->context);
	SSL_free(talk->server);
	arena_close(talk->arena);
	ERR_clear_error();
}

static void hear_all(struct talk *talk)
{
	size_t got;

	while ((got = engine_read(talk->engine, talk->heard + talk->heard_len,
			sizeof(talk->heard) - talk->heard_len)) > 0)
		talk->heard_len += got;
}

static void feed(struct talk *talk, struct span bytes)
{
	size_t piece = talk->piece ? talk->piece : bytes.len;

	while (bytes.len) {
		engine_feed(talk->engine, span_part(bytes, 0, piece));
		bytes = span_part(bytes, piece, bytes.len);
		hear_all(talk);
	}
}

static bool to_server(struct talk *talk)
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

static struct span server_bytes(struct talk *talk)
{
	char *bytes;
	long len = BIO_get_mem_data(SSL_get_wbio(talk->server), &bytes);
	struct span copy = arena_copy(
		talk->arena, (struct span){ bytes, (size_t)len });

	(void)BIO_reset(SSL_get_wbio(talk->server));
	return copy;
}

static bool to_client(struct talk *talk)
{
	struct span bytes = server_bytes(talk);

	feed(talk, bytes);
	return bytes.len > 0;
}

static void shake_hands(struct talk *talk)
{
	bool moved;

	do {
		moved = to_server(talk);
		SSL_do_handshake(talk->server);
		moved = to_client(talk) || moved;
	} while (moved);
}

static void server_says(struct talk *talk, const char *text)
{
	assert_int_equal(
		SSL_write(talk->server, text, (int)strlen(text)), strlen(text));
}

static struct span heard(const struct talk *talk)
{
	return (struct span){ talk->heard, talk->heard_len };
}

static bool has(struct span text, const char *part)
{
	return span_find_nocase(text, span_of(part)) < text.len;
}

/* ---- certificates */

struct session_case {
	const char *name;
	struct credential leaf;
	bool sends_middle;
	const char *host;
	bool trusted, matches, expired, self_signed;
	int code;
	const char *why;
};

static void meet(const struct session_case *wanted, int version, size_t piece)
{
	SSL_CTX *server = pki_server(
		&wanted->leaf, wanted->sends_middle ? &middle : NULL);
	struct talk talk = { .piece = piece };
	const struct session *session;

	SSL_CTX_set_max_proto_version(server, version);
	talk_begin(&talk, NULL, server, wanted->host);
	shake_hands(&talk);
	assert_int_equal(engine_state(talk.engine), ENGINE_OPEN);
	session = engine_session(talk.engine);
	assert_non_null(session);
	assert_int_equal(session->chain_count, wanted->sends_middle ? 2 : 1);
	assert_int_equal(session->is_trusted, wanted->trusted);
	assert_int_equal(session->name_matches, wanted->matches);
	assert_int_equal(session->is_expired, wanted->expired);
	assert_int_equal(session->is_self_signed, wanted->self_signed);
	assert_int_equal(session->verify_code, wanted->code);
	if (!has(session->verify_why, wanted->why) && wanted->why[0])
		fail_msg("%s: %.*s", wanted->name,
			SPAN_ARG(session->verify_why));
	assert_int_equal(session->verify_why.len > 0, wanted->code != 0);
	talk_end(&talk, true);
	SSL_CTX_free(server);
}

static void run_cases(struct session_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		meet(&cases[i], TLS1_3_VERSION, 0);
		meet(&cases[i], TLS1_2_VERSION, 0);
		pki_free(&cases[i].leaf);
	}
}

static struct credential leaf_of(const struct credential *issuer,
	const char *names, int64_t from, int64_t to)
{
	return pki_leaf(issuer, span_of(names), from, to, PKI_EC);
}

static void each_kind_of_name_is_held_against_the_certificate(void **state)
{
	struct session_case cases[] = {
		/* clang-format off */
		{ "plain", pki_good_leaf(&ca, "mx.example"),
		  .host = "mx.example", .trusted = true, .matches = true,
		  .why = "" },
		{ "case and a dot", pki_good_leaf(&ca, "mx.example"),
		  .host = "MX.Example.", .trusted = true, .matches = true,
		  .why = "" },
		{ "wildcard", pki_good_leaf(&ca, "*.example.net"),
		  .host = "mx.example.net", .trusted = true, .matches = true,
		  .why = "" },
		{ "a wildcard for two", pki_good_leaf(&ca, "*.example.net"),
		  .host = "a.mx.example.net", .trusted = true, .code = 62,
		  .why = "not for a.mx.example.net" },
		{ "half a wildcard", pki_good_leaf(&ca, "m*.example.net"),
		  .host = "mx.example.net", .trusted = true, .code = 62,
		  .why = "not for" },
		{ "another", pki_good_leaf(&ca, "other.example,mx.example.org"),
		  .host = "mx.example", .trusted = true, .code = 62,
		  .why = "the certificate is not for mx.example" },
		{ "IPv4", pki_good_leaf(&ca, "192.0.2.1"), .host = "192.0.2.1",
		  .trusted = true, .matches = true, .why = "" },
		{ "IPv6", pki_good_leaf(&ca, "2001:db8::1"),
		  .host = "2001:DB8:0::1", .trusted = true, .matches = true,
		  .why = "" },
		{ "another address", pki_good_leaf(&ca, "192.0.2.1"),
		  .host = "192.0.2.2", .trusted = true, .code = 64,
		  .why = "not for 192.0.2.2" },
		{ "an address as a DNS name",
		  pki_good_leaf(&ca, "mx.example"), .host = "2001:db8::1",
		  .trusted = true, .code = 64, .why = "not for" },
		{ "NUL cuts no name short",
		  pki_leaf(&ca, SPAN("mx.example\0.evil.example"), PKI_LONG_AGO,
			  PKI_FUTURE, PKI_EC),
		  .host = "mx.example", .trusted = true, .code = 62,
		  .why = "not for" },
		{ "no name asked", pki_good_leaf(&ca, "mx.example"), .host = "",
		  .trusted = true, .matches = true, .why = "" },
		/* clang-format on */
	};

	(void)state;
	run_cases(cases, COUNT_OF(cases));
}

static void trust_and_dates_and_names_are_told_apart(void **state)
{
	struct credential stranger = pki_ca_new("Stranger");
	struct session_case cases[] = {
		/* clang-format off */
		{ "expired", leaf_of(&ca, "mx.example", PKI_LONG_AGO, PKI_PAST),
		  .host = "mx.example", .matches = true, .expired = true,
		  .code = 10, .why = "expired on 2001-01-01" },
		{ "not yet valid",
		  leaf_of(&ca, "mx.example", PKI_FUTURE, PKI_FAR_FUTURE),
		  .host = "mx.example", .matches = true, .code = 9,
		  .why = "not valid yet" },
		{ "self-signed", pki_good_leaf(NULL, "mx.example"),
		  .host = "mx.example", .matches = true, .self_signed = true,
		  .code = 18, .why = "self-signed" },
		{ "a CA that nobody knows", pki_good_leaf(&stranger,
			  "mx.example"), .host = "mx.example", .matches = true,
		  .code = 20, .why = "not trusted here" },
		{ "no intermediate", pki_good_leaf(&middle, "mx.example"),
		  .host = "mx.example", .matches = true, .code = 20,
		  .why = "intermediate certificate is missing" },
		{ "with the intermediate", pki_good_leaf(&middle, "mx.example"),
		  .sends_middle = true, .host = "mx.example", .trusted = true,
		  .matches = true, .why = "" },
		{ "expired and for another",
		  leaf_of(&ca, "mx.example", PKI_LONG_AGO, PKI_PAST),
		  .host = "b.example", .expired = true, .code = 10,
		  .why = "expired" },
		{ "all of it", leaf_of(&stranger, "mx.example", PKI_LONG_AGO,
			  PKI_PAST), .host = "b.example", .expired = true,
		  .code = 20, .why = "not trusted here" },
		{ "self-signed and expired and for another",
		  leaf_of(NULL, "mx.example", PKI_LONG_AGO, PKI_PAST),
		  .host = "b.example", .expired = true, .self_signed = true,
		  .code = 18, .why = "self-signed" },
		{ "RSA", pki_leaf(&ca, SPAN("mx.example"), PKI_LONG_AGO,
			  PKI_FUTURE, PKI_RSA), .host = "mx.example",
		  .trusted = true, .matches = true, .why = "" },
		{ "Ed25519", pki_leaf(&ca, SPAN("mx.example"), PKI_LONG_AGO,
			  PKI_FUTURE, PKI_ED25519), .host = "mx.example",
		  .trusted = true, .matches = true, .why = "" },
		/* clang-format on */
	};

	(void)state;
	run_cases(cases, COUNT_OF(cases));
	pki_free(&stranger);
}

/* ---- facts */

static void what_was_agreed_on_is_known(void **state)
{
	static const struct {
		int version;
		enum pki_key key;
		const char *name, *cipher, *signature, *type;
		unsigned bits;
	} cases[] = {
		/* clang-format off */
		{ TLS1_3_VERSION, PKI_EC, "TLSv1.3", "TLS_AES_256_GCM_SHA384",
		  "ECDSA-SHA256", "EC", 256 },
		{ TLS1_2_VERSION, PKI_EC, "TLSv1.2",
		  "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDSA-SHA256", "EC", 256 },
		{ TLS1_3_VERSION, PKI_RSA, "TLSv1.3", "TLS_AES_256_GCM_SHA384",
		  "RSA-PSS-SHA256", "RSA", 2048 },
		{ TLS1_3_VERSION, PKI_ED25519, "TLSv1.3",
		  "TLS_AES_256_GCM_SHA384", "Ed25519", "ED25519", 256 },
		/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct credential leaf = pki_leaf(&ca, SPAN("mx.example"),
			PKI_LONG_AGO, PKI_FUTURE, cases[i].key);
		SSL_CTX *server = pki_server(&leaf, NULL);
		struct talk talk = { 0 };
		const struct session *session;

		SSL_CTX_set_max_proto_version(server, cases[i].version);
		talk_begin(&talk, NULL, server, "mx.example.");
		assert_null(engine_session(talk.engine));
		shake_hands(&talk);
		session = engine_session(talk.engine);
		engine_close(talk.engine);
		assert_span(session->version, cases[i].name);
		assert_span(session->cipher, cases[i].cipher);
		assert_int_equal(session->cipher_bits, 256);
		assert_span(session->group, "x25519");
		assert_span(session->peer_signature, cases[i].signature);
		assert_span(session->sni, "mx.example");
		assert_span(session->checked_name, "mx.example");
		assert_span(session->chain[0].key_type, cases[i].type);
		assert_int_equal(session->chain[0].key_bits, cases[i].bits);
		assert_span(session->chain[0].issuer, "CN=Test CA");
		assert_true(session->handshake_us > 0);
		assert_string_equal(SSL_get_servername(talk.server,
					    TLSEXT_NAMETYPE_host_name),
			"mx.example");
		talk_end(&talk, true);
		SSL_CTX_free(server);
		pki_free(&leaf);
	}
}

static void another_name_may_be_asked_for_than_is_checked(void **state)
{
	struct arena *arena = arena_open();
	struct tls_context *context = context_new(arena);
	SSL_CTX *setup = pki_server(&good, NULL);
	struct talk talk = { .arena = arena, .context = context };

	(void)state;
	talk.engine = engine_open(
		context, arena, SPAN("mx.example"), SPAN("other.example."));
	talk.server = server_new(setup);
	engine_start(talk.engine);
	shake_hands(&talk);
	assert_span(engine_session(talk.engine)->sni, "other.example");
	assert_true(engine_session(talk.engine)->name_matches);
	talk_end(&talk, true);
	SSL_CTX_free(setup);
}

static void an_address_is_not_sent_as_a_name(void **state)
{
	static const char *const names[] = { "192.0.2.1", "2001:db8::1", "" };
	SSL_CTX *setup = pki_server(&good, NULL);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct talk talk = { 0 };

		talk_begin(&talk, NULL, setup, names[i]);
		shake_hands(&talk);
		assert_null(SSL_get_servername(
			talk.server, TLSEXT_NAMETYPE_host_name));
		assert_int_equal(engine_session(talk.engine)->sni.len, 0);
		talk_end(&talk, true);
	}
	SSL_CTX_free(setup);
}

/* ---- TLSA records */

static struct tlsa tlsa_of_key(struct arena *arena, const X509 *x509)
{
	struct certificate certificate;

	certificate_read(
		arena, (X509 *)(uintptr_t)x509, EVP_sha256(), &certificate);
	return (struct tlsa){ 3, 1, 1,
		arena_copy(arena,
			(struct span){
				(const char *)certificate.spki_sha256, 32 }) };
}

/*
 * One handshake, two verdicts that know nothing of each other: a certificate
 * that no authority signed and the right record, and the other way round.
 * The second time round the chain is a known one.
 */
static void records_and_authorities_are_asked_apart(void **state)
{
	struct arena *arena = arena_open();
	struct tls_context *context = context_new(arena);
	struct credential own = pki_good_leaf(NULL, "mx.example");
	struct span name = SPAN("mx.example");
	struct tlsa record = tlsa_of_key(arena, own.x509);
	struct tlsa_set set = {
		.records = &record, .count = 1, .names = &name, .name_count = 1
	};

	(void)state;
	for (int i = 0; i < 4; i++) {
		SSL_CTX *setup = pki_server(i % 2 ? &good : &own, NULL);
		struct talk talk = { .context = context, .arena = arena };
		const struct session *session;

		talk.engine = engine_open(context, arena, name, SPAN(""));
		engine_hold_against(talk.engine, &set);
		talk.server = server_new(setup);
		engine_start(talk.engine);
		shake_hands(&talk);
		session = engine_session(talk.engine);
		assert_int_equal(engine_state(talk.engine), ENGINE_OPEN);
		assert_int_equal(session->is_trusted, i % 2);
		assert_non_null(session->tlsa);
		assert_int_equal(session->tlsa->result,
			i % 2 ? TLSA_NO_MATCH : TLSA_MATCHES);
		engine_close(talk.engine);
		SSL_free(talk.server);
		SSL_CTX_free(setup);
	}
	tls_context_close(context);
	arena_close(arena);
	pki_free(&own);
}

static void without_records_there_is_no_verdict_on_them(void **state)
{
	SSL_CTX *setup = pki_server(&good, NULL);
	struct talk talk = { 0 };

	(void)state;
	talk_begin(&talk, NULL, setup, "mx.example");
	shake_hands(&talk);
	assert_null(engine_session(talk.engine)->tlsa);
	talk_end(&talk, true);
	SSL_CTX_free(setup);
}

/* ---- chains seen before */

static void a_known_chain_is_read_once_and_its_name_checked_again(void **state)
{
	struct arena *arena = arena_open();
	struct tls_context *context = context_new(arena);
	SSL_CTX *setup = pki_server(&good, NULL);
	static const char *const names[] = { "mx.example", "b.example",
		"mx.example" };
	const struct certificate *chain = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct talk talk = { 0 };
		const struct session *session;

		talk_begin(&talk, context, setup, names[i]);
		shake_hands(&talk);
		session = engine_session(talk.engine);
		assert_true(session->is_trusted);
		assert_int_equal(session->name_matches, i != 1);
		assert_int_equal(session->verify_code, i == 1 ? 62 : 0);
		assert_false(SSL_session_reused(talk.server));
		assert_true(!chain || chain == session->chain);
		chain = session->chain;
		talk_end(&talk, false);
	}
	assert_int_equal(context->known.count, 1);
	tls_context_close(context);
	arena_close(arena);
	SSL_CTX_free(setup);
}

static void a_verdict_holds_until_a_certificate_begins_or_ends(void **state)
{
	struct arena *arena = arena_open();
	struct tls_context *context = context_new(arena);
	SSL_CTX *setup = pki_server(&good, NULL);
	struct chain *chain = &context->known.chains[0];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct talk talk = { 0 };

		talk_begin(&talk, context, setup, "mx.example");
		shake_hands(&talk);
		assert_true(engine_session(talk.engine)->is_trusted);
		assert_true(chain->holds_until == PKI_FUTURE);
		chain->verdict = (struct verdict){ .is_expired = true,
			.code = X509_V_ERR_CERT_HAS_EXPIRED };
		chain->holds_until = PKI_PAST;
		talk_end(&talk, false);
	}
	tls_context_close(context);
	arena_close(arena);
	SSL_CTX_free(setup);
}

static void more_chains_than_are_kept_are_judged_all_the_same(void **state)
{
	struct arena *arena = arena_open();
	struct tls_context *context = context_new(arena);

	(void)state;
	for (int i = 0; i < TLS_CHAINS_MAX + 3; i++) {
		struct credential leaf = pki_good_leaf(
			i % 2 ? &ca : NULL, "mx.example");
		SSL_CTX *setup = pki_server(&leaf, NULL);
		struct talk talk = { 0 };
		const struct session *session;

		talk_begin(&talk, context, setup, "mx.example");
		shake_hands(&talk);
		session = engine_session(talk.engine);
		assert_int_equal(session->is_trusted, i % 2);
		assert_int_equal(session->is_self_signed, !(i % 2));
		assert_span(session->chain[0].names[0], "mx.example");
		talk_end(&talk, false);
		SSL_CTX_free(setup);
		pki_free(&leaf);
	}
	assert_int_equal(context->known.count, TLS_CHAINS_MAX);
	tls_context_close(context);
	arena_close(arena);
}

/* ---- bytes */

static void no_cut_loses_anything(void **state)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	static const size_t pieces[] = { 0, 1, 2, 5, 7, 64, 1000 };
	SSL_CTX *setup = pki_server(&good, NULL);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(versions) * COUNT_OF(pieces); i++) {
		struct talk talk = { .piece = pieces[i / 2] };

		SSL_CTX_set_max_proto_version(setup, versions[i % 2]);
		talk_begin(&talk, NULL, setup, "mx.example");
		shake_hands(&talk);
		server_says(&talk, "250-one\r\n");
		server_says(&talk, "250 two\r\n");
		SSL_shutdown(talk.server);
		to_client(&talk);
		assert_span(heard(&talk), "250-one\r\n250 two\r\n");
		assert_int_equal(engine_state(talk.engine), ENGINE_CLOSED);
		assert_int_equal(engine_feed_end(talk.engine), ENGINE_CLOSED);
		assert_false(engine_is_truncated(talk.engine));
		talk_end(&talk, true);
	}
	SSL_CTX_free(setup);
}

/* RFC 8446 lets a server speak right after its Finished. */
static void text_in_the_segment_of_the_handshake_is_kept(void **state)
{
	static const size_t pieces[] = { 0, 1, 33 };
	SSL_CTX *setup = pki_server(&good, NULL);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		struct talk talk = { .piece = pieces[i] };
		size_t written = 0, got = 0;
		char room[16];

		talk_begin(&talk, NULL, setup, "mx.example");
		to_server(&talk);
		SSL_read_early_data(talk.server, room, sizeof(room), &got);
		assert_int_equal(SSL_write_early_data(talk.server, "220 hi\r\n",
					 8, &written),
			1);
		to_client(&talk);
		assert_int_equal(engine_state(talk.engine), ENGINE_OPEN);
		assert_span(heard(&talk), "220 hi\r\n");
		shake_hands(&talk);
		server_says(&talk, "250 ok\r\n");
		to_client(&talk);
		assert_span(heard(&talk), "220 hi\r\n250 ok\r\n");
		talk_end(&talk, true);
	}
	SSL_CTX_free(setup);
}

static void a_padded_line_is_long_on_the_wire_alone(void **state)
{
	SSL_CTX *setup = pki_server(&good, NULL);
	struct talk talk = { 0 };
	char room[64];

	(void)state;
	talk_begin(&talk, NULL, setup, "mx.example");
	engine_pad(talk.engine, 4096);
	shake_hands(&talk);
	engine_write(talk.engine, SPAN("EHLO me.example\r\n"));
	assert_in_range(engine_output(talk.engine).len, 4096, 4096 + 64);
	to_server(&talk);
	assert_int_equal(SSL_read(talk.server, room, sizeof(room)), 17);
	assert_memory_equal(room, "EHLO me.example\r\n", 17);
	talk_end(&talk, true);

	talk = (struct talk){ 0 };
	SSL_CTX_set_max_proto_version(setup, TLS1_2_VERSION);
	talk_begin(&talk, NULL, setup, "mx.example");
	engine_pad(talk.engine, 4096);
	shake_hands(&talk);
	engine_write(talk.engine, SPAN("EHLO me.example\r\n"));
	assert_in_range(engine_output(talk.engine).len, 17, 100);
	talk_end(&talk, true);
	SSL_CTX_free(setup);
}

static void much_text_goes_both_ways(void **state)
{
	enum { MUCH = 100000 };
	SSL_CTX *setup = pki_server(&good, NULL);
	struct talk talk = { 0 };
	char *text = malloc(MUCH), *back = malloc(MUCH);
	size_t len = 0, got;
	int one;

	(void)state;
	for (size_t i = 0; i < MUCH; i++)
		text[i] = (char)(i * 7 + i / 251);
	talk_begin(&talk, NULL, setup, "mx.example");
	engine_write(talk.engine, SPAN("too early"));
	shake_hands(&talk);
	engine_write(talk.engine, (struct span){ text, MUCH });
	to_server(&talk);
	while ((one = SSL_read(talk.server, back + len, MUCH - (int)len)) > 0)
		len += (size_t)one;
	assert_int_equal(len, MUCH);
	assert_memory_equal(back, text, MUCH);
	assert_int_equal(SSL_write(talk.server, text, MUCH), MUCH);
	assert_int_equal(
		engine_feed(talk.engine, server_bytes(&talk)), ENGINE_OPEN);
	memset(back, 0, MUCH);
	for (len = 0; (got = engine_read(talk.engine, back + len, 999)) > 0;)
		len += got;
	assert_int_equal(len, MUCH);
	assert_memory_equal(back, text, MUCH);
	talk_end(&talk, true);
	SSL_CTX_free(setup);
	free(text);
	free(back);
}

static void goodbye_is_said_once_and_heard(void **state)
{
	SSL_CTX *setup = pki_server(&good, NULL);
	struct talk talk = { 0 };
	char room[8];

	(void)state;
	talk_begin(&talk, NULL, setup, "mx.example");
	to_server(&talk);
	engine_say_goodbye(talk.engine);
	assert_int_equal(engine_output(talk.engine).len, 0);
	shake_hands(&talk);
	engine_say_goodbye(talk.engine);
	assert_true(to_server(&talk));
	assert_int_equal(SSL_read(talk.server, room, sizeof(room)), 0);
	assert_int_equal(SSL_get_shutdown(talk.server), SSL_RECEIVED_SHUTDOWN);
	engine_say_goodbye(talk.engine);
	engine_write(talk.engine, SPAN("too late"));
	assert_int_equal(engine_output(talk.engine).len, 0);
	assert_int_equal(engine_state(talk.engine), ENGINE_OPEN);
	server_says(&talk, "221 bye\r\n");
	to_client(&talk);
	assert_span(heard(&talk), "221 bye\r\n");
	talk_end(&talk, true);
	SSL_CTX_free(setup);
}

static void a_lost_close_notify_is_no_failure(void **state)
{
	SSL_CTX *setup = pki_server(&good, NULL);
	struct talk talk = { 0 };

	(void)state;
	talk_begin(&talk, NULL, setup, "mx.example");
	shake_hands(&talk);
	server_says(&talk, "221 bye\r\n");
	to_client(&talk);
	assert_false(engine_is_truncated(talk.engine));
	assert_int_equal(engine_feed_end(talk.engine), ENGINE_CLOSED);
	assert_true(engine_is_truncated(talk.engine));
	assert_int_equal(engine_why(talk.engine).len, 0);
	assert_span(heard(&talk), "221 bye\r\n");
	engine_write(talk.engine, SPAN("too late"));
	assert_int_equal(engine_output(talk.engine).len, 0);
	talk_end(&talk, true);
	SSL_CTX_free(setup);
}

/* ---- what goes wrong */

static void plain_text_is_told_from_tls(void **state)
{
	static const char line[] =
		"454 4.7.0 TLS not available due to "
		"temporary reason, and more words than are kept of it\r\n";
	static const size_t pieces[] = { 0, 1, 3, 64 };
	SSL_CTX *setup = pki_server(&good, NULL);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		struct talk talk = { .piece = pieces[i] };
		struct span first;

		talk_begin(&talk, NULL, setup, "mx.example");
		assert_false(engine_saw_plaintext(talk.engine, &first));
		feed(&talk, span_of(line));
		assert_int_equal(engine_state(talk.engine), ENGINE_FAILED);
		assert_span(engine_why(talk.engine),
			"plain text where TLS was expected");
		assert_true(engine_saw_plaintext(talk.engine, &first));
		assert_int_equal(first.len, ENGINE_PLAIN_MAX);
		assert_memory_equal(first.at, line, first.len);
		assert_null(engine_session(talk.engine));
		assert_int_equal(engine_feed_end(talk.engine), ENGINE_FAILED);
		talk_end(&talk, true);
	}
	SSL_CTX_free(setup);
}

static void a_servers_failure_is_told_in_words(void **state)
{
	const struct {
		const char *name;
		struct span bytes;
		const char *why;
		bool is_plain;
	} cases[] = {
		/* clang-format off */
		{ "internal error", SPAN("\x15\x03\x03\0\x02\x02\x50"),
		  "the server sent alert 80, internal error", false },
		{ "handshake failure", SPAN("\x15\x03\x01\0\x02\x02\x28"),
		  "the server sent alert 40, handshake failure", false },
		{ "an alert without a name", SPAN("\x15\x03\x03\0\x02\x02\xc8"),
		  "the server sent alert 200, unknown", false },
		{ "TLS 1.0",
		  SPAN("\x16\x03\x01\0\x2a\x02\0\0\x26\x03\x01"
		       "0123456789abcdef0123456789abcdef\0\xc0\x13\0"),
		  "the server speaks only TLS 1.0 or 1.1 (unsupported "
		  "protocol)", false },
		{ "TLS 1.1",
		  SPAN("\x16\x03\x02\0\x2a\x02\0\0\x26\x03\x02"
		       "0123456789abcdef0123456789abcdef\0\xc0\x13\0"),
		  "the server speaks only TLS 1.0 or 1.1 (unsupported "
		  "protocol)", false },
		{ "a record type and no version", SPAN("\x16""20 hello\r\n"),
		  "plain text where TLS was expected", true },
		{ "SSLv2", SPAN("\x80\x2e\x01\0\x02"),
		  "plain text where TLS was expected", true },
		{ "a huge record", SPAN("\x16\x03\x03\xff\xff\x02\0\0\x26"),
		  "the handshake failed: packet length too long", false },
		{ "text after an empty warning",
		  SPAN("\x15\x03\x03\0\x02\x01\x70""454 no TLS today\r\n"),
		  "the server sent something that is not TLS (wrong version "
		  "number)", false },
		/* clang-format on */
	};
	static const size_t pieces[] = { 0, 1, 2 };
	SSL_CTX *setup = pki_server(&good, NULL);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases) * COUNT_OF(pieces); i++) {
		size_t which = i / COUNT_OF(pieces);
		struct talk talk = { .piece = pieces[i % COUNT_OF(pieces)] };
		struct span first;

		talk_begin(&talk, NULL, setup, "mx.example");
		feed(&talk, cases[which].bytes);
		assert_int_equal(engine_state(talk.engine), ENGINE_FAILED);
		if (!span_is(
			    engine_why(talk.engine), span_of(cases[which].why)))
			fail_msg("%s: %.*s", cases[which].name,
				SPAN_ARG(engine_why(talk.engine)));
		assert_int_equal(engine_saw_plaintext(talk.engine, &first),
			cases[which].is_plain);
		talk_end(&talk, true);
	}
	SSL_CTX_free(setup);
}

static void a_stale_error_of_another_does_no_harm(void **state)
{
	SSL_CTX *setup = pki_server(&good, NULL);
	struct talk talk = { 0 };

	(void)state;
	talk_begin(&talk, NULL, setup, "mx.example");
	ERR_raise(ERR_LIB_SSL, SSL_R_BAD_SIGNATURE);
	to_server(&talk);
	SSL_do_handshake(talk.server);
	ERR_raise(ERR_LIB_SSL, SSL_R_BAD_SIGNATURE);
	talk.piece = 10;
	to_client(&talk);
	assert_int_equal(engine_state(talk.engine), ENGINE_OPEN);
	ERR_raise(ERR_LIB_SSL, SSL_R_BAD_SIGNATURE);
	shake_hands(&talk);
	assert_int_equal(engine_state(talk.engine), ENGINE_OPEN);
	talk_end(&talk, true);
	SSL_CTX_free(setup);
}

/* Wherever the server stops, it is told, with what was known by then. */
static void an_end_in_the_handshake_is_a_failure(void **state)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	SSL_CTX *setup = pki_server(&good, NULL);
	size_t without = 0, with = 0;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		SSL_CTX_set_max_proto_version(setup, versions[i]);
		for (size_t len = 0;; len += 20) {
			struct talk talk = { 0 };
			struct span flight;
			const struct session *session;

			talk_begin(&talk, NULL, setup, "mx.example");
			to_server(&talk);
			SSL_do_handshake(talk.server);
			flight = server_bytes(&talk);
			if (len >= flight.len) {
				talk_end(&talk, true);
				break;
			}
			feed(&talk, span_part(flight, 0, len));
			assert_int_equal(
				engine_feed_end(talk.engine), ENGINE_FAILED);
			assert_true(engine_is_truncated(talk.engine));
			assert_span(engine_why(talk.engine),
				"the server closed the connection during the "
				"handshake");
			session = engine_session(talk.engine);
			if (!session)
				without++;
			else if (session->chain_count)
				with++;
			talk_end(&talk, true);
		}
	}
	assert_true(without > 0 && with > 0);
	SSL_CTX_free(setup);
}

/* TLS 1.3: the client has finished before the server says no. */
static void a_server_that_asks_for_our_certificate_is_named(void **state)
{
	static const struct {
		int version;
		const char *why;
	} cases[] = {
		/* clang-format off */
		{ TLS1_3_VERSION,
		  "the server sent alert 116, certificate required" },
		{ TLS1_2_VERSION,
		  "the server sent alert 40, handshake failure" },
		/* clang-format on */
	};
	SSL_CTX *setup = pki_server(&good, NULL);

	(void)state;
	SSL_CTX_set_verify(
		setup, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct talk talk = { 0 };

		SSL_CTX_set_max_proto_version(setup, cases[i].version);
		talk_begin(&talk, NULL, setup, "mx.example");
		shake_hands(&talk);
		assert_int_equal(engine_state(talk.engine), ENGINE_FAILED);
		assert_span(engine_why(talk.engine), cases[i].why);
		assert_true(engine_session(talk.engine)->is_trusted);
		talk_end(&talk, true);
	}
	SSL_CTX_free(setup);
}

static void a_failure_of_ours_is_told_to_the_server(void **state)
{
	SSL_CTX *setup = pki_server(&good, NULL);
	struct talk talk = { 0 };
	struct span flight;
	char *spoilt;

	(void)state;
	talk_begin(&talk, NULL, setup, "mx.example");
	to_server(&talk);
	SSL_do_handshake(talk.server);
	flight = server_bytes(&talk);
	spoilt = (char *)(uintptr_t)flight.at;
	spoilt[flight.len - 1] ^= 1;
	feed(&talk, flight);
	assert_int_equal(engine_state(talk.engine), ENGINE_FAILED);
	assert_true(has(engine_why(talk.engine), "changed on its way"));
	assert_true(engine_output(talk.engine).len > 0);
	talk_end(&talk, true);
	SSL_CTX_free(setup);
}

/* ---- the context */

static struct span read_file(struct arena *arena, const char *path)
{
	FILE *file = fopen(path, "re");
	char room[8192];
	size_t len;

	assert_non_null(file);
	len = fread(room, 1, sizeof(room), file);
	fclose(file);
	return arena_copy(arena, (struct span){ room, len });
}

static size_t count_lines(struct span text)
{
	size_t count = 0;

	while (text.len) {
		struct span line = span_cut(&text, '\n');

		assert_true(line.len > 100);
		assert_true(span_starts_nocase(line, SPAN("CLIENT_")) ||
			    span_starts_nocase(line, SPAN("SERVER_")) ||
			    span_starts_nocase(line, SPAN("EXPORTER_")));
		count++;
	}
	return count;
}

static void secrets_are_appended_in_whole_lines(void **state)
{
	struct arena *arena = arena_open();
	struct tls_setup wanted = { .ca_file = ca_file, .keylog = keylog_file };
	SSL_CTX *setup = pki_server(&good, NULL);
	struct stat status;

	(void)state;
	for (size_t i = 1; i <= 2; i++) {
		struct span why = { 0 }, text;
		struct talk talk = { 0 };

		talk_begin(&talk, tls_context_open(arena, &wanted, &why), setup,
			"mx.example");
		shake_hands(&talk);
		talk_end(&talk, true);
		text = read_file(arena, keylog_file);
		assert_int_equal(text.at[text.len - 1], '\n');
		assert_int_equal(count_lines(text), 5 * i);
	}
	assert_int_equal(stat(keylog_file, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	unlink(keylog_file);
	SSL_CTX_free(setup);
	arena_close(arena);
}

static void files_that_cannot_be_read_are_named(void **state)
{
	static const struct {
		struct tls_setup setup;
		const char *why;
	} cases[] = {
		/* clang-format off */
		{ { .ca_file = "/nonexistent/ca.pem" },
		  "cannot read trust anchors from /nonexistent/ca.pem: "
		  "No such file or directory" },
		{ { .ca_file = "/dev/null" },
		  "cannot read trust anchors from /dev/null: "
		  "no certificate or crl found" },
		{ { .ca_dir = "/nonexistent" },
		  "cannot read trust anchors in /nonexistent: "
		  "No such file or directory" },
		{ { .ca_file = ca_file, .keylog = "/nonexistent/keys" },
		  "cannot open the key log /nonexistent/keys: "
		  "No such file or directory" },
		/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct arena *arena = arena_open();
		struct span why = { 0 };

		assert_null(tls_context_open(arena, &cases[i].setup, &why));
		assert_span(why, cases[i].why);
		arena_close(arena);
	}
}

/* The place of the system's anchors is OpenSSL's, and a variable moves it. */
static void without_a_ca_file_the_systems_anchors_are_used(void **state)
{
	struct arena *arena = arena_open();
	struct tls_setup wanted = { 0 };
	struct span why = { 0 };
	struct tls_context *context = tls_context_open(arena, &wanted, &why);
	SSL_CTX *setup = pki_server(&good, NULL);
	struct talk talk = { 0 };

	(void)state;
	assert_non_null(context);
	setenv("SSL_CERT_FILE", ca_file, 1);
	talk_begin(&talk, context, setup, "mx.example");
	unsetenv("SSL_CERT_FILE");
	shake_hands(&talk);
	assert_true(engine_session(talk.engine)->is_trusted);
	talk_end(&talk, true);
	SSL_CTX_free(setup);
	arena_close(arena);
}

static int make_certificates(void **state)
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

static int drop_certificates(void **state)
{
	(void)state;
	pki_free(&ca);
	pki_free(&middle);
	pki_free(&good);
	unlink(ca_file);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			each_kind_of_name_is_held_against_the_certificate),
		cmocka_unit_test(trust_and_dates_and_names_are_told_apart),
		cmocka_unit_test(what_was_agreed_on_is_known),
		cmocka_unit_test(another_name_may_be_asked_for_than_is_checked),
		cmocka_unit_test(an_address_is_not_sent_as_a_name),
		cmocka_unit_test(
			a_known_chain_is_read_once_and_its_name_checked_again),
		cmocka_unit_test(
			a_verdict_holds_until_a_certificate_begins_or_ends),
		cmocka_unit_test(
			more_chains_than_are_kept_are_judged_all_the_same),
		cmocka_unit_test(records_and_authorities_are_asked_apart),
		cmocka_unit_test(without_records_there_is_no_verdict_on_them),
		cmocka_unit_test(no_cut_loses_anything),
		cmocka_unit_test(text_in_the_segment_of_the_handshake_is_kept),
		cmocka_unit_test(a_padded_line_is_long_on_the_wire_alone),
		cmocka_unit_test(much_text_goes_both_ways),
		cmocka_unit_test(goodbye_is_said_once_and_heard),
		cmocka_unit_test(a_lost_close_notify_is_no_failure),
		cmocka_unit_test(plain_text_is_told_from_tls),
		cmocka_unit_test(a_servers_failure_is_told_in_words),
		cmocka_unit_test(a_stale_error_of_another_does_no_harm),
		cmocka_unit_test(an_end_in_the_handshake_is_a_failure),
		cmocka_unit_test(
			a_server_that_asks_for_our_certificate_is_named),
		cmocka_unit_test(a_failure_of_ours_is_told_to_the_server),
		cmocka_unit_test(secrets_are_appended_in_whole_lines),
		cmocka_unit_test(files_that_cannot_be_read_are_named),
		cmocka_unit_test(
			without_a_ca_file_the_systems_anchors_are_used),
	};

	return cmocka_run_group_tests(
		tests, make_certificates, drop_certificates);
}
