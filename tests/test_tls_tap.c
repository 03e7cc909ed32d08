#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "probe/tls/tls_tap.h"

#include "tests/own_arena.h"
#include "tests/pki.c"

/*
 * OpenSSL talks to itself in memory; every octet that goes over is fed to a tap,
 * whole or in pieces, with the secrets or without.
 */
enum { WIRE_MAX = 256 * 1024, CLIENT = 0, SERVER = 1 };

struct piece {
	bool is_server;
	size_t from, len;
};

struct tapped {
	char keys[8192];
	size_t keys_len;
	char octets[WIRE_MAX];
	size_t len;
	struct piece pieces[256];
	size_t count;
};

static struct tapped tapped;
static const char question[] = "EHLO out.example\r\n";
static char answer[40000];
static char host[] = "mx.example";

static void on_key(const SSL *ssl, const char *line)
{
	(void)ssl;
	tapped.keys_len += (size_t)snprintf(tapped.keys + tapped.keys_len,
		sizeof(tapped.keys) - tapped.keys_len, "%s\n", line);
}

/* What one side has for the other goes over, and is written down. */
static bool carry(SSL *from, SSL *to, bool is_server)
{
	struct piece *piece = &tapped.pieces[tapped.count];
	int len = BIO_read(SSL_get_wbio(from), tapped.octets + tapped.len,
		WIRE_MAX - (int)tapped.len);

	if (len <= 0)
		return false;
	*piece = (struct piece){ is_server, tapped.len, (size_t)len };
	tapped.count++;
	assert_int_equal(
		BIO_write(SSL_get_rbio(to), tapped.octets + tapped.len, len),
		len);
	tapped.len += (size_t)len;
	return true;
}

static void shake_hands(SSL *client, SSL *server)
{
	for (int i = 0; i < 8; i++) {
		SSL_do_handshake(client);
		carry(client, server, false);
		SSL_do_handshake(server);
		carry(server, client, true);
	}
	assert_true(SSL_is_init_finished(client));
	assert_true(SSL_is_init_finished(server));
}

static void say(
	SSL *from, SSL *to, bool is_server, const char *text, size_t len)
{
	char room[16384];

	assert_int_equal(SSL_write(from, text, (int)len), (int)len);
	while (carry(from, to, is_server))
		while (SSL_read(to, room, sizeof(room)) > 0)
			;
}

static SSL *new_end(SSL_CTX *context, bool is_server)
{
	SSL *ssl = SSL_new(context);

	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	if (is_server)
		SSL_set_accept_state(ssl);
	else
		SSL_set_connect_state(ssl);
	return ssl;
}

static void set_suite(SSL_CTX *context, int version, const char *suite)
{
	SSL_CTX_set_security_level(context, 0);
	SSL_CTX_set_min_proto_version(context, version);
	SSL_CTX_set_max_proto_version(context, version);
	if (version == TLS1_3_VERSION)
		assert_int_equal(SSL_CTX_set_ciphersuites(context, suite), 1);
	else
		assert_int_equal(SSL_CTX_set_cipher_list(context, suite), 1);
}

static void talk(int version, const char *suite, enum pki_key kind)
{
	struct credential ca = pki_ca_new("ca");
	struct credential leaf = pki_leaf(
		&ca, SPAN("mx.example"), PKI_LONG_AGO, PKI_FUTURE, kind);
	SSL_CTX *ours = SSL_CTX_new(TLS_client_method());
	SSL_CTX *theirs = SSL_CTX_new(TLS_server_method());
	SSL *client, *server;

	tapped = (struct tapped){ .len = 0 };
	SSL_CTX_set_keylog_callback(ours, on_key);
	set_suite(ours, version, suite);
	set_suite(theirs, version, suite);
	SSL_CTX_use_certificate(theirs, leaf.x509);
	SSL_CTX_use_PrivateKey(theirs, leaf.key);
	client = new_end(ours, false);
	server = new_end(theirs, true);
	SSL_set_tlsext_host_name(client, host);
	shake_hands(client, server);
	say(client, server, false, question, sizeof(question) - 1);
	if (version == TLS1_3_VERSION)
		SSL_key_update(server, SSL_KEY_UPDATE_NOT_REQUESTED);
	say(server, client, true, answer, sizeof(answer));
	SSL_shutdown(server);
	carry(server, client, true);
	SSL_free(client);
	SSL_free(server);
	SSL_CTX_free(ours);
	SSL_CTX_free(theirs);
	pki_free(&leaf);
	pki_free(&ca);
}

/* ---- what a tap makes of it */

struct heard {
	char text[2][sizeof(answer) + 64];
	size_t len[2];
};

