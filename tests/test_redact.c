#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pcap/redact.h"
#include "tests/capture_by_hand.h"
#include "tests/own_arena.h"

struct sample {
	const char *text, *wanted;
};

static const struct sample samples[] = {
	{ "MAIL FROM:<john@a.example>\r\n", "MAIL FROM:<xxxx@a.example>\r\n" },
	{ "RCPT TO:<j.d+tag=b@a.example> ORCPT=rfc822;jo@b.example\r\n",
		"RCPT TO:<xxxxxxxxx@a.example> ORCPT=rfc822;xx@b.example\r\n" },
	{ "RCPT TO:<\"john doe\"@a.example>\r\n",
		"RCPT TO:<xxxxxxxxxx@a.example>\r\n" },
	{ "RCPT TO:<\"a\\\"b\"@a.example>\r\n",
		"RCPT TO:<xxxxxx@a.example>\r\n" },
	{ "RCPT TO:<postmaster>\r\n", "RCPT TO:<xxxxxxxxxx>\r\n" },
	{ "MAIL FROM:<>\r\n", "MAIL FROM:<>\r\n" },
	{ "RCPT TO:<@one,@two:john@a>\r\n", "RCPT TO:<@one,@two:xxxx@a>\r\n" },
	{ "RCPT TO:<j\xc3\xb6rg@a.example>\r\n",
		"RCPT TO:<xxxxx@a.example>\r\n" },
	{ "vrfy john doe\r\nNOOP x\r\n", "vrfy xxxxxxxx\r\nNOOP x\r\n" },
	{ "EXPN staff@a.example", "EXPN xxxxxxxxxxxxxxx" },
	{ "550 5.1.1 <john@a.example>: no such user; john\r\n",
		"550 5.1.1 <xxxx@a.example>: no such user; john\r\n" },
	{ "From: \"john@a.example\" <john@a.example>\r\nx\r\n",
		"From: \"xxxx@a.example\" <xxxx@a.example>\r\nx\r\n" },
	{ "EHLO out.example\r\nQUIT\r\n", "EHLO out.example\r\nQUIT\r\n" },
	{ "\x16\x03\x01 is john@TLS\r\njohn@TLS",
		"\x16\x03\x01 is john@TLS\r\njohn@TLS" },
	{ "\x16 is john@text\r\n", "\x16 is xxxx@text\r\n" },
	{ "@ @@ a@@b \"@\"\r\n", "@ @@ x@@b \"@\"\r\n" },
};

/* Is the TCP checksum of this packet right? */
static bool is_sum_right(const struct made_wire *wire, struct span packet)
{
	size_t ip = wire->is_v6 ? 40 : 20;
	uint64_t sum = checksum_add(6 + packet.len - ip,
		span_part(packet, wire->is_v6 ? 8 : 12, wire->is_v6 ? 32 : 8));

	return checksum_fold(checksum_add(
		       sum, span_part(packet, ip, packet.len))) == 0xffff;
}

/* A connection with one text, in packets that end at these places. */
struct cut {
	struct made_wire wire;
	enum side from;
	uint32_t begin; /* sequence number of the text */
	size_t at[3];   /* ends, in order */
	bool is_wrong;  /* its checksums are */
};

static void packet_at(const struct cut *cut, const char *text, size_t from,
	size_t to, uint8_t *room, struct span *bytes)
{
	made_segment_at(&cut->wire, cut->from, TCP_ACK,
		cut->begin + (uint32_t)from, 1,
		(struct span){ text + from, to - from }, room, &bytes->len);
	bytes->at = (char *)room;
	if (cut->is_wrong)
		room[(cut->wire.is_v6 ? 40 : 20) + 16] ^= 0x55;
}

static void parse(struct packet *packet, struct span bytes)
{
	struct captured_packet captured = {
		.link_type = MADE_RAW, .bytes = bytes, .original_len = bytes.len
	};

	packet_parse(packet, &captured, NULL);
	assert_int_equal(packet->kind, PACKET_TCP);
}

static void learn(struct redacted_flow *flow, const struct cut *cut,
	struct span bytes, uint64_t frame)
{
	struct packet packet;
	struct segment segment = {
		.packet = &packet, .from = cut->from, .frame = frame
	};

	parse(&packet, bytes);
	redact_learn(flow, &segment);
}

