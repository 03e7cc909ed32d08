#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/tls/certificate.h"
#include "tests/tls_talk_by_hand.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			each_kind_of_name_is_held_against_the_certificate),
		cmocka_unit_test(trust_and_dates_and_names_are_told_apart),
		cmocka_unit_test(what_was_agreed_on_is_known),
		cmocka_unit_test(another_name_may_be_asked_for_than_is_checked),
		cmocka_unit_test(an_address_is_not_sent_as_a_name),
		cmocka_unit_test(records_and_authorities_are_asked_apart),
		cmocka_unit_test(without_records_there_is_no_verdict_on_them),
	};

	return cmocka_run_group_tests(
		tests, make_certificates, drop_certificates);
}
