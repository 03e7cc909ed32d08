#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "pcap/sessions.h"
#include "probe/verbs/explain_session.h"
#include "tests/capture_by_hand.h"
#include "tests/own_arena.h"

/* One session of a made capture, as people read it. */
static char *told(struct made_file *file, unsigned columns, bool is_full)
{
	const struct text_style style = { .columns = columns };
	struct sessions *sessions = sessions_open(NULL);
	struct session_telling telling = { .codebook = codebook_embedded(
						   arena) };
	struct span input = made_span(file);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	while (sessions_read(sessions, &input) != CAPTURE_MORE)
		;
	sessions_end(sessions);
	telling.record = sessions_next(sessions);
	assert_non_null(telling.record);
	telling.delivery_count = session_deliveries(
		arena, telling.record, &telling.deliveries);
	explain_session_text(out, &style, &telling, is_full);
	fclose(out);
	sessions_close(sessions);
	made_free(file);
	return text;
}

static void assert_told(
	struct made_file *file, bool is_full, const char *const *wanted)
{
	char *text = told(file, 80, is_full);
	struct span rest = span_of(text);

	for (; *wanted; wanted++) {
		struct span line = span_cut(&rest, '\n');

		if (!span_is(line, span_of(*wanted)))
			fail_msg("wanted \"%s\" in:\n%s", *wanted, text);
	}
	assert_int_equal(rest.len, 0);
	free(text);
}

static void begin_mail(struct made_file *file, struct made_wire *wire)
{
	made_begin(file, MADE_RAW);
	*wire = made_wire_new(true);
	made_open(file, wire);
	made_say(file, wire, SIDE_SERVER, "220 mx.example ESMTP\r\n");
	made_say(file, wire, SIDE_CLIENT, "EHLO out.example\r\n");
	made_say(file, wire, SIDE_SERVER, "250-mx.example\r\n250 SIZE 9\r\n");
	made_say(file, wire, SIDE_CLIENT,
		"MAIL FROM:<a@out.example>\r\nRCPT TO:<b@mx.example>\r\n");
	made_say(file, wire, SIDE_SERVER, "250 ok\r\n250 ok\r\n");
}

static void each_line_has_its_frame_and_who_was_waited_for(void **state)
{
	static const char *const wanted[] = {
		"Session 1 at 2023-11-14T22:13:20.001Z, IPv6: 2001:db8::1 port "
		"40000 to",
		"2001:db8::25 port 25, plain, closed: deferred",
		"    frame 9 to 10: It was the server's turn, and it said "
		"nothing for 8.0 s.",
		"       1    0.000 > SYN",
		"       2    0.001 < SYN, ACK",
		"       4    0.003 < 220 mx.example ESMTP",
		"       5    0.004 > EHLO out.example",
		"       6    0.005 < 250 mx.example SIZE 9",
		"       7    0.006 > MAIL FROM:<a@out.example>",
		"       7    0.006 > RCPT TO:<b@mx.example>",
		"       8    0.007 < 250 ok",
		"       8    0.007 < 250 ok",
		"       9    2.008 > DATA (the client took 2.0 s)",
		"      10   10.009 > closes (FIN) (the server said nothing for "
		"8.0 s)",
		"      11   10.010 < closes (FIN)",
		NULL,
	};
	struct made_file file;
	struct made_wire wire;

	(void)state;
	begin_mail(&file, &wire);
	file.now_us += 2000000;
	made_say(&file, &wire, SIDE_CLIENT, "DATA\r\n");
	file.now_us += 8000000;
	made_close(&file, &wire);
	assert_told(&file, true, wanted);
}

static void a_server_that_hangs_up_is_told_in_short(void **state)
{
	static const char *const wanted[] = {
		"Session 1 at 2023-11-14T22:13:20.001Z, IPv6: 2001:db8::1 port "
		"40000 to",
		"2001:db8::25 port 25, plain, closed: deferred",
		"    frame 10: The server hung up without answering.",
		NULL,
	};
	struct made_file file;
	struct made_wire wire;

	(void)state;
	begin_mail(&file, &wire);
	made_say(&file, &wire, SIDE_CLIENT, "DATA\r\n");
	made_segment(&file, &wire, SIDE_SERVER, TCP_FIN | TCP_ACK, SPAN(""));
	made_segment(&file, &wire, SIDE_CLIENT, TCP_FIN | TCP_ACK, SPAN(""));
	made_segment(&file, &wire, SIDE_SERVER, TCP_ACK, SPAN(""));
	assert_told(&file, false, wanted);
}

/* Whatever was said, no control character of it reaches the screen. */
static void what_was_said_is_escaped(void **state)
{
	struct made_file file;
	struct made_wire wire;
	char *text;

	(void)state;
	begin_mail(&file, &wire);
	made_say(&file, &wire, SIDE_CLIENT, "\033[2JNOOP\a\r\n");
	made_say(&file, &wire, SIDE_SERVER, "550 5.7.1 \033]0;x\a no\r\n");
	made_close(&file, &wire);
	text = told(&file, 40, true);
	for (const char *at = text; *at; at++)
		assert_true(*at == '\n' || (*at >= ' ' && *at != 127));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			each_line_has_its_frame_and_who_was_waited_for),
		cmocka_unit_test(a_server_that_hangs_up_is_told_in_short),
		cmocka_unit_test(what_was_said_is_escaped),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
