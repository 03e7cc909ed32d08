#include "probe/policy/header_forensics.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "probe/base/attr.h"
#include "probe/base/base64.h"
#include "probe/policy/header_change.h"

struct digest_info {
	const char *name;   /* OpenSSL's */
	size_t len;         /* of the hash */
	struct span prefix; /* what stands before it: DER of DigestInfo */
};

/* RFC 8017 section 9.2, note 1 */
static const struct digest_info digest_infos[] = {
	{ "SHA256", 32,
		{ "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02"
		  "\x01\x05\x00\x04\x20",
			19 } },
	{ "SHA1", 20,
		{ "\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04"
		  "\x14",
			15 } },
};

struct search {
	struct arena *arena, *scratch;
	const struct header *header;
	const struct dkim_check *check;
	const struct dkim_signature *signature;
	const struct digest_info *digest; /* of signed_hash */
	struct span signed_hash;          /* raw; empty: not known */
	struct signed_fields covered;
	struct span last; /* the signature's own field */
	struct header_forensics *found;
	size_t budget;
};

const char *signed_hash_word(enum signed_hash state)
{
	switch (state) {
	case SIGNED_HASH_UNKNOWN:
		return "unknown";
	case SIGNED_HASH_KNOWN:
		return "known";
	case SIGNED_HASH_NONE:
		return "none";
	}
	return "";
}

/* ---- the hash that was signed */

static bool has_key(const struct dkim_check *check)
{
	return check->key && check->key->pkey;
}

static bool recover(struct search *search, unsigned char *room, size_t *len)
{
	struct span octets = search->signature->signature;
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(
		search->check->key->pkey, NULL);
	bool is_good =
		context && EVP_PKEY_verify_recover_init(context) > 0 &&
		EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0 &&
		EVP_PKEY_verify_recover(context, room, len,
			(const unsigned char *)octets.at, octets.len) > 0;

	EVP_PKEY_CTX_free(context);
	return is_good;
}

static enum signed_hash read_signed_hash(struct search *search)
{
	const struct dkim_key *key = search->check->key;
	unsigned char room[DKIM_RSA_MAX / 8];
	size_t len = sizeof(room);
	struct span all;

	if (!has_key(search->check) || key->type != DKIM_KEY_RSA ||
		(size_t)EVP_PKEY_get_size(key->pkey) > sizeof(room))
		return SIGNED_HASH_UNKNOWN;
	if (!recover(search, room, &len))
		return SIGNED_HASH_NONE;
	all = arena_copy(search->arena, (struct span){ (char *)room, len });
	for (size_t i = 0; i < COUNT_OF(digest_infos); i++) {
		const struct digest_info *info = &digest_infos[i];

		if (len != info->prefix.len + info->len ||
			!span_is(span_part(all, 0, info->prefix.len),
				info->prefix))
			continue;
		search->digest = info;
		search->signed_hash = span_part(
			all, info->prefix.len, info->len);
		return SIGNED_HASH_KNOWN;
	}
	return SIGNED_HASH_NONE;
}

static struct span hash_of(
	struct arena *arena, struct span text, const char *digest)
{
	unsigned char octets[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	EVP_Digest(text.at, text.len, octets, &len,
		EVP_get_digestbyname(digest), NULL);
	return arena_copy(arena, (struct span){ (char *)octets, len });
}

/* ---- one guess */

static bool is_signed(struct search *search, struct span text)
{
	struct span hash;

	if (!has_key(search->check) ||
		search->found->tried >= HEADER_TRIES_MAX ||
		search->budget < text.len)
		return false;
	search->found->tried++;
	search->budget -= text.len;
	if (!search->signed_hash.len)
		return dkim_key_verify(search->check->key,
			search->signature->algorithm, text,
			search->signature->signature);
	hash = hash_of(search->scratch, text, search->digest->name);
	return span_is(hash, search->signed_hash);
}

static bool fits(struct search *search,
	const struct header_field *const *fields, size_t count,
	struct span last)
{
	struct span text = dkim_signed_text(
		search->scratch, search->covered.canon, fields, count, last);
	bool is_it = is_signed(search, text);

