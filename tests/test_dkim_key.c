#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/base/attr.h"
#include "probe/base/base64.h"
#include "probe/policy/dkim_sign.h"
#include "tests/dkim_samples.h"

static struct arena *arena;
static struct dkim_keys *keys;

static int begin(void **state)
{
	(void)state;
	arena = arena_open();
	keys = dkim_keys_open();
	return 0;
}

static int end(void **state)
{
	(void)state;
	dkim_keys_close(keys);
	arena_close(arena);
	return 0;
}

static const struct dkim_key *get(const char *record)
{
	return dkim_keys_get(keys, span_of(record));
}

static void a_record_tells_its_key(void **state)
{
	const struct dkim_key *key = get(RECORD_8463_RSA);

	(void)state;
	assert_int_equal(key->fault, DKIM_KEY_SOUND);
	assert_int_equal(key->type, DKIM_KEY_RSA);
	assert_int_equal(key->bits, 1024);
	assert_non_null(key->pkey);
	assert_false(key->is_testing || key->is_strict);
	assert_true(key->has_sha1);
	key = get(RECORD_8463_ED25519);
	assert_int_equal(key->fault, DKIM_KEY_SOUND);
	assert_int_equal(key->type, DKIM_KEY_ED25519);
	assert_int_equal(key->bits, 256);
}

static void flags_and_notes_are_read(void **state)
{
	const struct dkim_key *key = get(
		"n=a note; t= y : s ; s=web:email; h=md5:sha256;"
		"k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");

	(void)state;
	assert_int_equal(key->fault, DKIM_KEY_SOUND);
	assert_true(key->is_testing && key->is_strict);
	assert_false(key->has_sha1);
	assert_true(span_is(key->notes, SPAN("a note")));
}

#define P_ED25519 "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
/* RSA of 512 bits, and of 1024 with its object identifier spoilt */
#define P_512                                                                  \
	"p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBANmBe10IgY+u7h3enWTukkqtUD5PR52Tb/" \
	"mPfjC0QJTocVBq6Za/PlzfV+Py92VaCak19F4WrbVTK5Gg5tW220MCAwEAAQ=="

static const struct key_row {
	const char *record;
	enum dkim_key_fault fault;
	bool has_pkey;
} rows[] = {
	{ .record = "", .fault = DKIM_KEY_BAD_TAGS },
	{ .record = "v=spf1 -all", .fault = DKIM_KEY_BAD_VERSION },
	{ .record = "v=DKIM1", .fault = DKIM_KEY_MISSING },
	{ .record = "v=DKIM1; p=", .fault = DKIM_KEY_REVOKED },
	{ .record = "v=DKIM1; k=rsa; p=;", .fault = DKIM_KEY_REVOKED },
	{ .record = "v=DKIM2; p=", .fault = DKIM_KEY_BAD_VERSION },
	{ .record = "v=DKIM1: g=*; k=ed25519; " P_ED25519,
		.fault = DKIM_KEY_BAD_VERSION,
		.has_pkey = true },
	{ .record = "k=ed25519; v=DKIM1; " P_ED25519,
		.fault = DKIM_KEY_BAD_VERSION,
		.has_pkey = true },
	{ .record = "k=ed25519; " P_ED25519,
		.fault = DKIM_KEY_SOUND,
		.has_pkey = true },
	{ .record = "k=dsa; " P_ED25519, .fault = DKIM_KEY_BAD_TYPE },
	{ .record = "k=rsa; " P_ED25519, .fault = DKIM_KEY_BAD_KEY },
	{ .record = "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg==",
		.fault = DKIM_KEY_BAD_KEY },
	{ .record = "k=ed25519; p=MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPap"
		    "iMlrwIaaPcHURo=",
		.fault = DKIM_KEY_BAD_KEY },
	{ .record = "k=ed25519; p=$$$", .fault = DKIM_KEY_BAD_KEY },
	{ .record = "k=ed25519; k=ed25519; " P_ED25519,
		.fault = DKIM_KEY_BAD_TAGS,
		.has_pkey = true },
	{ .record = "k=ed25519; s=tlsrpt; " P_ED25519,
		.fault = DKIM_KEY_BAD_SERVICE,
		.has_pkey = true },
	{ .record = "k=ed25519; s=*; " P_ED25519,
		.fault = DKIM_KEY_SOUND,
		.has_pkey = true },
	{ .record = "k=ed25519; h=sha1; " P_ED25519,
		.fault = DKIM_KEY_BAD_HASH,
		.has_pkey = true },
	{ .record = P_512, .fault = DKIM_KEY_TOO_SHORT, .has_pkey = true },
	{ .record = "p=MFwwDQYJKoZIhvNAQEBBQADSwAwSAJBANmBe10IgY",
		.fault = DKIM_KEY_BAD_KEY },
	{ .record = "p=MAA=", .fault = DKIM_KEY_BAD_KEY },
	{ .record = "p=MAYCAQACAQM=", .fault = DKIM_KEY_BAD_KEY },
	{ .record = "p=MAYCAf8CAQM=", .fault = DKIM_KEY_BAD_KEY },
};

