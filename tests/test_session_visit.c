#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pcap/session_visit.h"
#include "pcap/sessions.h"
#include "tests/capture_by_hand.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

/* A capture of one session as the facts of a visit. */
static struct sessions *sessions;

static struct visit *visit_of(struct made_file *file)
{
	struct span input = made_span(file);
	const struct session_record *record;

	sessions = sessions_open(NULL);
	while (sessions_read(sessions, &input) == CAPTURE_PACKET)
		;
	sessions_end(sessions);
	record = sessions_next(sessions);
	assert_non_null(record);
	return session_visit(arena, record);
}

static void done(struct made_file *file)
{
	assert_null(sessions_next(sessions));
	sessions_close(sessions);
	made_free(file);
}

static void begin(struct made_file *file, struct made_wire *wire)
{
	*wire = made_wire_new(true);
	made_begin(file, MADE_RAW);
	made_open(file, wire);
	made_say(file, wire, SIDE_SERVER, "220 mx.example ESMTP\r\n");
	made_say(file, wire, SIDE_CLIENT, "EHLO out.example\r\n");
	made_say(file, wire, SIDE_SERVER,
		"250-mx.example hi\r\n250-STARTTLS\r\n250 SIZE 77\r\n");
	made_say(file, wire, SIDE_CLIENT, "MAIL FROM:<a@out.example>\r\n");
	made_say(file, wire, SIDE_SERVER, "250 2.1.0 ok\r\n");
	made_say(file, wire, SIDE_CLIENT, "RCPT TO:<b@mx.example>\r\n");
}

static void a_refusal_is_the_fault_at_its_stage(void **state)
{
	struct made_file file;
	struct made_wire wire;
	struct visit *visit;

	(void)state;
	begin(&file, &wire);
	made_say(&file, &wire, SIDE_SERVER, "550 5.1.1 no such user\r\n");
	made_say(&file, &wire, SIDE_CLIENT, "QUIT\r\n");
	made_say(&file, &wire, SIDE_SERVER, "221 bye\r\n");
	made_close(&file, &wire);
	visit = visit_of(&file);
	assert_non_null(visit->fault);
	assert_int_equal(visit->fault->failure, FAILURE_SMTP_5XX);
	assert_int_equal(visit->fault->stage, STAGE_RCPT);
	assert_int_equal(visit->fault->reply->code, 550);
	assert_true(visit->reached[STAGE_MAIL]);
	assert_false(visit->reached[STAGE_RCPT]);
	/* As in a walk: behind a fault it is only goodbye. */
	assert_false(visit->reached[STAGE_QUIT]);
	assert_true(visit->has_ehlo && visit->ehlo.starttls);
	assert_int_equal(visit->ehlo.size_max, 77);
	assert_span(visit->ehlo_name, "out.example");
	assert_int_equal(visit->path->family, FAMILY_IPV6);
	assert_int_equal(visit->path->port, 25);
	assert_int_equal(visit->transcript.count, 12);
	assert_int_equal(visit->transcript.events[0].kind, EVENT_CONNECTED);
	assert_int_equal(visit->transcript.events[2].stage, STAGE_EHLO);
	assert_span(visit->transcript.events[2].said, "EHLO out.example\r\n");
	assert_int_equal(visit->transcript.events[2].at_ns, 4000000);
	assert_int_equal(visit->tcp.rtt_us, 1000);
	done(&file);
}

static void a_message_is_told_as_its_size(void **state)
{
	struct made_file file;
	struct made_wire wire;
	struct visit *visit;
	size_t size = 0;

	(void)state;
	begin(&file, &wire);
	made_say(&file, &wire, SIDE_SERVER, "250 ok\r\n");
	made_say(&file, &wire, SIDE_CLIENT, "DATA\r\n");
	made_say(&file, &wire, SIDE_SERVER, "354 go\r\n");
	made_say(&file, &wire, SIDE_CLIENT, "..a\r\n.\r\n");
	made_say(&file, &wire, SIDE_SERVER, "250 queued\r\n");
	made_close(&file, &wire);
	visit = visit_of(&file);
	assert_null(visit->fault);
	assert_true(visit->reached[STAGE_DATA] && visit->reached[STAGE_DOT]);
	for (size_t i = 0; i < visit->transcript.count; i++)
		if (visit->transcript.events[i].stage == STAGE_DOT &&
			visit->transcript.events[i].kind == EVENT_SAID)
			size = visit->transcript.events[i].message_size;
	assert_int_equal(size, 4);
	done(&file);
}

static void a_server_that_hangs_up_is_the_fault(void **state)
{
	struct made_file file;
	struct made_wire wire;
	struct visit *visit;

	(void)state;
	begin(&file, &wire);
	made_segment(&file, &wire, SIDE_SERVER, TCP_FIN | TCP_ACK, SPAN(""));
	made_segment(&file, &wire, SIDE_CLIENT, TCP_FIN | TCP_ACK, SPAN(""));
	made_segment(&file, &wire, SIDE_SERVER, TCP_ACK, SPAN(""));
	visit = visit_of(&file);
	assert_int_equal(visit->fault->failure, FAILURE_SMTP_CLOSED);
	assert_int_equal(visit->fault->stage, STAGE_RCPT);
	done(&file);
}

static void a_syn_without_an_answer_is_a_timeout(void **state)
{
	struct made_wire wire = made_wire_new(false);
	struct made_file file;
	struct visit *visit;

	(void)state;
	made_begin(&file, MADE_RAW);
	made_segment(&file, &wire, SIDE_CLIENT, TCP_SYN, SPAN(""));
	visit = visit_of(&file);
	assert_int_equal(visit->fault->failure, FAILURE_TIMEOUT);
	assert_int_equal(visit->fault->stage, STAGE_CONNECT);
	assert_false(visit->reached[STAGE_CONNECT]);
	done(&file);
}

static void a_handshake_that_fails_is_the_fault(void **state)
{
	struct made_wire wire = made_wire_new(false);
	struct made_file file;
	struct visit *visit;
	static const char alert[] = "\x15\3\1\0\2\2\x50";

	(void)state;
	made_begin(&file, MADE_RAW);
	made_open(&file, &wire);
	made_say(&file, &wire, SIDE_SERVER, "220 hello\r\n");
	made_say(&file, &wire, SIDE_CLIENT, "STARTTLS\r\n");
	made_say(&file, &wire, SIDE_SERVER, "220 go\r\n");
	made_segment(&file, &wire, SIDE_CLIENT, TCP_ACK,
		(struct span){ "\x16\3\1\0\5\1\0\0\1\0", 10 });
	made_segment(
		&file, &wire, SIDE_SERVER, TCP_ACK, (struct span){ alert, 7 });
	made_close(&file, &wire);
	visit = visit_of(&file);
	assert_int_equal(visit->fault->failure, FAILURE_TLS_HANDSHAKE);
	assert_int_equal(visit->fault->stage, STAGE_TLS);
	assert_span(visit->fault->why,
		"the server ended the TLS handshake with alert 80");
	done(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refusal_is_the_fault_at_its_stage),
		cmocka_unit_test(a_message_is_told_as_its_size),
		cmocka_unit_test(a_server_that_hangs_up_is_the_fault),
		cmocka_unit_test(a_syn_without_an_answer_is_a_timeout),
		cmocka_unit_test(a_handshake_that_fails_is_the_fault),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
