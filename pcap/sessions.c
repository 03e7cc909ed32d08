#include "pcap/sessions.h"

#include <stdlib.h>

#include "pcap/annotate.h"
#include "pcap/flow.h"
#include "pcap/fragments.h"
#include "pcap/name_book.h"

/*
 * A packet goes to its flow, what it made readable to the flow's conversation.
 * A flow that has ended and lacks nothing is ready to be told; one that was
 * reset, or has holes, waits a while for stragglers.  Its key stays behind, so
 * that late copies of its packets begin no session of their own.
 */
enum {
	CLOSED_MAX = 128,  /* flows that wait for stragglers */
	ARENA_ROOM = 8192, /* enough for most sessions */
	ARENAS_SPARE_MAX = 64,
};

static const uint16_t smtp_ports[] = { 25, 587, 465, 2525 };

struct sessions {
	struct sessions_wish wish;
	uint16_t ports[SESSIONS_PORTS_MAX];
	size_t port_count;
	struct capture_file file;
	struct fragments *fragments;
	struct flow_table table;
	struct key_log *keys;
	struct session_totals totals;
	struct session_record record; /* told last */
	struct flow *told;            /* its flow */
	size_t kept_all;              /* octets of all conversations */
	int64_t now_ns;
	bool has_time;
	struct name_book *names;
	struct arena *spare[ARENAS_SPARE_MAX];
	size_t spare_count;
};

struct sessions *sessions_open(const struct sessions_wish *wish)
{
	struct sessions *sessions = calloc(1, sizeof(*sessions));

	if (!sessions)
		abort();
	if (wish)
		sessions->wish = *wish;
	for (size_t i = 0; i < COUNT_OF(smtp_ports); i++)
		sessions->ports[sessions->port_count++] = smtp_ports[i];
	for (size_t i = 0; wish && i < wish->port_count &&
			   sessions->port_count < SESSIONS_PORTS_MAX;
		i++)
		sessions->ports[sessions->port_count++] = wish->ports[i];
	capture_file_init(&sessions->file);
	sessions->fragments = fragments_open();
	sessions->names = name_book_open();
	flow_table_open(&sessions->table);
	sessions->keys = key_log_open();
	if (wish)
		key_log_add(sessions->keys, wish->keylog);
	return sessions;
}

void sessions_close(struct sessions *sessions)
{
	flow_table_close(&sessions->table);
	key_log_close(sessions->keys);
	fragments_close(sessions->fragments);
	capture_file_close(&sessions->file);
	name_book_close(sessions->names);
	while (sessions->spare_count)
		arena_close(sessions->spare[--sessions->spare_count]);
	free(sessions);
}

const struct session_totals *sessions_totals(const struct sessions *sessions)
{
	return &sessions->totals;
}

const struct capture_file *sessions_file(const struct sessions *sessions)
{
	return &sessions->file;
}

static bool is_port(const struct sessions *sessions, uint16_t port)
{
	for (size_t i = 0; i < sessions->port_count; i++)
		if (sessions->ports[i] == port)
			return true;
	return false;
}

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

/* The flow is no more; its arena serves another. */
static void forget(struct sessions *sessions, struct flow *flow)
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

static void hear(struct sessions *sessions, struct flow *flow)
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

static bool is_half(const struct flow *flow)
{
	return flow->kind == FLOW_HALF;
}

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

static void leave_to_tell(struct sessions *sessions, struct flow *flow)
{
	stream_end(&flow->stream);
	hear(sessions, flow);
	if (flow->conversation)
		conversation_end(flow->conversation);
	if (is_session(flow)) {
		flow_move(&sessions->table, flow, FLOW_READY);
		return;
	}
	sessions->totals.not_smtp += flow->stream.segments;
	forget(sessions, flow);
}

static void count_half(struct sessions *sessions, struct flow *flow)
{
	if (flow->is_known_port)
		sessions->totals.half_open++;
	flow_free(&sessions->table, flow);
}

static enum session_end end_of(const struct flow *flow)
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

static void finish(struct sessions *sessions, struct flow *flow)
{
	flow->end = end_of(flow);
	if (flow->kind == FLOW_CLOSED)
		leave_stone(sessions, flow);
	leave_to_tell(sessions, flow);
}

