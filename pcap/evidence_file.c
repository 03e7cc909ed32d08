#include "pcap/evidence_file.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>

#include "pcap/annotate.h"
#include "pcap/pcapng_writer.h"
#include "pcap/redact.h"
#include "pcap/sessions.h"
#include "probe/base/escape.h"

enum { RANDOM_LEN = 32, RANDOM_AT = 11, INTERFACES_MAX = 64 };

/*
 * What of a packet remains in a redacted file where its payload cannot be read
 * as part of a stream: the headers of LINUX_SLL2 and of IP, and of an ICMP error
 * also those that it quotes, up to TCP's.
 */
static const size_t kept_of_fragment[FAMILY_COUNT] = { 20 + 20, 20 + 40 + 8 };
static const size_t kept_of_error[FAMILY_COUNT] = { 20 + 20 + 8 + 20 + 20,
	20 + 40 + 8 + 40 + 20 };

struct evidence_flow {
	struct redacted_flow *redacted;
};

struct evidence {
	const struct evidence_orders *orders;
	struct arena *arena;
	struct evidence_set *set;
	struct evidence_flow *flows; /* as the paths */
	struct sessions *sessions;
	struct annotations annotations;
	struct redaction *redaction;
	unsigned interfaces[INTERFACES_MAX]; /* the kernel's numbers */
	uint64_t taken[INTERFACES_MAX];
	size_t interface_count;
	char (*randoms)[2 * RANDOM_LEN]; /* of ClientHellos, hex */
	size_t random_count, random_room;
	uint64_t frame;
};

/* ---- what both readings do with a packet */

struct seen {
	struct spooled_packet spooled;
	struct captured_packet captured;
	struct packet packet;
	const struct evidence_path *path; /* NULL: none of its own */
	enum side from;
};

static bool is_from_client(
	const struct evidence_path *path, const struct ends *ends)
{
	struct ip from = ends_ip(ends, true);

	return ends->from_port == path->local_port &&
	       ip_is(&from, &path->local);
}

/* The next packet that belongs to the file. */
static bool next_of_ours(struct evidence *evidence, struct seen *seen)
{
	const struct evidence_orders *orders = evidence->orders;

	while (packet_spool_next(orders->spool, &seen->spooled)) {
		seen->captured = (struct captured_packet){
			.time_ns = seen->spooled.time_ns,
			.has_time = true,
			.link_type = orders->link_type,
			.bytes = seen->spooled.bytes,
			.original_len = seen->spooled.original_len,
			.comment = SPAN("")
		};
		packet_parse(&seen->packet, &seen->captured, NULL);
		if (!evidence_set_has(evidence->set, &seen->packet))
			continue;
		seen->captured.frame = ++evidence->frame;
		seen->path = seen->packet.kind == PACKET_TCP
				     ? evidence_set_find(evidence->set,
					       &seen->packet.ends)
				     : NULL;
		seen->from = seen->path && is_from_client(seen->path,
						   &seen->packet.ends)
				     ? SIDE_CLIENT
				     : SIDE_SERVER;
		return true;
	}
	return false;
}

/* More than so many are told as one. */
static size_t interface_of(struct evidence *evidence, unsigned number)
{
	size_t i = 0;

	while (i < evidence->interface_count &&
		evidence->interfaces[i] != number)
		i++;
	if (i < evidence->interface_count)
		return i;
	if (i == INTERFACES_MAX)
		return i - 1;
	evidence->interfaces[evidence->interface_count++] = number;
	return i;
}

/* ---- the first reading */

/*
 * A ClientHello begins with its record, and our own stands at the beginning of
 * a segment: the random is what its secrets are found by (RFC 8446 sections
 * 4.1.2 and 5.1).
 */
static void learn_random(struct evidence *evidence, const struct seen *seen)
{
	struct span payload = seen->packet.payload;
	struct span random;

	if (seen->from != SIDE_CLIENT || payload.len < RANDOM_AT + RANDOM_LEN ||
		payload.at[0] != 0x16 || payload.at[5] != 1)
		return;
	random = escape_hex(
		evidence->arena, span_part(payload, RANDOM_AT, RANDOM_LEN));
	evidence->randoms = arena_grow(evidence->arena, evidence->randoms,
		evidence->random_count, &evidence->random_room,
		sizeof(*evidence->randoms));
	memcpy(evidence->randoms[evidence->random_count++], random.at,
		2 * RANDOM_LEN);
}

static struct redacted_flow *redacted_of(
	struct evidence *evidence, const struct evidence_path *path)
{
	size_t i = (size_t)(path - evidence->orders->paths);
	struct evidence_flow *flow = &evidence->flows[i];

	if (!flow->redacted)
		flow->redacted = redaction_add(evidence->redaction);
	return flow->redacted;
}

static void learn_names(struct evidence *evidence, const struct seen *seen)
{
	struct segment segment = { .packet = &seen->packet,
		.from = seen->from,
		.frame = seen->captured.frame,
		.time_ns = seen->captured.time_ns };

	redact_learn(redacted_of(evidence, seen->path), &segment);
}

