#include "probe/policy/dkim_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "probe/base/base64.h"

/* ---- the public key's octets */

enum {
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OID = 0x06,
	DER_SEQUENCE = 0x30,
	ED25519_LEN = 32,
};

/* 1.2.840.113549.1.1.1, rsaEncryption */
static const char rsa_oid[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";

/* One element of this type off the front of *rest. */
static bool der_take(struct span *rest, unsigned char type, struct span *inside)
{
	const unsigned char *at = (const unsigned char *)rest->at;
	size_t len, start = 2;

	if (rest->len < 2 || at[0] != type)
		return false;
	len = at[1];
	if (len >= 0x80) {
		size_t count = len & 0x7f;

		if (count == 0 || count > 4 || rest->len < 2 + count)
			return false;
		len = 0;
		for (start = 2; start < 2 + count; start++)
			len = len << 8 | at[start];
	}
	if (len > rest->len - start)
		return false;
	*inside = span_part(*rest, start, len);
	*rest = span_part(*rest, start + len, rest->len);
	return true;
}

/* A positive integer, without the zeros in front of it. */
static bool der_take_number(struct span *rest, struct span *number)
{
	if (!der_take(rest, DER_INTEGER, number) || !number->len ||
		(unsigned char)number->at[0] >= 0x80)
		return false;
	while (number->len && number->at[0] == 0)
		*number = span_part(*number, 1, number->len);
	return number->len > 0;
}

/*
 *      SubjectPublicKeyInfo ::= SEQUENCE {
 *              SEQUENCE { OBJECT IDENTIFIER, NULL }, BIT STRING }
 *      RSAPublicKey ::= SEQUENCE { INTEGER modulus, INTEGER exponent }
 *
 * RFC 8017 appendix A.1: the bit string holds an RSAPublicKey.  What follows
 * the outermost sequence is not looked at.
 */
static bool read_rsa(
	struct span der, struct span *modulus, struct span *exponent)
{
	struct span all, head, oid, bits;

	if (!der_take(&der, DER_SEQUENCE, &all))
		return false;
	if (all.len && all.at[0] == DER_SEQUENCE) {
		if (!der_take(&all, DER_SEQUENCE, &head) ||
			!der_take(&head, DER_OID, &oid) ||
			!span_is(oid, SPAN(rsa_oid)) ||
			!der_take(&all, DER_BIT_STRING, &bits))
			return false;
		/* The first octet counts the unused bits. */
		if (!bits.len || bits.at[0] != 0)
			return false;
		bits = span_part(bits, 1, bits.len);
		if (!der_take(&bits, DER_SEQUENCE, &all))
			return false;
	}
	return der_take_number(&all, modulus) &&
	       der_take_number(&all, exponent);
}

static unsigned bit_count(struct span number)
{
	unsigned bits = (unsigned)number.len * 8;

	for (unsigned char mask = 0x80; !((unsigned char)number.at[0] & mask);
		mask >>= 1)
		bits--;
	return bits;
}

/* OpenSSL wants numbers in the machine's own order. */
static OSSL_PARAM number_param(
	const char *name, struct span number, unsigned char *room)
{
	const uint16_t one = 1;
	bool is_little = *(const unsigned char *)&one == 1;

	for (size_t i = 0; i < number.len; i++)
		room[is_little ? number.len - 1 - i : i] =
			(unsigned char)number.at[i];
	return OSSL_PARAM_construct_BN(name, room, number.len);
}

/* The maker serves for all keys: finding it costs more than the key. */
static EVP_PKEY_CTX *open_maker(void)
{
	EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);

	if (maker && EVP_PKEY_fromdata_init(maker) > 0)
		return maker;
	EVP_PKEY_CTX_free(maker);
	return NULL;
}