static void give_up_oldest(struct sessions *sessions, enum flow_kind kind)
{
	struct flow *flow = sessions->table.lists[kind].oldest;

	flow->end = end_of(flow);
	if (flow->end == SESSION_END_OPEN)
		flow->end = SESSION_END_GIVEN_UP;
	sessions->totals.given_up++;
	leave_to_tell(sessions, flow);
}

/* The table stays within its bounds. */
static void keep_bounds(struct sessions *sessions)
{
	struct flow_list *lists = sessions->table.lists;

	if (lists[FLOW_HALF].count > SESSIONS_HALF_MAX)
		count_half(sessions, lists[FLOW_HALF].oldest);
	if (lists[FLOW_CLOSED].count > CLOSED_MAX)
		finish(sessions, lists[FLOW_CLOSED].oldest);
	if (lists[FLOW_DONE].count > SESSIONS_DONE_MAX)
		flow_free(&sessions->table, lists[FLOW_DONE].oldest);
	if (lists[FLOW_TALKING].count > SESSIONS_TALKING_MAX)
		give_up_oldest(sessions, FLOW_TALKING);
	while (sessions->kept_all > SESSIONS_KEPT_MAX &&
		lists[FLOW_TALKING].count > 1)
		give_up_oldest(sessions, FLOW_TALKING);
}

/* ---- which end is the client */

static bool begins(struct span payload, const char *word)
{
	return span_starts_nocase(payload, span_of(word));
}

/* Without a SYN and on a port that says nothing: only what is plain. */
static bool is_client_line(struct span payload)
{
	return begins(payload, "EHLO ") || begins(payload, "HELO ") ||
	       begins(payload, "MAIL FROM:") || begins(payload, "RCPT TO:");
}

static bool is_server_line(struct span payload)
{
	return begins(payload, "220") &&
	       span_find_nocase(payload, SPAN("SMTP")) < payload.len;
}

/* False: nothing says that this is SMTP. */
static bool tell_client(const struct sessions *sessions, struct flow *flow,
	const struct packet *packet, bool from_is_a)
{
	bool to_server = is_port(sessions, packet->ends.to_port);
	bool from_server = is_port(sessions, packet->ends.from_port);
	unsigned syn = packet->flags & (TCP_SYN | TCP_ACK);

	flow->is_known_port = to_server || from_server;
	if (packet->flags & TCP_SYN) {
		flow->known_by = KNOWN_BY_SYN;
		flow->client_is_a = from_is_a == (syn == TCP_SYN);
		flow->is_known_port = syn == TCP_SYN ? to_server : from_server;
		return true;
	}
	if (to_server != from_server) {
		flow->known_by = KNOWN_BY_PORT;
		flow->client_is_a = from_is_a == to_server;
		return true;
	}
	flow->known_by = KNOWN_BY_CONTENT;
	flow->client_is_a = from_is_a;
	if (is_client_line(packet->payload))
		return true;
	flow->client_is_a = !from_is_a;
	return is_server_line(packet->payload);
}

/* What the client knew the server by is what it was told last before it came.
 */
static void note_name(
	struct sessions *sessions, struct flow *flow, const struct ip *server)
{
	struct span name;

	if (flow->server_name)
		return;
	name = name_book_find(sessions->names, server);
	if (!name.len)
		return;
	flow->server_name = strndup(name.at, name.len);
	if (!flow->server_name)
		abort();
}

static struct flow *begin_flow(struct sessions *sessions,
	const struct flow_key *key, const struct packet *packet, bool from_is_a)
{
	struct flow proto = { .kind = FLOW_HALF };
	struct flow *flow;
	struct ip server;

	if (!tell_client(sessions, &proto, packet, from_is_a))
		return NULL;
	flow = flow_new(&sessions->table, key);
	flow->is_known_port = proto.is_known_port;
	flow->known_by = proto.known_by;
	flow->client_is_a = proto.client_is_a;
	flow->is_tunnelled = packet->is_tunnelled;
	server = ends_ip(&packet->ends, flow->client_is_a != from_is_a);
	note_name(sessions, flow, &server);
	return flow;
}

/* ---- packets */

