#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pcap/session_delivery.h"
#include "pcap/session_fault.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

/* MAIL, one RCPT that is taken, one that is not, and the message. */
static const struct span no_lines[] = { BYTES("5.7.1 no"), BYTES("never") };
static const struct reply yes = {
	.code = 250, .lines = no_lines, .line_count = 1
};
static const struct reply no = {
	.code = 550, .status = { 5, 7, 1 }, .lines = no_lines, .line_count = 2
};

static struct talk command(enum smtp_verb verb, uint32_t answered_by)
{
	return (struct talk){ .kind = TALK_COMMAND,
		.answered_by = answered_by,
		.line = { .verb = verb } };
}

static struct talk answer(const struct reply *reply, uint32_t about)
{
	return (struct talk){ .kind = TALK_REPLY,
		.who = SIDE_SERVER,
		.answers = ANSWERS_TALK,
		.about = about,
		.seen = { .frame = about + 10 },
		.reply = reply };
}

static void each_recipient_has_an_end_of_its_own(void **state)
{
	const struct talk talks[] = { command(SMTP_MAIL, 2), answer(&yes, 0),
		command(SMTP_RCPT, 4), answer(&yes, 2), command(SMTP_RCPT, 6),
		answer(&no, 4), { .kind = TALK_BODY, .answered_by = 8 },
		answer(&yes, 6) };
	const struct mail_recipient to[] = {
		{ .rcpt = 3, .to = BYTES("a@b.example") },
		{ .rcpt = 5, .to = BYTES("c@b.example") }
	};
	const struct mail_attempt mail = { .mail = 1,
		.recipients = to,
		.recipient_count = 2,
		.deciding = 8,
		.outcome = MAIL_ACCEPTED };
	const struct session_record record = { .family = FAMILY_IPV6,
		.talks = talks,
		.talk_count = 8,
		.mails = &mail,
		.mail_count = 1 };
	const struct delivery *deliveries;

	(void)state;
	assert_int_equal(session_deliveries(arena, &record, &deliveries), 2);
	assert_int_equal(deliveries[0].result, DELIVERY_ACCEPTED);
	assert_int_equal(deliveries[0].stage, STAGE_DOT);
	assert_int_equal(deliveries[1].result, DELIVERY_REFUSED);
	assert_int_equal(deliveries[1].stage, STAGE_RCPT);
	assert_int_equal(deliveries[1].position, 14);
	assert_int_equal(deliveries[1].status[1], 7);
	assert_span(deliveries[1].text, "5.7.1 no\nnever");
	assert_span(deliveries[1].recipient, "c@b.example");
}

static void a_greeting_that_refuses_is_told(void **state)
{
	struct talk talk = answer(&no, 0);
	const struct session_record record = { .talks = &talk,
		.talk_count = 1 };
	const struct delivery *deliveries;

	(void)state;
	talk.answers = ANSWERS_CONNECTION;
	assert_int_equal(session_deliveries(arena, &record, &deliveries), 1);
	assert_int_equal(deliveries[0].result, DELIVERY_REFUSED);
	assert_int_equal(deliveries[0].stage, STAGE_BANNER);
}

static void a_refused_ehlo_that_helo_made_good_is_none(void **state)
{
	const struct talk talks[] = { command(SMTP_EHLO, 2), answer(&no, 0),
		command(SMTP_HELO, 4), answer(&yes, 2) };
	const struct session_record record = { .talks = talks,
		.talk_count = 4 };
	const struct delivery *deliveries;

	(void)state;
	assert_int_equal(session_deliveries(arena, &record, &deliveries), 0);
}

static void a_path_that_fails_defers_the_mail(void **state)
{
	const struct session_record record = {
		.cause = { .cause = CAUSE_NO_ANSWER,
			.evidence = { .frame = 7 } }
	};
	const struct delivery *deliveries;

	(void)state;
	assert_int_equal(session_deliveries(arena, &record, &deliveries), 1);
	assert_int_equal(deliveries[0].result, DELIVERY_DEFERRED);
	assert_int_equal(deliveries[0].stage, STAGE_CONNECT);
	assert_int_equal(deliveries[0].position, 7);
	assert_span(deliveries[0].fault, "no-answer");
	assert_span(
		deliveries[0].text, "A SYN was sent, and nothing came back.");
}