	arena_empty(search->scratch);
	return is_it;
}

static void hit(struct search *search, const char *id, enum departs departs,
	const char *section, struct span says)
{
	deviation_add(search->found->hits, &search->found->hit_count,
		&(struct deviation){ id, departs, section, says });
}

static void hit_signer(struct search *search, const char *id,
	const char *section, const char *fits_what)
{
	hit(search, id, DEPARTS_SIGNER, section,
		arena_print(search->arena,
			"b= fits %s: the signer, not the verifier, departs "
			"from the RFC",
			fits_what));
}

/* ---- the whole header in another way */

static void try_canon(struct search *search)
{
	enum canon canon = search->covered.canon;
	bool is_it;

	search->covered.canon = canon_other(canon);
	is_it = fits(search, search->covered.fields, search->covered.count,
		search->last);
	search->covered.canon = canon;
	if (is_it)
		hit_signer(search, "header-canon-swapped",
			"RFC 6376 section 3.4",
			canon == CANON_RELAXED
				? "the header as simple, where c= says relaxed"
				: "the header as relaxed, where c= says "
				  "simple");
}

static void try_last_end(struct search *search)
{
	struct span text = dkim_signed_text(search->scratch,
		search->covered.canon, search->covered.fields,
		search->covered.count, search->last);
	char *more = arena_take(search->scratch, text.len + 2);

	memcpy(more, text.at, text.len);
	memcpy(more + text.len, "\r\n", 2);
	if (is_signed(search, (struct span){ more, text.len + 2 }))
		hit_signer(search, "signature-end-hashed",
			"RFC 6376 section 3.7",
			"the header with a CRLF behind the signature's own "
			"field, which the RFC leaves out");
	arena_empty(search->scratch);
}

/* Each name's fields from the top of the message down. */
static void try_from_top(struct search *search)
{
	const struct header *header = search->header;
	struct header_field *turned = arena_take(
		search->arena, (header->count + 1) * sizeof(*turned));
	struct header upside = { .fields = turned, .count = header->count };
	const struct header_field *const *fields;
	struct dkim_signature own = *search->signature;
	size_t count;

	for (size_t i = 0; i < header->count; i++) {
		turned[i] = header->fields[header->count - 1 - i];
		if (&header->fields[header->count - 1 - i] == own.field)
			own.field = &turned[i];
	}
	count = dkim_signature_pick(search->arena, &upside, &own, &fields);
	if (fits(search, fields, count, search->last))
		hit_signer(search, "instances-from-top",
			"RFC 6376 section 5.4.2",
			"the header with the upper ones of repeated fields, "
			"where the RFC takes the lowest first");
}

static void try_refolded_signature(struct search *search)
{
	struct span raw = search->last;
	char *room = arena_take(search->arena, raw.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < raw.len; i++)
		if (raw.at[i] != '\r' && raw.at[i] != '\n')
			room[len++] = raw.at[i];
	if (search->covered.canon == CANON_SIMPLE &&
		fits(search, search->covered.fields, search->covered.count,
			(struct span){ room, len }))
		hit(search, "signature-refolded", DEPARTS_ON_THE_WAY,
			"RFC 6376 section 3.4.1",
			SPAN("b= fits the signature's own field on one line: "
			     "it was folded after it was signed"));
}

/* ---- fields changed back */

static void hit_change(struct search *search,
	const struct header_change *change, const char *more)
{
	struct span name = search->covered.fields[change->index]->name;

	hit(search, change->id, change->departs, change->section,
		arena_print(search->arena, "b= fits the %.*s %s%s",
			SPAN_ARG(name), change->fits, more));
}

#define OTHER ", together with the other change"

/* `first` and perhaps `second` in place of what is there. */
static bool fits_changed(struct search *search,
	const struct header_change *first, const struct header_change *second)
{
	size_t count = 0, all = search->covered.count;
	const struct header_field **fields = arena_take(
		search->scratch, (all + 1) * sizeof(struct header_field *));

	for (size_t i = 0; i < all; i++) {
		const struct header_field *field = search->covered.fields[i];

		if (i == first->index)
			field = first->field;
		if (second && i == second->index)
			field = second->field;
		if (field)
			fields[count++] = field;
	}
	return fits(search, (const struct header_field *const *)fields, count,
		search->last);
}

static bool try_one_change(
	struct search *search, const struct header_changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		const struct header_change *change = &changes->rows[i];

		if (!fits_changed(search, change, NULL))
			continue;
		hit_change(search, change, "");
		return true;
	}
	return false;
}

