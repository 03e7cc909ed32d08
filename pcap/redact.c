#include "pcap/redact.h"

#include <stdlib.h>

enum { MASK = 'x', TLS_HANDSHAKE = 0x16, VERB_LEN = 5 };

/* Octets of one side, by their offset. */
struct masked {
	uint64_t from, to;
};

/*
 * Where the reader of one side is.  A name is known by what comes behind it, so
 * each of the ways to write one has a beginning that is remembered:
 *
 *      atom            letters and what else RFC 5322 section 3.2.3 allows,
 *                      with dots; octets of UTF-8 too (RFC 6531)
 *      quoted          "from here to there"
 *      angle           <atom> without a domain, such as <postmaster>
 *      line            the rest of VRFY and EXPN
 */
struct masker {
	struct arena *arena;
	struct masked *all;
	size_t count, room;
	uint64_t atom, quoted, quoted_end, angle, line;
	bool has_atom, has_quoted, in_quotes, has_angle, in_line;
	bool knows_quotes;   /* JSON has others */
	bool is_off;         /* it is TLS from here on */
	char before;         /* the octet before */
	char verb[VERB_LEN]; /* begin of the line */
	size_t column;
};

struct redacted_flow {
	struct stream stream;
	struct masker maskers[SIDE_COUNT];
	struct redacted_flow *next;
};

struct redaction {
	struct arena *arena;
	size_t held_all;
	struct redacted_flow *flows;
};

static bool is_atom(unsigned char c)
{
	return c >= 0x80 || ascii_is_alpha((char)c) ||
	       ascii_is_digit((char)c) ||
	       (c && strchr("!#$%&'*+-/=?^_`{|}~.", c));
}

static void emit(struct masker *masker, uint64_t from, uint64_t to)
{
	if (from >= to || masker->in_line)
		return;
	masker->all = arena_grow(masker->arena, masker->all, masker->count,
		&masker->room, sizeof(*masker->all));
	masker->all[masker->count++] = (struct masked){ from, to };
}

static void end_line(struct masker *masker, uint64_t at)
{
	if (masker->in_line) {
		masker->in_line = false;
		emit(masker, masker->line, at);
	}
	masker->in_quotes = masker->has_quoted = false;
	masker->column = 0;
}

static void take_quote(struct masker *masker, uint64_t at)
{
	if (!masker->knows_quotes || masker->before == '\\')
		return;
	masker->has_quoted = masker->in_quotes;
	masker->in_quotes = !masker->in_quotes;
	if (masker->in_quotes)
		masker->quoted = at;
	else
		masker->quoted_end = at + 1;
}

static void take_at_sign(struct masker *masker, uint64_t at)
{
	if (masker->has_atom)
		emit(masker, masker->atom, at);
	else if (masker->has_quoted && masker->quoted_end == at)
		emit(masker, masker->quoted, at);
}

static void take_angle(struct masker *masker, uint64_t at)
{
	if (masker->has_angle)
		emit(masker, masker->angle, at);
	masker->has_angle = false;
}

static void begin_rest_of_line(struct masker *masker, char c, uint64_t at)
{
	struct span verb = { masker->verb, VERB_LEN };

	if (masker->column < VERB_LEN)
		masker->verb[masker->column] = c;
	if (++masker->column != VERB_LEN)
		return;
	masker->in_line = span_is_nocase(verb, SPAN("VRFY ")) ||
			  span_is_nocase(verb, SPAN("EXPN "));
	masker->line = at + 1;
}

static void take_octet(struct masker *masker, char c, uint64_t at)
{
	bool is_part = is_atom((unsigned char)c);

	if (c == '@')
		take_at_sign(masker, at);
	else if (c == '"')
		take_quote(masker, at);
	else if (c == '>')
		take_angle(masker, at);
	if (is_part && !masker->has_atom)
		masker->atom = at;
	masker->has_atom = is_part;
	masker->has_angle = c == '<' || (masker->has_angle && is_part);
	if (c == '<')
		masker->angle = at + 1;
	if (c == '\r' || c == '\n')
		end_line(masker, at);
	else
		begin_rest_of_line(masker, c, at);
	masker->before = c;
}

/* TLS begins where a line would: a record of the handshake, version 3.x. */
static bool is_tls(const struct masker *masker, char c)
{
	return masker->knows_quotes && masker->column == 1 &&
	       masker->verb[0] == TLS_HANDSHAKE && c == 3;
}

static void take(struct masker *masker, uint64_t offset, struct span bytes)
{
	for (size_t i = 0; i < bytes.len && !masker->is_off; i++) {
		masker->is_off = is_tls(masker, bytes.at[i]);
		take_octet(masker, bytes.at[i], offset + i);
	}
}

/* Behind a hole nothing is known of where a name began. */
static void forget(struct masker *masker)
{
	masker->has_atom = masker->has_quoted = masker->in_quotes = false;
	masker->has_angle = masker->in_line = false;
	masker->column = VERB_LEN;
}

/* ---- connections */

