#include "probe/policy/dkim.h"

#include <openssl/evp.h>

#include "probe/base/clock.h"
#include "probe/mail/reader.h"

/* ---- the message goes by */

/* One way to hash the body, at work. */
struct hashing {
	struct canon_sink sink;
	struct body_canon canon;
	EVP_MD_CTX *digest;
	struct dkim_body_hash *hash;
};

struct dkim_reader {
	struct arena *arena;
	struct mail_reader mail;
	struct dkim_message message;
	struct dkim_body_hash hashes[DKIM_HASHES_MAX];
	struct hashing *hashings[DKIM_HASHES_MAX];
	bool is_begun; /* the header is read, the hashing goes on */
};

static void hash_take(struct canon_sink *sink, struct span bytes)
{
	struct hashing *hashing = OWNER_OF(sink, struct hashing, sink);

	EVP_DigestUpdate(hashing->digest, bytes.at, bytes.len);
}

/* The place of this way among those known; hash_count: it is new. */
static size_t find_hash(const struct dkim_message *message,
	const struct dkim_signature *signature)
{
	enum dkim_digest digest = dkim_algorithm_digest(signature->algorithm);
	size_t i;

	for (i = 0; i < message->hash_count; i++) {
		const struct dkim_body_hash *hash = &message->hashes[i];

		if (hash->digest == digest &&
			hash->canon == signature->body_canon &&
			hash->length == signature->body_length)
			break;
	}
	return i;
}

static void hash_begin(
	struct dkim_reader *reader, const struct dkim_signature *signature)
{
	struct dkim_message *message = &reader->message;
	struct hashing *hashing;
	size_t at = find_hash(message, signature);

	if (signature->algorithm == DKIM_ALGORITHM_OTHER ||
		!signature->body_hash.len || at < message->hash_count ||
		at == DKIM_HASHES_MAX)
		return;
	hashing = arena_new(reader->arena, struct hashing);
	reader->hashings[at] = hashing;
	reader->hashes[at] = (struct dkim_body_hash){
		.digest = dkim_algorithm_digest(signature->algorithm),
		.canon = signature->body_canon,
		.length = signature->body_length,
	};
	hashing->hash = &reader->hashes[at];
	hashing->sink.take = hash_take;
	hashing->digest = EVP_MD_CTX_new();
	EVP_DigestInit_ex(hashing->digest,
		dkim_digest_method(hashing->hash->digest), NULL);
	body_canon_init(&hashing->canon, signature->body_canon,
		signature->body_length, &hashing->sink);
	message->hash_count++;
}

static void hash_end(struct hashing *hashing)
{
	unsigned len = 0;

	body_canon_end(&hashing->canon);
	if (EVP_DigestFinal_ex(hashing->digest, hashing->hash->bytes, &len))
		hashing->hash->len = len;
	hashing->hash->octets = hashing->canon.octets;
	EVP_MD_CTX_free(hashing->digest);
}

static struct dkim_signature *read_signatures(struct dkim_reader *reader,
	enum dkim_kind kind, struct span name, size_t *count)
{
	const struct header *header = &reader->message.header;
	size_t most = header_count(header, name);
	struct dkim_signature *all = arena_take(
		reader->arena, (most + 1) * sizeof(*all));

	*count = 0;
	for (size_t at = header_find(header, name, 0); at < header->count;
		at = header_find(header, name, at + 1))
		dkim_signature_parse(reader->arena, kind, &header->fields[at],
			&all[(*count)++]);
	return all;
}

static void begin(struct dkim_reader *reader, const struct header *header)
{
	struct dkim_message *message = &reader->message;

	reader->is_begun = true;
	message->header = *header;
	message->hashes = reader->hashes;
	message->signatures = read_signatures(reader, DKIM_SIGNATURE,
		SPAN("DKIM-Signature"), &message->signature_count);
	message->arc = read_signatures(reader, DKIM_ARC_MESSAGE,
		SPAN("ARC-Message-Signature"), &message->arc_count);
	for (size_t i = 0; i < message->signature_count && i < DKIM_CHECKS_MAX;
		i++)
		hash_begin(reader, &message->signatures[i]);
	for (size_t i = 0; i < message->arc_count && i < ARC_INSTANCE_MAX; i++)
		hash_begin(reader, &message->arc[i]);
}

