#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/err.h>

#include "probe/base/escape.h"
#include "probe/tls/dane.h"

#include "tests/pki.c"

/* clang-format off */
#define ZEROS  "0000000000000000000000000000000000000000000000000000000000000000"
/* clang-format on */

static struct arena *arena;
static struct credential root, issuer, leaf, old;
static SSL_CTX *context;

/* ---- records as text */

static const struct {
	const char *text, *again; /* again NULL: it does not parse */
} texts[] = {
	{ "3 1 1 00ff", "3 1 1 00ff" },
	{ "3 1 1 00FF", "3 1 1 00ff" },
	{ "2 0 0 30 82 01", "2 0 0 308201" },
	{ "255 255 255 aa", "255 255 255 aa" },
	{ "3 1 1 ", "3 1 1" },
	{ "3 1 1", "3 1 1" },
	{ "256 1 1 aa", NULL },
	{ "3 1 aa", NULL },
	{ "3 1 1 0", NULL },
	{ "3 1 1 0g", NULL },
	{ "-3 1 1 00", NULL },
	{ "3 1", NULL },
	{ "", NULL },
	{ "3  1 1 00", NULL },
	{ "3 1 1 00\n", NULL },
};

static void a_record_reads_back_as_it_is_printed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct tlsa tlsa;
		bool is_read = tlsa_parse(arena, span_of(texts[i].text), &tlsa);

		if (is_read != (texts[i].again != NULL))
			fail_msg("%s", texts[i].text);
		if (is_read)
			assert_string_equal(
				tlsa_text(arena, &tlsa).at, texts[i].again);
	}
}

static const struct {
	const char *text;
	enum tlsa_use use, outside_of_smtp;
} uses[] = {
	{ "3 1 1 " ZEROS, TLSA_USABLE, TLSA_USABLE },
	{ "2 0 2 " ZEROS ZEROS, TLSA_USABLE, TLSA_USABLE },
	{ "3 0 0 30", TLSA_USABLE, TLSA_USABLE },
	{ "1 1 1 " ZEROS, TLSA_NOT_FOR_SMTP, TLSA_USABLE },
	{ "0 1 1 " ZEROS, TLSA_NOT_FOR_SMTP, TLSA_USABLE },
	{ "4 1 1 " ZEROS, TLSA_UNKNOWN_USAGE, TLSA_UNKNOWN_USAGE },
	{ "255 1 1 " ZEROS, TLSA_UNKNOWN_USAGE, TLSA_UNKNOWN_USAGE },
	{ "3 2 1 " ZEROS, TLSA_UNKNOWN_SELECTOR, TLSA_UNKNOWN_SELECTOR },
	{ "3 1 3 " ZEROS, TLSA_UNKNOWN_MTYPE, TLSA_UNKNOWN_MTYPE },
	{ "3 1 2 " ZEROS, TLSA_WRONG_LENGTH, TLSA_WRONG_LENGTH },
	{ "3 1 1 " ZEROS "00", TLSA_WRONG_LENGTH, TLSA_WRONG_LENGTH },
	{ "3 1 0", TLSA_WRONG_LENGTH, TLSA_WRONG_LENGTH },
};

static void what_no_mail_server_can_use_is_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(uses); i++) {
		struct tlsa tlsa;

		assert_true(tlsa_parse(arena, span_of(uses[i].text), &tlsa));
		assert_int_equal(tlsa_use(&tlsa, false), uses[i].use);
		assert_int_equal(
			tlsa_use(&tlsa, true), uses[i].outside_of_smtp);
		assert_int_equal(uses[i].use == TLSA_USABLE,
			tlsa_use_why(uses[i].use)[0] == '\0');
	}
}

/* ---- records of the certificates here */

static struct span der_of(const struct credential *of, unsigned selector)
{
	unsigned char *der = NULL;
	int len = selector ? i2d_X509_PUBKEY(
				     X509_get_X509_PUBKEY(of->x509), &der)
			   : i2d_X509(of->x509, &der);
	struct span kept;

