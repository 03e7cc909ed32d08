/*
 * A signature field and a key record, between them an empty line.  What is
 * called sound keeps what the rest of the program relies on; what is not has a
 * reason; nothing fits by chance.
 */
#include <stdint.h>

#include "probe/policy/dkim.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool dkim_is_inside(struct span part, struct span whole)
{
	return part.len == 0 ||
	       (part.at >= whole.at &&
		       part.at + part.len <= whole.at + whole.len);
}

static void dkim_must_tags(const struct tag_list *list, struct span text)
{
	MUST(list->count <= TAG_LIST_MAX);
	MUST(list->fault_at <= text.len);
	for (size_t i = 0; i < list->count; i++) {
		const struct tag *tag = &list->tags[i];

		MUST(tag->name.len > 0 && dkim_is_inside(tag->name, text));
		MUST(dkim_is_inside(tag->raw, text));
		MUST(dkim_is_inside(tag->value, tag->raw));
	}
}

static void dkim_must_signature(struct arena *arena, enum dkim_kind kind,
	const struct header_field *field)
{
	struct dkim_signature signature;
	bool is_sound = dkim_signature_parse(arena, kind, field, &signature);
	struct span without = dkim_signature_without_b(arena, field->raw);
	struct span name = dkim_signature_key_name(arena, &signature);

	MUST(is_sound == (signature.fault == DKIM_SOUND));
	MUST(is_sound == (signature.why.len == 0));
	MUST(signature.name_count <= DKIM_NAMES_MAX);
	MUST(without.len <= field->raw.len);
	MUST(span_is(dkim_signature_without_b(arena, without), without));
	dkim_must_tags(&signature.tags, field->value);
	if (!is_sound)
		return;
	MUST(name.len > 12 && signature.signature.len > 0);
	MUST(kind == DKIM_ARC_SEAL || signature.body_hash.len > 0);
	MUST(kind != DKIM_SIGNATURE ||
		(dkim_signature_covers(&signature, SPAN("from")) &&
			span_find(signature.identity, '@') <
				signature.identity.len));
	MUST(kind == DKIM_SIGNATURE ||
		(signature.instance >= 1 &&
			signature.instance <= ARC_INSTANCE_MAX));
}

static void dkim_must_key(struct span record)
{
	struct dkim_keys *keys = dkim_keys_open();
	const struct dkim_key *key = dkim_keys_get(keys, record);

	MUST(span_is(key->record, record));
	MUST((key->fault == DKIM_KEY_SOUND) == (key->why.len == 0));
	MUST(key->fault != DKIM_KEY_SOUND ||
		(key->pkey && key->bits >= 256 && key->bits <= DKIM_RSA_MAX));
	MUST(!dkim_key_verify(key, DKIM_RSA_SHA256, SPAN("text"), record));
	MUST(!dkim_key_verify(key, DKIM_ED25519_SHA256, SPAN("text"), record));
	MUST(dkim_keys_get(keys, record) == key);
	dkim_keys_close(keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_open();
	struct span text = { (const char *)bytes, size };
	size_t end = span_find_nocase(text, SPAN("\n\n"));
	struct span value = span_part(text, 0, end);
	struct header header;

	header_parse(
		arena, arena_print(arena, "X:%.*s", SPAN_ARG(value)), &header);
	for (int kind = DKIM_SIGNATURE; kind <= DKIM_ARC_SEAL; kind++)
		dkim_must_signature(
			arena, (enum dkim_kind)kind, &header.fields[0]);
	dkim_must_key(span_part(text, end + 2, size));
	arena_close(arena);
	return 0;
}