static void take_body(struct dkim_reader *reader, struct span body)
{
	reader->message.body_octets += body.len;
	for (size_t i = 0; i < reader->message.hash_count; i++)
		body_canon_take(&reader->hashings[i]->canon, body);
}

struct dkim_reader *dkim_reader_open(struct arena *arena)
{
	struct dkim_reader *reader = arena_new(arena, struct dkim_reader);

	reader->arena = arena;
	mail_reader_init(&reader->mail, arena);
	return reader;
}

void dkim_reader_take(struct dkim_reader *reader, struct span bytes)
{
	struct span body = mail_reader_take(&reader->mail, bytes);

	if (reader->mail.is_in_body && !reader->is_begun)
		begin(reader, &reader->mail.header);
	take_body(reader, body);
}

const struct dkim_message *dkim_reader_end(struct dkim_reader *reader)
{
	if (!reader->is_begun) {
		mail_reader_end(&reader->mail);
		begin(reader, &reader->mail.header);
	}
	for (size_t i = 0; i < reader->message.hash_count; i++)
		hash_end(reader->hashings[i]);
	return &reader->message;
}

const struct dkim_message *dkim_message_of(
	struct arena *arena, struct span message)
{
	struct dkim_reader *reader = arena_new(arena, struct dkim_reader);
	struct header header;
	struct span body = mail_split(arena, message, &header);

	reader->arena = arena;
	begin(reader, &header);
	take_body(reader, body);
	return dkim_reader_end(reader);
}

const struct dkim_body_hash *dkim_message_hash(
	const struct dkim_message *message,
	const struct dkim_signature *signature)
{
	size_t at = find_hash(message, signature);

	return at < message->hash_count ? &message->hashes[at] : NULL;
}

/* ---- the key */

/*
 * Among several records (RFC 6376 section 6.1.2 leaves the choice to us) the
 * one that can serve comes first: two keys of different types may share a
 * selector, and a wildcard may have put other text beside them.
 */
static unsigned unfitness(const struct dkim_key *key, enum dkim_key_type wanted)
{
	if (key->fault == DKIM_KEY_SOUND)
		return key->type == wanted ? 0 : 1;
	if (key->pkey)
		return 2;
	return key->fault == DKIM_KEY_REVOKED ? 3 : 4;
}

/* A check points at its key, and is read when all the others are made. */
_Static_assert(
	(DKIM_CHECKS_MAX + 2 * ARC_INSTANCE_MAX) * DKIM_KEY_RECORDS_MAX <=
		DKIM_KEYS_MAX,
	"no key goes while the message that asked for it is looked at");

static const struct dkim_key *best_key(struct dkim_keys *keys,
	const struct answer *answer, enum dkim_key_type wanted)
{
	const struct dkim_key *best = NULL;

	for (size_t i = 0; i < answer->value_count && i < DKIM_KEY_RECORDS_MAX;
		i++) {
		const struct dkim_key *key = dkim_keys_get(
			keys, answer->values[i]);

		if (!best || unfitness(key, wanted) < unfitness(best, wanted))
			best = key;
	}
	return best;
}

static void settle(
	struct dkim_check *check, enum dkim_result result, struct span why)
{
	if (check->result != DKIM_OPEN)
		return;
	check->result = result;
	check->why = why;
}

static void no_key(struct arena *arena, const struct answer *answer,
	struct dkim_check *check)
{
	if (answer_failed(answer)) {
		settle(check, DKIM_TEMPERROR,
			arena_print(arena, "the key %.*s could not be had: %s",
				SPAN_ARG(check->key_name),
				answer_word(answer->kind)));
		return;
	}
	check->key_fault = DKIM_KEY_ABSENT;
	settle(check, DKIM_PERMERROR,
		arena_print(arena, "there is no key record at %.*s",
			SPAN_ARG(check->key_name)));
}

