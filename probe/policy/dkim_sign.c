#include "probe/policy/dkim_sign.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "probe/base/base64.h"
#include "probe/mail/reader.h"
#include "probe/policy/dkim_key.h"

enum {
	SEED_LEN = 32,
	LINE_MAX_COLUMNS = 76,
	TAB_COLUMNS = 8,
};

/* ---- the private key */

struct dkim_secret {
	struct arena *arena;
	EVP_PKEY *pkey;
	enum dkim_algorithm algorithm;
};

/* Nobody is asked for a password: a key with one is no key to us. */
static int no_password(char *room, int size, int is_writing, void *owner)
{
	(void)room;
	(void)size;
	(void)is_writing;
	(void)owner;
	return -1;
}

static EVP_PKEY *read_pem(struct span text)
{
	BIO *bio = BIO_new_mem_buf(text.at, (int)text.len);
	EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(
				       bio, NULL, no_password, NULL)
			     : NULL;

	BIO_free(bio);
	return pkey;
}

static EVP_PKEY *read_seed(struct arena *arena, struct span text)
{
	struct span seed;

	if (text.len > 4 * SEED_LEN || !base64_decode(arena, text, &seed) ||
		seed.len != SEED_LEN)
		return NULL;
	return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
		(const unsigned char *)seed.at, seed.len);
}

static const char *find_fault(const EVP_PKEY *pkey)
{
	if (!pkey)
		return "it is neither a private key in PEM nor the base64 of "
		       "an Ed25519 seed";
	if (EVP_PKEY_is_a(pkey, "ED25519"))
		return NULL;
	if (!EVP_PKEY_is_a(pkey, "RSA"))
		return "the key is neither RSA nor Ed25519";
	if (EVP_PKEY_get_bits(pkey) < DKIM_RSA_MIN)
		return "the RSA key has under 1024 bits: no receiver accepts "
		       "its signatures (RFC 8301 section 3.2)";
	return NULL;
}

enum { SECRET_TEXT_MAX = 64 * 1024 };

struct dkim_secret *dkim_secret_open(struct span text, const char **why)
{
	struct arena *arena = arena_open();
	struct dkim_secret *secret = arena_new(arena, struct dkim_secret);

	secret->arena = arena;
	ERR_set_mark();
	if (text.len && text.len <= SECRET_TEXT_MAX)
		secret->pkey = read_pem(text);
	if (!secret->pkey)
		secret->pkey = read_seed(arena, text);
	ERR_pop_to_mark();
	*why = find_fault(secret->pkey);
	if (*why) {
		dkim_secret_close(secret);
		return NULL;
	}
	secret->algorithm = EVP_PKEY_is_a(secret->pkey, "RSA")
				    ? DKIM_RSA_SHA256
				    : DKIM_ED25519_SHA256;
	return secret;
}

void dkim_secret_close(struct dkim_secret *secret)
{
	EVP_PKEY_free(secret->pkey);
	arena_close(secret->arena);
}

enum dkim_algorithm dkim_secret_algorithm(const struct dkim_secret *secret)
{
	return secret->algorithm;
}

struct span dkim_secret_record(
	struct arena *arena, const struct dkim_secret *secret)
{
	bool is_rsa = secret->algorithm == DKIM_RSA_SHA256;
	unsigned char *der = NULL;
	unsigned char raw[SEED_LEN];
	size_t raw_len = sizeof(raw);
	struct span octets = { (const char *)raw, 0 }, text;
	int len = 0;

	if (is_rsa) {
		len = i2d_PUBKEY(secret->pkey, &der);
		octets = (struct span){ (const char *)der,
			len > 0 ? (size_t)len : 0 };
	} else if (EVP_PKEY_get_raw_public_key(secret->pkey, raw, &raw_len)) {
		octets.len = raw_len;
	}
	text = base64_encode(arena, octets);
	OPENSSL_free(der);
	return arena_print(arena, "v=DKIM1; k=%s; p=%.*s",
		is_rsa ? "rsa" : "ed25519", SPAN_ARG(text));
}

