#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pcap/session_delivery.h"
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

static void a_path_that_fails_leaves_the_end_unclear(void **state)
{
	const struct session_record record = {
		.cause = { .cause = CAUSE_NO_ANSWER,
			.evidence = { .frame = 7 } }
	};
	const struct delivery *deliveries;

	(void)state;
	assert_int_equal(session_deliveries(arena, &record, &deliveries), 1);
	assert_int_equal(deliveries[0].result, DELIVERY_UNKNOWN);
	assert_int_equal(deliveries[0].stage, STAGE_CONNECT);
	assert_int_equal(deliveries[0].position, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_recipient_has_an_end_of_its_own),
		cmocka_unit_test(a_greeting_that_refuses_is_told),
		cmocka_unit_test(a_refused_ehlo_that_helo_made_good_is_none),
		cmocka_unit_test(a_path_that_fails_leaves_the_end_unclear),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