/* t=s: i= must have the very domain of d= (RFC 6376 section 3.6.1). */
static bool is_too_deep(
	const struct dkim_key *key, const struct dkim_signature *signature)
{
	struct span identity = signature->identity;
	size_t at = identity.len;

	if (!key->is_strict || signature->kind != DKIM_SIGNATURE)
		return false;
	while (at && identity.at[at - 1] != '@')
		at--;
	return !span_is(
		span_part(identity, at, identity.len), signature->domain);
}

static void judge_key(const struct dkim_signature *signature,
	enum dkim_key_type wanted, struct dkim_check *check)
{
	const struct dkim_key *key = check->key;

	check->key_bits = key->bits;
	check->is_testing = key->is_testing;
	check->key_fault = key->fault;
	if (key->fault != DKIM_KEY_SOUND) {
		bool is_short = key->fault == DKIM_KEY_TOO_SHORT;

		settle(check, is_short ? DKIM_POLICY : DKIM_PERMERROR,
			key->why);
	} else if (key->type != wanted) {
		check->key_fault = DKIM_KEY_MISMATCH;
		settle(check, DKIM_PERMERROR,
			SPAN("the key record's k= is not what the signature's "
			     "a= needs"));
	} else if (is_too_deep(key, signature)) {
		check->key_fault = DKIM_KEY_STRICT;
		settle(check, DKIM_PERMERROR,
			SPAN("the key record has t=s, and the identity i= is "
			     "of a subdomain"));
	}
}

bool dkim_check_key(const struct dkim_query *query,
	const struct dkim_signature *signature, struct dkim_check *check)
{
	enum dkim_key_type wanted = signature->algorithm == DKIM_ED25519_SHA256
					    ? DKIM_KEY_ED25519
					    : DKIM_KEY_RSA;
	const struct answer *answer;

	check->key_name = dkim_signature_key_name(query->arena, signature);
	answer = answers_get(query->answers, check->key_name, RR_TXT);
	if (!answer)
		return false;
	if (answer->kind == ANSWER_DATA)
		check->key = best_key(query->keys, answer, wanted);
	if (check->key)
		judge_key(signature, wanted, check);
	else
		no_key(query->arena, answer, check);
	return true;
}

/* ---- one signature */

static void compare_body(struct arena *arena,
	const struct dkim_signature *signature, struct dkim_check *check)
{
	const struct dkim_body_hash *hash = check->computed;
	struct span computed = { (const char *)hash->bytes, hash->len };

	check->body = span_is(computed, signature->body_hash) ? DKIM_FITS
							      : DKIM_DIFFERS;
	if (signature->body_length == CANON_WHOLE)
		return;
	if (signature->body_length > hash->octets)
		settle(check, DKIM_PERMERROR,
			arena_print(arena,
				"l= counts %llu octets; the body has %llu",
				(unsigned long long)signature->body_length,
				(unsigned long long)hash->octets));
	else
		check->uncovered = hash->octets - signature->body_length;
}

/* The text may be as long as the header, and this is done in every round. */
static void compare_header(
	const struct dkim_message *message, struct dkim_check *check)
{
	const struct dkim_signature *signature = check->signature;
	const struct header_field *const *fields;
	struct arena *scratch = arena_open();
	size_t count = dkim_signature_pick(
		scratch, &message->header, signature, &fields);
	struct span text = dkim_signed_text(scratch, signature->header_canon,
		fields, count,
		dkim_signature_without_b(scratch, signature->field->raw));

	check->header = dkim_key_verify(check->key, signature->algorithm, text,
				signature->signature)
				? DKIM_FITS
				: DKIM_DIFFERS;
	arena_close(scratch);
}

static void check_times(struct arena *arena, uint64_t now,
	const struct dkim_signature *signature, struct dkim_check *check)
{
	check->is_from_future = signature->has_time && signature->time > now;
	if (!signature->has_expiry || signature->expiry >= now)
		return;
	check->fault = DKIM_EXPIRED;
	settle(check, DKIM_PERMERROR,
		arena_print(arena, "the signature expired at %.*s",
			SPAN_ARG(clock_text(
				arena, (int64_t)signature->expiry * 1000))));
}