/* Of two messages the first was taken; the second vanished behind its dot. */
static void only_the_message_under_way_is_lost(void **state)
{
	const struct talk talks[] = { command(SMTP_MAIL, 2), answer(&yes, 0),
		command(SMTP_RCPT, 4), answer(&yes, 2),
		{ .kind = TALK_BODY, .answered_by = 6 }, answer(&yes, 4),
		command(SMTP_MAIL, 8), answer(&yes, 6), command(SMTP_RCPT, 10),
		answer(&no, 8), command(SMTP_RCPT, 12), answer(&yes, 10),
		{ .kind = TALK_BODY } };
	const struct mail_recipient first = { .rcpt = 3 };
	const struct mail_recipient second[] = { { .rcpt = 9 },
		{ .rcpt = 11 } };
	const struct mail_attempt mails[] = {
		{ .mail = 1,
			.recipients = &first,
			.recipient_count = 1,
			.deciding = 6,
			.outcome = MAIL_ACCEPTED },
		{ .mail = 7,
			.recipients = second,
			.recipient_count = 2,
			.outcome = MAIL_UNKNOWN },
	};
	const struct session_record record = { .talks = talks,
		.talk_count = COUNT_OF(talks),
		.mails = mails,
		.mail_count = 2,
		.cause = { .cause = CAUSE_BLACK_HOLE,
			.evidence = { .frame = 99 } } };
	const struct delivery *deliveries;

	(void)state;
	assert_int_equal(session_deliveries(arena, &record, &deliveries), 3);
	assert_int_equal(deliveries[0].result, DELIVERY_ACCEPTED);
	assert_int_equal(deliveries[0].fault.len, 0);
	assert_int_equal(deliveries[1].result, DELIVERY_REFUSED);
	assert_int_equal(deliveries[1].fault.len, 0);
	assert_int_equal(deliveries[2].result, DELIVERY_DEFERRED);
	assert_span(deliveries[2].fault, "black-hole");
	assert_int_equal(deliveries[2].stage, STAGE_DOT);
	assert_int_equal(deliveries[2].position, 99);
}

static void a_client_that_breaks_off_is_no_fault(void **state)
{
	const struct cause_row {
		enum cause cause;
		enum side sufferer;
	} rows[] = { { CAUSE_RESET, SIDE_SERVER },
		{ CAUSE_CLIENT_SILENT, SIDE_CLIENT },
		{ CAUSE_HALF_OPEN, SIDE_CLIENT } };
	const struct delivery *deliveries;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct session_record record = {
			.cause = { .cause = rows[i].cause,
				.sufferer = rows[i].sufferer }
		};

		assert_int_equal(
			session_deliveries(arena, &record, &deliveries), 0);
	}
}

static void a_tls_handshake_that_fails_is_one(void **state)
{
	const struct tls_sight sight = { .has_client_hello = true,
		.has_alert = { false, true },
		.alert = { 0, 80 } };
	const struct stream stream = { .last = { .frame = 17 } };
	struct session_record record = {
		.tls = &sight, .stream = &stream, .end = SESSION_END_CLOSED
	};
	const struct delivery *deliveries;

	(void)state;
	assert_int_equal(session_deliveries(arena, &record, &deliveries), 1);
	assert_int_equal(deliveries[0].stage, STAGE_TLS);
	assert_int_equal(deliveries[0].position, 17);
	assert_span(deliveries[0].fault, "tls-handshake");
	assert_span(deliveries[0].text,
		"The server ended the TLS handshake with alert 80.");
	record.cause.cause = CAUSE_RESET; /* behind the alert */
	record.cause.sufferer = SIDE_CLIENT;
	assert_int_equal(session_deliveries(arena, &record, &deliveries), 1);
	assert_span(deliveries[0].fault, "tls-handshake");
	record.cause.cause = CAUSE_NONE;
	record.end = SESSION_END_OPEN; /* the file ends first */
	assert_int_equal(session_deliveries(arena, &record, &deliveries), 0);
}

static void a_server_that_hangs_up_owes_the_answer(void **state)
{
	const struct stream stream = { .fin = { { 0, 0 }, { 21, 0 } } };
	struct talk talks[] = { command(SMTP_EHLO, 2), answer(&yes, 0),
		command(SMTP_MAIL, 0) };
	const struct mail_attempt mail = { .mail = 3,
		.from = BYTES("a@b.example") };
	const struct session_record record = { .stream = &stream,
		.talks = talks,
		.talk_count = 3,
		.mails = &mail,
		.mail_count = 1,
		.end = SESSION_END_CLOSED };
	const struct delivery *deliveries;

	(void)state;
	assert_int_equal(session_deliveries(arena, &record, &deliveries), 1);
	assert_int_equal(deliveries[0].stage, STAGE_MAIL);
	assert_span(deliveries[0].fault, "hung-up");
	assert_span(deliveries[0].sender, "a@b.example");
	talks[2].line.verb = SMTP_QUIT;
	assert_int_equal(session_deliveries(arena, &record, &deliveries), 0);
}