/* The flow of a packet; NULL: it is of none that we follow. */
static struct flow *flow_of(struct sessions *sessions,
	const struct packet *packet, struct segment *segment)
{
	struct flow_key key;
	bool from_is_a = flow_key_of(&key, &packet->ends);
	struct flow *flow = flow_find(&sessions->table, &key);

	if (flow) {
		segment->from = from_is_a == flow->client_is_a ? SIDE_CLIENT
							       : SIDE_SERVER;
		if (!stream_is_reused_by(&flow->stream, segment) &&
			flow->kind != FLOW_DONE)
			return flow;
		if (flow->kind == FLOW_DONE &&
			!stream_is_reused_by(&flow->stream, segment)) {
			sessions->totals.late++;
			return NULL;
		}
		flow->end = end_of(flow);
		if (flow->end == SESSION_END_OPEN)
			flow->end = SESSION_END_REUSED;
		if (flow->kind == FLOW_DONE)
			flow_free(&sessions->table, flow);
		else
			leave_to_tell(sessions, flow);
	}
	flow = begin_flow(sessions, &key, packet, from_is_a);
	if (!flow)
		sessions->totals.not_smtp++;
	else
		segment->from = from_is_a == flow->client_is_a ? SIDE_CLIENT
							       : SIDE_SERVER;
	return flow;
}

static bool is_talking(const struct flow *flow, const struct segment *segment)
{
	const struct stream *stream = &flow->stream;

	if (segment->packet->payload_len || stream->is_reset)
		return true;
	return (stream->established.frame || !stream->syn.frame) &&
	       !(segment->packet->flags & TCP_SYN);
}

/* On another port than SMTP's: gone as soon as it is not SMTP. */
static bool is_of_no_use(struct sessions *sessions, struct flow *flow)
{
	if (!flow->conversation ||
		flow->conversation->evidence != EVIDENCE_OTHER)
		return false;
	sessions->totals.not_smtp += flow->stream.segments;
	forget(sessions, flow);
	return true;
}

static bool lacks_nothing(const struct stream *stream)
{
	const struct stream_side *client = &stream->sides[SIDE_CLIENT];
	const struct stream_side *server = &stream->sides[SIDE_SERVER];

	return !stream->is_reset && !client->held && !server->held &&
	       client->acked >= client->fin_at &&
	       server->acked >= server->fin_at;
}

/* That the file speaks of itself: see annotate.h.  Who forges it hides a
 * connection that tried no mail, and nothing else. */
static bool is_of_trial(struct span comment)
{
	return span_starts_nocase(comment, SPAN(ANNOTATION_TRIAL));
}

static void add_tcp(struct sessions *sessions, const struct packet *packet,
	const struct captured_packet *captured)
{
	struct segment segment = {
		.packet = packet,
		.frame = captured->frame,
		.time_ns = captured->time_ns,
	};
	struct flow *flow = flow_of(sessions, packet, &segment);

	sessions->totals.wrong_checksums += packet->is_checksum_wrong;
	if (!flow)
		return;
	flow->is_trial |= is_of_trial(captured->comment);
	stream_add(&flow->stream, &segment);
	hear(sessions, flow);
	if (is_of_no_use(sessions, flow))
		return;
	if (stream_is_closed(&flow->stream)) {
		flow_move(&sessions->table, flow, FLOW_CLOSED);
		if (lacks_nothing(&flow->stream))
			finish(sessions, flow);
	} else if (!is_half(flow) || is_talking(flow, &segment)) {
		flow_move(&sessions->table, flow, FLOW_TALKING);
	}
	keep_bounds(sessions);
}

/* The quoted packet went the other way round than the error. */
static void add_icmp(struct sessions *sessions, const struct packet *packet,
	const struct captured_packet *captured)
{
	struct path_icmp *icmp;
	struct flow_key key;
	struct flow *flow;

	flow_key_of(&key, &packet->ends);
	flow = flow_find(&sessions->table, &key);
	if (!flow || flow->kind == FLOW_DONE)
		return;
	if (!flow->cause)
		flow->cause = calloc(1, sizeof(*flow->cause));
	if (!flow->cause)
		abort();
	if (flow->cause->icmp_count == PATH_ICMP_MAX)
		return;
	icmp = &flow->cause->icmp[flow->cause->icmp_count++];
	*icmp = (struct path_icmp){
		.type = packet->icmp.type,
		.code = packet->icmp.code,
		.mtu = packet->icmp.mtu,
		.offender = packet->icmp.offender,
		.is_v6 = packet->icmp.offender.family == FAMILY_IPV6,
		.seen = { captured->frame, captured->time_ns },
	};
}