static void judge(struct dkim_check *check)
{
	if (check->body == DKIM_FITS && check->header == DKIM_FITS)
		settle(check, DKIM_PASS, SPAN(""));
	else if (check->body == DKIM_FITS)
		settle(check, DKIM_FAIL,
			SPAN("the body is as it was signed, but the signature "
			     "does not fit: a signed header field was changed, "
			     "or the key is another"));
	else if (check->header == DKIM_FITS)
		settle(check, DKIM_FAIL,
			SPAN("the header is as it was signed, but the body "
			     "hash does not fit: the body was changed"));
	else
		settle(check, DKIM_FAIL,
			SPAN("neither the body hash nor the signature fits"));
}

/* What makes the signature void before any key is asked for. */
static bool is_void(const struct dkim_message *message,
	const struct dkim_signature *signature, struct dkim_check *check)
{
	check->fault = signature->fault;
	if (signature->fault != DKIM_SOUND)
		settle(check, DKIM_PERMERROR, signature->why);
	else if (message->header.oddities & HEADER_TOO_LARGE)
		settle(check, DKIM_NEUTRAL,
			SPAN("the header section is too large to be read"));
	else if (!check->computed)
		settle(check, DKIM_NEUTRAL,
			SPAN("too many signatures hash the body in different "
			     "ways"));
	return check->result != DKIM_OPEN;
}

void dkim_check_one(const struct dkim_query *query,
	const struct dkim_message *message,
	const struct dkim_signature *signature, struct dkim_check *check)
{
	struct dkim_check fresh = {
		.signature = signature,
		.computed = dkim_message_hash(message, signature),
	};

	*check = fresh;
	if (is_void(message, signature, check))
		return;
	check_times(query->arena, query->now, signature, check);
	if (!dkim_check_key(query, signature, check)) {
		*check = fresh;
		return;
	}
	compare_body(query->arena, signature, check);
	if (check->key && check->key->pkey &&
		check->key_fault != DKIM_KEY_MISMATCH)
		compare_header(message, check);
	judge(check);
}

/* ---- all of them */

/* The better, the smaller; an open one keeps all open. */
static unsigned rank(enum dkim_result result)
{
	switch (result) {
	case DKIM_OPEN:
		return 0;
	case DKIM_PASS:
		return 1;
	case DKIM_TEMPERROR:
		return 2;
	case DKIM_FAIL:
		return 3;
	case DKIM_POLICY:
		return 4;
	case DKIM_PERMERROR:
		return 5;
	case DKIM_NEUTRAL:
		return 6;
	case DKIM_NONE:
		return 7;
	}
	return 7;
}

enum dkim_result dkim_check(const struct dkim_query *query,
	const struct dkim_message *message, struct dkim_checks *checks)
{
	size_t count = message->signature_count;

	*checks = (struct dkim_checks){
		.result = DKIM_NONE,
		.checks = arena_take(
			query->arena, (count + 1) * sizeof(struct dkim_check)),
		.count = count,
	};
	for (size_t i = 0; i < count; i++) {
		struct dkim_check *check = &checks->checks[i];

		if (i < DKIM_CHECKS_MAX)
			dkim_check_one(
				query, message, &message->signatures[i], check);
		else
			*check = (struct dkim_check){
				.signature = &message->signatures[i],
				.result = DKIM_NEUTRAL,
				.why = SPAN("it stands below too many others"),
			};
		if (rank(check->result) < rank(checks->result))
			checks->result = check->result;
	}
	return checks->result;
}

const char *dkim_result_word(enum dkim_result result)
{
	switch (result) {
	case DKIM_OPEN:
		return "open";
	case DKIM_NONE:
		return "none";
	case DKIM_PASS:
		return "pass";
	case DKIM_FAIL:
		return "fail";
	case DKIM_NEUTRAL:
		return "neutral";
	case DKIM_POLICY:
		return "policy";
	case DKIM_TEMPERROR:
		return "temperror";
	case DKIM_PERMERROR:
		return "permerror";
	}
	return "";
}