/* The hash is what Ed25519 signs: RFC 8463 section 3. */
static size_t sign_hash(const struct dkim_secret *secret, struct span hash,
	unsigned char *room, size_t len)
{
	EVP_PKEY_CTX *rsa = NULL;
	EVP_MD_CTX *edwards = NULL;
	const unsigned char *octets = (const unsigned char *)hash.at;
	bool is_done;

	if (secret->algorithm == DKIM_RSA_SHA256) {
		rsa = EVP_PKEY_CTX_new(secret->pkey, NULL);
		is_done = rsa && EVP_PKEY_sign_init(rsa) > 0 &&
			  EVP_PKEY_CTX_set_rsa_padding(rsa, RSA_PKCS1_PADDING) >
				  0 &&
			  EVP_PKEY_CTX_set_signature_md(rsa, EVP_sha256()) >
				  0 &&
			  EVP_PKEY_sign(rsa, room, &len, octets, hash.len) > 0;
	} else {
		edwards = EVP_MD_CTX_new();
		is_done = edwards &&
			  EVP_DigestSignInit(edwards, NULL, NULL, NULL,
				  secret->pkey) > 0 &&
			  EVP_DigestSign(
				  edwards, room, &len, octets, hash.len) > 0;
	}
	EVP_PKEY_CTX_free(rsa);
	EVP_MD_CTX_free(edwards);
	return is_done ? len : 0;
}

struct span dkim_secret_sign(
	struct arena *arena, const struct dkim_secret *secret, struct span text)
{
	unsigned char hash[DKIM_DIGEST_MAX];
	size_t hash_len = dkim_hash(DKIM_SHA256, text, hash);
	size_t room = (size_t)EVP_PKEY_get_size(secret->pkey);
	unsigned char *signature = arena_take(arena, room);
	size_t len = sign_hash(secret,
		(struct span){ (const char *)hash, hash_len }, signature, room);

	return (struct span){ (const char *)signature, len };
}

/* ---- the field */

/* A field on its way: its text and how far its last line reaches. */
struct folding {
	char *room;
	size_t len;
	size_t column;
};

static void put(struct folding *folding, struct span text)
{
	memcpy(folding->room + folding->len, text.at, text.len);
	folding->len += text.len;
	folding->column += text.len;
}

static void fold(struct folding *folding)
{
	put(folding, SPAN("\r\n\t"));
	folding->column = TAB_COLUMNS;
}

/* Up to and with the next colon. */
static struct span cut_word(struct span *rest)
{
	size_t len = span_find(*rest, ':');
	struct span word = span_part(*rest, 0, len + 1);

	*rest = span_part(*rest, len + 1, rest->len);
	return word;
}

static void put_words(struct folding *folding, struct span text)
{
	while (text.len) {
		struct span word = cut_word(&text);

		if (folding->column + word.len >= LINE_MAX_COLUMNS &&
			folding->column > TAB_COLUMNS)
			fold(folding);
		put(folding, word);
	}
}

static void put_long(struct folding *folding, struct span text)
{
	while (text.len) {
		size_t left;

		if (folding->column + 1 >= LINE_MAX_COLUMNS)
			fold(folding);
		left = LINE_MAX_COLUMNS - 1 - folding->column;
		put(folding, span_part(text, 0, left));
		text = span_part(text, left, text.len);
	}
}

/* A tag goes on a line of its own when it does not fit on this one. */
static void put_tag(struct folding *folding, const struct dkim_tag *tag)
{
	struct span name = span_of(tag->name);
	size_t least = name.len + 2 + (tag->is_long ? 8 : tag->value.len);

	if (folding->column + 1 + least < LINE_MAX_COLUMNS)
		put(folding, SPAN(" "));
	else
		fold(folding);
	put(folding, name);
	put(folding, SPAN("="));
	if (tag->is_long)
		put_long(folding, tag->value);
	else
		put_words(folding, tag->value);
}

