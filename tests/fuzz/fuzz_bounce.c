/*
 * A mail from a mailbox of bounces.  Claims: it is read the same twice, and
 * with CRLF for LF; a bounce has deliveries and nothing else has any that
 * failed; a recipient is never empty, a code is one of refusal, a status of the
 * classes that RFC 3463 knows; the family is that of an address that is told.
 */
#include <stdint.h>

#include "reports/inbound/inbound_message.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { BOUNCE_CRLF_MAX = 16 * 1024 };

static void bounce_delivery_must_be_sound(const struct delivery *delivery)
{
	MUST(delivery->recipient.len > 0);
	MUST(delivery->code == 0 ||
		(delivery->code >= 400 && delivery->code < 560));
	MUST(delivery->status[0] == 0 || delivery->status[0] == 2 ||
		delivery->status[0] == 4 || delivery->status[0] == 5);
	MUST(delivery->status[1] < 1000 && delivery->status[2] < 1000);
	MUST(delivery->has_family ==
		(delivery->has_relay || delivery->has_source));
	MUST(!delivery->has_delay || delivery->delay_ms >= 0);
	MUST(delivery->witness == WITNESS_BOUNCE);
}

static void bounce_must_be_sound(const struct inbound_message *message)
{
	bool has_failed = false;

	for (size_t i = 0; i < message->delivery_count; i++) {
		bounce_delivery_must_be_sound(&message->deliveries[i]);
		has_failed |= message->deliveries[i].result !=
			      DELIVERY_ACCEPTED;
	}
	MUST((message->kind == INBOUND_BOUNCE) == has_failed);
	MUST(message->kind != INBOUND_SUCCESS || message->delivery_count);
	MUST(message->kind != INBOUND_FEEDBACK || message->feedback.type.len);
	MUST(message->parts.count <= PARTS_MAX);
}

static void bounce_must_be_same(
	const struct inbound_message *a, const struct inbound_message *b)
{
	MUST(a->kind == b->kind);
	MUST(a->delivery_count == b->delivery_count);
	for (size_t i = 0; i < a->delivery_count; i++) {
		const struct delivery *one = &a->deliveries[i];
		const struct delivery *other = &b->deliveries[i];

		MUST(span_is(one->recipient, other->recipient));
		MUST(one->code == other->code);
		MUST(memcmp(one->status, other->status, sizeof(one->status)) ==
			0);
		MUST(one->result == other->result);
		MUST(one->has_stage == other->has_stage);
		MUST(one->has_relay == other->has_relay);
	}
}

/* Mail with a CR in it already is another matter. */
static bool bounce_with_crlf(
	struct arena *arena, struct span mail, struct span *crlf)
{
	char *room;
	size_t len = 0;

	if (mail.len > BOUNCE_CRLF_MAX || span_find(mail, '\r') < mail.len)
		return false;
	room = arena_take(arena, mail.len * 2 + 1);
	for (size_t i = 0; i < mail.len; i++) {
		if (mail.at[i] == '\n')
			room[len++] = '\r';
		room[len++] = mail.at[i];
	}
	*crlf = (struct span){ room, len };
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_open();
	struct span mail = arena_copy(
		arena, (struct span){ (const char *)bytes, size });
	struct inbound_message message, again;
	struct span crlf;

	inbound_message_read(arena, mail, &message);
	bounce_must_be_sound(&message);
	inbound_message_read(arena, mail, &again);
	bounce_must_be_same(&message, &again);
	if (bounce_with_crlf(arena, mail, &crlf)) {
		inbound_message_read(arena, crlf, &again);
		bounce_must_be_same(&message, &again);
	}
	arena_close(arena);
	return 0;
}
