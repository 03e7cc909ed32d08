#include "probe/tls/record_key.h"

#include <openssl/hmac.h>

#include "probe/base/attr.h"

enum {
	HEADER = 5,
	EXPLICIT_NONCE = 8, /* of TLS 1.2's GCM and CCM */
	TAG_LEN = 16,
	TAG_LEN_CCM_8 = 8,
	LABEL_MAX = 64,
};

/* clang-format off */
#define GCM128(number, name) { number, name, CIPHER_AES_GCM, 16, false, false }
#define GCM256(number, name) { number, name, CIPHER_AES_GCM, 32, true, false }
#define CCM(number, name, len) { number, name, CIPHER_AES_CCM, len, false, false }
#define CCM8(number, name, len) \
	{ number, name, CIPHER_AES_CCM_8, len, false, false }
#define CHACHA(number, name) { number, name, CIPHER_CHACHA20, 32, false, false }

static const struct record_suite suites[] = {
	{ 0x1301, "TLS_AES_128_GCM_SHA256", CIPHER_AES_GCM, 16, false, true },
	{ 0x1302, "TLS_AES_256_GCM_SHA384", CIPHER_AES_GCM, 32, true, true },
	{ 0x1303, "TLS_CHACHA20_POLY1305_SHA256", CIPHER_CHACHA20, 32, false,
		true },
	{ 0x1304, "TLS_AES_128_CCM_SHA256", CIPHER_AES_CCM, 16, false, true },
	{ 0x1305, "TLS_AES_128_CCM_8_SHA256", CIPHER_AES_CCM_8, 16, false,
		true },
	GCM128(0x009c, "AES128-GCM-SHA256"),
	GCM256(0x009d, "AES256-GCM-SHA384"),
	GCM128(0x009e, "DHE-RSA-AES128-GCM-SHA256"),
	GCM256(0x009f, "DHE-RSA-AES256-GCM-SHA384"),
	GCM128(0x00a2, "DHE-DSS-AES128-GCM-SHA256"),
	GCM256(0x00a3, "DHE-DSS-AES256-GCM-SHA384"),
	GCM128(0x00a6, "ADH-AES128-GCM-SHA256"),
	GCM256(0x00a7, "ADH-AES256-GCM-SHA384"),
	GCM128(0xc02b, "ECDHE-ECDSA-AES128-GCM-SHA256"),
	GCM256(0xc02c, "ECDHE-ECDSA-AES256-GCM-SHA384"),
	GCM128(0xc02d, "ECDH-ECDSA-AES128-GCM-SHA256"),
	GCM256(0xc02e, "ECDH-ECDSA-AES256-GCM-SHA384"),
	GCM128(0xc02f, "ECDHE-RSA-AES128-GCM-SHA256"),
	GCM256(0xc030, "ECDHE-RSA-AES256-GCM-SHA384"),
	GCM128(0xc031, "ECDH-RSA-AES128-GCM-SHA256"),
	GCM256(0xc032, "ECDH-RSA-AES256-GCM-SHA384"),
	CCM(0xc09c, "AES128-CCM", 16),
	CCM(0xc09d, "AES256-CCM", 32),
	CCM(0xc09e, "DHE-RSA-AES128-CCM", 16),
	CCM(0xc09f, "DHE-RSA-AES256-CCM", 32),
	CCM8(0xc0a0, "AES128-CCM8", 16),
	CCM8(0xc0a1, "AES256-CCM8", 32),
	CCM8(0xc0a2, "DHE-RSA-AES128-CCM8", 16),
	CCM8(0xc0a3, "DHE-RSA-AES256-CCM8", 32),
	CCM(0xc0ac, "ECDHE-ECDSA-AES128-CCM", 16),
	CCM(0xc0ad, "ECDHE-ECDSA-AES256-CCM", 32),
	CCM8(0xc0ae, "ECDHE-ECDSA-AES128-CCM8", 16),
	CCM8(0xc0af, "ECDHE-ECDSA-AES256-CCM8", 32),
	CHACHA(0xcca8, "ECDHE-RSA-CHACHA20-POLY1305"),
	CHACHA(0xcca9, "ECDHE-ECDSA-CHACHA20-POLY1305"),
	CHACHA(0xccaa, "DHE-RSA-CHACHA20-POLY1305"),
};
/* clang-format on */

const struct record_suite *record_suite_find(unsigned number)
{
	for (size_t i = 0; i < COUNT_OF(suites); i++)
		if (suites[i].number == number)
			return &suites[i];
	return NULL;
}

static const EVP_MD *hash_of(const struct record_suite *suite)
{
	return suite->uses_sha384 ? EVP_sha384() : EVP_sha256();
}

static size_t hash_len(const struct record_suite *suite)
{
	return suite->uses_sha384 ? 48 : 32;
}