static void what_is_wrong_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct dkim_key *key = get(rows[i].record);

		if (key->fault != rows[i].fault ||
			(key->pkey != NULL) != rows[i].has_pkey)
			fail_msg("%s: %s, %.*s", rows[i].record,
				dkim_key_fault_word(key->fault),
				SPAN_ARG(key->why));
		assert_int_equal(
			key->why.len == 0, key->fault == DKIM_KEY_SOUND);
	}
}

static const struct dkim_key *get_octets(struct span octets)
{
	struct span text = base64_encode(arena, octets);

	return get(arena_print(arena, "p=%.*s", SPAN_ARG(text)).at);
}

/* RSAPublicKey: an odd modulus of so many octets, and 65537. */
static const struct dkim_key *get_modulus(size_t octets)
{
	size_t inside = 4 + 1 + octets + 5, len = 4 + inside;
	unsigned char *der = arena_take(arena, len), *at = der;

	*at++ = 0x30;
	*at++ = 0x82;
	*at++ = (unsigned char)(inside >> 8);
	*at++ = (unsigned char)inside;
	*at++ = 0x02;
	*at++ = 0x82;
	*at++ = (unsigned char)((octets + 1) >> 8);
	*at++ = (unsigned char)(octets + 1);
	*at++ = 0;
	memset(at, 0xa5, octets);
	memcpy(at + octets, "\x02\x03\x01\x00\x01", 5);
	return get_octets((struct span){ (const char *)der, len });
}

/* The time that a check takes grows with the cube of it. */
static void a_key_of_any_size_is_not_checked(void **state)
{
	const struct dkim_key *key = get_modulus(DKIM_RSA_MAX / 8);

	(void)state;
	assert_int_equal(key->fault, DKIM_KEY_SOUND);
	assert_int_equal(key->bits, DKIM_RSA_MAX);
	assert_non_null(key->pkey);
	key = get_modulus(DKIM_RSA_MAX / 8 + 1);
	assert_int_equal(key->fault, DKIM_KEY_TOO_LONG);
	assert_int_equal(key->bits, DKIM_RSA_MAX + 8);
	assert_null(key->pkey);
}

/* Where the number of unused bits of the bit string stands, which is 0. */
enum { UNUSED_BITS_AT = 21 };

static void no_octets_are_trusted(void **state)
{
	struct span text = SPAN(RECORD_8463_RSA), der;
	size_t at = span_find_nocase(text, SPAN("p=")) + 2;

	(void)state;
	assert_true(base64_decode(arena, span_part(text, at, text.len), &der));
	for (size_t i = 1; i < der.len; i++) {
		char *changed = arena_take(arena, der.len);
		const struct dkim_key *key = get_octets(span_part(der, 0, i));

		assert_int_equal(key->fault, DKIM_KEY_BAD_KEY);
		memcpy(changed, der.at, der.len);
		changed[i] = (char)(changed[i] ^ 0x84);
		key = get_octets((struct span){ changed, der.len });
		if (i == UNUSED_BITS_AT)
			assert_int_equal(key->fault, DKIM_KEY_BAD_KEY);
	}
}