static void hear(struct tls_tap *tap, struct heard *heard, bool is_server,
	struct span bytes, uint64_t missing)
{
	struct span plain = tls_tap_feed(tap, is_server, bytes, missing);

	assert_true(
		heard->len[is_server] + plain.len <= sizeof(heard->text[0]));
	if (plain.len)
		memcpy(heard->text[is_server] + heard->len[is_server], plain.at,
			plain.len);
	heard->len[is_server] += plain.len;
}

static void listen_in(struct tls_tap *tap, struct heard *heard, size_t most)
{
	heard->len[0] = heard->len[1] = 0;
	for (size_t i = 0; i < tapped.count; i++) {
		const struct piece *piece = &tapped.pieces[i];
		struct span bytes = { tapped.octets + piece->from, piece->len };

		for (size_t at = 0; at < bytes.len; at += most)
			hear(tap, heard, piece->is_server,
				span_part(bytes, at, most), 0);
	}
}

static void check_all_heard(const struct heard *heard)
{
	assert_int_equal(heard->len[CLIENT], sizeof(question) - 1);
	assert_memory_equal(
		heard->text[CLIENT], question, sizeof(question) - 1);
	assert_int_equal(heard->len[SERVER], sizeof(answer));
	assert_memory_equal(heard->text[SERVER], answer, sizeof(answer));
}