static bool hmac(const struct record_suite *suite, struct span secret,
	struct span text, uint8_t out[static EVP_MAX_MD_SIZE])
{
	unsigned len = 0;

	return HMAC(hash_of(suite), secret.at, (int)secret.len,
		       (const unsigned char *)text.at, text.len, out,
		       &len) != NULL;
}

/* ---- ciphers */

static size_t tag_len(const struct record_key *key)
{
	return key->suite->cipher == CIPHER_AES_CCM_8 ? TAG_LEN_CCM_8 : TAG_LEN;
}

static const EVP_CIPHER *cipher_of(const struct record_suite *suite)
{
	switch (suite->cipher) {
	case CIPHER_AES_GCM:
		return suite->key_len == 16 ? EVP_aes_128_gcm()
					    : EVP_aes_256_gcm();
	case CIPHER_AES_CCM:
	case CIPHER_AES_CCM_8:
		return suite->key_len == 16 ? EVP_aes_128_ccm()
					    : EVP_aes_256_ccm();
	case CIPHER_CHACHA20:
		return EVP_chacha20_poly1305();
	}
	return NULL;
}

static bool is_ccm(const struct record_key *key)
{
	return key->suite->cipher == CIPHER_AES_CCM ||
	       key->suite->cipher == CIPHER_AES_CCM_8;
}

static bool begin_cipher(struct record_key *key)
{
	if (!key->ctx)
		key->ctx = EVP_CIPHER_CTX_new();
	key->sequence = 0;
	return key->ctx &&
	       EVP_DecryptInit_ex(key->ctx, cipher_of(key->suite), NULL, NULL,
		       NULL) == 1 &&
	       EVP_CIPHER_CTX_ctrl(key->ctx, EVP_CTRL_AEAD_SET_IVLEN,
		       RECORD_IV_LEN, NULL) == 1 &&
	       (is_ccm(key) || EVP_DecryptInit_ex(key->ctx, NULL, NULL,
				       key->key, NULL) == 1);
}

void record_key_close(struct record_key *key)
{
	EVP_CIPHER_CTX_free(key->ctx);
	*key = (struct record_key){ .suite = NULL };
}

/* ---- TLS 1.3 */

/*
 * HKDF-Expand-Label (RFC 8446 section 7.1) without a context; one block of the
 * hash is always enough here.
 */
static bool expand(const struct record_suite *suite, struct span secret,
	const char *label, uint8_t *out, size_t len)
{
	uint8_t text[LABEL_MAX], block[EVP_MAX_MD_SIZE];
	size_t label_len = strlen(label), at = 0;

	text[at++] = (uint8_t)(len >> 8);
	text[at++] = (uint8_t)len;
	text[at++] = (uint8_t)(6 + label_len);
	memcpy(text + at, "tls13 ", 6);
	memcpy(text + at + 6, label, label_len);
	at += 6 + label_len;
	text[at++] = 0;
	text[at++] = 1;
	if (!hmac(suite, secret, (struct span){ (const char *)text, at },
		    block))
		return false;
	memcpy(out, block, len);
	return true;
}

bool record_key_from_secret(struct record_key *key,
	const struct record_suite *suite, struct span secret)
{
	if (secret.len != hash_len(suite))
		return false;
	key->suite = suite;
	memcpy(key->secret, secret.at, secret.len);
	key->secret_len = secret.len;
	return expand(suite, secret, "key", key->key, suite->key_len) &&
	       expand(suite, secret, "iv", key->iv, RECORD_IV_LEN) &&
	       begin_cipher(key);
}

bool record_key_update(struct record_key *key)
{
	struct span secret = { (const char *)key->secret, key->secret_len };
	uint8_t next[sizeof(key->secret)];

	if (!expand(key->suite, secret, "traffic upd", next, key->secret_len))
		return false;
	return record_key_from_secret(key, key->suite,
		(struct span){ (const char *)next, key->secret_len });
}

/* ---- TLS 1.2 */

enum { KEY_BLOCK = 2 * RECORD_KEY_MAX + 2 * RECORD_IV_LEN, SEED_MAX = 77 };

/* P_hash of RFC 5246 section 5. */
static bool expand_master(const struct record_suite *suite, struct span master,
	struct span seed, uint8_t out[static KEY_BLOCK])
{
	uint8_t text[EVP_MAX_MD_SIZE + SEED_MAX], block[EVP_MAX_MD_SIZE];
	size_t len = hash_len(suite), at = 0;

	if (!hmac(suite, master, seed, text))
		return false;
	memcpy(text + len, seed.at, seed.len);
	while (at < KEY_BLOCK) {
		size_t part = KEY_BLOCK - at < len ? KEY_BLOCK - at : len;

		if (!hmac(suite, master,
			    (struct span){ (const char *)text, len + seed.len },
			    block))
			return false;
		memcpy(out + at, block, part);
		at += part;
		if (!hmac(suite, master,
			    (struct span){ (const char *)text, len }, block))
			return false;
		memcpy(text, block, len);
	}
	return true;
}