static void count_packet(struct sessions *sessions, const struct packet *packet,
	unsigned link_type)
{
	struct session_totals *totals = &sessions->totals;

	totals->packets++;
	totals->tunnelled += packet->is_tunnelled;
	totals->fragments += packet->was_fragmented;
	totals->fragments_differ += packet->fragments_differ;
	switch (packet->kind) {
	case PACKET_TCP:
		totals->tcp++;
		break;
	case PACKET_ICMP:
		totals->icmp++;
		break;
	case PACKET_DNS:
	case PACKET_OTHER:
		totals->other++;
		break;
	case PACKET_FRAGMENT:
		totals->fragments++;
		break;
	case PACKET_BROKEN:
		totals->broken++;
		break;
	case PACKET_STRANGE:
		totals->strange++;
		totals->strange_link_type = link_type;
		break;
	}
}

static void note_time(
	struct sessions *sessions, const struct captured_packet *captured)
{
	if (!captured->has_time)
		return;
	if (!sessions->has_time)
		sessions->totals.first_ns = captured->time_ns;
	sessions->has_time = true;
	sessions->now_ns = captured->time_ns;
	if (captured->time_ns > sessions->totals.last_ns)
		sessions->totals.last_ns = captured->time_ns;
}

void sessions_add(
	struct sessions *sessions, const struct captured_packet *captured)
{
	struct packet packet;

	packet_parse(&packet, captured, sessions->fragments);
	count_packet(sessions, &packet, captured->link_type);
	note_time(sessions, captured);
	if (packet.kind == PACKET_TCP)
		add_tcp(sessions, &packet, captured);
	else if (packet.kind == PACKET_ICMP)
		add_icmp(sessions, &packet, captured);
	else if (packet.kind == PACKET_DNS)
		name_book_hear(sessions->names, &packet);
}

/* ---- the file */

enum capture_got sessions_read(struct sessions *sessions, struct span *input)
{
	for (;;) {
		switch (capture_file_next(&sessions->file, input)) {
		case CAPTURE_MORE:
			return CAPTURE_MORE;
		case CAPTURE_BAD:
			return CAPTURE_BAD;
		case CAPTURE_PACKET:
			sessions_add(sessions, &sessions->file.packet);
			if (sessions->table.lists[FLOW_READY].count)
				return CAPTURE_PACKET;
			break;
		case CAPTURE_SECRETS:
			key_log_add(sessions->keys, sessions->file.secrets);
			break;
		case CAPTURE_NAME:
			name_book_add(sessions->names, &sessions->file.name_of,
				sessions->file.name);
			break;
		}
	}
}

void sessions_end(struct sessions *sessions)
{
	struct flow_list *lists = sessions->table.lists;
	bool is_flood = sessions->totals.half_open + lists[FLOW_HALF].count >
			SESSIONS_FEW_HALF;

	capture_file_end(&sessions->file);
	while (lists[FLOW_CLOSED].oldest)
		finish(sessions, lists[FLOW_CLOSED].oldest);
	while (lists[FLOW_TALKING].oldest)
		finish(sessions, lists[FLOW_TALKING].oldest);
	while (lists[FLOW_HALF].oldest) {
		struct flow *flow = lists[FLOW_HALF].oldest;

		if (is_flood && !flow->cause)
			count_half(sessions, flow);
		else
			finish(sessions, flow);
	}
}

/* ---- telling */

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

static void put_record(struct sessions *sessions, struct flow *flow)
{
	struct session_record *record = &sessions->record;
	struct path_wait wait = { .now_ns = sessions->now_ns };

	*record = (struct session_record){
		.arena = flow->arena,
		.number = ++sessions->totals.sessions,
		.known_by = flow->known_by,
		.mode = mode_of(flow),
		.end = flow->end,
		.has_time = sessions->has_time,
		.is_tunnelled = flow->is_tunnelled,
		.is_trial = flow->is_trial,
		.stream = &flow->stream,
	};
	put_ends(record, flow);
	note_name(sessions, flow, &record->server);
	if (flow->server_name)
		record->server_name = span_of(flow->server_name);
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

/* The flow told last: its key is kept where late packets may follow. */
static void forget_told(struct sessions *sessions)
{
	if (!sessions->told)
		return;
	forget(sessions, sessions->told);
	sessions->told = NULL;
}

const struct session_record *sessions_next(struct sessions *sessions)
{
	struct flow *flow;

	forget_told(sessions);
	flow = sessions->table.lists[FLOW_READY].oldest;
	if (!flow)
		return NULL;
	sessions->told = flow;
	put_record(sessions, flow);
	return &sessions->record;
}
