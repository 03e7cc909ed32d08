/*
 * pcap_limit FILE SESSIONS: the least that reads SMTP out of a capture: libpcap,
 * a table of connections, octets in order with one segment kept back, lines, and
 * nothing of them but counts.  It is no reader: it believes every length and
 * knows no capture but pcap_make's.
 */
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 65536, LINE_MAX_LEN = 512, KEPT_MAX = 1500 };

struct kept {
	uint32_t seq;
	size_t len;
	char bytes[KEPT_MAX];
};

struct side {
	uint32_t next;
	int is_begun, is_over;
	size_t line_len;
	char line[LINE_MAX_LEN];
	struct kept *kept;
};

struct flow {
	struct flow *next;
	uint8_t key[36];
	struct side sides[2];
	int in_message;
};

static struct flow *buckets[BUCKETS], *spare;
static unsigned long sessions, commands, replies, refusals, octets;

static uint32_t read16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t read32(const uint8_t *at)
{
	return read16(at) << 16 | read16(at + 2);
}

static size_t bucket_of(const uint8_t *key)
{
	uint64_t hash = 1469598103934665603u;

	for (int i = 0; i < 36; i += 4) {
		hash = (hash ^ read32(key + i)) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
	}
	return hash % BUCKETS;
}

static void take_line(struct flow *flow, int from_server, const char *line,
	size_t len)
{
	if (from_server) {
		if (len < 4 || line[3] == '-')
			return;
		replies++;
		refusals += line[0] == '4' || line[0] == '5';
		if (line[0] == '3')
			flow->in_message = 1;
	} else if (flow->in_message) {
		if (len <= 2 && line[0] == '.')
			flow->in_message = 0;
	} else {
		commands++;
	}
}

static void take_bytes(struct flow *flow, int from_server, const char *at,
	size_t len)
{
	struct side *side = &flow->sides[from_server];

	if (!from_server && flow->in_message)
		octets += len;
	while (len) {
		const char *end = memchr(at, '\n', len);
		size_t part = end ? (size_t)(end - at) + 1 : len;
		size_t room = LINE_MAX_LEN - side->line_len;

		if (end && !side->line_len) {
			take_line(flow, from_server, at, part - 1);
		} else {
			memcpy(side->line + side->line_len, at,
				part < room ? part : room);
			side->line_len += part < room ? part : room;
			if (end) {
				take_line(flow, from_server, side->line,
					side->line_len - 1);
				side->line_len = 0;
			}
		}
		at += part;
		len -= part;
	}
}

static void take_kept(struct flow *flow, int from_server)
{
	struct side *side = &flow->sides[from_server];
	struct kept *kept = side->kept;

	if (!kept || kept->seq != side->next)
		return;
	side->kept = NULL;
	take_bytes(flow, from_server, kept->bytes, kept->len);
	side->next += (uint32_t)kept->len;
	free(kept);
}

static void take_payload(struct flow *flow, int from_server, uint32_t seq,
	const char *at, size_t len)
{
	struct side *side = &flow->sides[from_server];
	int32_t ahead = (int32_t)(seq - side->next);

	if (ahead == 0) {
		take_bytes(flow, from_server, at, len);
		side->next += (uint32_t)len;
		take_kept(flow, from_server);
	} else if (ahead > 0 && !side->kept && len <= KEPT_MAX) {
		side->kept = malloc(sizeof(*side->kept));
		if (!side->kept)
			abort();
		side->kept->seq = seq;
		side->kept->len = len;
		memcpy(side->kept->bytes, at, len);
	}
}

static struct flow **find(const uint8_t *key)
{
	struct flow **place = &buckets[bucket_of(key)];

	while (*place && memcmp((*place)->key, key, 36) != 0)
		place = &(*place)->next;
	return place;
}

static void begin(struct flow **place, const uint8_t *key)
{
	struct flow *flow = spare ? spare : malloc(sizeof(*flow));

	if (!flow)
		abort();
	if (spare)
		spare = spare->next;
	memset(flow, 0, sizeof(*flow));
	memcpy(flow->key, key, 36);
	*place = flow;
	sessions++;
}

static void end(struct flow **place)
{
	struct flow *flow = *place;

	*place = flow->next;
	free(flow->sides[0].kept);
	free(flow->sides[1].kept);
	flow->next = spare;
	spare = flow;
}

static void take_tcp(const uint8_t *key, int from_server, const uint8_t *tcp,
	size_t len)
{
	size_t head = (size_t)(tcp[12] >> 4) * 4;
	struct flow **place = find(key);
	struct side *side;

	if (!*place && !(tcp[13] & 2) && len == head)
		return;
	if (!*place)
		begin(place, key);
	side = &(*place)->sides[from_server];
	if (tcp[13] & 2 || !side->is_begun) {
		side->next = read32(tcp + 4) + (tcp[13] >> 1 & 1);
		side->is_begun = 1;
	}
	if (len > head)
		take_payload(*place, from_server, read32(tcp + 4),
			(const char *)tcp + head, len - head);
	side->is_over |= tcp[13] & 1;
	if (side->is_over && (*place)->sides[!from_server].is_over)
		end(place);
}

static void take_packet(const uint8_t *ip)
{
	uint8_t key[36] = { 0 };
	int is_v6 = ip[0] >> 4 == 6;
	size_t size = is_v6 ? 16 : 4, ip_len = is_v6 ? 40 : 20;
	const uint8_t *from = ip + (is_v6 ? 8 : 12), *tcp = ip + ip_len;
	size_t len = is_v6 ? read16(ip + 4) : read16(ip + 2) - ip_len;
	int from_server = read16(tcp) == 25;

	memcpy(key, from + (from_server ? size : 0), size);
	memcpy(key + 16, from + (from_server ? 0 : size), size);
	memcpy(key + 32, tcp + (from_server ? 2 : 0), 2);
	take_tcp(key, from_server, tcp, len);
}

int main(int argc, char **argv)
{
	char why[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *head;
	const uint8_t *bytes;
	pcap_t *file;

	if (argc != 3)
		return 2;
	file = pcap_open_offline(argv[1], why);
	if (!file)
		return 1;
	while (pcap_next_ex(file, &head, &bytes) == 1)
		take_packet(bytes + 14);
	pcap_close(file);
	return sessions != strtoul(argv[2], NULL, 10) ||
	       refusals != (sessions + 0) / 10 || !commands || !octets;
}