bool record_keys_from_master(struct record_key keys[static 2],
	const struct record_suite *suite, struct span master,
	const uint8_t client_random[static 32],
	const uint8_t server_random[static 32])
{
	uint8_t seed[SEED_MAX] = "key expansion", block[KEY_BLOCK];
	size_t iv_len = suite->cipher == CIPHER_CHACHA20 ? 12 : 4;

	memcpy(seed + 13, server_random, 32);
	memcpy(seed + 45, client_random, 32);
	if (!expand_master(suite, master,
		    (struct span){ (const char *)seed, sizeof(seed) }, block))
		return false;
	for (size_t i = 0; i < 2; i++) {
		keys[i].suite = suite;
		memcpy(keys[i].key, block + i * suite->key_len, suite->key_len);
		memcpy(keys[i].iv, block + 2 * suite->key_len + i * iv_len,
			iv_len);
		if (!begin_cipher(&keys[i]))
			return false;
	}
	return true;
}

/* ---- opening */

static bool has_explicit_nonce(const struct record_key *key)
{
	return !key->suite->is_tls13 && key->suite->cipher != CIPHER_CHACHA20;
}

static void put_sequence(const struct record_key *key, uint8_t out[static 8])
{
	for (int i = 0; i < 8; i++)
		out[i] = (uint8_t)(key->sequence >> (56 - 8 * i));
}

static void make_nonce(const struct record_key *key, const char *fragment,
	uint8_t nonce[static RECORD_IV_LEN])
{
	uint8_t sequence[8];

	memcpy(nonce, key->iv, RECORD_IV_LEN);
	if (has_explicit_nonce(key)) {
		memcpy(nonce + 4, fragment, EXPLICIT_NONCE);
		return;
	}
	put_sequence(key, sequence);
	for (int i = 0; i < 8; i++)
		nonce[4 + i] ^= sequence[i];
}

/* What is authenticated beside the text: the header, and in TLS 1.2 the
 * sequence number before it and the length of the plain text in it. */
static size_t make_beside(const struct record_key *key, struct span record,
	size_t plain_len, uint8_t beside[static 13])
{
	if (key->suite->is_tls13) {
		memcpy(beside, record.at, HEADER);
		return HEADER;
	}
	put_sequence(key, beside);
	memcpy(beside + 8, record.at, 3);
	beside[11] = (uint8_t)(plain_len >> 8);
	beside[12] = (uint8_t)plain_len;
	return 13;
}

static bool set_tag(struct record_key *key, const char *tag)
{
	uint8_t copy[TAG_LEN];

	memcpy(copy, tag, tag_len(key));
	return EVP_CIPHER_CTX_ctrl(key->ctx, EVP_CTRL_AEAD_SET_TAG,
		       (int)tag_len(key), copy) == 1;
}

/* CCM has to know tag and lengths before the rest. */
static bool begin_record(struct record_key *key, const uint8_t *nonce,
	const char *tag, size_t len)
{
	int got;

	if (!is_ccm(key))
		return EVP_DecryptInit_ex(key->ctx, NULL, NULL, NULL, nonce) ==
		       1;
	return set_tag(key, tag) &&
	       EVP_DecryptInit_ex(key->ctx, NULL, NULL, key->key, nonce) == 1 &&
	       EVP_DecryptUpdate(key->ctx, NULL, &got, NULL, (int)len) == 1;
}

static bool open_text(struct record_key *key, struct span text, const char *tag,
	uint8_t *room)
{
	int got = 0, more = 0;

	if (EVP_DecryptUpdate(key->ctx, room, &got,
		    (const unsigned char *)text.at, (int)text.len) != 1)
		return false;
	if (is_ccm(key))
		return true;
	return set_tag(key, tag) &&
	       EVP_DecryptFinal_ex(key->ctx, room + got, &more) == 1;
}

int record_key_open(struct record_key *key, struct span record, uint8_t *room)
{
	struct span text = span_part(record, HEADER, record.len);
	const char *fragment = text.at;
	uint8_t nonce[RECORD_IV_LEN], beside[13];
	size_t beside_len;
	int got;

	if (has_explicit_nonce(key)) {
		if (text.len < EXPLICIT_NONCE)
			return -1;
		text = span_part(text, EXPLICIT_NONCE, text.len);
	}
	if (text.len < tag_len(key))
		return -1;
	text.len -= tag_len(key);
	make_nonce(key, fragment, nonce);
	beside_len = make_beside(key, record, text.len, beside);
	if (!begin_record(key, nonce, text.at + text.len, text.len) ||
		EVP_DecryptUpdate(
			key->ctx, NULL, &got, beside, (int)beside_len) != 1 ||
		!open_text(key, text, text.at + text.len, room))
		return -1;
	key->sequence++;
	return (int)text.len;
}
