#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "pcap/evidence_file.h"
#include "pcap/session_delivery.h"
#include "pcap/sessions.h"
#include "tests/capture_by_hand.h"
#include "tests/own_arena.h"

/*
 * What was captured during a run, made by hand: the packets of a pcap file in
 * memory go through the spool into the file of a run, which our own reader
 * reads.
 */
static const char refusal[] = "550 5.7.1 <jo@mx.example> not authorized\r\n";

static void dialogue(struct made_file *made, struct made_wire *wire)
{
	made_open(made, wire); /* 1..3 */
	made_say(made, wire, SIDE_SERVER, "220 mx.example\r\n");
	made_say(made, wire, SIDE_CLIENT, "EHLO out.example\r\n");
	made_say(made, wire, SIDE_SERVER, "250 hi\r\n");
	made_say(made, wire, SIDE_CLIENT, "MAIL FROM:<a@out.example>\r\n");
	made_say(made, wire, SIDE_SERVER, "250 2.1.0 ok\r\n");
	made_say(made, wire, SIDE_CLIENT, "RCPT TO:<jo@mx.example>\r\n");
	made_say(made, wire, SIDE_SERVER, "550 5.7.1 <jo@mx"); /* 10 */
	made_say(made, wire, SIDE_SERVER, refusal + 16);
	made_say(made, wire, SIDE_CLIENT, "QUIT\r\n");
	made_say(made, wire, SIDE_SERVER, "221 bye\r\n");
	made_close(made, wire); /* 14..16 */
}
enum { DIALOGUE_FRAMES = 16, REFUSAL_FRAME = 11 };

static void to_spool(const struct made_file *made, struct packet_spool *spool)
{
	struct span input = made_span(made);
	struct capture_file file;
	int error;

	assert_true(packet_spool_open(spool, "/tmp", &error));
	capture_file_init(&file);
	while (capture_file_next(&file, &input) == CAPTURE_PACKET)
		packet_spool_add(
			spool, &(struct spooled_packet){
				       .time_ns = file.packet.time_ns,
				       .bytes = file.packet.bytes,
				       .original_len = file.packet.original_len,
				       .interface = 1 });
	capture_file_close(&file);
}

static struct evidence_path path_of(const struct made_wire *wire)
{
	static const struct fault fault = { .failure = FAILURE_SMTP_5XX,
		.stage = STAGE_RCPT };
	struct evidence_path path = { .is_connected = true,
		.fault = &fault,
		.local_port = wire->client_port,
		.remote_port = wire->server_port,
		.host = SPAN("mx.example"),
		.is_refused = true,
		.refused_with = 550,
		.meaning = SPAN("google.not-authorized") };

	assert_true(
		ip_parse(wire->is_v6 ? SPAN("2001:db8::1") : SPAN("192.0.2.1"),
			&path.local));
	assert_true(ip_parse(
		wire->is_v6 ? SPAN("2001:db8::25") : SPAN("192.0.2.25"),
		&path.remote));
	return path;
}

static struct span write_file(const struct made_file *made,
	struct evidence_orders *orders, struct evidence_facts *facts)
{
	struct packet_spool spool;
	struct span file;
	char *text;
	FILE *to = open_memstream(&text, &file.len);
	int error;

	to_spool(made, &spool);
	orders->spool = &spool;
	orders->link_type = MADE_RAW;
	orders->snap_len = 65535;
	orders->application = SPAN("test");
	orders->system = orders->filter = SPAN("");
	assert_true(evidence_file_write(to, orders, facts, &error));
	fclose(to);
	packet_spool_close(&spool);
	file = arena_copy(arena, (struct span){ text, file.len });
	free(text);
	return file;
}

/* The comment on one packet of the file; and how many packets there are. */
static struct span comment_on(
	struct span text, uint64_t frame, uint64_t *packets)
{
	struct span comment = SPAN("");
	struct capture_file file;
	enum capture_got got;

	capture_file_init(&file);
	while ((got = capture_file_next(&file, &text)) != CAPTURE_MORE) {
		assert_int_not_equal(got, CAPTURE_BAD);
		if (got == CAPTURE_PACKET && file.packet.frame == frame)
			comment = arena_copy(arena, file.packet.comment);
	}
	capture_file_end(&file);
	assert_false(file.is_cut);
	*packets = file.packets;
	capture_file_close(&file);
	return comment;
}

static bool contains(struct span text, const char *what)
{
	return memmem(text.at, text.len, what, strlen(what)) != NULL;
}

