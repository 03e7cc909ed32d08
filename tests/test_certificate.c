#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <stdio.h>

#include "probe/tls/certificate.h"

#include "tests/pki.c"
#include "tests/spans.h"

static struct arena *arena;
static struct credential ca;

static void read_it(const X509 *x509, struct certificate *certificate)
{
	unsigned char *der = NULL;
	int len = i2d_X509(x509, &der);
	const unsigned char *at = der;
	X509 *again = d2i_X509(NULL, &at, len);

	assert_non_null(again);
	certificate_read(arena, again, EVP_sha256(), certificate);
	assert_int_equal(ERR_peek_error(), 0);
	X509_free(again);
	OPENSSL_free(der);
}

static void a_certificate_is_read_as_it_is(void **state)
{
	struct credential leaf = pki_leaf(&ca,
		SPAN("mx.example,192.0.2.1,2001:db8::1,*.example.net"),
		PKI_LONG_AGO, PKI_FUTURE, PKI_EC);
	struct certificate certificate;
	uint8_t hash[32];

	(void)state;
	read_it(leaf.x509, &certificate);
	assert_span(certificate.subject, "CN=leaf");
	assert_span(certificate.issuer, "CN=Test CA");
	assert_int_equal(certificate.name_count, 4);
	assert_int_equal(certificate.names_in_all, 4);
	assert_span(certificate.names[0], "mx.example");
	assert_span(certificate.names[1], "192.0.2.1");
	assert_span(certificate.names[2], "2001:db8::1");
	assert_span(certificate.names[3], "*.example.net");
	assert_true(certificate.not_before == PKI_LONG_AGO);
	assert_true(certificate.not_after == PKI_FUTURE);
	assert_span(certificate.key_type, "EC");
	assert_int_equal(certificate.key_bits, 256);
	assert_span(certificate.signature, "ecdsa-with-SHA256");
	assert_false(certificate.is_self_issued);
	X509_digest(leaf.x509, EVP_sha256(), hash, NULL);
	assert_memory_equal(certificate.sha256, hash, sizeof(hash));
	pki_free(&leaf);
}

/* As in RFC 7671 section 5.1: over the DER of SubjectPublicKeyInfo. */
static void the_hash_of_the_key_is_that_of_tlsa(void **state)
{
	static const enum pki_key keys[] = { PKI_EC, PKI_RSA, PKI_ED25519 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		struct credential leaf = pki_leaf(&ca, SPAN("mx.example"),
			PKI_LONG_AGO, PKI_FUTURE, keys[i]);
		struct certificate certificate;
		unsigned char *der = NULL;
		uint8_t hash[32];
		int len = i2d_PUBKEY(leaf.key, &der);

		EVP_Digest(der, (size_t)len, hash, NULL, EVP_sha256(), NULL);
		read_it(leaf.x509, &certificate);
		assert_memory_equal(
			certificate.spki_sha256, hash, sizeof(hash));
		OPENSSL_free(der);
		pki_free(&leaf);
	}
}

static void keys_and_signatures_are_named(void **state)
{
	static const struct {
		enum pki_key key;
		const char *type;
		unsigned bits;
		const char *signature;
	} cases[] = {
		/* clang-format off */
		{ PKI_EC, "EC", 256, "ecdsa-with-SHA256" },
		{ PKI_RSA, "RSA", 2048, "sha256WithRSAEncryption" },
		{ PKI_ED25519, "ED25519", 256, "ED25519" },
		/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct credential leaf = pki_leaf(
			NULL, SPAN(""), PKI_LONG_AGO, PKI_FUTURE, cases[i].key);
		struct certificate certificate;

		read_it(leaf.x509, &certificate);
		assert_span(certificate.key_type, cases[i].type);
		assert_int_equal(certificate.key_bits, cases[i].bits);
		assert_span(certificate.signature, cases[i].signature);
		assert_true(certificate.is_self_issued);
		assert_int_equal(certificate.name_count, 0);
		pki_free(&leaf);
	}
}

static void foreign_bytes_in_names_are_kept(void **state)
{
	static const char bytes[] = "mx.example\0.evil,\xff\x1b[2J,";
	struct credential leaf = pki_leaf(&ca,
		(struct span){ bytes, sizeof(bytes) - 1 }, PKI_LONG_AGO,
		PKI_FUTURE, PKI_EC);
	struct certificate certificate;

	(void)state;
	read_it(leaf.x509, &certificate);
	assert_int_equal(certificate.name_count, 2);
	assert_int_equal(certificate.names[0].len, 16);
	assert_memory_equal(certificate.names[0].at, bytes, 16);
	assert_span(certificate.names[1], "\xff\x1b[2J");
	pki_free(&leaf);
}

