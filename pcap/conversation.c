#include "pcap/conversation_sides.h"

#include <stdlib.h>

void conversation_init(struct conversation *conversation, struct arena *arena,
	bool is_known_port)
{
	*conversation = (struct conversation){
		.arena = arena,
		.evidence = is_known_port ? EVIDENCE_SMTP : EVIDENCE_OPEN,
	};
	reply_parser_init(&conversation->parser, arena);
}

/* ---- what is kept */

struct talk *conversation_add(
	struct conversation *conversation, enum talk_kind kind, enum side who)
{
	struct talk *talk;

	conversation->talks = arena_grow(conversation->arena,
		conversation->talks, conversation->count, &conversation->room,
		sizeof(*conversation->talks));
	talk = &conversation->talks[conversation->count++];
	*talk = (struct talk){ .kind = kind,
		.who = who,
		.is_complete = true,
		.is_encrypted = conversation->is_inside };
	conversation->kept += sizeof(*talk);
	if (conversation->count >= TALKS_MAX ||
		conversation->kept > CONVERSATION_KEPT_MAX)
		conversation->is_cut_short = true;
	return talk;
}

struct span conversation_keep(
	struct conversation *conversation, struct span text)
{
	text = span_part(text, 0, TALK_TEXT_MAX);
	conversation->kept += text.len;
	return arena_copy(conversation->arena, text);
}

void line_reset(struct line_under_way *line)
{
	line->len = 0;
	line->octets = 0;
}

void line_add(struct conversation *conversation, struct line_under_way *line,
	struct span piece, struct sighting seen)
{
	struct span kept = span_part(piece, 0, TALK_TEXT_MAX + 2 - line->len);

	if (!line->octets)
		line->began = seen;
	line->latest = seen;
	line->octets += piece.len;
	if (line->len + kept.len > line->room) {
		size_t room = (line->len + kept.len) * 2;
		char *larger = arena_take(conversation->arena, room);

		if (line->len)
			memcpy(larger, line->text, line->len);
		line->text = larger;
		line->room = room;
		conversation->kept += room;
	}
	if (kept.len)
		memcpy(line->text + line->len, kept.at, kept.len);
	line->len += kept.len;
}

/* ---- who answers whom */

void owed_add(struct conversation *conversation, uint32_t talk)
{
	conversation->owed = arena_grow(conversation->arena, conversation->owed,
		conversation->owed_count, &conversation->owed_room,
		sizeof(*conversation->owed));
	conversation->owed[conversation->owed_count++] = talk;
}

/* Nothing is owed: the list begins at its place again. */
static void owed_rewind(struct conversation *conversation)
{
	if (conversation->owed_from < conversation->owed_count)
		return;
	conversation->owed_from = 0;
	conversation->owed_count = 0;
}

static const struct talk *owed_talk(
	const struct conversation *conversation, size_t at)
{
	return &conversation->talks[conversation->owed[at]];
}

/* A reply that was complete before a command was sent never answers it. */
static size_t owed_end(
	const struct conversation *conversation, const struct talk *reply)
{
	size_t end = conversation->owed_count;

	while (end > conversation->owed_from &&
		owed_talk(conversation, end - 1)->seen.frame >
			reply->seen.frame)
		end--;
	return end;
}

/* 354 is an answer to DATA alone, 334 to AUTH, 221 to QUIT. */
static bool is_answer_to(const struct talk *talk, unsigned code)
{
	if (code == 354 || code == 221)
		return talk->kind == TALK_COMMAND &&
		       talk->line.verb == (code == 354 ? SMTP_DATA : SMTP_QUIT);
	return talk->kind == TALK_ANSWER ||
	       (talk->kind == TALK_COMMAND && talk->line.verb == SMTP_AUTH);
}

/*
 * Replies have been lost in a hole, or were junk.  What the client said after it had received
 * all of the hole is answered behind it, and all before that within; one
 * command alone that waits is the one.  Else it is not known; junk may just as
 * well have been none.
 */