	assert_true(len > 0);
	kept = arena_copy(
		arena, (struct span){ (const char *)der, (size_t)len });
	OPENSSL_free(der);
	return kept;
}

static struct span data_of(
	const struct credential *of, unsigned selector, unsigned mtype)
{
	struct span der = der_of(of, selector);
	unsigned char room[EVP_MAX_MD_SIZE];
	unsigned len;

	if (mtype == 0)
		return der;
	assert_int_equal(
		EVP_Digest(der.at, der.len, room, &len,
			mtype == 1 ? EVP_sha256() : EVP_sha512(), NULL),
		1);
	return arena_copy(arena, (struct span){ (const char *)room, len });
}

static struct tlsa tlsa_of(unsigned usage, unsigned selector, unsigned mtype,
	const struct credential *of)
{
	return (struct tlsa){ usage, selector, mtype,
		data_of(of, selector, mtype) };
}

/* ... with the data of another selector and matching type. */
static struct tlsa tlsa_as(const char *said, const struct credential *of,
	unsigned selector, unsigned mtype)
{
	struct tlsa tlsa;

	assert_true(tlsa_parse(arena, span_of(said), &tlsa));
	tlsa.data = data_of(of, selector, mtype);
	return tlsa;
}

static const struct span names[] = { { "mx.d.example", 12 },
	{ "d.example", 9 } };

static struct tlsa_verdict hold(const struct tlsa *records, size_t count,
	const struct credential *first, const struct credential *second)
{
	struct tlsa_set set = { records, count, names, COUNT_OF(names), false,
		false };
	STACK_OF(X509) *sent = sk_X509_new_null();
	struct tlsa_verdict verdict;

	sk_X509_push(sent, first->x509);
	if (second)
		sk_X509_push(sent, second->x509);
	dane_verify(arena, context, sent, &set, &verdict);
	sk_X509_free(sent);
	assert_int_equal(ERR_peek_error(), 0);
	assert_int_equal(verdict.count, count);
	return verdict;
}

#define HOLD(first, second, ...)                                               \
	hold((const struct tlsa[]){ __VA_ARGS__ },                             \
		COUNT_OF(((const struct tlsa[]){ __VA_ARGS__ })), first,       \
		second)

static bool says(struct span text, const char *part)
{
	return span_find_nocase(text, span_of(part)) < text.len;
}

static void expect(
	struct tlsa_verdict verdict, enum tlsa_result result, int code)
{
	assert_string_equal(
		tlsa_result_word(verdict.result), tlsa_result_word(result));
	assert_int_equal(verdict.code, code);
	assert_int_equal(verdict.why.len == 0, result == TLSA_MATCHES);
}

static void each_usable_record_fits_its_certificate(void **state)
{
	(void)state;
	for (unsigned selector = 0; selector < 2; selector++)
		for (unsigned mtype = 0; mtype < 3; mtype++) {
			struct tlsa_verdict verdict = HOLD(&leaf, &issuer,
				tlsa_of(3, selector, mtype, &leaf));

			expect(verdict, TLSA_MATCHES, X509_V_OK);
			assert_int_equal(verdict.depth, 0);
			assert_true(verdict.records[0].is_match);
			verdict = HOLD(&leaf, &issuer,
				tlsa_of(2, selector, mtype, &issuer));
			expect(verdict, TLSA_MATCHES, X509_V_OK);
			assert_int_equal(verdict.depth, 1);
		}
}

static void the_record_to_publish_is_told(void **state)
{
	struct span hash = escape_hex(arena, data_of(&leaf, 1, 1));
	struct tlsa_verdict verdict = HOLD(&leaf, NULL, tlsa_of(3, 1, 1, &old));

	(void)state;
	assert_int_equal(verdict.publish.len, strlen("3 1 1 ") + 64);
	assert_memory_equal(verdict.publish.at + 6, hash.at, 64);
}