static void open_both(struct redacted_flow *flow, const struct cut *cut)
{
	struct made_wire wire = cut->wire;
	struct span bytes = { NULL, 0 };
	uint8_t room[200];
	struct packet packet;

	for (unsigned i = 0; i < SIDE_COUNT; i++) {
		uint32_t seq = i == cut->from ? cut->begin - 1 : 0;
		struct segment segment = {
			.packet = &packet, .from = (enum side)i, .frame = i + 1
		};

		made_segment_at(&wire, (enum side)i,
			i ? TCP_SYN | TCP_ACK : TCP_SYN, seq,
			i ? cut->begin : 0, SPAN(""), room, &bytes.len);
		bytes.at = (char *)room;
		parse(&packet, bytes);
		redact_learn(flow, &segment);
	}
}

static void check_packet(const struct redacted_flow *flow,
	const struct cut *cut, struct span bytes, const char *wanted)
{
	size_t head = cut->wire.is_v6 ? 60 : 40;
	char *copy = arena_take(arena, bytes.len);
	struct span changed = { copy, bytes.len };
	struct packet packet;

	memcpy(copy, bytes.at, bytes.len);
	parse(&packet, changed);
	redact_packet(flow, &packet, cut->from, copy, bytes.len);
	assert_memory_equal(copy + head, wanted, bytes.len - head);
	assert_true(is_sum_right(&cut->wire, changed) == !cut->is_wrong);
}

/* First all of it, and one packet again; then the same is masked. */
static void check_cut(const struct sample *sample, const struct cut *cut)
{
	struct redaction *redaction = redaction_open(arena);
	struct redacted_flow *flow = redaction_add(redaction);
	struct span bytes;
	uint8_t room[2000];
	size_t from = 0;

	open_both(flow, cut);
	for (size_t i = 0; i < COUNT_OF(cut->at); from = cut->at[i++]) {
		packet_at(cut, sample->text, from, cut->at[i], room, &bytes);
		learn(flow, cut, bytes, i + 3);
	}
	redact_learnt(redaction);
	from = 0;
	for (size_t i = 0; i < COUNT_OF(cut->at); from = cut->at[i++]) {
		packet_at(cut, sample->text, from, cut->at[i], room, &bytes);
		check_packet(flow, cut, bytes, sample->wanted + from);
	}
	/* What is sent again in other pieces is masked as well. */
	packet_at(cut, sample->text, 0, cut->at[2], room, &bytes);
	check_packet(flow, cut, bytes, sample->wanted);
	redaction_close(redaction);
}

static void names_are_masked_wherever_they_are_torn(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(samples); i++) {
		size_t len = strlen(samples[i].text);

		for (size_t k = 0; k <= len; k++) {
			struct cut cut = { .wire = made_wire_new(k % 2),
				.from = k % 3 ? SIDE_CLIENT : SIDE_SERVER,
				.begin = k % 5 ? 77 : UINT32_MAX - 10,
				.at = { k / 2, k, len },
				.is_wrong = k % 7 == 0 };

			check_cut(&samples[i], &cut);
		}
	}
}

static void what_the_stream_did_not_take_is_masked_whole(void **state)
{
	struct redaction *redaction = redaction_open(arena);
	struct redacted_flow *flow = redaction_add(redaction);
	struct cut cut = { .wire = made_wire_new(false), .begin = 100 };
	struct span bytes;
	uint8_t room[2000];

	(void)state;
	open_both(flow, &cut);
	redact_learnt(redaction);
	packet_at(&cut, "john", 0, 4, room, &bytes);
	check_packet(flow, &cut, bytes, "xxxx");
	redaction_close(redaction);
}

static void text_keeps_its_length_and_json_its_quotes(void **state)
{
	char text[] = "{\"from\":\"john@a.example\",\"said\":\"RCPT "
		      "TO:<jo@b.example>\",\"n\":\"@\"}";

	(void)state;
	redact_text(text, strlen(text));
	assert_string_equal(text,
		"{\"from\":\"xxxx@a.example\",\"said\":\"RCPT "
		"TO:<xx@b.example>\",\"n\":\"@\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_masked_wherever_they_are_torn),
		cmocka_unit_test(what_the_stream_did_not_take_is_masked_whole),
		cmocka_unit_test(text_keeps_its_length_and_json_its_quotes),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
