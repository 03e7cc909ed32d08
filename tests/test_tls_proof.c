#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/tls_talk_by_hand.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_known_chain_is_read_once_and_its_name_checked_again),
		cmocka_unit_test(
			a_verdict_holds_until_a_certificate_begins_or_ends),
		cmocka_unit_test(
			more_chains_than_are_kept_are_judged_all_the_same),
	};

	return cmocka_run_group_tests(
		tests, make_certificates, drop_certificates);
}