static void a_name_of_any_length_is_bounded(void **state)
{
	static char name[3000];
	struct credential leaf;
	struct certificate certificate;

	(void)state;
	memset(name, 'a', sizeof(name));
	leaf = pki_leaf(&ca, (struct span){ name, sizeof(name) }, PKI_LONG_AGO,
		PKI_FUTURE, PKI_EC);
	read_it(leaf.x509, &certificate);
	assert_int_equal(certificate.name_count, 1);
	assert_int_equal(certificate.names[0].len, SESSION_TEXT_MAX);
	pki_free(&leaf);
}

static void five_thousand_names_are_counted_and_some_kept(void **state)
{
	enum { MANY = 5000 };
	static char names[MANY * 16];
	size_t len = 0;
	struct credential leaf;
	struct certificate certificate;

	(void)state;
	for (int i = 0; i < MANY; i++)
		len += (size_t)snprintf(names + len, sizeof(names) - len,
			"%s%d.example", i ? "," : "", i);
	leaf = pki_leaf(&ca, (struct span){ names, len }, PKI_LONG_AGO,
		PKI_FUTURE, PKI_EC);
	read_it(leaf.x509, &certificate);
	assert_int_equal(certificate.name_count, SESSION_NAMES_MAX);
	assert_int_equal(certificate.names_in_all, MANY);
	assert_span(certificate.names[SESSION_NAMES_MAX - 1], "255.example");
	pki_free(&leaf);
}

/* RFC 5280 wants 4 or 16 octets; what has another length is no address. */
static void an_address_of_odd_length_is_kept_as_octets(void **state)
{
	struct credential leaf = pki_good_leaf(&ca, "");
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
	struct certificate certificate;

	(void)state;
	ASN1_OCTET_STRING_set(octets, (const unsigned char *)"\x7f\0\x01", 3);
	GENERAL_NAME_set0_value(name, GEN_IPADD, octets);
	sk_GENERAL_NAME_push(names, name);
	X509_add1_ext_i2d(
		leaf.x509, NID_subject_alt_name, names, 0, X509V3_ADD_APPEND);
	GENERAL_NAMES_free(names);
	pki_sign(leaf.x509, ca.key);
	read_it(leaf.x509, &certificate);
	assert_int_equal(certificate.name_count, 1);
	assert_int_equal(certificate.names[0].len, 3);
	assert_memory_equal(certificate.names[0].at, "\x7f\0\x01", 3);
	pki_free(&leaf);
}

static void a_subject_alternative_name_that_is_no_der_is_none(void **state)
{
	struct credential leaf = pki_good_leaf(&ca, "");
	ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
	X509_EXTENSION *extension;
	struct certificate certificate;

	(void)state;
	ASN1_OCTET_STRING_set(octets, (const unsigned char *)"\x30\x7f", 2);
	extension = X509_EXTENSION_create_by_NID(
		NULL, NID_subject_alt_name, 0, octets);
	X509_add_ext(leaf.x509, extension, -1);
	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(octets);
	pki_sign(leaf.x509, ca.key);
	read_it(leaf.x509, &certificate);
	assert_int_equal(certificate.name_count, 0);
	pki_free(&leaf);
}

static void subjects_of_all_kinds_are_text(void **state)
{
	static const struct {
		const char *name;
		int type;
		struct span bytes;
		const char *text;
	} cases[] = {
		/* clang-format off */
		{ "UTF-8", V_ASN1_UTF8STRING, { "M\xc3\xbcller", 7 },
		  "CN=M\xc3\xbcller" },
		{ "NUL and escape", V_ASN1_UTF8STRING, { "a\0b\x1b", 4 },
		  "CN=a\\00b\\1B" },
		{ "a comma", V_ASN1_PRINTABLESTRING, { "a,b", 3 },
		  "CN=a\\,b" },
		{ "BMP", V_ASN1_BMPSTRING, { "\0a\0b", 4 }, "CN=ab" },
		{ "half a BMP", V_ASN1_BMPSTRING, { "\0a\0", 3 },
		  "CN=#1E03006100" },
		{ "no UTF-8", V_ASN1_UTF8STRING, { "\xff\xfe", 2 },
		  "CN=\xff\xfe" },
		{ "nothing", V_ASN1_UTF8STRING, { "", 0 }, "CN=" },
		/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct credential leaf = pki_good_leaf(&ca, "");
		X509_NAME *name = X509_get_subject_name(leaf.x509);
		ASN1_STRING *value = X509_NAME_ENTRY_get_data(
			X509_NAME_get_entry(name, 0));
		struct certificate certificate;

		ASN1_STRING_set(
			value, cases[i].bytes.at, (int)cases[i].bytes.len);
		value->type = cases[i].type;
		certificate_read(arena, leaf.x509, EVP_sha256(), &certificate);
		if (!span_is(certificate.subject, span_of(cases[i].text)))
			fail_msg("%s: %.*s", cases[i].name,
				SPAN_ARG(certificate.subject));
		pki_free(&leaf);
	}
}

