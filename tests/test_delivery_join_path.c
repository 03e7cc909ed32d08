#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/witnesses_by_hand.h"

static struct delivery failed_connection(void)
{
	struct delivery capture = of_capture();

	capture.recipient = SPAN("");
	capture.has_sender = false;
	capture.stage = STAGE_CONNECT;
	set_reply(&capture, DELIVERY_UNKNOWN, 0,
		"The SYN was answered with a reset.");
	return capture;
}

static void a_failed_connection_is_that_of_all_recipients(void **state)
{
	struct heard *heard = *state;
	struct delivery all[] = { failed_connection(), of_log(), of_log() };

	for (size_t i = 1; i < COUNT_OF(all); i++) {
		all[i].stage = STAGE_CONNECT;
		set_reply(&all[i], DELIVERY_DEFERRED, 0,
			"connect to mx.gmail.example: Connection refused");
	}
	all[2].recipient = SPAN("c@gmail.example");
	JOIN(heard, all);
	assert_int_equal(heard->count, 2);
	assert_int_equal(heard->joined[0].witness_count, 2);
	assert_int_equal(heard->joined[1].witness_count, 2);
}

static void failed_connections_are_of_one_message_each(void **state)
{
	struct heard *heard = *state;
	struct delivery all[] = { failed_connection(), failed_connection(),
		of_log(), of_log() };

	all[1].position = 90;
	for (size_t i = 2; i < COUNT_OF(all); i++)
		set_reply(&all[i], DELIVERY_DEFERRED, 0, "Connection refused");
	all[3].queue_id = SPAN("701CAAC2D99");
	JOIN(heard, all);
	assert_int_equal(heard->count, 2);
	assert_int_not_equal(heard->joined[0].witnesses[1].position,
		heard->joined[1].witnesses[1].position);
}

static void a_failed_connection_is_not_of_what_was_accepted(void **state)
{
	struct delivery log = of_log(), capture = failed_connection();

	set_reply(&log, DELIVERY_ACCEPTED, 250, "250 2.0.0 Ok: queued as 1");
	assert_two(state, &capture, &log);
}

static void a_failed_connection_is_not_of_what_was_refused_later(void **state)
{
	struct delivery log = of_log(), capture = failed_connection();

	capture.fault = SPAN("refused");
	capture.result = DELIVERY_DEFERRED;
	assert_two(state, &capture, &log);
	set_reply(&log, DELIVERY_DEFERRED, 0, "lost at end of DATA");
	assert_two(state, &capture, &log);
	log.stage = STAGE_CONNECT;
	assert_one(state, &capture, &log);
	log.time_ms += 2 * JOIN_NEAR_MS;
	assert_two(state, &capture, &log);
	capture.fault = SPAN("no-answer");
	assert_one(state, &capture, &log);
	log.time_ms += 400000;
	assert_two(state, &capture, &log);
}

/* Exim names the last of the commands that it sent in one go. */
static void a_capture_knows_which_command_it_was(void **state)
{
	struct delivery log = of_log(), capture = of_capture();

	log.may_be_earlier = true;
	capture.stage = STAGE_MAIL;
	assert_one(state, &capture, &log);
	assert_int_equal(the_one(*state)->delivery.stage, STAGE_MAIL);
	assert_false(the_one(*state)->delivery.may_be_earlier);
	capture.has_stage = false;
	assert_one(state, &capture, &log);
	assert_int_equal(the_one(*state)->delivery.stage, STAGE_DOT);
	assert_true(the_one(*state)->delivery.may_be_earlier);
}

static void a_reset_is_no_silence_and_no_filter(void **state)
{
	static const struct words {
		const char *text;
		bool is_one;
	} rows[] = { { "Connection refused", true },
		{ "Connection reset by peer", true }, { "", true },
		{ "Connection timed out", false },
		{ "Permission denied", false }, { "No route to host", false } };

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct delivery log = of_log(), capture = failed_connection();

		log.stage = STAGE_CONNECT;
		set_reply(&log, DELIVERY_DEFERRED, 0, rows[i].text);
		capture.fault = SPAN("refused");
		if (rows[i].is_one)
			assert_one(state, &capture, &log);
		else
			assert_two(state, &capture, &log);
		/* Of ICMP the capture may know nothing. */
		capture.fault = SPAN("no-answer");
		assert_one(state, &capture, &log);
	}
}

