/*
 * Both sides of a session: every place that a talk names is there and is of the
 * right kind, no answer is given twice, texts are within their limit.  Each
 * piece is a head of two octets, the side with a hole before it or not and the
 * length, and its text.
 */
#include <stdint.h>
#include <stdlib.h>

#include "pcap/conversation.h"
#include "pcap/mail_attempt.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void conversation_check_reply(const struct conversation *conversation,
	size_t place)
{
	const struct talk *talk = &conversation->talks[place];
	const struct talk *about;

	MUST(talk->who == SIDE_SERVER);
	MUST(talk->reply->line_count <= REPLY_LINES_MAX);
	if (talk->answers != ANSWERS_TALK)
		return;
	MUST(talk->about < conversation->count);
	about = &conversation->talks[talk->about];
	MUST(about->who == SIDE_CLIENT);
	MUST(about->answered_by == place + 1);
}

static void conversation_check(const struct conversation *conversation)
{
	for (size_t i = 0; i < conversation->count; i++) {
		const struct talk *talk = &conversation->talks[i];

		MUST(!i || talk->seen.frame >=
				   conversation->talks[i - 1].seen.frame);
		MUST(talk->answered_by <= conversation->count);
		if (talk->kind == TALK_REPLY)
			conversation_check_reply(conversation, i);
		if (talk->kind == TALK_COMMAND)
			MUST(talk->line.text.len <= TALK_TEXT_MAX);
		if (talk->kind == TALK_BODY || talk->kind == TALK_CHUNK) {
			MUST(talk->body.octets <= talk->body.wire);
			MUST(talk->body.kept.len <= 64);
		}
	}
}

static void conversation_check_mails(
	struct arena *arena, const struct conversation *conversation)
{
	const struct mail_attempt *mails;
	size_t count = mail_attempts(
		arena, conversation->talks, conversation->count, &mails);

	for (size_t i = 0; i < count; i++) {
		MUST(mails[i].mail >= 1 &&
			mails[i].mail <= conversation->count);
		MUST(mails[i].deciding <= conversation->count);
		for (size_t k = 0; k < mails[i].recipient_count; k++)
			MUST(mails[i].recipients[k].rcpt > mails[i].mail);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_open();
	struct conversation *conversation =
		arena_new(arena, struct conversation);
	uint64_t offsets[2] = { 0, 0 }, frame = 1;

	conversation_init(conversation, arena, !size || bytes[0] & 1);
	conversation->is_from_start = size && bytes[0] & 2;
	conversation->body_keep_max = 64;
	for (size_t at = 1; at + 2 <= size;) {
		size_t len = bytes[at + 1] < size - at - 2 ? bytes[at + 1] :
							     size - at - 2;
		enum side from = bytes[at] & 1 ? SIDE_SERVER : SIDE_CLIENT;
		struct chunk chunk = {
			.from = from,
			.missing = bytes[at] & 2 ? bytes[at] >> 2 : 0,
			.bytes = { (const char *)bytes + at + 2, len },
			.seen = { frame, (int64_t)frame },
			.acked = offsets[!from],
		};

		frame++;
		chunk.offset = offsets[from] + chunk.missing;
		offsets[from] = chunk.offset + len;
		conversation_hear(conversation, &chunk);
		at += 2 + len;
	}
	conversation_end(conversation);
	if (conversation->evidence != EVIDENCE_OTHER) {
		conversation_check(conversation);
		conversation_check_mails(arena, conversation);
	}
	conversation_close(conversation);
	arena_close(arena);
	return 0;
}