static size_t owed_behind_hole(
	const struct conversation *conversation, size_t end)
{
	if (end - conversation->owed_from == 1)
		return conversation->owed_from;
	for (size_t i = conversation->owed_from; i < end; i++)
		if (owed_talk(conversation, i)->acked >=
			conversation->lost_until)
			return i;
	return conversation->lost_in_junk ? conversation->owed_from : end;
}

static size_t owed_pick(
	const struct conversation *conversation, const struct talk *reply)
{
	size_t end = owed_end(conversation, reply);
	unsigned code = reply->reply->code;

	if (code == 354 || code == 334 || code == 221)
		for (size_t i = conversation->owed_from; i < end; i++)
			if (is_answer_to(owed_talk(conversation, i), code))
				return i;
	if (conversation->lost_replies)
		return owed_behind_hole(conversation, end);
	return conversation->owed_from < end ? conversation->owed_from
					     : conversation->owed_count;
}

static bool is_greeting(const struct conversation *conversation,
	const struct talk *reply, bool has_client_talk)
{
	unsigned code = reply->reply->code;

	if (conversation->is_from_start)
		return code == 220 || code >= 400 || !has_client_talk;
	return code == 220 && !has_client_talk;
}

static bool has_client_talk(const struct conversation *conversation)
{
	for (size_t i = 0; i < conversation->count; i++)
		if (conversation->talks[i].who == SIDE_CLIENT)
			return true;
	return conversation->line.octets > 0;
}

/* In the answer to EHLO, or in one whose question is not in the file. */
static void offer_starttls(struct conversation *conversation,
	const struct talk *question, const struct reply *reply)
{
	if (reply->code != 250 ||
		(question && (question->kind != TALK_COMMAND ||
				     question->line.verb != SMTP_EHLO)))
		return;
	for (size_t i = 0; i < reply->line_count; i++)
		if (span_is_nocase(
			    span_trim(reply->lines[i]), SPAN("STARTTLS")))
			conversation->starttls_offered = true;
}

static void answer(struct conversation *conversation, uint32_t about)
{
	uint32_t place = (uint32_t)conversation->count - 1;
	struct talk *reply = &conversation->talks[place];
	struct talk *question = &conversation->talks[about];

	reply->answers = ANSWERS_TALK;
	reply->about = about;
	question->answered_by = place + 1;
	conversation->lost_replies = false;
	offer_starttls(conversation, question, reply->reply);
	if (question->kind == TALK_COMMAND &&
		question->line.verb == SMTP_STARTTLS) {
		conversation->starttls_answered = true;
		conversation->starttls_accepted = reply->reply->code == 220;
	}
	client_answered(conversation, about, reply->reply->code);
}

/* Nothing is owed, but a message is under way: a refusal may come at any time.
 * A yes says that the rest of it is in a hole. */
static bool answer_open_body(struct conversation *conversation)
{
	const struct talk *reply =
		&conversation->talks[conversation->count - 1];

	if (!conversation->body_is_open || conversation->body_answered)
		return false;
	if (reply->reply->code < 400 &&
		!conversation->talks[conversation->body].body.wire)
		return false;
	conversation->body_answered = true;
	answer(conversation, conversation->body);
	return true;
}

void owed_answer(struct conversation *conversation)
{
	uint32_t place = (uint32_t)conversation->count - 1;
	const struct talk *reply = &conversation->talks[place];
	bool may_greet = !conversation->had_greeting;
	size_t at;

	conversation->had_greeting = true;
	if (may_greet && is_greeting(conversation, reply,
				 has_client_talk(conversation))) {
		conversation->talks[place].answers = ANSWERS_CONNECTION;
		return;
	}
	at = owed_pick(conversation, reply);
	if (at < owed_end(conversation, reply)) {
		conversation->owed_from = at + 1;
		at = conversation->owed[at];
		owed_rewind(conversation);
		answer(conversation, (uint32_t)at);
		return;
	}
	offer_starttls(conversation, NULL, reply->reply);
	if (conversation->owed_from == conversation->owed_count &&
		client_unasked(conversation, reply->seen))
		return;
	answer_open_body(conversation);
}

/* ---- both sides */