static void no_subject_is_an_empty_one(void **state)
{
	struct credential leaf = pki_good_leaf(&ca, "mx.example");
	X509_NAME *empty = X509_NAME_new();
	struct certificate certificate;

	(void)state;
	X509_set_subject_name(leaf.x509, empty);
	X509_NAME_free(empty);
	pki_sign(leaf.x509, ca.key);
	read_it(leaf.x509, &certificate);
	assert_int_equal(certificate.subject.len, 0);
	assert_span(certificate.names[0], "mx.example");
	pki_free(&leaf);
}

static void a_giant_subject_and_serial_are_bounded(void **state)
{
	static char text[30000];
	static unsigned char serial[20000];
	struct credential leaf = pki_good_leaf(&ca, "mx.example");
	X509_NAME *name = X509_get_subject_name(leaf.x509);
	struct certificate certificate;

	(void)state;
	memset(text, 1, sizeof(text));
	memset(serial, 0x7f, sizeof(serial));
	ASN1_STRING_set(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, 0)),
		text, sizeof(text));
	ASN1_STRING_set(
		X509_get_serialNumber(leaf.x509), serial, sizeof(serial));
	X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8,
		(const unsigned char *)"x", -1, -1, 0);
	pki_sign(leaf.x509, ca.key);
	read_it(leaf.x509, &certificate);
	assert_int_equal(certificate.subject.len, SESSION_TEXT_MAX);
	assert_span(certificate.names[0], "mx.example");
	pki_free(&leaf);
}

static void a_date_that_is_none_is_zero(void **state)
{
	static const struct {
		int type;
		const char *text;
		int64_t seconds;
	} cases[] = {
		/* clang-format off */
		{ V_ASN1_UTCTIME, "700101000000Z", 0 },
		{ V_ASN1_UTCTIME, "491231235959Z", 2524607999 },
		{ V_ASN1_UTCTIME, "500101000000Z", -631152000 },
		{ V_ASN1_GENERALIZEDTIME, "99991231235959Z", 253402300799 },
		{ V_ASN1_GENERALIZEDTIME, "00000101000000Z",
		  INT64_C(-62167219200) },
		{ V_ASN1_UTCTIME, "991332000000Z", 0 },
		{ V_ASN1_UTCTIME, "soon", 0 },
		{ V_ASN1_UTCTIME, "", 0 },
		{ V_ASN1_GENERALIZEDTIME, "20260230000000Z", 0 },
		/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		ASN1_STRING *time = ASN1_STRING_type_new(cases[i].type);
		int64_t seconds;

		ASN1_STRING_set(time, cases[i].text, -1);
		seconds = certificate_seconds(time);
		if (seconds != cases[i].seconds)
			fail_msg("%s: %lld", cases[i].text, (long long)seconds);
		ASN1_STRING_free(time);
	}
	assert_true(certificate_seconds(NULL) == 0);
}

static void an_unknown_key_is_named_by_its_number(void **state)
{
	struct credential leaf = pki_good_leaf(&ca, "mx.example");
	X509_PUBKEY *key = X509_get_X509_PUBKEY(leaf.x509);
	struct certificate certificate;
	unsigned char *octets = OPENSSL_memdup("abc", 3);

	(void)state;
	X509_PUBKEY_set0_param(key, OBJ_txt2obj("1.2.3.4.5", 1), V_ASN1_UNDEF,
		NULL, octets, 3);
	pki_sign(leaf.x509, ca.key);
	read_it(leaf.x509, &certificate);
	assert_span(certificate.key_type, "1.2.3.4.5");
	assert_int_equal(certificate.key_bits, 0);
	pki_free(&leaf);
}

static int open_all(void **state)
{
	(void)state;
	arena = arena_open();
	ca = pki_ca_new("Test CA");
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	pki_free(&ca);
	arena_close(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_is_read_as_it_is),
		cmocka_unit_test(the_hash_of_the_key_is_that_of_tlsa),
		cmocka_unit_test(keys_and_signatures_are_named),
		cmocka_unit_test(foreign_bytes_in_names_are_kept),
		cmocka_unit_test(a_name_of_any_length_is_bounded),
		cmocka_unit_test(five_thousand_names_are_counted_and_some_kept),
		cmocka_unit_test(an_address_of_odd_length_is_kept_as_octets),
		cmocka_unit_test(
			a_subject_alternative_name_that_is_no_der_is_none),
		cmocka_unit_test(subjects_of_all_kinds_are_text),
		cmocka_unit_test(no_subject_is_an_empty_one),
		cmocka_unit_test(a_giant_subject_and_serial_are_bounded),
		cmocka_unit_test(a_date_that_is_none_is_zero),
		cmocka_unit_test(an_unknown_key_is_named_by_its_number),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