static void try_two_changes(
	struct search *search, const struct header_changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		const struct header_change *first = &changes->rows[i];

		for (size_t j = i + 1; j < changes->count; j++) {
			const struct header_change *second = &changes->rows[j];

			if (second->index == first->index ||
				!fits_changed(search, first, second))
				continue;
			hit_change(search, first, OTHER);
			hit_change(search, second, OTHER);
			return;
		}
	}
}

static void try_all(struct search *search)
{
	struct header_changes *changes = arena_new(
		search->arena, struct header_changes);

	try_canon(search);
	try_last_end(search);
	try_refolded_signature(search);
	if (search->found->hit_count)
		return;
	header_changes_list(search->arena, &search->covered, changes);
	if (try_one_change(search, changes))
		return;
	try_from_top(search);
	if (!search->found->hit_count)
		try_two_changes(search, changes);
}

/* ---- all of it */

/* Another hash than the one that a= names. */
static bool is_other_digest(const struct search *search)
{
	bool wants_sha1 = search->signature->algorithm == DKIM_RSA_SHA1;

	return search->digest && (search->digest->len == 20) != wants_sha1;
}

static struct span tell(const struct search *search)
{
	const struct header_forensics *found = search->found;
	const char *digest = search->digest ? search->digest->name : "";

	if (!has_key(search->check))
		return SPAN("there is no key to look into b= with");
	if (found->state == SIGNED_HASH_NONE)
		return SPAN("b= was not made with this key, or was damaged: "
			    "there is no hash in it");
	if (is_other_digest(search))
		return arena_print(search->arena,
			"b= was made with this key, over a %s, which is not "
			"what a= says",
			digest);
	if (found->hit_count)
		return arena_print(search->arena, "b= was made with this key, "
						  "over another header");
	return arena_print(search->arena, "%s; tried in vain: %s",
		found->state == SIGNED_HASH_KNOWN
			? "b= was made with this key, over another header"
			: "b= does not tell what was signed",
		header_changes_tried);
}

static void prepare(struct search *search)
{
	const struct dkim_signature *signature = search->signature;

	search->covered.header = search->header;
	search->covered.canon = signature->header_canon;
	search->covered.count = dkim_signature_pick(search->arena,
		search->header, signature, &search->covered.fields);
	search->last = dkim_signature_without_b(
		search->arena, signature->field->raw);
}

void header_forensics(struct arena *arena, const struct header *header,
	const struct dkim_check *check, struct header_forensics *found)
{
	struct search search = { .arena = arena,
		.header = header,
		.check = check,
		.signature = check->signature,
		.found = found,
		.budget = HEADER_SEARCH_MAX };
	struct span text;

	*found = (struct header_forensics){ .fits = false };
	prepare(&search);
	text = dkim_signed_text(arena, search.covered.canon,
		search.covered.fields, search.covered.count, search.last);
	found->state = read_signed_hash(&search);
	found->computed = base64_encode(
		arena, hash_of(arena, text,
			       search.digest ? search.digest->name : "SHA256"));
	found->signed_hash = base64_encode(arena, search.signed_hash);
	search.scratch = arena_open();
	found->fits = !is_other_digest(&search) && is_signed(&search, text);
	if (!found->fits && found->state != SIGNED_HASH_NONE && has_key(check))
		try_all(&search);
	arena_close(search.scratch);
	if (!found->fits)
		found->says = tell(&search);
}
