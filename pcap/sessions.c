#include "pcap/sessions_inside.h"

#include <stdlib.h>

#include "pcap/flow_record.h"

static const uint16_t smtp_ports[] = { 25, 587, 465, 2525 };

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

/* ---- packets */

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
		sessions_add_tcp(sessions, &packet, captured);
	else if (packet.kind == PACKET_ICMP)
		sessions_add_icmp(sessions, &packet, captured);
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
		sessions_finish(sessions, lists[FLOW_CLOSED].oldest);
	while (lists[FLOW_TALKING].oldest)
		sessions_finish(sessions, lists[FLOW_TALKING].oldest);
	while (lists[FLOW_HALF].oldest) {
		struct flow *flow = lists[FLOW_HALF].oldest;

		if (is_flood && !flow->cause)
			sessions_count_half(sessions, flow);
		else
			sessions_finish(sessions, flow);
	}
}

/* ---- telling */

static void put_record(struct sessions *sessions, struct flow *flow)
{
	struct session_record *record = &sessions->record;

	flow_record(flow, sessions->now_ns, record);
	record->number = ++sessions->totals.sessions;
	record->has_time = sessions->has_time;
	sessions_note_name(sessions, flow, &record->server);
	if (flow->server_name)
		record->server_name = span_of(flow->server_name);
}

/* The flow told last: its key is kept where late packets may follow. */
static void forget_told(struct sessions *sessions)
{
	if (!sessions->told)
		return;
	sessions_forget(sessions, sessions->told);
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
