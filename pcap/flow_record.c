#include "pcap/flow_record.h"

enum session_end flow_end(const struct flow *flow)
{
	const struct stream *stream = &flow->stream;

	if (stream->fin[SIDE_CLIENT].frame && stream->fin[SIDE_SERVER].frame)
		return SESSION_END_CLOSED;
	if (stream->is_reset)
		return SESSION_END_RESET;
	if (stream->fin[SIDE_CLIENT].frame || stream->fin[SIDE_SERVER].frame)
		return SESSION_END_HALF_CLOSED;
	return SESSION_END_OPEN;
}

static void put_ends(struct session_record *record, const struct flow *flow)
{
	const struct flow_key *key = &flow->key;
	bool is_a = flow->client_is_a;
	size_t len = key->family == FAMILY_IPV6 ? 16 : 4;

	record->family = (enum family)key->family;
	record->client.family = record->family;
	record->server.family = record->family;
	memcpy(record->client.bytes, is_a ? key->a : key->b, len);
	memcpy(record->server.bytes, is_a ? key->b : key->a, len);
	record->client_port = is_a ? key->a_port : key->b_port;
	record->server_port = is_a ? key->b_port : key->a_port;
}

static enum session_mode mode_of(const struct flow *flow)
{
	const struct conversation *conversation = flow->conversation;
	bool has_reply = false;

	if (!conversation || !conversation->count)
		return flow->stream.sides[SIDE_CLIENT].not_captured +
				       flow->stream.sides[SIDE_SERVER]
					       .not_captured
			       ? SESSION_PLAIN
			       : SESSION_EMPTY;
	for (size_t i = 0; i < conversation->count; i++)
		has_reply |= conversation->talks[i].kind == TALK_REPLY &&
			     !conversation->talks[i].is_encrypted;
	if (conversation->tap) {
		if (conversation->starttls_accepted)
			return SESSION_STARTTLS;
		if (has_reply && !conversation->is_tls[SIDE_SERVER])
			return SESSION_TLS_TO_PLAIN;
		return SESSION_IMPLICIT_TLS;
	}
	return SESSION_PLAIN;
}

/* ---- who was waited for */

/* Within TLS that cannot be read only silence of the server shows. */
static void find_wait_opaque(
	const struct stream *stream, struct path_wait *wait)
{
	struct sighting client = stream->sides[SIDE_CLIENT].readable;
	struct sighting server = stream->sides[SIDE_SERVER].readable;

	wait->is_waiting = client.frame > server.frame && !stream->is_reset;
	if (stream->is_reset && client.frame > server.frame)
		wait->is_waiting = stream->reset_by == SIDE_CLIENT;
	wait->for_whom = SIDE_SERVER;
	wait->since = client;
}

/* A reply to a client that has gone already: it was waited for until then. */
static bool find_wait_late(const struct conversation *conversation,
	const struct stream *stream, struct path_wait *wait)
{
	struct sighting gone = stream->fin[SIDE_CLIENT];
	const struct talk *last = &conversation->talks[conversation->count - 1];
	const struct talk *about;

	if (!gone.frame || last->kind != TALK_REPLY ||
		last->began.frame < gone.frame)
		return false;
	wait->for_whom = SIDE_SERVER;
	switch (last->answers) {
	case ANSWERS_NOTHING:
		return false;
	case ANSWERS_CONNECTION:
		wait->since = stream->established;
		break;
	case ANSWERS_TALK:
		about = &conversation->talks[last->about];
		if (about->kind == TALK_COMMAND &&
			about->line.verb == SMTP_QUIT)
			return false;
		wait->since = about->seen;
		break;
	}
	wait->is_waiting = wait->since.frame > 0;
	return wait->is_waiting;
}

