#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pcap/sessions.h"
#include "tests/capture_by_hand.h"
#include "tests/own_arena.h"

/*
 * What was wrong with a path, from packets alone.  Each test makes the packets
 * that a sender would capture of that fault.
 */
static char large[1428];

struct told {
	size_t sessions;
	struct path_cause cause;
	struct span text;
};

static struct told tell(struct made_file *file)
{
	struct sessions *sessions = sessions_open(NULL);
	struct span input = made_span(file);
	const struct session_record *record;
	struct told told = { .sessions = 0 };

	while (sessions_read(sessions, &input) == CAPTURE_PACKET)
		;
	sessions_end(sessions);
	while ((record = sessions_next(sessions))) {
		told.sessions++;
		told.cause = record->cause;
		told.text = cause_text(arena, &record->cause);
	}
	sessions_close(sessions);
	made_free(file);
	return told;
}

static void begin(struct made_file *file, struct made_wire *wire, bool is_v6)
{
	*wire = made_wire_new(is_v6);
	made_begin(file, MADE_RAW);
}

static void begin_message(struct made_file *file, struct made_wire *wire)
{
	begin(file, wire, true);
	made_open(file, wire);
	made_say(file, wire, SIDE_SERVER, "220 hello\r\n");
	made_say(file, wire, SIDE_CLIENT, "MAIL FROM:<a@b>\r\nDATA\r\n");
	made_say(file, wire, SIDE_SERVER, "250 ok\r\n354 go\r\n");
}

/* A segment at this place of the client's stream, again. */
static void send_again(struct made_file *file, const struct made_wire *wire,
	uint32_t seq, struct span text)
{
	static uint8_t room[4096];
	size_t len;

	file->now_us += 400000;
	made_segment_at(wire, SIDE_CLIENT, TCP_ACK, seq, wire->seq[1], text,
		room, &len);
	made_packet(file, room, len);
}

/* An ICMP error about the latest packet of the client. */
static void put_icmp(struct made_file *file, const struct made_wire *wire,
	unsigned type, unsigned code, uint32_t mtu)
{
	uint8_t room[256] = { 0 }, *icmp;
	size_t len, ip_len = wire->is_v6 ? 40 : 20;

	made_segment_at(wire, SIDE_CLIENT, TCP_SYN, wire->seq[0] - 1, 0,
		SPAN(""), room + ip_len + 8, &len);
	made_ip(wire, SIDE_SERVER, room, 8 + len);
	room[wire->is_v6 ? 6 : 9] = wire->is_v6 ? 58 : 1;
	icmp = room + ip_len;
	icmp[0] = (uint8_t)type;
	icmp[1] = (uint8_t)code;
	made_put32(icmp + 4, mtu);
	made_packet(file, room, ip_len + 8 + len);
}

static void a_syn_that_nothing_answers(void **state)
{
	struct made_file file;
	struct made_wire wire;
	struct told told;

	(void)state;
	begin(&file, &wire, false);
	for (int i = 0; i < 4; i++) {
		wire.seq[0] = 1000;
		file.now_us += 1000000;
		made_segment(&file, &wire, SIDE_CLIENT, TCP_SYN, SPAN(""));
	}
	told = tell(&file);
	assert_int_equal(told.sessions, 1);
	assert_int_equal(told.cause.cause, CAUSE_NO_ANSWER);
	assert_int_equal(told.cause.resent, 3);
	assert_true(span_is(told.text,
		SPAN("The SYN was sent 4 times in 3.0 s, and nothing came "
		     "back.")));
}

/* Only what the client sent is in the file: that it went on shows the answer. */
static void a_syn_whose_answer_is_not_in_the_file(void **state)
{
	struct made_file file;
	struct made_wire wire;

	(void)state;
	begin(&file, &wire, false);
	made_segment(&file, &wire, SIDE_CLIENT, TCP_SYN, SPAN(""));
	made_segment(&file, &wire, SIDE_CLIENT, TCP_ACK, SPAN(""));
	file.now_us += 9000000;
	made_segment(&file, &wire, SIDE_CLIENT, TCP_FIN | TCP_ACK, SPAN(""));
	assert_int_equal(tell(&file).cause.cause, CAUSE_NONE);
}

/* The banner comes when the client has gone, and finds nobody. */
static void a_banner_that_comes_too_late(void **state)
{
	struct made_file file;
	struct made_wire wire;
	struct told told;

	(void)state;
	begin(&file, &wire, true);
	made_open(&file, &wire);
	file.now_us += 8000000;
	made_segment(&file, &wire, SIDE_CLIENT, TCP_FIN | TCP_ACK, SPAN(""));
	made_segment(&file, &wire, SIDE_SERVER, TCP_ACK, SPAN(""));
	file.now_us += 4000000;
	made_say(&file, &wire, SIDE_SERVER, "220 mx.example ESMTP\r\n");
	made_segment(&file, &wire, SIDE_CLIENT, TCP_RST, SPAN(""));
	told = tell(&file);
	assert_int_equal(told.cause.cause, CAUSE_SERVER_SILENT);
	assert_true(span_is(told.text, SPAN("It was the server's turn, and it "
					    "said nothing for 8.0 s.")));
}