static void annotate_ended(struct evidence *evidence)
{
	const struct session_record *record;

	while ((record = sessions_next(evidence->sessions)) != NULL) {
		struct ends ends = { .from_port = record->client_port,
			.to_port = record->server_port,
			.family = record->family };

		memcpy(ends.from, record->client.bytes, sizeof(ends.from));
		memcpy(ends.to, record->server.bytes, sizeof(ends.to));
		annotate_session(&evidence->annotations, record,
			evidence_set_find(evidence->set, &ends));
	}
}

static struct sessions *open_sessions(const struct evidence *evidence)
{
	const struct evidence_orders *orders = evidence->orders;
	uint16_t ports[SESSIONS_PORTS_MAX];
	struct sessions_wish wish = { .ports = ports,
		.keylog = orders->secrets };

	for (size_t i = 0; i < orders->path_count; i++) {
		uint16_t port = orders->paths[i].remote_port;
		size_t k = 0;

		while (k < wish.port_count && ports[k] != port)
			k++;
		if (k == wish.port_count && k < COUNT_OF(ports))
			ports[wish.port_count++] = port;
	}
	return sessions_open(&wish);
}

static void first_reading(struct evidence *evidence)
{
	struct seen seen;

	packet_spool_rewind(evidence->orders->spool);
	evidence->frame = 0;
	while (next_of_ours(evidence, &seen)) {
		interface_of(evidence, seen.spooled.interface);
		learn_random(evidence, &seen);
		if (evidence->redaction && seen.path)
			learn_names(evidence, &seen);
		sessions_add(evidence->sessions, &seen.captured);
		annotate_ended(evidence);
	}
	sessions_end(evidence->sessions);
	annotate_ended(evidence);
	annotations_sort(&evidence->annotations);
	if (evidence->redaction)
		redact_learnt(evidence->redaction);
}

/* ---- what stands before the packets */

/* Text of ours is shown to people: the names in it go, too. */
static struct span shown(struct evidence *evidence, struct span text)
{
	char *copy;

	if (!evidence->redaction || !text.len)
		return text;
	copy = arena_take(evidence->arena, text.len);
	memcpy(copy, text.at, text.len);
	redact_text(copy, text.len);
	return (struct span){ copy, text.len };
}

static void write_section(
	struct evidence *evidence, struct pcapng_writer *writer, FILE *to)
{
	const struct evidence_orders *orders = evidence->orders;
	struct span *reports = arena_take(
		evidence->arena, (orders->report_count + 1) * sizeof(*reports));
	struct pcapng_section section = { .application = orders->application,
		.system = orders->system,
		.comments = reports,
		.comment_count = orders->report_count };

	for (size_t i = 0; i < orders->report_count; i++)
		reports[i] = shown(evidence, orders->reports[i]);
	pcapng_begin(writer, to, &section);
}

static void write_interfaces(
	struct evidence *evidence, struct pcapng_writer *writer)
{
	const struct evidence_orders *orders = evidence->orders;

	/* A reader wants one, also where no packet came. */
	if (evidence->interface_count == 0)
		evidence->interfaces[evidence->interface_count++] = 0;
	for (size_t i = 0; i < evidence->interface_count; i++) {
		char name[IF_NAMESIZE] = "any";
		struct pcapng_interface interface = {
			.link_type = orders->link_type,
			.snap_len = orders->snap_len,
			.filter = orders->filter
		};

		if (evidence->interfaces[i])
			if_indextoname(evidence->interfaces[i], name);
		interface.name = span_of(name);
		pcapng_interface(writer, &interface);
	}
}

static void write_names(struct evidence *evidence, struct pcapng_writer *writer)
{
	const struct evidence_orders *orders = evidence->orders;
	struct pcapng_name *names = arena_take(
		evidence->arena, (orders->path_count + 1) * sizeof(*names));
	size_t count = 0;

	for (size_t i = 0; i < orders->path_count; i++) {
		const struct evidence_path *path = &orders->paths[i];
		size_t k = 0;
		struct ip literal;

		if (!path->host.len || ip_parse(path->host, &literal))
			continue;
		while (k < count && !(ip_is(&names[k].ip, &path->remote) &&
					    span_is(names[k].name, path->host)))
			k++;
		/* Looking for doubles in a long list would take long. */
		if (k < count || count == SESSIONS_NAMES_MAX)
			continue;
		names[count++] = (struct pcapng_name){ path->remote,
			path->host };
	}
	pcapng_names(writer, names, count);
}

static int by_octets(const void *a, const void *b)
{
	return memcmp(a, b, 2 * RANDOM_LEN);
}

