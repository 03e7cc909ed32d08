#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/tls_talk_by_hand.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests(
		tests, make_certificates, drop_certificates);
}
