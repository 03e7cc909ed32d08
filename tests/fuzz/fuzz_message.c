/*
 * A message, read whole and in pieces: header, body, canonical forms and
 * hashes are the same; fields lie inside what they were cut from; a canonical
 * form of a canonical form is itself.  The first byte says how large the
 * pieces are.
 */
#include <stdint.h>

#include "probe/mail/reader.h"
#include "probe/policy/dkim.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void message_check_field(
	struct arena *arena, const struct header_field *field)
{
	const char *end = field->raw.at + field->raw.len;

	MUST(field->name.len > 0 && field->name.at == field->raw.at);
	MUST(field->value.at > field->name.at &&
		field->value.at + field->value.len == end);
	for (int i = CANON_SIMPLE; i <= CANON_RELAXED; i++) {
		enum canon canon = (enum canon)i;
		struct span once = canon_field(arena, canon, field->raw);
		struct span twice = canon_field(arena, canon, once);

		MUST(once.len <= CANON_FIELD_MAX(field->raw.len));
		MUST(span_is(once, twice));
	}
	MUST(header_unfold(arena, field->value).len <= field->value.len);
}

static void message_check_header(
	struct arena *arena, const struct header *header, struct span message)
{
	const char *last = message.at;
	unsigned line = 0;

	MUST(header->count <= HEADER_FIELDS_MAX);
	for (size_t i = 0; i < header->count; i++) {
		const struct header_field *field = &header->fields[i];

		MUST(field->raw.at >= last && field->line > line);
		MUST(field->raw.at + field->raw.len <=
			message.at + message.len);
		last = field->raw.at + field->raw.len;
		line = field->line;
		message_check_field(arena, field);
	}
	MUST(line <= header->line_count);
}

static void message_check_body(struct arena *arena, struct span body)
{
	for (int i = CANON_SIMPLE; i <= CANON_RELAXED; i++) {
		enum canon canon = (enum canon)i;
		struct span once = canon_body(arena, canon, body);

		MUST(span_is(canon_body(arena, canon, once), once));
		MUST(once.len <= 2 * body.len + 2);
		MUST(canon == CANON_SIMPLE || once.len != 2);
		MUST(!once.len || span_ends_nocase(once, SPAN("\r\n")));
	}
}

static const struct dkim_message *message_in_pieces(
	struct arena *arena, struct span message, size_t piece)
{
	struct dkim_reader *reader = dkim_reader_open(arena);

	for (size_t at = 0; at < message.len; at += piece)
		dkim_reader_take(reader, span_part(message, at, piece));
	return dkim_reader_end(reader);
}

static void message_must_be(
	const struct dkim_message *a, const struct dkim_message *b)
{
	MUST(a->header.count == b->header.count);
	MUST(a->header.oddities == b->header.oddities);
	MUST(a->header.line_count == b->header.line_count);
	for (size_t i = 0; i < a->header.count; i++)
		MUST(span_is(a->header.fields[i].raw, b->header.fields[i].raw));
	MUST(a->body_octets == b->body_octets);
	MUST(a->signature_count == b->signature_count);
	MUST(a->hash_count == b->hash_count);
	MUST(a->hash_count <= DKIM_HASHES_MAX);
	for (size_t i = 0; i < a->hash_count; i++) {
		MUST(a->hashes[i].octets == b->hashes[i].octets);
		MUST(memcmp(a->hashes[i].bytes, b->hashes[i].bytes,
			     sizeof(a->hashes[i].bytes)) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena;
	struct span message, body;
	struct header header;

	if (size < 1)
		return 0;
	arena = arena_open();
	message = (struct span){ (const char *)bytes + 1, size - 1 };
	body = mail_split(arena, message, &header);
	MUST(body.at + body.len == message.at + message.len);
	message_check_header(arena, &header, message);
	message_check_body(arena, body);
	message_must_be(dkim_message_of(arena, message),
		message_in_pieces(arena, message, bytes[0] % 97u + 1));
	arena_close(arena);
	return 0;
}