/* "CLIENT_RANDOM <random> <secret>": is it of a connection in this file? */
static bool is_wanted(const struct evidence *evidence, struct span line)
{
	struct span random;

	span_cut(&line, ' ');
	random = span_cut(&line, ' ');
	return random.len == 2 * RANDOM_LEN && evidence->random_count &&
	       bsearch(random.at, evidence->randoms, evidence->random_count,
		       sizeof(*evidence->randoms), by_octets);
}

static bool write_secrets(
	struct evidence *evidence, struct pcapng_writer *writer)
{
	struct span rest = evidence->orders->secrets;
	char *lines, *end;

	if (!evidence->orders->tells_secrets || evidence->redaction ||
		!rest.len)
		return false;
	if (evidence->random_count)
		qsort(evidence->randoms, evidence->random_count,
			sizeof(*evidence->randoms), by_octets);
	lines = end = arena_take(evidence->arena, rest.len + 1);
	while (rest.len) {
		struct span line = span_cut(&rest, '\n');

		if (!is_wanted(evidence, line))
			continue;
		memcpy(end, line.at, line.len);
		end += line.len;
		*end++ = '\n';
	}
	pcapng_secrets(writer, (struct span){ lines, (size_t)(end - lines) });
	return end != lines;
}

/* ---- the second reading */

/* The spool's room is ours until the next packet. */
static void redact_seen(
	struct evidence *evidence, struct seen *seen, struct span *bytes)
{
	char *room = evidence->orders->spool->room;
	enum family family = seen->packet.ends.family;

	if (seen->packet.kind == PACKET_FRAGMENT)
		*bytes = span_part(*bytes, 0, kept_of_fragment[family]);
	else if (seen->packet.kind == PACKET_ICMP)
		*bytes = span_part(*bytes, 0, kept_of_error[family]);
	else if (seen->path)
		redact_packet(redacted_of(evidence, seen->path), &seen->packet,
			seen->from, room, bytes->len);
}

static void write_packets(struct evidence *evidence,
	struct pcapng_writer *writer, struct evidence_facts *facts)
{
	struct seen seen;

	packet_spool_rewind(evidence->orders->spool);
	evidence->frame = 0;
	while (next_of_ours(evidence, &seen)) {
		size_t interface = interface_of(
			evidence, seen.spooled.interface);
		struct pcapng_packet packet = {
			.interface = (unsigned)interface,
			.time_ns = seen.spooled.time_ns,
			.bytes = seen.spooled.bytes,
			.original_len = seen.spooled.original_len,
			.direction = seen.spooled.is_outbound ? PCAPNG_OUTBOUND
							      : PCAPNG_INBOUND
		};

		packet.comment = shown(
			evidence, annotations_of(&evidence->annotations,
					  seen.captured.frame));
		if (evidence->redaction)
			redact_seen(evidence, &seen, &packet.bytes);
		evidence->taken[interface]++;
		facts->comments += packet.comment.len != 0;
		pcapng_packet(writer, &packet);
	}
	facts->packets = evidence->frame;
}

static void write_statistics(
	struct evidence *evidence, struct pcapng_writer *writer)
{
	const struct evidence_orders *orders = evidence->orders;

	/* The handle was one for all: its losses are told once. */
	for (size_t i = 0; i < evidence->interface_count; i++)
		pcapng_statistics(writer,
			&(struct pcapng_statistics){ .interface = (unsigned)i,
				.began_ns = orders->began_ns,
				.ended_ns = orders->ended_ns,
				.taken = evidence->taken[i],
				.dropped = i ? 0 : orders->dropped,
				.dropped_by_interface =
					i ? 0 : orders->dropped_by_interface });
}

static void evidence_close(struct evidence *evidence)
{
	sessions_close(evidence->sessions);
	if (evidence->redaction)
		redaction_close(evidence->redaction);
	arena_close(evidence->arena);
}

bool evidence_file_write(FILE *to, const struct evidence_orders *orders,
	struct evidence_facts *facts, int *error)
{
	struct arena *arena = arena_open();
	struct evidence evidence = { .orders = orders,
		.arena = arena,
		.annotations = { .arena = arena } };
	struct pcapng_writer writer;

	*facts = (struct evidence_facts){ 0 };
	evidence.set = evidence_set_make(
		arena, orders->paths, orders->path_count);
	evidence.flows = arena_take(
		arena, (orders->path_count + 1) * sizeof(*evidence.flows));
	if (orders->redacts)
		evidence.redaction = redaction_open(arena);
	evidence.sessions = open_sessions(&evidence);
	first_reading(&evidence);
	write_section(&evidence, &writer, to);
	write_interfaces(&evidence, &writer);
	write_names(&evidence, &writer);
	facts->has_secrets = write_secrets(&evidence, &writer);
	write_packets(&evidence, &writer, facts);
	write_statistics(&evidence, &writer);
	evidence_close(&evidence);
	*error = 0;
	if (!pcapng_end(&writer))
		*error = writer.error ? writer.error : EIO;
	else if (orders->spool->is_broken)
		*error = orders->spool->error;
	return *error == 0;
}