/* Where TLS hides the stage of the silence. */
static void a_certificate_did_arrive(void **state)
{
	struct delivery log = of_log(), capture = of_capture();

	set_reply(&capture, DELIVERY_DEFERRED, 0, "Large packets are lost.");
	capture.fault = SPAN("black-hole");
	capture.has_stage = false;
	log.stage = STAGE_TLS;
	set_reply(&log, DELIVERY_DEFERRED, 0, "certificate not trusted");
	assert_two(state, &capture, &log);
	set_reply(&log, DELIVERY_DEFERRED, 0, "SSL_connect: timed out");
	assert_one(state, &capture, &log);
}

static void nobody_gives_up_before_the_silence_begins(void **state)
{
	struct heard *heard = *state;
	struct delivery all[] = { of_capture(), of_capture(), of_log() };

	for (size_t i = 0; i < 2; i++) {
		set_reply(&all[i], DELIVERY_DEFERRED, 0, "no acknowledgement");
		all[i].fault = SPAN("black-hole");
	}
	set_reply(&all[2], DELIVERY_DEFERRED, 0, "timed out");
	all[0].time_ms = all[2].time_ms - 8000;
	all[1].time_ms = all[2].time_ms + 2000;
	all[1].position = 90;
	JOIN(heard, all);
	assert_int_equal(heard->joined[0].witness_count, 2);
	assert_int_equal(heard->joined[0].witnesses[1].position, 49);
}

/* Sendmail calls it 454. */
static void tls_that_fails_may_have_a_code_in_the_log(void **state)
{
	struct delivery log = of_log(), capture = of_capture();

	set_reply(&capture, DELIVERY_DEFERRED, 0, "It was the server's turn.");
	capture.fault = SPAN("server-silent");
	set_reply(
		&log, DELIVERY_DEFERRED, 454, "454 4.7.0 TLS is out of order");
	assert_two(state, &capture, &log);
	capture.stage = STAGE_TLS;
	log.stage = STAGE_STARTTLS;
	assert_one(state, &capture, &log);
}

/* The last frame is of the beginning of the silence. */
static void a_silence_is_as_long_as_the_mta_waits(void **state)
{
	struct delivery log = of_log(), capture = of_capture();

	set_reply(&capture, DELIVERY_UNKNOWN, 0, "");
	set_reply(&log, DELIVERY_DEFERRED, 0, "timed out while sending");
	log.time_ms += 600000;
	assert_one(state, &capture, &log);
	log.time_ms += 600000;
	assert_two(state, &capture, &log);
}

static void a_fault_of_the_path_stays_with_what_the_log_made_of_it(void **state)
{
	struct delivery log = of_log(), capture = of_capture();
	const struct joined_delivery *one;

	set_reply(&capture, DELIVERY_DEFERRED, 0, "Large packets are lost.");
	capture.fault = SPAN("black-hole");
	set_reply(&log, DELIVERY_REFUSED, 0, "timed out while sending");
	assert_one(state, &capture, &log);
	one = the_one(*state);
	assert_int_equal(one->delivery.result, DELIVERY_REFUSED);
	assert_true(span_is(one->delivery.fault, SPAN("black-hole")));
	assert_true(span_is(one->delivery.text, capture.text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SENTENCE(a_failed_connection_is_that_of_all_recipients),
		SENTENCE(failed_connections_are_of_one_message_each),
		SENTENCE(a_failed_connection_is_not_of_what_was_accepted),
		SENTENCE(a_failed_connection_is_not_of_what_was_refused_later),
		SENTENCE(a_capture_knows_which_command_it_was),
		SENTENCE(a_reset_is_no_silence_and_no_filter),
		SENTENCE(a_certificate_did_arrive),
		SENTENCE(nobody_gives_up_before_the_silence_begins),
		SENTENCE(tls_that_fails_may_have_a_code_in_the_log),
		SENTENCE(a_silence_is_as_long_as_the_mta_waits),
		SENTENCE(
			a_fault_of_the_path_stays_with_what_the_log_made_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