static void a_refusal_is_told_on_the_packet_that_completed_it(void **state)
{
	(void)state;
	for (int is_v6 = 0; is_v6 < 2; is_v6++) {
		struct made_wire wire = made_wire_new(is_v6);
		struct evidence_path path = path_of(&wire);
		struct evidence_orders orders = { .paths = &path,
			.path_count = 1 };
		struct evidence_facts facts;
		struct made_file made;
		uint64_t packets;
		struct span text;

		made_begin(&made, MADE_RAW);
		dialogue(&made, &wire);
		text = write_file(&made, &orders, &facts);
		assert_true(span_is(comment_on(text, REFUSAL_FRAME, &packets),
			is_v6 ? SPAN("550 5.7.1 at rcpt, IPv6, "
				     "google.not-authorized")
			      : SPAN("550 5.7.1 at rcpt, IPv4, "
				     "google.not-authorized")));
		assert_int_equal(packets, DIALOGUE_FRAMES);
		assert_int_equal(facts.packets, DIALOGUE_FRAMES);
		assert_true(span_is(comment_on(text, 4, &packets),
			is_v6 ? SPAN("220 at banner, IPv6, mx.example")
			      : SPAN("220 at banner, IPv4, mx.example")));
		made_free(&made);
	}
}

/* A mail server of this host that speaks to the same one. */
static void what_is_not_ours_is_left_out(void **state)
{
	struct made_wire wire = made_wire_new(false), other = wire;
	struct evidence_path paths[2] = { path_of(&wire), path_of(&wire) };
	struct evidence_orders orders = { .paths = paths, .path_count = 1 };
	struct evidence_facts facts;
	struct made_file made;
	struct span text;

	(void)state;
	other.client_port = 41000;
	made_begin(&made, MADE_RAW);
	dialogue(&made, &wire);
	made_open(&made, &other);
	made_say(&made, &other, SIDE_SERVER, "220 somebody's mail\r\n");
	made_segment(&made, &other, SIDE_SERVER, TCP_RST,
		SPAN("a reset may carry somebody's text"));
	made_close(&made, &other);
	text = write_file(&made, &orders, &facts);
	assert_int_equal(facts.packets, DIALOGUE_FRAMES);
	assert_false(contains(text, "somebody"));

	/* Of one that was not established the port is not known: its SYNs, but
	 * not a word. */
	paths[1].is_connected = false;
	orders.path_count = 2;
	text = write_file(&made, &orders, &facts);
	assert_int_equal(facts.packets, DIALOGUE_FRAMES + 2);
	assert_false(contains(text, "somebody"));
	made_free(&made);
}

static const char hex_a[] =
	"6161616161616161616161616161616161616161616161616161616161616161";

/* A ClientHello as far as its random, which is all a. */
static struct span hello(void)
{
	char *text = arena_take(arena, 80);

	memcpy(text, "\x16\x03\x01\x00\x4b\x01\x00\x00\x47\x03\x03", 11);
	memset(text + 11, 'a', 32);
	return (struct span){ text, 80 };
}

static void only_secrets_of_these_connections_are_told(void **state)
{
	struct made_wire wire = made_wire_new(false);
	struct evidence_path path = path_of(&wire);
	struct span mine = arena_print(arena, "CLIENT_RANDOM %s 11\n", hex_a);
	struct evidence_orders orders = {
		.paths = &path, .path_count = 1, .tells_secrets = true
	};
	struct evidence_facts facts;
	struct made_file made;
	struct span text;

	(void)state;
	orders.secrets = arena_print(arena,
		"CLIENT_RANDOM 62%s 22\nnonsense\n\n%.*s", hex_a + 2,
		SPAN_ARG(mine));
	made_begin(&made, MADE_RAW);
	made_open(&made, &wire);
	made_segment(&made, &wire, SIDE_CLIENT, TCP_ACK, hello());
	text = write_file(&made, &orders, &facts);
	assert_true(facts.has_secrets);
	assert_true(contains(text, mine.at));
	assert_false(contains(text, "CLIENT_RANDOM 62"));
	assert_false(contains(text, "nonsense"));
	orders.tells_secrets = false;
	text = write_file(&made, &orders, &facts);
	assert_false(facts.has_secrets);
	assert_false(contains(text, "CLIENT_RANDOM"));
	made_free(&made);
}

/* The outcome of a session that somebody reads in the file. */
static struct span session_in(struct span text)
{
	struct sessions *sessions = sessions_open(NULL);
	const struct session_record *record;
	struct span told = SPAN("");