static EVP_PKEY *make_rsa(
	EVP_PKEY_CTX *maker, struct span modulus, struct span exponent)
{
	unsigned char room[2][DKIM_KEY_RECORD_MAX];
	OSSL_PARAM params[] = {
		number_param(OSSL_PKEY_PARAM_RSA_N, modulus, room[0]),
		number_param(OSSL_PKEY_PARAM_RSA_E, exponent, room[1]),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY *pkey = NULL;

	if (!maker || EVP_PKEY_fromdata(
			      maker, &pkey, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		return NULL;
	return pkey;
}

static EVP_PKEY_CTX *open_checker(EVP_PKEY *pkey, enum dkim_digest digest)
{
	const EVP_MD *method = dkim_digest_method(digest);
	EVP_PKEY_CTX *checker = EVP_PKEY_CTX_new(pkey, NULL);

	if (checker && method && EVP_PKEY_verify_init(checker) > 0 &&
		EVP_PKEY_CTX_set_rsa_padding(checker, RSA_PKCS1_PADDING) > 0 &&
		EVP_PKEY_CTX_set_signature_md(checker, method) > 0)
		return checker;
	EVP_PKEY_CTX_free(checker);
	return NULL;
}

/* ---- the record */

struct reading {
	struct arena *arena;
	EVP_PKEY_CTX *maker;
	struct dkim_key *key;
	struct tag_list tags;
};

static void blame(
	struct reading *reading, enum dkim_key_fault fault, struct span why)
{
	if (reading->key->fault != DKIM_KEY_SOUND)
		return;
	reading->key->fault = fault;
	reading->key->why = why;
}

/*      v=DKIM1, and then it stands first    */
static void read_version(struct reading *reading)
{
	const struct tag *tag = tag_list_get(&reading->tags, "v");

	if (!tag)
		return;
	if (!span_is(tag->value, SPAN("DKIM1")))
		blame(reading, DKIM_KEY_BAD_VERSION,
			arena_print(reading->arena,
				"the key record's version is not DKIM1 but "
				"%.*s",
				SPAN_ARG(span_part(tag->value, 0, 40))));
	else if (tag != reading->tags.tags)
		blame(reading, DKIM_KEY_BAD_VERSION,
			SPAN("the key record has v= in another place than the "
			     "first"));
}

static void read_type(struct reading *reading)
{
	const struct tag *tag = tag_list_get(&reading->tags, "k");

	reading->key->type = DKIM_KEY_OTHER;
	if (!tag || span_is(tag->value, SPAN("rsa")))
		reading->key->type = DKIM_KEY_RSA;
	else if (span_is(tag->value, SPAN("ed25519")))
		reading->key->type = DKIM_KEY_ED25519;
	else
		blame(reading, DKIM_KEY_BAD_TYPE,
			arena_print(reading->arena,
				"the key record's type k=%.*s is unknown",
				SPAN_ARG(span_part(tag->value, 0, 40))));
}

/* Is one of these words in the list?  True also without the tag. */
static bool allows(
	const struct reading *reading, const char *name, const char *word)
{
	const struct tag *tag = tag_list_get(&reading->tags, name);
	struct span rest;

	if (!tag)
		return true;
	rest = tag_squeeze(reading->arena, tag->value);
	while (rest.len)
		if (span_is(span_cut(&rest, ':'), span_of(word)))
			return true;
	return false;
}

static void read_flags(struct reading *reading)
{
	struct dkim_key *key = reading->key;
	bool has_flags = tag_list_get(&reading->tags, "t") != NULL;

	key->is_testing = has_flags && allows(reading, "t", "y");
	key->is_strict = has_flags && allows(reading, "t", "s");
	key->has_sha1 = allows(reading, "h", "sha1");
	key->notes = tag_list_value(&reading->tags, "n");
	if (!allows(reading, "s", "*") && !allows(reading, "s", "email"))
		blame(reading, DKIM_KEY_BAD_SERVICE,
			SPAN("the key record's s= does not allow its use for "
			     "mail"));
	if (!allows(reading, "h", "sha256"))
		blame(reading, DKIM_KEY_BAD_HASH,
			SPAN("the key record's h= does not allow sha256"));
}

static void take_rsa(struct reading *reading, struct span octets)
{
	struct dkim_key *key = reading->key;
	struct span modulus, exponent;

	if (!read_rsa(octets, &modulus, &exponent)) {
		blame(reading, DKIM_KEY_BAD_KEY,
			SPAN("the key record's p= is not an RSA public key"));
		return;
	}
	key->bits = bit_count(modulus);
	if (key->bits < DKIM_RSA_MIN)
		blame(reading, DKIM_KEY_TOO_SHORT,
			arena_print(reading->arena,
				"the RSA key has %u bits; under %u are not "
				"accepted",
				key->bits, DKIM_RSA_MIN));
	if (key->bits > DKIM_RSA_MAX) {
		blame(reading, DKIM_KEY_TOO_LONG,
			arena_print(reading->arena,
				"the RSA key has %u bits; over %u are not "
				"checked",
				key->bits, DKIM_RSA_MAX));
		return;
	}
	key->pkey = make_rsa(reading->maker, modulus, exponent);
	if (key->pkey)
		key->checker = open_checker(key->pkey, DKIM_SHA256);
}

static void take_ed25519(struct reading *reading, struct span octets)
{
	if (octets.len != ED25519_LEN) {
		blame(reading, DKIM_KEY_BAD_KEY,
			arena_print(reading->arena,
				"the key record's p= has %zu octets; an "
				"Ed25519 key is the %d octets alone",
				octets.len, ED25519_LEN));
		return;
	}
	reading->key->bits = ED25519_LEN * 8;
	reading->key->pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
		(const unsigned char *)octets.at, octets.len);
}

static void read_key(struct reading *reading)
{
	const struct tag *tag = tag_list_get(&reading->tags, "p");
	struct dkim_key *key = reading->key;
	struct span octets;

	if (!tag)
		blame(reading, DKIM_KEY_MISSING,
			SPAN("the key record has no p="));
	else if (!tag->value.len)
		blame(reading, DKIM_KEY_REVOKED,
			SPAN("the key is revoked: its p= is empty"));
	else if (!base64_decode(reading->arena, tag->value, &octets))
		blame(reading, DKIM_KEY_BAD_KEY,
			SPAN("the key record's p= is not base64"));
	else if (key->type == DKIM_KEY_RSA)
		take_rsa(reading, octets);
	else if (key->type == DKIM_KEY_ED25519)
		take_ed25519(reading, octets);
	if (!key->pkey)
		blame(reading, DKIM_KEY_BAD_KEY,
			SPAN("the key record's p= is not a usable key"));
}

static void read_record(
	struct arena *arena, EVP_PKEY_CTX *maker, struct dkim_key *key)
{
	struct reading reading = {
		.arena = arena,
		.maker = maker,
		.key = key,
	};

	if (key->record.len > DKIM_KEY_RECORD_MAX) {
		blame(&reading, DKIM_KEY_BAD_TAGS,
			SPAN("the key record is too long"));
		return;
	}
	ERR_set_mark();
	if (!tag_list_parse(arena, key->record, &reading.tags))
		blame(&reading, DKIM_KEY_BAD_TAGS,
			arena_print(arena, "the key record is not valid: %s",
				tag_fault_text(reading.tags.fault)));
	read_version(&reading);
	read_type(&reading);
	read_flags(&reading);
	read_key(&reading);
	ERR_pop_to_mark();
}

/* ---- the keys that are kept */

struct kept_key {
	struct dkim_key key;
	struct arena *arena; /* NULL: the place is free */
};

struct dkim_keys {
	struct arena *arena;
	EVP_PKEY_CTX *maker; /* NULL: no key was made yet */
	uint64_t uses;
	uint64_t last_use[DKIM_KEYS_MAX];
	uint32_t marks[DKIM_KEYS_MAX]; /* tell most records apart */
	struct kept_key *kept[DKIM_KEYS_MAX];
};

struct dkim_keys *dkim_keys_open(void)
{
	struct arena *arena = arena_open_with(sizeof(struct dkim_keys) + 64);
	struct dkim_keys *keys = arena_new(arena, struct dkim_keys);

	keys->arena = arena;
	return keys;
}

static void let_go(struct kept_key *kept)
{
	EVP_PKEY_CTX_free(kept->key.checker);
	EVP_PKEY_free(kept->key.pkey);
	arena_close(kept->arena);
}

void dkim_keys_close(struct dkim_keys *keys)
{
	for (size_t i = 0; i < DKIM_KEYS_MAX; i++)
		if (keys->kept[i])
			let_go(keys->kept[i]);
	EVP_PKEY_CTX_free(keys->maker);
	arena_close(keys->arena);
}

/* FNV-1a over the end of the record: the beginning is the same in all. */
static uint32_t mark_of(struct span record)
{
	uint32_t mark = 2166136261u;
	size_t from = record.len > 48 ? record.len - 48 : 0;

	for (size_t i = from; i < record.len; i++)
		mark = (mark ^ (unsigned char)record.at[i]) * 16777619u;
	return mark;
}

static const struct dkim_key *keep(
	struct dkim_keys *keys, size_t at, struct span record)
{
	struct arena *arena = arena_open_with(2 * record.len + 1024);
	struct kept_key *kept = arena_new(arena, struct kept_key);

	if (keys->kept[at])
		let_go(keys->kept[at]);
	keys->kept[at] = kept;
	kept->arena = arena;
	kept->key.record = arena_copy(arena, record);
	if (!keys->maker)
		keys->maker = open_maker();
	read_record(arena, keys->maker, &kept->key);
	return &kept->key;
}

/* The place of the record, or where it may come. */
static size_t find(
	const struct dkim_keys *keys, uint32_t mark, struct span record)
{
	size_t oldest = 0;

	for (size_t i = 0; i < DKIM_KEYS_MAX && keys->kept[i]; i++)
		if (keys->marks[i] == mark &&
			span_is(keys->kept[i]->key.record, record))
			return i;
	for (size_t i = 1; i < DKIM_KEYS_MAX; i++)
		if (keys->last_use[i] < keys->last_use[oldest])
			oldest = i;
	return oldest;
}

const struct dkim_key *dkim_keys_get(struct dkim_keys *keys, struct span record)
{
	uint32_t mark = mark_of(record);
	size_t at = find(keys, mark, record);

	keys->last_use[at] = ++keys->uses;
	if (keys->kept[at] && keys->marks[at] == mark &&
		span_is(keys->kept[at]->key.record, record))
		return &keys->kept[at]->key;
	keys->marks[at] = mark;
	return keep(keys, at, record);
}

/* ---- does it fit? */

const EVP_MD *dkim_digest_method(enum dkim_digest digest)
{
	static EVP_MD *methods[DKIM_SHA1 + 1];
	bool is_sha1 = digest == DKIM_SHA1;

	if (!methods[digest])
		methods[digest] = EVP_MD_fetch(
			NULL, is_sha1 ? "SHA1" : "SHA256", NULL);
	return methods[digest];
}

size_t dkim_hash(enum dkim_digest digest, struct span text,
	unsigned char room[static DKIM_DIGEST_MAX])
{
	const EVP_MD *method = dkim_digest_method(digest);
	unsigned len = 0;

	if (!method || !EVP_Digest(text.at ? text.at : "", text.len, room, &len,
			       method, NULL))
		return 0;
	return len;
}

static bool verify_rsa(
	EVP_PKEY_CTX *checker, struct span hash, struct span signature)
{
	return checker &&
	       EVP_PKEY_verify(checker, (const unsigned char *)signature.at,
		       signature.len, (const unsigned char *)hash.at,
		       hash.len) > 0;
}

static bool verify_old(EVP_PKEY *pkey, struct span hash, struct span signature)
{
	EVP_PKEY_CTX *checker = open_checker(pkey, DKIM_SHA1);
	bool fits = verify_rsa(checker, hash, signature);

	EVP_PKEY_CTX_free(checker);
	return fits;
}

/* The hash is what is signed: RFC 8463 section 3. */
static bool verify_ed25519(
	EVP_PKEY *pkey, struct span hash, struct span signature)
{
	EVP_MD_CTX *checker = EVP_MD_CTX_new();
	bool fits = checker &&
		    EVP_DigestVerifyInit(checker, NULL, NULL, NULL, pkey) > 0 &&
		    EVP_DigestVerify(checker,
			    (const unsigned char *)signature.at, signature.len,
			    (const unsigned char *)hash.at, hash.len) > 0;

	EVP_MD_CTX_free(checker);
	return fits;
}

static bool verify(const struct dkim_key *key, enum dkim_algorithm algorithm,
	struct span hash, struct span signature)
{
	bool is_rsa = key->type == DKIM_KEY_RSA;

	switch (algorithm) {
	case DKIM_RSA_SHA256:
		return is_rsa && verify_rsa(key->checker, hash, signature);
	case DKIM_RSA_SHA1:
		return is_rsa && verify_old(key->pkey, hash, signature);
	case DKIM_ED25519_SHA256:
		return key->type == DKIM_KEY_ED25519 &&
		       verify_ed25519(key->pkey, hash, signature);
	case DKIM_ALGORITHM_OTHER:
		break;
	}
	return false;
}

bool dkim_key_verify_hash(const struct dkim_key *key,
	enum dkim_algorithm algorithm, struct span hash, struct span signature)
{
	bool fits;

	if (!key->pkey || !signature.len)
		return false;
	ERR_set_mark();
	fits = verify(key, algorithm, hash, signature);
	ERR_pop_to_mark();
	return fits;
}

bool dkim_key_verify(const struct dkim_key *key, enum dkim_algorithm algorithm,
	struct span text, struct span signature)
{
	unsigned char room[DKIM_DIGEST_MAX];
	size_t len = dkim_hash(dkim_algorithm_digest(algorithm), text, room);

	return dkim_key_verify_hash(key, algorithm,
		(struct span){ (const char *)room, len }, signature);
}

const char *dkim_key_fault_word(enum dkim_key_fault fault)
{
	switch (fault) {
	case DKIM_KEY_SOUND:
		return "sound";
	case DKIM_KEY_ABSENT:
		return "absent";
	case DKIM_KEY_BAD_TAGS:
		return "bad-tags";
	case DKIM_KEY_BAD_VERSION:
		return "bad-version";
	case DKIM_KEY_BAD_TYPE:
		return "bad-type";
	case DKIM_KEY_REVOKED:
		return "revoked";
	case DKIM_KEY_MISSING:
		return "missing";
	case DKIM_KEY_BAD_KEY:
		return "bad-key";
	case DKIM_KEY_TOO_SHORT:
		return "too-short";
	case DKIM_KEY_TOO_LONG:
		return "too-long";
	case DKIM_KEY_BAD_SERVICE:
		return "bad-service";
	case DKIM_KEY_BAD_HASH:
		return "bad-hash";
	case DKIM_KEY_MISMATCH:
		return "mismatch";
	case DKIM_KEY_STRICT:
		return "strict";
	}
	return "";
}
