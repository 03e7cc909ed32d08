#include "pcap/sessions_inside.h"

#include <stdlib.h>

#include "pcap/annotate.h"
#include "pcap/flow_record.h"

/* ---- which end is the client */

static bool is_port(const struct sessions *sessions, uint16_t port)
{
	for (size_t i = 0; i < sessions->port_count; i++)
		if (sessions->ports[i] == port)
			return true;
	return false;
}

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

void sessions_note_name(
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
	sessions_note_name(sessions, flow, &server);
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
		flow->end = flow_end(flow);
		if (flow->end == SESSION_END_OPEN)
			flow->end = SESSION_END_REUSED;
		if (flow->kind == FLOW_DONE)
			flow_free(&sessions->table, flow);
		else
			sessions_leave(sessions, flow);
	}
	flow = begin_flow(sessions, &key, packet, from_is_a);
	if (!flow)
		sessions->totals.not_smtp++;
	else
		segment->from = from_is_a == flow->client_is_a ? SIDE_CLIENT
							       : SIDE_SERVER;
	return flow;
}

static bool is_half(const struct flow *flow)
{
	return flow->kind == FLOW_HALF;
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
	sessions_forget(sessions, flow);
	return true;
}

static bool lacks_nothing(const struct stream *stream)
{
	const struct stream_side *client = &stream->sides[SIDE_CLIENT];
	const struct stream_side *server = &stream->sides[SIDE_SERVER];

	return !stream->is_reset && !client->held.first &&
	       !server->held.first && client->acked >= client->fin_at &&
	       server->acked >= server->fin_at;
}

/* That the file speaks of itself: see annotate.h.  Who forges it hides a
 * connection that tried no mail, and nothing else. */
static bool is_of_trial(struct span comment)
{
	return span_starts_nocase(comment, SPAN(ANNOTATION_TRIAL));
}

void sessions_add_tcp(struct sessions *sessions, const struct packet *packet,
	const struct captured_packet *captured)
{
	struct segment segment = {
		.packet = packet,
		.frame = captured->frame,
		.time_ns = captured->time_ns,
	};
	struct flow *flow = flow_of(sessions, packet, &segment);

	if (!flow)
		return;
	flow->is_trial |= is_of_trial(captured->comment);
	stream_add(&flow->stream, &segment);
	sessions_hear(sessions, flow);
	if (is_of_no_use(sessions, flow))
		return;
	if (stream_is_closed(&flow->stream)) {
		flow_move(&sessions->table, flow, FLOW_CLOSED);
		if (lacks_nothing(&flow->stream))
			sessions_finish(sessions, flow);
	} else if (!is_half(flow) || is_talking(flow, &segment)) {
		flow_move(&sessions->table, flow, FLOW_TALKING);
	}
	sessions_keep_bounds(sessions);
}

void sessions_add_icmp(struct sessions *sessions, const struct packet *packet,
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