	while (sessions_read(sessions, &text) != CAPTURE_MORE)
		;
	sessions_end(sessions);
	while ((record = sessions_next(sessions)) != NULL)
		for (size_t i = 0; i < record->talk_count; i++)
			if (record->talks[i].kind == TALK_REPLY)
				told = arena_print(arena, "%.*s%u ",
					SPAN_ARG(told),
					record->talks[i].reply->code);
	sessions_close(sessions);
	return told;
}

static void what_is_redacted_reads_the_same_without_names(void **state)
{
	static const struct span reports[] = { { "{\"to\":\"jo@mx.example\"}",
		22 } };
	struct made_wire wire = made_wire_new(true);
	struct evidence_path path = path_of(&wire);
	struct evidence_orders orders = { .paths = &path,
		.path_count = 1,
		.reports = reports,
		.report_count = 1,
		.secrets = SPAN("CLIENT_RANDOM 00 11\n"),
		.tells_secrets = true };
	struct evidence_facts facts;
	struct made_file made;
	struct span plain, redacted;

	(void)state;
	made_begin(&made, MADE_RAW);
	dialogue(&made, &wire);
	plain = write_file(&made, &orders, &facts);
	assert_true(contains(plain, "jo@mx.example\"}"));
	assert_true(contains(plain, "a@out.example"));
	orders.redacts = true;
	redacted = write_file(&made, &orders, &facts);
	assert_int_equal(redacted.len, plain.len);
	assert_false(contains(redacted, "jo@"));
	assert_false(contains(redacted, "a@out"));
	assert_false(contains(redacted, "CLIENT_RANDOM"));
	assert_true(contains(redacted, "{\"to\":\"xx@mx.example\"}"));
	assert_true(span_is(session_in(plain), SPAN("220 250 250 550 221 ")));
	assert_true(span_is(session_in(plain), session_in(redacted)));
	made_free(&made);
}

/* A server that says no before there is a mail: a refusal, unless nobody came
 * for one. */
static size_t deliveries_in(struct span text)
{
	struct sessions *sessions = sessions_open(NULL);
	const struct session_record *record;
	const struct delivery *deliveries;
	size_t count;

	while (sessions_read(sessions, &text) != CAPTURE_MORE)
		;
	sessions_end(sessions);
	record = sessions_next(sessions);
	assert_non_null(record);
	count = session_deliveries(arena, record, &deliveries);
	sessions_close(sessions);
	return count;
}

static void a_trial_is_told_and_is_no_attempt(void **state)
{
	struct made_wire wire = made_wire_new(true);
	struct evidence_path path = path_of(&wire);
	struct evidence_orders orders = { .paths = &path, .path_count = 1 };
	struct evidence_facts facts;
	struct made_file made;
	uint64_t packets;
	struct span text;

	(void)state;
	made_begin(&made, MADE_RAW);
	made_open(&made, &wire);
	made_say(&made, &wire, SIDE_SERVER, "220 mx.example\r\n");
	made_say(&made, &wire, SIDE_CLIENT, "EHLO out.example\r\n");
	made_say(&made, &wire, SIDE_SERVER, "421 4.3.2 not now\r\n");
	made_close(&made, &wire);
	text = write_file(&made, &orders, &facts);
	assert_int_equal(comment_on(text, 1, &packets).len, 0);
	assert_int_equal(deliveries_in(text), 1);
	path.trial = "small segments";
	text = write_file(&made, &orders, &facts);
	assert_true(span_is(comment_on(text, 1, &packets),
		SPAN("MTU trial, without mail: small segments, IPv6")));
	assert_int_equal(deliveries_in(text), 0);
	made_free(&made);
	made_begin(&made, MADE_RAW);
	wire = made_wire_new(true);
	dialogue(&made, &wire); /* whatever the comment says, it is a mail */
	text = write_file(&made, &orders, &facts);
	assert_int_equal(deliveries_in(text), 1);
	made_free(&made);
}

static void a_run_without_a_packet_makes_a_file(void **state)
{
	struct evidence_orders orders = { .path_count = 0 };
	struct evidence_facts facts;
	struct made_file made;
	uint64_t packets;

	(void)state;
	made_begin(&made, MADE_RAW);
	comment_on(write_file(&made, &orders, &facts), 1, &packets);
	assert_int_equal(packets, 0);
	made_free(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_refusal_is_told_on_the_packet_that_completed_it),
		cmocka_unit_test(what_is_not_ours_is_left_out),
		cmocka_unit_test(only_secrets_of_these_connections_are_told),
		cmocka_unit_test(what_is_redacted_reads_the_same_without_names),
		cmocka_unit_test(a_trial_is_told_and_is_no_attempt),
		cmocka_unit_test(a_run_without_a_packet_makes_a_file),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