static const struct suite_row {
	int version;
	const char *suite;
	unsigned number;
	enum pki_key key;
} rows[] = {
	{ TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", 0x1301, PKI_EC },
	{ TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384", 0x1302, PKI_EC },
	{ TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256", 0x1303, PKI_EC },
	{ TLS1_3_VERSION, "TLS_AES_128_CCM_SHA256", 0x1304, PKI_EC },
	{ TLS1_3_VERSION, "TLS_AES_128_CCM_8_SHA256", 0x1305, PKI_EC },
	{ TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256", 0xc02b, PKI_EC },
	{ TLS1_2_VERSION, "ECDHE-RSA-AES256-GCM-SHA384", 0xc030, PKI_RSA },
	{ TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305", 0xcca9, PKI_EC },
	{ TLS1_2_VERSION, "ECDHE-ECDSA-AES128-CCM", 0xc0ac, PKI_EC },
	{ TLS1_2_VERSION, "ECDHE-ECDSA-AES256-CCM8", 0xc0af, PKI_EC },
	{ TLS1_2_VERSION, "AES128-GCM-SHA256", 0x009c, PKI_RSA },
};

static void with_the_secrets_all_is_heard(void **state)
{
	static struct heard heard;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct key_log *log = key_log_open();
		struct tls_tap *tap = tls_tap_open(arena, log);

		talk(rows[i].version, rows[i].suite, rows[i].key);
		key_log_add(log, (struct span){ tapped.keys, tapped.keys_len });
		listen_in(tap, &heard, i % 2 ? 1 : 1500);
		check_all_heard(&heard);
		assert_int_equal(tls_tap_sight(tap)->suite, rows[i].number);
		assert_int_equal(tls_tap_sight(tap)->version, rows[i].version);
		assert_true(tls_tap_sight(tap)->has_secrets);
		assert_int_equal(tls_tap_sight(tap)->chain_count, 1);
		assert_true(tls_tap_sight(tap)->has_closed[SERVER]);
		assert_false(tls_tap_sight(tap)->has_closed[CLIENT]);
		tls_tap_close(tap);
		key_log_close(log);
	}
}

static void without_them_the_hellos_are_seen(void **state)
{
	static struct heard heard;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct tls_tap *tap = tls_tap_open(arena, NULL);
		const struct tls_sight *sight = tls_tap_sight(tap);
		bool is_13 = rows[i].version == TLS1_3_VERSION;

		talk(rows[i].version, rows[i].suite, rows[i].key);
		listen_in(tap, &heard, 700);
		assert_int_equal(heard.len[0] + heard.len[1], 0);
		assert_true(span_is(sight->sni, SPAN("mx.example")));
		assert_int_equal(sight->version, rows[i].version);
		assert_int_equal(sight->chain_count, is_13 ? 0 : 1);
		assert_true(sight->was_finished);
		assert_false(sight->has_secrets);
		assert_false(sight->has_closed[SERVER]);
		tls_tap_close(tap);
	}
}

/* Only what follows the handshake can be opened: it is tried until it opens. */
static void traffic_secrets_alone_are_enough(void **state)
{
	static struct heard heard;
	struct key_log *log = key_log_open();
	struct tls_tap *tap = tls_tap_open(arena, log);
	struct span keys;

	(void)state;
	talk(TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384", PKI_EC);
	keys = (struct span){ tapped.keys, tapped.keys_len };
	while (keys.len) {
		struct span line = span_cut(&keys, '\n');

		if (span_find_nocase(line, SPAN("_TRAFFIC_SECRET_0")) <
			line.len)
			key_log_add(log, line);
	}
	listen_in(tap, &heard, 900);
	check_all_heard(&heard);
	tls_tap_close(tap);
	key_log_close(log);
}

static void wrong_secrets_open_nothing(void **state)
{
	static struct heard heard;
	struct key_log *log = key_log_open();
	struct tls_tap *tap = tls_tap_open(arena, log);

	(void)state;
	talk(TLS1_2_VERSION, "ECDHE-RSA-AES256-GCM-SHA384", PKI_RSA);
	tapped.keys[tapped.keys_len - 3] ^= 1;
	key_log_add(log, (struct span){ tapped.keys, tapped.keys_len });
	listen_in(tap, &heard, 1500);
	assert_int_equal(heard.len[0] + heard.len[1], 0);
	tls_tap_close(tap);
	key_log_close(log);
}

/* A hole within a record costs that record, and no other. */
static void a_hole_costs_one_record(void **state)
{
	static struct heard heard;
	struct key_log *log = key_log_open();
	struct tls_tap *tap = tls_tap_open(arena, log);
	struct piece *last;
	struct span bytes;

	(void)state;
	talk(TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", PKI_EC);
	key_log_add(log, (struct span){ tapped.keys, tapped.keys_len });
	tapped.count -= 2; /* the answer, and close_notify */
	last = &tapped.pieces[tapped.count];
	listen_in(tap, &heard, 1500);
	bytes = (struct span){ tapped.octets + last->from, last->len };
	heard.len[SERVER] = 0;
	hear(tap, &heard, true, span_part(bytes, 0, 300), 0);
	hear(tap, &heard, true, span_part(bytes, 400, bytes.len), 100);
	assert_in_range(
		heard.len[SERVER], sizeof(answer) - 17000, sizeof(answer) - 1);
	tls_tap_close(tap);
	key_log_close(log);
}

static void broken_lines_of_a_key_log_are_passed_over(void **state)
{
	static const char text[] = "# a comment\n"
				   "CLIENT_RANDOM 00 11\n"
				   "CLIENT_RANDOM zz\n"
				   "SERVER_TRAFFIC_SECRET_0 "
				   "000102030405060708090a0b0c0d0e0f"
				   "101112131415161718191a1b1c1d1e1f abcd\r\n"
				   "SOMETHING_ELSE aa bb\n";
	struct key_log *log = key_log_open();
	uint8_t random[TLS_RANDOM_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(random); i++)
		random[i] = (uint8_t)i;
	key_log_add(log, SPAN(text));
	assert_int_equal(key_log_count(log), 1);
	assert_int_equal(key_log_find(log, random, KEY_SERVER_TRAFFIC).len, 2);
	assert_int_equal(key_log_find(log, random, KEY_MASTER).len, 0);
	key_log_close(log);
}

static void the_oldest_secrets_make_way(void **state)
{
	struct key_log *log = key_log_open();
	uint8_t random[TLS_RANDOM_LEN] = { 0 };
	char line[160];

	(void)state;
	for (unsigned i = 0; i < KEY_LOG_MAX + 10; i++) {
		int len = snprintf(line, sizeof(line),
			"CLIENT_RANDOM %08x%056x aabb", i, 0u);

		key_log_add(log, (struct span){ line, (size_t)len });
	}
	assert_int_equal(key_log_count(log), KEY_LOG_MAX);
	random[3] = 5;
	assert_int_equal(key_log_find(log, random, KEY_MASTER).len, 0);
	random[3] = 50;
	assert_int_equal(key_log_find(log, random, KEY_MASTER).len, 2);
	key_log_close(log);
}

static int open_all(void **state)
{
	for (size_t i = 0; i < sizeof(answer); i++)
		answer[i] = (char)('a' + i % 26);
	return open_arena(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_the_secrets_all_is_heard),
		cmocka_unit_test(without_them_the_hellos_are_seen),
		cmocka_unit_test(traffic_secrets_alone_are_enough),
		cmocka_unit_test(wrong_secrets_open_nothing),
		cmocka_unit_test(a_hole_costs_one_record),
		cmocka_unit_test(broken_lines_of_a_key_log_are_passed_over),
		cmocka_unit_test(the_oldest_secrets_make_way),
	};

	return cmocka_run_group_tests(tests, open_all, close_arena);
}