/* RFC 8446 section 6.1; whose FIN comes first does not matter. */
static void who_ends_tls_hangs_up(void **state)
{
	const struct stream stream = { .fin = { { 31, 0 }, { 35, 0 } },
		.syn = { .frame = 1 } };
	const struct tls_sight sight = { .was_finished = true };
	const struct talk talks[] = { command(SMTP_EHLO, 2), answer(&yes, 0),
		{ .kind = TALK_BODY } };
	struct session_record record = { .stream = &stream,
		.tls = &sight,
		.starttls = { .is_decrypted = true },
		.talks = talks,
		.talk_count = 3,
		.tls_end = { { 30, 0 }, { 29, 0 } },
		.end = SESSION_END_CLOSED };
	const struct delivery *deliveries;

	(void)state;
	assert_int_equal(session_deliveries(arena, &record, &deliveries), 1);
	assert_span(deliveries[0].fault, "hung-up");
	assert_int_equal(deliveries[0].stage, STAGE_DOT);
	assert_int_equal(deliveries[0].position, 29);
	record.tls_end[SIDE_CLIENT].frame = 28;
	assert_int_equal(session_deliveries(arena, &record, &deliveries), 0);
}

/* The rest of a connection that was there before the capture, as it may be in
 * TLS, is no session without a greeting. */
static void what_began_before_the_capture_lacks_no_greeting(void **state)
{
	struct stream stream = { .fin = { { 0, 0 }, { 21, 0 } } };
	const struct talk talks[] = { { .kind = TALK_FRAGMENT } };
	struct session_record record = { .stream = &stream,
		.end = SESSION_END_HALF_CLOSED };
	enum stage stage;

	(void)state;
	assert_false(session_hung_up(&record, &stage));
	record.talks = talks;
	record.talk_count = 1;
	assert_false(session_hung_up(&record, &stage));
	stream.syn.frame = 1;
	record.talk_count = 0;
	assert_true(session_hung_up(&record, &stage));
	assert_int_equal(stage, STAGE_BANNER);
}

static void quit_on_the_heels_of_a_message_hides_nothing(void **state)
{
	const struct talk talks[] = { command(SMTP_MAIL, 2), answer(&yes, 0),
		command(SMTP_RCPT, 4), answer(&yes, 2), { .kind = TALK_BODY },
		command(SMTP_QUIT, 0) };
	const struct mail_recipient to = { .rcpt = 3 };
	const struct mail_attempt mail = { .mail = 1,
		.recipients = &to,
		.recipient_count = 1,
		.outcome = MAIL_UNKNOWN };
	const struct session_record record = { .talks = talks,
		.talk_count = COUNT_OF(talks),
		.mails = &mail,
		.mail_count = 1,
		.cause = { .cause = CAUSE_SERVER_SILENT } };
	const struct delivery *deliveries;

	(void)state;
	assert_int_equal(session_deliveries(arena, &record, &deliveries), 1);
	assert_int_equal(deliveries[0].result, DELIVERY_DEFERRED);
	assert_int_equal(deliveries[0].stage, STAGE_DOT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_recipient_has_an_end_of_its_own),
		cmocka_unit_test(a_greeting_that_refuses_is_told),
		cmocka_unit_test(a_refused_ehlo_that_helo_made_good_is_none),
		cmocka_unit_test(a_path_that_fails_defers_the_mail),
		cmocka_unit_test(only_the_message_under_way_is_lost),
		cmocka_unit_test(a_client_that_breaks_off_is_no_fault),
		cmocka_unit_test(a_tls_handshake_that_fails_is_one),
		cmocka_unit_test(a_server_that_hangs_up_owes_the_answer),
		cmocka_unit_test(who_ends_tls_hangs_up),
		cmocka_unit_test(
			what_began_before_the_capture_lacks_no_greeting),
		cmocka_unit_test(quit_on_the_heels_of_a_message_hides_nothing),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