static size_t room_for(const struct dkim_field *field, size_t signature_len)
{
	size_t len = 256 + 2 * BASE64_ENCODED_LEN(signature_len);

	len += strlen(field->name);
	for (size_t i = 0; i < field->tag_count; i++)
		len += strlen(field->tags[i].name) + 16 +
		       4 * field->tags[i].value.len;
	return len;
}

struct span dkim_sign_field(struct arena *arena,
	const struct dkim_secret *secret, const struct dkim_field *field)
{
	struct folding folding = {
		.room = arena_take(arena,
			room_for(field,
				(size_t)EVP_PKEY_get_size(secret->pkey))),
	};
	struct span text, signature;

	put(&folding, span_of(field->name));
	put(&folding, SPAN(":"));
	for (size_t i = 0; i < field->tag_count; i++) {
		put_tag(&folding, &field->tags[i]);
		put(&folding, SPAN(";"));
	}
	fold(&folding);
	put(&folding, SPAN("b="));
	text = dkim_signed_text(arena, field->canon, field->fields,
		field->field_count, (struct span){ folding.room, folding.len });
	signature = dkim_secret_sign(arena, secret, text);
	put_long(&folding, base64_encode(arena, signature));
	put(&folding, SPAN("\r\n"));
	return (struct span){ folding.room, folding.len };
}

/* ---- what is signed */

/*
 * RFC 6376 section 5.4.1 and what came later.  Fields that a message may have
 * once only (RFC 5322 section 3.6) are named once more than they occur.
 */
/* clang-format off */
static const struct {
	const char *name;
	bool is_single;
} usual[] = {
	{ "From", true },
	{ "To", true },
	{ "Cc", true },
	{ "Subject", true },
	{ "Date", true },
	{ "Message-ID", true },
	{ "Reply-To", true },
	{ "Sender", true },
	{ "In-Reply-To", true },
	{ "References", true },
	{ "MIME-Version", true },
	{ "Content-Type", true },
	{ "Content-Transfer-Encoding", true },
	{ "Resent-Date", false },
	{ "Resent-From", false },
	{ "Resent-To", false },
	{ "Resent-Cc", false },
	{ "List-Id", false },
	{ "List-Help", false },
	{ "List-Unsubscribe", false },
	{ "List-Unsubscribe-Post", false },
	{ "List-Subscribe", false },
	{ "List-Post", false },
	{ "List-Owner", false },
	{ "List-Archive", false },
	{ "Feedback-ID", false },
};
/* clang-format on */

size_t dkim_default_names(struct arena *arena, const struct header *header,
	const struct span **names)
{
	struct span *all = arena_take(
		arena, (header->count + COUNT_OF(usual) + 1) * sizeof(*all));
	size_t count = 0;

	for (size_t i = 0; i < COUNT_OF(usual); i++) {
		struct span name = span_of(usual[i].name);
		size_t times = header_count(header, name);

		if (times && usual[i].is_single)
			times++;
		while (times-- && count < DKIM_NAMES_MAX)
			all[count++] = name;
	}
	*names = all;
	return count;
}

static struct span join_names(
	struct arena *arena, const struct span *names, size_t count)
{
	size_t len = 1;
	char *room;

	for (size_t i = 0; i < count; i++)
		len += names[i].len + 1;
	room = arena_take(arena, len);
	len = 0;
	for (size_t i = 0; i < count; i++) {
		if (i)
			room[len++] = ':';
		memcpy(room + len, names[i].at, names[i].len);
		len += names[i].len;
	}
	return (struct span){ room, len };
}

struct hash_sink {
	struct canon_sink sink;
	EVP_MD_CTX *digest;
};

static void hash_take(struct canon_sink *sink, struct span bytes)
{
	EVP_DigestUpdate(OWNER_OF(sink, struct hash_sink, sink)->digest,
		bytes.at, bytes.len);
}