/* SubjectPublicKeyInfo, and the RSAPublicKey inside it from octet 22 on. */
static void both_ways_to_write_an_rsa_key_are_one(void **state)
{
	struct span text = SPAN(RECORD_8463_RSA), der, hash, signature;
	size_t at = span_find_nocase(text, SPAN("p=")) + 2;
	const struct dkim_key *bare;
	const char *why;
	struct dkim_secret *secret = dkim_secret_open(
		span_of(sample_rsa_pem), &why);

	(void)state;
	assert_true(base64_decode(arena, span_part(text, at, text.len), &der));
	der = span_part(der, 22, der.len);
	bare = get(arena_print(
		arena, "p=%.*s", SPAN_ARG(base64_encode(arena, der)))
			   .at);
	assert_int_equal(bare->fault, DKIM_KEY_SOUND);
	assert_int_equal(bare->bits, 1024);
	hash = SPAN("a text");
	signature = dkim_secret_sign(arena, secret, hash);
	assert_true(dkim_key_verify(bare, DKIM_RSA_SHA256, hash, signature));
	assert_true(dkim_key_verify(
		get(RECORD_8463_RSA), DKIM_RSA_SHA256, hash, signature));
	dkim_secret_close(secret);
}

static void a_signature_fits_its_own_text_and_key(void **state)
{
	const struct dkim_key *ed25519 = get(RECORD_8463_ED25519);
	const struct dkim_key *rsa = get(RECORD_8463_RSA);
	struct span text = SPAN("a text"), signature;
	const char *why;
	struct dkim_secret *secret = dkim_secret_open(SPAN(SEED_8463), &why);

	(void)state;
	signature = dkim_secret_sign(arena, secret, text);
	assert_true(
		dkim_key_verify(ed25519, DKIM_ED25519_SHA256, text, signature));
	assert_false(dkim_key_verify(
		ed25519, DKIM_ED25519_SHA256, SPAN("b text"), signature));
	assert_false(
		dkim_key_verify(ed25519, DKIM_RSA_SHA256, text, signature));
	assert_false(
		dkim_key_verify(rsa, DKIM_ED25519_SHA256, text, signature));
	assert_false(dkim_key_verify(rsa, DKIM_RSA_SHA256, text, signature));
	assert_false(
		dkim_key_verify(rsa, DKIM_RSA_SHA256, text, SPAN("short")));
	assert_false(dkim_key_verify(rsa, DKIM_RSA_SHA256, text, SPAN("")));
	dkim_secret_close(secret);
}

static void a_record_asked_for_again_is_not_read_again(void **state)
{
	const struct dkim_key *key = get(RECORD_8463_RSA);

	(void)state;
	assert_ptr_equal(get(RECORD_8463_RSA), key);
	for (int i = 0; i < DKIM_KEYS_MAX - 1; i++)
		get(arena_print(arena, "k=x; n=%d", i).at);
	assert_int_equal(key->bits, 1024);
	assert_ptr_equal(get(RECORD_8463_RSA), key);
	for (int i = 0; i < 3 * DKIM_KEYS_MAX; i++)
		get(arena_print(arena, "k=y; n=%d", i).at);
	assert_int_equal(get(RECORD_8463_RSA)->bits, 1024);
}

static void a_record_has_a_greatest_length(void **state)
{
	char *record = arena_take(arena, DKIM_KEY_RECORD_MAX + 2);

	(void)state;
	memset(record, 'a', DKIM_KEY_RECORD_MAX + 1);
	memcpy(record, "n=", 2);
	assert_int_equal(get(record)->fault, DKIM_KEY_BAD_TAGS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_tells_its_key),
		cmocka_unit_test(flags_and_notes_are_read),
		cmocka_unit_test(what_is_wrong_is_told),
		cmocka_unit_test(a_key_of_any_size_is_not_checked),
		cmocka_unit_test(no_octets_are_trusted),
		cmocka_unit_test(both_ways_to_write_an_rsa_key_are_one),
		cmocka_unit_test(a_signature_fits_its_own_text_and_key),
		cmocka_unit_test(a_record_asked_for_again_is_not_read_again),
		cmocka_unit_test(a_record_has_a_greatest_length),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