static void find_wait_clear(const struct conversation *conversation,
	const struct stream *stream, struct path_wait *wait)
{
	const struct talk *last = &conversation->talks[conversation->count - 1];

	if (find_wait_late(conversation, stream, wait))
		return;
	if (conversation->owed_from < conversation->owed_count) {
		const struct talk *owed = conversation_owed(conversation);

		wait->is_waiting = owed->kind != TALK_COMMAND ||
				   owed->line.verb != SMTP_QUIT;
		wait->for_whom = SIDE_SERVER;
		wait->since = owed->seen;
		return;
	}
	wait->for_whom = last->who == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;
	wait->since = stream->sides[!wait->for_whom].readable;
	wait->is_waiting = last->kind == TALK_REPLY &&
			   last->reply->code / 100 <= 3 &&
			   last->reply->code != 221;
}

/* Who was to speak when the last octet had been said? */
static void find_wait(const struct flow *flow, struct path_wait *wait)
{
	const struct conversation *conversation = flow->conversation;
	const struct stream *stream = &flow->stream;

	if (!stream->sides[SIDE_CLIENT].packets ||
		!stream->sides[SIDE_SERVER].packets)
		return; /* only one side was captured */
	if (!conversation || !conversation->count) {
		wait->is_waiting = stream->established.frame > 0;
		wait->for_whom = SIDE_SERVER;
		wait->since = stream->established;
		return;
	}
	if (conversation->tap &&
		!conversation->talks[conversation->count - 1].is_encrypted)
		find_wait_opaque(stream, wait);
	else
		find_wait_clear(conversation, stream, wait);
}

/* ---- what was said */

/* Behind STARTTLS a client has to wait (RFC 3207 section 4): what it says in
 * clear before the answer may have been put there by another. */
static size_t count_in_clear(const struct conversation *conversation)
{
	bool is_behind = false;
	size_t count = 0;

	for (size_t i = 0; i < conversation->count; i++) {
		const struct talk *talk = &conversation->talks[i];

		if (talk->kind == TALK_TLS ||
			(is_behind && talk->kind == TALK_REPLY))
			break;
		if (talk->kind != TALK_COMMAND)
			continue;
		count += is_behind;
		is_behind |= talk->line.verb == SMTP_STARTTLS;
	}
	return count;
}

static void put_conversation(
	struct session_record *record, const struct conversation *conversation)
{
	record->talks = conversation->talks;
	record->talk_count = conversation->count;
	record->is_cut_short = conversation->is_cut_short;
	record->starttls.offered = conversation->starttls_offered;
	record->starttls.asked = conversation->starttls_asked;
	record->starttls.answered = conversation->starttls_answered;
	record->starttls.accepted = conversation->starttls_accepted;
	record->starttls.in_clear = count_in_clear(conversation);
	record->starttls.switched = conversation->starttls_accepted &&
				    conversation->tap;
	record->starttls.is_decrypted = conversation->was_decrypted;
	if (conversation->tap)
		record->tls = tls_tap_sight(conversation->tap);
	memcpy(record->tls_end, conversation->tls_end, sizeof(record->tls_end));
	record->mail_count = mail_attempts(conversation->arena,
		conversation->talks, conversation->count, &record->mails);
}

void flow_record(
	const struct flow *flow, int64_t now_ns, struct session_record *record)
{
	struct path_wait wait = { .now_ns = now_ns };

	*record = (struct session_record){
		.arena = flow->arena,
		.known_by = flow->known_by,
		.mode = mode_of(flow),
		.end = flow->end,
		.is_tunnelled = flow->is_tunnelled,
		.is_trial = flow->is_trial,
		.stream = &flow->stream,
	};
	put_ends(record, flow);
	if (flow->cause)
		record->cause = *flow->cause;
	find_wait(flow, &wait);
	if (flow->conversation)
		memcpy(wait.tls_end, flow->conversation->tls_end,
			sizeof(wait.tls_end));
	path_cause_find(&record->cause, &flow->stream, &wait);
	if (flow->conversation)
		put_conversation(record, flow->conversation);
}