struct redaction *redaction_open(struct arena *arena)
{
	struct redaction *redaction = arena_new(arena, struct redaction);

	redaction->arena = arena;
	return redaction;
}

void redaction_close(struct redaction *redaction)
{
	struct redacted_flow *flow = redaction->flows;

	for (; flow; flow = flow->next)
		stream_close(&flow->stream);
}

struct redacted_flow *redaction_add(struct redaction *redaction)
{
	struct redacted_flow *flow = arena_new(
		redaction->arena, struct redacted_flow);

	stream_init(&flow->stream, &redaction->held_all);
	for (unsigned i = 0; i < SIDE_COUNT; i++)
		flow->maskers[i] = (struct masker){ .arena = redaction->arena,
			.knows_quotes = true };
	flow->next = redaction->flows;
	redaction->flows = flow;
	return flow;
}

static void take_chunks(struct redacted_flow *flow)
{
	struct chunk chunk;

	while (stream_next(&flow->stream, &chunk)) {
		struct masker *masker = &flow->maskers[chunk.from];

		if (chunk.missing)
			forget(masker);
		take(masker, chunk.offset, chunk.bytes);
	}
}

void redact_learn(struct redacted_flow *flow, const struct segment *segment)
{
	stream_add(&flow->stream, segment);
	take_chunks(flow);
}

void redact_learnt(struct redaction *redaction)
{
	struct redacted_flow *flow = redaction->flows;

	for (; flow; flow = flow->next) {
		stream_end(&flow->stream);
		take_chunks(flow);
		for (unsigned i = 0; i < SIDE_COUNT; i++)
			end_line(&flow->maskers[i], flow->stream.sides[i].next);
	}
}

/* ---- packets */

struct tcp_octets {
	unsigned char *header;
	size_t payload; /* octets before it */
	size_t len;     /* in all, that are here */
};

static unsigned u16(const unsigned char *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static uint32_t u32(const unsigned char *at)
{
	return (uint32_t)u16(at) << 16 | u16(at + 2);
}

/* The header ends where the payload begins, and says how long it is. */
static bool find_header(const struct packet *packet, char *bytes, size_t len,
	struct tcp_octets *tcp)
{
	size_t at = (size_t)(packet->payload.at - bytes);

	for (size_t header = 20; header <= 60 && header <= at; header += 4) {
		unsigned char *begin = (unsigned char *)bytes + at - header;

		if ((size_t)(begin[12] >> 4) * 4 != header ||
			u16(begin) != packet->ends.from_port ||
			u16(begin + 2) != packet->ends.to_port ||
			u32(begin + 4) != packet->seq)
			continue;
		*tcp = (struct tcp_octets){ begin, header, len - at + header };
		return true;
	}
	return false;
}

/* HC' = ~(~HC + ~m + m'), RFC 1624 section 3, for one octet of a word. */
static void change(struct tcp_octets *tcp, size_t at, unsigned char to)
{
	unsigned shift = at % 2 ? 0 : 8;
	unsigned char *checksum = tcp->header + 16;
	unsigned sum = ~u16(checksum) & 0xffff;

	sum += ~((unsigned)tcp->header[at] << shift) & 0xffff;
	sum += (unsigned)to << shift;
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
	checksum[0] = (unsigned char)(sum >> 8);
	checksum[1] = (unsigned char)sum;
	tcp->header[at] = to;
}

/* The first that ends behind this offset. */
static size_t first_behind(const struct masker *masker, uint64_t offset)
{
	size_t low = 0, high = masker->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (masker->all[middle].to <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void mask_payload(const struct redacted_flow *flow,
	const struct packet *packet, enum side from, struct tcp_octets *tcp)
{
	const struct stream_side *side = &flow->stream.sides[from];
	const struct masker *masker = &flow->maskers[from];
	uint32_t base = side->next_seq - (uint32_t)side->next;
	uint32_t offset = packet->seq - base;
	size_t i = first_behind(masker, offset);

	for (size_t k = 0; k < packet->payload.len; k++) {
		uint64_t at = (uint64_t)offset + k;
		bool is_name;

		while (i < masker->count && masker->all[i].to <= at)
			i++;
		is_name = i < masker->count && masker->all[i].from <= at;
		if (is_name || at >= side->next)
			change(tcp, tcp->payload + k, MASK);
	}
}

void redact_packet(const struct redacted_flow *flow,
	const struct packet *packet, enum side from, char *bytes, size_t len)
{
	struct tcp_octets tcp;

	if (packet->payload.len && !packet->was_fragmented &&
		find_header(packet, bytes, len, &tcp))
		mask_payload(flow, packet, from, &tcp);
}

void redact_text(char *text, size_t len)
{
	struct arena *arena = arena_open();
	struct masker masker = { .arena = arena };

	take(&masker, 0, (struct span){ text, len });
	end_line(&masker, len);
	for (size_t i = 0; i < masker.count; i++)
		memset(text + masker.all[i].from, MASK,
			(size_t)(masker.all[i].to - masker.all[i].from));
	arena_close(arena);
}