static void a_syn_that_is_reset(void **state)
{
	struct made_file file;
	struct made_wire wire;

	(void)state;
	begin(&file, &wire, true);
	made_segment(&file, &wire, SIDE_CLIENT, TCP_SYN, SPAN(""));
	wire.seq[1] = 0;
	made_segment(&file, &wire, SIDE_SERVER, TCP_RST | TCP_ACK, SPAN(""));
	assert_int_equal(tell(&file).cause.cause, CAUSE_REFUSED);
}

/* A reset that does not answer this SYN is somebody else's. */
static void a_syn_that_a_blind_reset_follows(void **state)
{
	struct made_file file;
	struct made_wire wire;

	(void)state;
	begin(&file, &wire, true);
	made_segment(&file, &wire, SIDE_CLIENT, TCP_SYN, SPAN(""));
	wire.seq[0] += 77;
	made_segment(&file, &wire, SIDE_SERVER, TCP_RST | TCP_ACK, SPAN(""));
	assert_int_equal(tell(&file).cause.cause, CAUSE_NO_ANSWER);
}

static const struct icmp_row {
	bool is_v6;
	unsigned type, code;
	enum cause cause;
} icmps[] = {
	{ false, 3, 13, CAUSE_PROHIBITED },
	{ false, 3, 10, CAUSE_PROHIBITED },
	{ false, 3, 1, CAUSE_UNREACHABLE },
	{ false, 11, 0, CAUSE_UNREACHABLE },
	{ true, 1, 1, CAUSE_PROHIBITED },
	{ true, 1, 5, CAUSE_PROHIBITED },
	{ true, 1, 0, CAUSE_UNREACHABLE },
	{ true, 1, 3, CAUSE_UNREACHABLE },
};

static void a_syn_that_icmp_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(icmps); i++) {
		struct made_file file;
		struct made_wire wire;
		struct told told;

		begin(&file, &wire, icmps[i].is_v6);
		made_segment(&file, &wire, SIDE_CLIENT, TCP_SYN, SPAN(""));
		put_icmp(&file, &wire, icmps[i].type, icmps[i].code, 0);
		told = tell(&file);
		assert_int_equal(told.cause.cause, icmps[i].cause);
		assert_int_equal(told.cause.evidence.frame, 2);
		assert_int_equal(told.cause.icmp_count, 1);
	}
}

/* Large segments vanish; what comes back tells of a small one. */
static void a_black_hole(void **state)
{
	struct made_file file;
	struct made_wire wire;
	struct told told;
	uint32_t stuck;

	(void)state;
	begin_message(&file, &wire);
	stuck = wire.seq[0];
	made_segment(&file, &wire, SIDE_CLIENT, TCP_ACK,
		(struct span){ large, sizeof(large) });
	made_segment(&file, &wire, SIDE_CLIENT, TCP_ACK,
		(struct span){ large, 500 });
	wire.seq[0] = stuck;
	made_segment(&file, &wire, SIDE_SERVER, TCP_ACK, SPAN(""));
	for (int i = 0; i < 4; i++)
		send_again(&file, &wire, stuck,
			(struct span){ large, sizeof(large) });
	told = tell(&file);
	assert_int_equal(told.cause.cause, CAUSE_BLACK_HOLE);
	assert_int_equal(told.cause.sufferer, SIDE_CLIENT);
	assert_int_equal(told.cause.segment, sizeof(large));
	assert_int_equal(told.cause.resent, 4);
	assert_int_equal(told.cause.passed, 23);
}

static void a_black_hole_that_icmp_tells_of(void **state)
{
	struct made_file file;
	struct made_wire wire;
	struct told told;
	uint32_t stuck;

	(void)state;
	begin_message(&file, &wire);
	stuck = wire.seq[0];
	made_segment(&file, &wire, SIDE_CLIENT, TCP_ACK,
		(struct span){ large, sizeof(large) });
	put_icmp(&file, &wire, 2, 0, 1280);
	for (int i = 0; i < 4; i++)
		send_again(&file, &wire, stuck,
			(struct span){ large, sizeof(large) });
	told = tell(&file);
	assert_int_equal(told.cause.cause, CAUSE_TOO_BIG);
	assert_int_equal(told.cause.icmp[0].mtu, 1280);
}

/* Nothing comes back for a small segment either. */
static void a_path_that_dies(void **state)
{
	struct made_file file;
	struct made_wire wire;
	uint32_t stuck;

	(void)state;
	begin_message(&file, &wire);
	stuck = wire.seq[0];
	made_segment(&file, &wire, SIDE_CLIENT, TCP_ACK,
		(struct span){ large, sizeof(large) });
	made_segment(&file, &wire, SIDE_CLIENT, TCP_ACK,
		(struct span){ large, 500 });
	for (int i = 0; i < 4; i++)
		send_again(&file, &wire, stuck,
			(struct span){ large, sizeof(large) });
	assert_int_equal(tell(&file).cause.cause, CAUSE_STALL);
}