/* bh=, and *length how many octets went into it. */
static struct span hash_body(struct arena *arena, enum canon form,
	struct span body, uint64_t *length)
{
	struct hash_sink sink = { { hash_take }, EVP_MD_CTX_new() };
	unsigned char hash[DKIM_DIGEST_MAX];
	struct body_canon canon;
	unsigned len = 0;

	EVP_DigestInit_ex(sink.digest, dkim_digest_method(DKIM_SHA256), NULL);
	body_canon_init(
		&canon, form, *length ? *length : CANON_WHOLE, &sink.sink);
	body_canon_take(&canon, body);
	body_canon_end(&canon);
	EVP_DigestFinal_ex(sink.digest, hash, &len);
	EVP_MD_CTX_free(sink.digest);
	if (*length > canon.octets)
		*length = canon.octets;
	return base64_encode(arena, (struct span){ (const char *)hash, len });
}

/* The tags of one DKIM-Signature as they come. */
struct tags {
	struct arena *arena;
	struct dkim_tag all[12];
	size_t count;
};

static void add(struct tags *tags, const char *name, struct span value)
{
	tags->all[tags->count++] = (struct dkim_tag){
		.name = name,
		.value = value,
		.is_long = strcmp(name, "bh") == 0,
	};
}

static void add_number(struct tags *tags, const char *name, uint64_t number)
{
	add(tags, name,
		arena_print(tags->arena, "%llu", (unsigned long long)number));
}

static void add_all(struct tags *tags, const struct dkim_signing *signing,
	struct span names, struct span body)
{
	uint64_t length = signing->body_length;
	struct span hash = hash_body(
		tags->arena, signing->body_canon, body, &length);

	add(tags, "v", SPAN("1"));
	add(tags, "a",
		span_of(dkim_algorithm_word(signing->secret->algorithm)));
	add(tags, "c",
		arena_print(tags->arena, "%s/%s",
			canon_word(signing->header_canon),
			canon_word(signing->body_canon)));
	add(tags, "d", signing->domain);
	add(tags, "s", signing->selector);
	if (signing->identity.len)
		add(tags, "i", signing->identity);
	if (signing->time)
		add_number(tags, "t", signing->time);
	if (signing->expiry)
		add_number(tags, "x", signing->expiry);
	if (signing->body_length)
		add_number(tags, "l", length);
	add(tags, "h", names);
	add(tags, "bh", hash);
}

/*
 * What is about to be signed is read as a verifier reads it, so that nothing
 * leaves that a verifier must refuse.
 */
static const char *find_refusal(struct arena *arena, struct span field)
{
	struct header header;
	struct dkim_signature signature;

	header_parse(arena, field, &header);
	if (header.count != 1)
		return "a line end stands in the signature";
	dkim_signature_parse(
		arena, DKIM_SIGNATURE, &header.fields[0], &signature);
	return signature.fault == DKIM_SOUND
		       ? NULL
		       : arena_copy(arena, signature.why).at;
}

bool dkim_sign(struct arena *arena, const struct dkim_signing *signing,
	struct span message, struct span *field, const char **why)
{
	struct tags tags = { .arena = arena };
	struct header header;
	struct span body = mail_split(arena, message, &header);
	struct dkim_signature chosen = {
		.names = signing->names,
		.name_count = signing->name_count,
	};
	struct dkim_field printed = {
		.name = "DKIM-Signature",
		.canon = signing->header_canon,
	};

	*why = "the message has no From";
	if (!header_count(&header, SPAN("From")))
		return false;
	if (!chosen.names)
		chosen.name_count = dkim_default_names(
			arena, &header, &chosen.names);
	add_all(&tags, signing,
		join_names(arena, chosen.names, chosen.name_count), body);
	printed.tags = tags.all;
	printed.tag_count = tags.count;
	printed.field_count = dkim_signature_pick(
		arena, &header, &chosen, &printed.fields);
	*field = dkim_sign_field(arena, signing->secret, &printed);
	*why = find_refusal(arena, *field);
	return *why == NULL;
}
