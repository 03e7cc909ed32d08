#include "pcap/sessions_inside.h"

#include "pcap/flow_record.h"

/*
 * A flow that has ended and lacks nothing is ready to be told; one that was
 * reset, or has holes, waits a while for stragglers.  Its key stays behind, so
 * that late copies of its packets begin no session of their own.
 */
enum {
	CLOSED_MAX = 128,  /* flows that wait for stragglers */
	ARENA_ROOM = 8192, /* enough for most sessions */
};

/* ---- a conversation and its memory */

static void open_conversation(struct sessions *sessions, struct flow *flow)
{
	const struct stream *stream = &flow->stream;

	flow->arena = sessions->spare_count
			      ? sessions->spare[--sessions->spare_count]
			      : arena_open_with(ARENA_ROOM);
	flow->conversation = arena_new(flow->arena, struct conversation);
	conversation_init(flow->conversation, flow->arena, flow->is_known_port);
	flow->conversation->body_keep_max = sessions->wish.body_keep_max;
	flow->conversation->keys = sessions->keys;
	flow->conversation->is_from_start = stream->syn.frame ||
					    stream->syn_ack.frame;
	flow->kept = ARENA_ROOM;
	sessions->kept_all += flow->kept;
}

void sessions_forget(struct sessions *sessions, struct flow *flow)
{
	struct arena *arena = flow->arena;

	sessions->kept_all -= flow->kept;
	flow->kept = 0;
	if (arena && sessions->spare_count < ARENAS_SPARE_MAX) {
		conversation_close(flow->conversation);
		flow->conversation = NULL;
		flow->arena = NULL;
		arena_empty(arena);
		sessions->spare[sessions->spare_count++] = arena;
	}
	flow_free(&sessions->table, flow);
}

static void account(struct sessions *sessions, struct flow *flow)
{
	size_t kept = ARENA_ROOM + flow->conversation->kept +
		      flow->conversation->held.octets +
		      flow->conversation->tail.octets;

	if (flow->conversation->tap)
		kept += tls_tap_size(flow->conversation->tap);

	sessions->kept_all += kept - flow->kept;
	flow->kept = kept;
}

void sessions_hear(struct sessions *sessions, struct flow *flow)
{
	struct chunk chunk;

	while (stream_next(&flow->stream, &chunk)) {
		if (!flow->conversation)
			open_conversation(sessions, flow);
		conversation_hear(flow->conversation, &chunk);
		account(sessions, flow);
	}
}

/* ---- the end of a flow */

/* A greeting that names SMTP is enough where no client was captured. */
static bool is_smtp_by_greeting(const struct conversation *conversation)
{
	for (size_t i = 0; i < conversation->count; i++) {
		const struct talk *talk = &conversation->talks[i];

		if (talk->kind != TALK_REPLY || talk->reply->code != 220)
			continue;
		return span_find_nocase(talk->reply->bytes, SPAN("SMTP")) <
		       talk->reply->bytes.len;
	}
	return false;
}

static bool is_session(const struct flow *flow)
{
	const struct conversation *conversation = flow->conversation;

	if (!conversation)
		return flow->is_known_port;
	switch (conversation->evidence) {
	case EVIDENCE_SMTP:
		return true;
	case EVIDENCE_OPEN:
		return is_smtp_by_greeting(conversation);
	case EVIDENCE_OTHER:
		break;
	}
	return false;
}

/* Late copies of its packets will find this in its place. */
static void leave_stone(struct sessions *sessions, const struct flow *flow)
{
	struct flow *stone = flow_new(&sessions->table, &flow->key);

	stone->client_is_a = flow->client_is_a;
	for (int i = 0; i < SIDE_COUNT; i++) {
		const struct stream_side *from = &flow->stream.sides[i];
		struct stream_side *to = &stone->stream.sides[i];

		to->has_base = from->has_base;
		to->next_seq = from->next_seq;
		to->next = from->next;
	}
	flow_move(&sessions->table, stone, FLOW_DONE);
}

void sessions_leave(struct sessions *sessions, struct flow *flow)
{
	stream_end(&flow->stream);
	sessions_hear(sessions, flow);
	if (flow->conversation)
		conversation_end(flow->conversation);
	if (is_session(flow)) {
		flow_move(&sessions->table, flow, FLOW_READY);
		return;
	}
	sessions->totals.not_smtp += flow->stream.segments;
	sessions_forget(sessions, flow);
}

void sessions_count_half(struct sessions *sessions, struct flow *flow)
{
	if (flow->is_known_port)
		sessions->totals.half_open++;
	flow_free(&sessions->table, flow);
}

void sessions_finish(struct sessions *sessions, struct flow *flow)
{
	flow->end = flow_end(flow);
	if (flow->kind == FLOW_CLOSED)
		leave_stone(sessions, flow);
	sessions_leave(sessions, flow);
}

static void give_up_oldest(struct sessions *sessions, enum flow_kind kind)
{
	struct flow *flow = sessions->table.lists[kind].oldest;

	flow->end = flow_end(flow);
	if (flow->end == SESSION_END_OPEN)
		flow->end = SESSION_END_GIVEN_UP;
	sessions->totals.given_up++;
	sessions_leave(sessions, flow);
}

void sessions_keep_bounds(struct sessions *sessions)
{
	struct flow_list *lists = sessions->table.lists;

	if (lists[FLOW_HALF].count > SESSIONS_HALF_MAX)
		sessions_count_half(sessions, lists[FLOW_HALF].oldest);
	if (lists[FLOW_CLOSED].count > CLOSED_MAX)
		sessions_finish(sessions, lists[FLOW_CLOSED].oldest);
	if (lists[FLOW_DONE].count > SESSIONS_DONE_MAX)
		flow_free(&sessions->table, lists[FLOW_DONE].oldest);
	if (lists[FLOW_TALKING].count > SESSIONS_TALKING_MAX)
		give_up_oldest(sessions, FLOW_TALKING);
	while (sessions->kept_all > SESSIONS_KEPT_MAX &&
		lists[FLOW_TALKING].count > 1)
		give_up_oldest(sessions, FLOW_TALKING);
}