static void hear_clear(
	struct conversation *conversation, const struct chunk *chunk)
{
	if (chunk->from == SIDE_CLIENT)
		client_hear(conversation, chunk);
	else
		server_hear(conversation, chunk);
}

static void hear_tls(
	struct conversation *conversation, const struct chunk *chunk)
{
	struct chunk inside = *chunk;

	conversation->talks[conversation->tls_talk[chunk->from]].octets +=
		chunk->bytes.len;
	inside.bytes = tls_tap_feed(conversation->tap,
		chunk->from == SIDE_SERVER, chunk->bytes, chunk->missing);
	if (!conversation->tls_end[chunk->from].frame &&
		tls_tap_sight(conversation->tap)->has_closed[chunk->from])
		conversation->tls_end[chunk->from] = chunk->seen;
	inside.missing = 0;
	if (!inside.bytes.len)
		return;
	conversation->is_inside = true;
	conversation->was_decrypted = true;
	hear_clear(conversation, &inside);
}

void conversation_begin_tls(struct conversation *conversation, struct chunk *at)
{
	struct talk *talk = conversation_add(conversation, TALK_TLS, at->from);

	talk->began = at->seen;
	talk->seen = at->seen;
	conversation->tls_talk[at->from] = (uint32_t)conversation->count - 1;
	conversation->is_tls[at->from] = true;
	if (!conversation->tap)
		conversation->tap = tls_tap_open(
			conversation->arena, conversation->keys);
	if (conversation->evidence == EVIDENCE_OPEN)
		conversation->evidence = EVIDENCE_OTHER;
	hear_tls(conversation, at);
	at->bytes.len = 0;
	at->missing = 0;
}

void conversation_hear(
	struct conversation *conversation, const struct chunk *chunk)
{
	if (conversation->is_cut_short ||
		conversation->evidence == EVIDENCE_OTHER)
		return;
	if (conversation->is_tls[chunk->from])
		hear_tls(conversation, chunk);
	else
		hear_clear(conversation, chunk);
}

struct order {
	uint64_t frame;
	uint32_t place;
};

static int compare_order(const void *a, const void *b)
{
	const struct order *one = a, *two = b;

	if (one->frame != two->frame)
		return one->frame < two->frame ? -1 : 1;
	return one->place < two->place ? -1 : one->place > two->place;
}

static bool is_in_order(const struct conversation *conversation)
{
	for (size_t i = 1; i < conversation->count; i++)
		if (conversation->talks[i].seen.frame <
			conversation->talks[i - 1].seen.frame)
			return false;
	return true;
}

static void rearrange(
	struct conversation *conversation, const struct order *orders)
{
	struct talk *talks = arena_take(
		conversation->arena, conversation->count * sizeof(*talks));
	uint32_t *now = arena_take(
		conversation->arena, conversation->count * sizeof(*now));

	for (size_t i = 0; i < conversation->count; i++) {
		talks[i] = conversation->talks[orders[i].place];
		now[orders[i].place] = (uint32_t)i;
	}
	for (size_t i = 0; i < conversation->count; i++) {
		if (talks[i].answers == ANSWERS_TALK)
			talks[i].about = now[talks[i].about];
		if (talks[i].answered_by)
			talks[i].answered_by = now[talks[i].answered_by - 1] +
					       1;
	}
	conversation->talks = talks;
}

/* What a client said while it was held back was read after the replies that it
 * did not wait for. */
static void put_in_order(struct conversation *conversation)
{
	struct order *orders;

	if (is_in_order(conversation))
		return;
	orders = arena_take(
		conversation->arena, conversation->count * sizeof(*orders));
	for (size_t i = 0; i < conversation->count; i++)
		orders[i] = (struct order){ conversation->talks[i].seen.frame,
			(uint32_t)i };
	qsort(orders, conversation->count, sizeof(*orders), compare_order);
	rearrange(conversation, orders);
}

void conversation_end(struct conversation *conversation)
{
	if (conversation->evidence == EVIDENCE_OTHER)
		return;
	server_end(conversation);
	client_end(conversation);
	put_in_order(conversation);
}