/* RFC 7672 section 3.1.1: usage 3 is about the key and nothing else. */
static void a_key_of_its_own_needs_neither_date_nor_name(void **state)
{
	struct credential stale = pki_leaf(NULL, SPAN("elsewhere.example"),
		PKI_LONG_AGO, PKI_PAST, PKI_EC);

	(void)state;
	expect(HOLD(&stale, NULL, tlsa_of(3, 1, 1, &stale)), TLSA_MATCHES,
		X509_V_OK);
	pki_free(&stale);
}

/* Section 3.1.2: usage 2 is not, and either name of section 3.2.2 will do. */
static void an_issuers_record_needs_date_and_name(void **state)
{
	static const struct {
		const char *name;
		int64_t until;
		int code;
	} cases[] = {
		{ "mx.d.example", PKI_FUTURE, X509_V_OK },
		{ "d.example", PKI_FUTURE, X509_V_OK },
		{ "*.d.example", PKI_FUTURE, X509_V_OK },
		{ "m*.d.example", PKI_FUTURE, X509_V_ERR_HOSTNAME_MISMATCH },
		{ "other.example", PKI_FUTURE, X509_V_ERR_HOSTNAME_MISMATCH },
		{ "mx.d.example", PKI_PAST, X509_V_ERR_CERT_HAS_EXPIRED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct credential one = pki_leaf(&issuer,
			span_of(cases[i].name), PKI_LONG_AGO, cases[i].until,
			PKI_EC);
		struct tlsa_verdict verdict = HOLD(
			&one, &issuer, tlsa_of(2, 1, 1, &issuer));

		expect(verdict, cases[i].code ? TLSA_INVALID : TLSA_MATCHES,
			cases[i].code);
		assert_int_equal(verdict.depth, 1);
		pki_free(&one);
	}
}

/* Section 3.1.2: the client may not have it, so the server is to send it. */
static void an_issuer_that_was_not_sent_fits_nothing(void **state)
{
	(void)state;
	expect(HOLD(&leaf, NULL, tlsa_of(2, 1, 1, &issuer)), TLSA_NO_MATCH,
		X509_V_ERR_DANE_NO_MATCH);
	/* The whole of it in the DNS is as good as sent. */
	expect(HOLD(&leaf, NULL, tlsa_of(2, 0, 0, &issuer)), TLSA_MATCHES,
		X509_V_OK);
	/* Being trusted here is of no use. */
	expect(HOLD(&issuer, NULL, tlsa_of(2, 1, 1, &root)), TLSA_NO_MATCH,
		X509_V_ERR_DANE_NO_MATCH);
}

static void one_record_that_fits_is_enough(void **state)
{
	struct tlsa_verdict verdict = HOLD(&leaf, &issuer,
		tlsa_of(3, 1, 1, &old), tlsa_of(3, 1, 1, &leaf),
		tlsa_of(2, 1, 1, &old));

	(void)state;
	expect(verdict, TLSA_MATCHES, X509_V_OK);
	assert_false(verdict.records[0].is_match);
	assert_true(verdict.records[1].is_match);
	assert_int_equal(verdict.records[0].fits_at, -1);
}

static void a_key_that_was_changed_alone_fits_nothing(void **state)
{
	struct tlsa_verdict verdict = HOLD(
		&leaf, &issuer, tlsa_of(3, 1, 1, &old));

	(void)state;
	expect(verdict, TLSA_NO_MATCH, X509_V_ERR_DANE_NO_MATCH);
	assert_int_equal(verdict.records[0].hint.len, 0);
	assert_int_equal(verdict.depth, -1);
}

/* ---- near misses */

static void the_right_data_in_the_wrong_place_is_recognised(void **state)
{
	const struct {
		struct tlsa tlsa;
		enum tlsa_result result;
		const char *hint;
	} cases[] = {
		{ tlsa_as("3 0 1", &leaf, 1, 1), TLSA_NO_MATCH,
			"as 3 1 1 it would fit" },
		{ tlsa_as("3 1 1", &leaf, 0, 1), TLSA_NO_MATCH,
			"as 3 0 1 it would fit" },
		{ tlsa_as("3 1 1", &leaf, 1, 2), TLSA_ALL_UNUSABLE,
			"as 3 1 2 it would fit" },
		{ tlsa_as("3 1 1", &issuer, 1, 1), TLSA_NO_MATCH,
			"as 2 1 1 it would fit" },
		{ tlsa_as("2 1 1", &leaf, 1, 1), TLSA_NO_MATCH,
			"as 3 1 1 it would fit" },
		{ tlsa_as("1 1 1", &leaf, 1, 1), TLSA_ALL_UNUSABLE,
			"as 3 1 1 it would fit" },
		{ tlsa_as("0 0 1", &issuer, 0, 1), TLSA_ALL_UNUSABLE,
			"as 2 0 1 it would fit" },
		{ tlsa_as("3 0 0", &leaf, 1, 0), TLSA_ALL_UNUSABLE,
			"as 3 1 0 it would fit" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct tlsa_verdict verdict = HOLD(
			&leaf, &issuer, cases[i].tlsa);

		assert_string_equal(tlsa_result_word(verdict.result),
			tlsa_result_word(cases[i].result));
		if (!says(verdict.records[0].hint, cases[i].hint))
			fail_msg("%zu: %.*s", i,
				SPAN_ARG(verdict.records[0].hint));
		if (verdict.result == TLSA_NO_MATCH)
			assert_true(says(verdict.why, cases[i].hint));
	}
}

/* RFC 7671 section 9. */
static void a_stronger_digest_overrules_a_weaker_one(void **state)
{
	struct tlsa_verdict verdict = HOLD(&leaf, &issuer,
		tlsa_of(3, 1, 1, &leaf), tlsa_of(3, 1, 2, &old));

	(void)state;
	expect(verdict, TLSA_NO_MATCH, X509_V_ERR_DANE_NO_MATCH);
	assert_true(says(verdict.why, "a stronger digest beside it"));
	/* Not across selectors. */
	expect(HOLD(&leaf, &issuer, tlsa_of(3, 1, 1, &leaf),
		       tlsa_of(3, 0, 2, &old)),
		TLSA_MATCHES, X509_V_OK);
}

static void a_chain_that_does_not_lead_there_is_told(void **state)
{
	struct tlsa_verdict verdict = HOLD(
		&old, &issuer, tlsa_of(2, 1, 1, &issuer));

	(void)state;
	assert_int_equal(verdict.result, TLSA_NO_MATCH);
	assert_int_equal(verdict.records[0].fits_at, 1);
	assert_true(says(verdict.why, "does not lead to"));
}

/* ---- nothing to go by */

/* OpenSSL alone would look for trusted authorities now, and be content. */
static void unusable_records_authenticate_nobody(void **state)
{
	struct tlsa rubbish = { 3, 0, 0, SPAN("this is no certificate") };
	struct tlsa_verdict verdict = HOLD(&leaf, &issuer,
		tlsa_of(1, 1, 1, &leaf), tlsa_of(0, 0, 1, &root), rubbish);

	(void)state;
	expect(verdict, TLSA_ALL_UNUSABLE, X509_V_OK);
	assert_int_equal(verdict.records[0].use, TLSA_NOT_FOR_SMTP);
	assert_int_equal(verdict.records[2].use, TLSA_NOT_DER);
	assert_false(verdict.records[0].is_match);
}

static void unusable_records_do_not_count_beside_usable_ones(void **state)
{
	(void)state;
	expect(HOLD(&leaf, &issuer, tlsa_of(1, 1, 1, &leaf),
		       tlsa_of(3, 1, 1, &old)),
		TLSA_NO_MATCH, X509_V_ERR_DANE_NO_MATCH);
}

static void outside_of_smtp_all_usages_and_names_count(void **state)
{
	struct tlsa record = tlsa_of(3, 1, 1, &leaf);
	struct span other = SPAN("other.example");
	struct tlsa_set set = { &record, 1, &other, 1, true, true };
	STACK_OF(X509) *sent = sk_X509_new_null();
	struct tlsa_verdict verdict;

	(void)state;
	sk_X509_push(sent, leaf.x509);
	sk_X509_push(sent, issuer.x509);
	dane_verify(arena, context, sent, &set, &verdict);
	expect(verdict, TLSA_INVALID, X509_V_ERR_HOSTNAME_MISMATCH);
	set.names = names;
	record = tlsa_of(1, 1, 1, &leaf);
	dane_verify(arena, context, sent, &set, &verdict);
	expect(verdict, TLSA_MATCHES, X509_V_OK);
	sk_X509_free(sent);
}

static void a_longer_list_than_is_kept_is_cut(void **state)
{
	struct tlsa many[TLSA_RECORDS_MAX + 1];
	struct tlsa_set set = { many, COUNT_OF(many), names, 1, false, false };
	STACK_OF(X509) *sent = sk_X509_new_null();
	struct tlsa_verdict verdict;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(many); i++)
		many[i] = tlsa_of(3, 1, 1, i < TLSA_RECORDS_MAX ? &old : &leaf);
	sk_X509_push(sent, leaf.x509);
	dane_verify(arena, context, sent, &set, &verdict);
	assert_int_equal(verdict.count, TLSA_RECORDS_MAX);
	expect(verdict, TLSA_NO_MATCH, X509_V_ERR_DANE_NO_MATCH);
	sk_X509_free(sent);
}

static int make_certificates(void **state)
{
	(void)state;
	arena = arena_open();
	root = pki_ca_new("Root");
	issuer = pki_intermediate(&root, "Issuer");
	leaf = pki_good_leaf(&issuer, "mx.d.example");
	old = pki_good_leaf(&root, "mx.d.example");
	context = SSL_CTX_new(TLS_client_method());
	X509_STORE_add_cert(SSL_CTX_get_cert_store(context), root.x509);
	return SSL_CTX_dane_enable(context) == 1 ? 0 : -1;
}

static int drop_certificates(void **state)
{
	(void)state;
	SSL_CTX_free(context);
	pki_free(&root);
	pki_free(&issuer);
	pki_free(&leaf);
	pki_free(&old);
	arena_close(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_reads_back_as_it_is_printed),
		cmocka_unit_test(what_no_mail_server_can_use_is_told_apart),
		cmocka_unit_test(each_usable_record_fits_its_certificate),
		cmocka_unit_test(the_record_to_publish_is_told),
		cmocka_unit_test(a_key_of_its_own_needs_neither_date_nor_name),
		cmocka_unit_test(an_issuers_record_needs_date_and_name),
		cmocka_unit_test(an_issuer_that_was_not_sent_fits_nothing),
		cmocka_unit_test(one_record_that_fits_is_enough),
		cmocka_unit_test(a_key_that_was_changed_alone_fits_nothing),
		cmocka_unit_test(
			the_right_data_in_the_wrong_place_is_recognised),
		cmocka_unit_test(a_stronger_digest_overrules_a_weaker_one),
		cmocka_unit_test(a_chain_that_does_not_lead_there_is_told),
		cmocka_unit_test(unusable_records_authenticate_nobody),
		cmocka_unit_test(
			unusable_records_do_not_count_beside_usable_ones),
		cmocka_unit_test(outside_of_smtp_all_usages_and_names_count),
		cmocka_unit_test(a_longer_list_than_is_kept_is_cut),
	};

	return cmocka_run_group_tests(
		tests, make_certificates, drop_certificates);
}