/* Retransmissions that help are nothing to speak of. */
static void a_path_that_recovers(void **state)
{
	struct made_file file;
	struct made_wire wire;
	uint32_t stuck;

	(void)state;
	begin_message(&file, &wire);
	stuck = wire.seq[0];
	made_segment(&file, &wire, SIDE_CLIENT, TCP_ACK,
		(struct span){ large, sizeof(large) });
	for (int i = 0; i < 4; i++)
		send_again(&file, &wire, stuck,
			(struct span){ large, sizeof(large) });
	made_say(&file, &wire, SIDE_CLIENT, "\r\n.\r\n");
	made_say(&file, &wire, SIDE_SERVER, "250 queued\r\n");
	made_close(&file, &wire);
	assert_int_equal(tell(&file).cause.cause, CAUSE_NONE);
}

static void a_server_that_does_not_greet(void **state)
{
	struct made_file file;
	struct made_wire wire;
	struct told told;

	(void)state;
	begin(&file, &wire, false);
	made_open(&file, &wire);
	file.now_us += 8000000;
	made_close(&file, &wire);
	told = tell(&file);
	assert_int_equal(told.cause.cause, CAUSE_SERVER_SILENT);
	assert_int_equal(told.cause.sufferer, SIDE_SERVER);
	assert_in_range(told.cause.waited_ns, 8000000000, 8010000000);
}

/* The FIN that comes first may be in answer to a close_notify. */
static void who_ends_tls_has_given_up(void **state)
{
	const struct stream stream = { .syn = { .frame = 1 },
		.syn_ack = { .frame = 2 },
		.established = { .frame = 3 },
		.fin = { { .frame = 0 }, { 33, 8014000000 } } };
	struct path_wait wait = { .is_waiting = true,
		.for_whom = SIDE_SERVER,
		.since = { 28, 8000000 },
		.now_ns = 9000000000 };
	struct path_cause cause = { .cause = CAUSE_NONE };

	(void)state;
	path_cause_find(&cause, &stream, &wait);
	assert_int_equal(cause.cause, CAUSE_NONE);
	wait.tls_end[SIDE_CLIENT] = (struct sighting){ 30, 8013000000 };
	path_cause_find(&cause, &stream, &wait);
	assert_int_equal(cause.cause, CAUSE_SERVER_SILENT);
	assert_int_equal(cause.also.frame, 30);
	cause.cause = CAUSE_NONE;
	wait.tls_end[SIDE_SERVER] = (struct sighting){ 29, 8012000000 };
	path_cause_find(&cause, &stream, &wait);
	assert_int_equal(cause.cause, CAUSE_NONE);
}

static void a_server_that_does_not_answer_the_dot(void **state)
{
	struct made_file file;
	struct made_wire wire;

	(void)state;
	begin_message(&file, &wire);
	made_say(&file, &wire, SIDE_CLIENT, "x\r\n.\r\n");
	made_segment(&file, &wire, SIDE_SERVER, TCP_ACK, SPAN(""));
	file.now_us += 8000000;
	made_close(&file, &wire);
	assert_int_equal(tell(&file).cause.cause, CAUSE_SERVER_SILENT);
}

static void a_server_that_resets_instead_of_an_answer(void **state)
{
	struct made_file file;
	struct made_wire wire;

	(void)state;
	begin_message(&file, &wire);
	made_say(&file, &wire, SIDE_CLIENT, "x\r\n.\r\n");
	made_segment(&file, &wire, SIDE_SERVER, TCP_RST | TCP_ACK, SPAN(""));
	assert_int_equal(tell(&file).cause.cause, CAUSE_RESET);
}

static void a_client_that_leaves_is_no_fault(void **state)
{
	struct made_file file;
	struct made_wire wire;

	(void)state;
	begin(&file, &wire, false);
	made_open(&file, &wire);
	made_say(&file, &wire, SIDE_SERVER, "220 hello\r\n");
	made_say(&file, &wire, SIDE_CLIENT, "QUIT\r\n");
	made_close(&file, &wire);
	assert_int_equal(tell(&file).cause.cause, CAUSE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_syn_that_nothing_answers),
		cmocka_unit_test(a_syn_whose_answer_is_not_in_the_file),
		cmocka_unit_test(a_banner_that_comes_too_late),
		cmocka_unit_test(a_syn_that_is_reset),
		cmocka_unit_test(a_syn_that_a_blind_reset_follows),
		cmocka_unit_test(a_syn_that_icmp_answers),
		cmocka_unit_test(a_black_hole),
		cmocka_unit_test(a_black_hole_that_icmp_tells_of),
		cmocka_unit_test(a_path_that_dies),
		cmocka_unit_test(a_path_that_recovers),
		cmocka_unit_test(a_server_that_does_not_greet),
		cmocka_unit_test(who_ends_tls_has_given_up),
		cmocka_unit_test(a_server_that_does_not_answer_the_dot),
		cmocka_unit_test(a_server_that_resets_instead_of_an_answer),
		cmocka_unit_test(a_client_that_leaves_is_no_fault),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
