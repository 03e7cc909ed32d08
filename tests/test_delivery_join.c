#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/witnesses_by_hand.h"

/* ---- what is one */

static void all_three_witnesses_tell_of_one(void **state)
{
	struct heard *heard = *state;
	struct delivery all[] = { of_capture(), of_bounce(), of_log() };
	const struct joined_delivery *one;

	all[0].relay_host = SPAN("banner.gmail.example");
	all[2].lacks_reply = true;
	all[2].text = SPAN("Service unavailable");
	all[2].has_stage = false;
	JOIN(heard, all);
	one = the_one(heard);
	assert_int_equal(one->witness_count, 3);
	assert_int_equal(one->witnesses[0].kind, WITNESS_LOG);
	assert_int_equal(one->witnesses[0].position, 9);
	assert_int_equal(one->witnesses[1].kind, WITNESS_BOUNCE);
	assert_true(span_is(one->witnesses[1].file, SPAN("bounces")));
	assert_int_equal(one->witnesses[2].kind, WITNESS_CAPTURE);
	assert_int_equal(one->witnesses[2].position, 49);
	assert_true(joined_delivery_has(one, WITNESS_CAPTURE));
	assert_int_equal(one->delivery.position, 9);
	assert_int_equal(one->delivery.time_ms, noon + 577);
	assert_int_equal(one->delivery.stage, STAGE_DOT);
	assert_false(one->delivery.lacks_reply);
	assert_true(span_is(one->delivery.text, all[1].text));
	assert_true(one->delivery.has_source);
	assert_true(
		span_is(one->delivery.relay_host, SPAN("mx.gmail.example")));
	assert_true(span_is(one->delivery.from_domain, SPAN("sender.example")));
	assert_true(span_is(one->delivery.queue_id, SPAN("701CAAC2D66")));
}

static void a_queue_id_is_enough(void **state)
{
	struct delivery log = of_log(), bounce = of_bounce();

	bounce.message_id = SPAN("");
	bounce.recipient = SPAN("");
	bounce.has_relay = false;
	bounce.has_time = false;
	bounce.text = SPAN("your mail was not wanted");
	assert_one(state, &bounce, &log);
}

static void a_message_id_is_enough(void **state)
{
	struct delivery log = of_log(), bounce = of_bounce();

	without_path(&bounce);
	bounce.time_ms += 3 * 3600000;
	assert_one(state, &bounce, &log);
}

static void the_same_reply_to_the_same_recipient_is_enough(void **state)
{
	struct delivery log = of_log(), bounce = of_bounce();

	without_path(&bounce);
	without_ids(&bounce);
	bounce.time_ms += 60000;
	assert_one(state, &bounce, &log);
	log.dialect = SPAN("sendmail");
	log.text = SPAN("550 5.7.1 You are not");
	assert_one(state, &bounce, &log);
	assert_true(span_is(the_one(*state)->delivery.text, bounce.text));
}

static void a_clock_in_another_zone_does_not_part_the_same_reply(void **state)
{
	static const int zones[] = { 9 * 60, -8 * 60, 5 * 60 + 45, -14 * 60,
		14 * 60, 15 };

	for (size_t i = 0; i < COUNT_OF(zones); i++) {
		struct delivery log = of_log(), capture = of_capture();

		log.time_ms += (int64_t)zones[i] * 60000;
		assert_one(state, &capture, &log);
		/* It is the capture that knows. */
		assert_int_equal(the_one(*state)->delivery.time_ms, noon + 577);
		log.time_ms += 60000;
		assert_two(state, &capture, &log);
	}
}

static void a_zone_is_no_excuse_without_the_reply(void **state)
{
	struct delivery log = of_log(), capture = of_capture();

	log.text = SPAN("");
	assert_one(state, &capture, &log);
	log.time_ms += 9 * 3600000;
	assert_two(state, &capture, &log);
}

static void recipient_family_end_and_time_are_enough(void **state)
{
	struct delivery log = of_log(), capture = of_capture();

	log.text = SPAN("Service unavailable");
	log.lacks_reply = true;
	log.code = 0;
	assert_one(state, &capture, &log);
	assert_int_equal(the_one(*state)->delivery.code, 550);
	assert_true(span_is(the_one(*state)->delivery.text, capture.text));
	log.time_ms -= JOIN_NEAR_MS;
	assert_two(state, &capture, &log);
}

static void an_alias_has_two_names(void **state)
{
	struct delivery log = of_log(), bounce = of_bounce();

	without_ids(&bounce);
	log.original_recipient = SPAN("list@sender.example");
	bounce.recipient = SPAN("List@sender.example");
	assert_one(state, &bounce, &log);
	assert_true(span_is(
		the_one(*state)->delivery.recipient, SPAN("b@gmail.example")));
}

static void a_capture_and_a_bounce_are_one_without_a_log(void **state)
{
	struct delivery capture = of_capture(), bounce = of_bounce();

	without_path(&bounce);
	bounce.time_ms += 30000;
	assert_one(state, &capture, &bounce);
	assert_int_equal(the_one(*state)->witnesses[0].kind, WITNESS_BOUNCE);
	assert_true(the_one(*state)->delivery.has_relay);
	assert_int_equal(the_one(*state)->delivery.time_ms, noon + 577);
}

/* The log has no words and no time in common with the capture. */
static void a_bounce_brings_log_and_capture_together(void **state)
{
	struct delivery all[] = { of_capture(), of_bounce(), of_log() };

	all[2].text = SPAN("");
	all[2].time_ms += 3 * 3600000;
	without_path(&all[1]);
	JOIN(*state, all);
	assert_int_equal(the_one(*state)->witness_count, 3);
}

/* It has the reply in common with the capture, and nothing with the log. */
static void a_capture_brings_log_and_bounce_together(void **state)
{
	struct delivery all[] = { of_capture(), of_bounce(), of_log() };

	all[2].text = SPAN("");
	without_path(&all[1]);
	without_ids(&all[1]);
	all[1].time_ms += 30000;
	JOIN(*state, all);
	assert_int_equal(the_one(*state)->witness_count, 3);
}

/* The log does not know over which family it was. */
static void what_is_joined_does_not_contradict_itself(void **state)
{
	struct heard *heard = *state;
	struct delivery all[] = { of_capture(), of_bounce(), of_log() };

	all[2].has_relay = false;
	all[2].has_family = false;
	set_relay(&all[1], "198.51.100.18");
	JOIN(heard, all);
	assert_int_equal(heard->count, 2);
	assert_int_equal(heard->joined[0].witness_count, 2);
	assert_int_equal(heard->joined[1].witness_count, 1);
}

/* ---- what is not */

static void what_contradicts_is_not_one(void **state)
{
	struct delivery log, bounce = of_bounce();

	log = of_log();
	set_relay(&log, "198.51.100.18");
	assert_two(state, &bounce, &log);
	log.has_relay = false;
	assert_two(state, &bounce, &log);
	log = of_log();
	set_relay(&log, "2001:db8:d1::3");
	assert_two(state, &bounce, &log);
	log = of_log();
	log.code = 554;
	assert_two(state, &bounce, &log);
	log = of_log();
	log.recipient = SPAN("c@gmail.example");
	assert_two(state, &bounce, &log);
	log = of_log();
	log.queue_id = SPAN("701CAAC2D67");
	assert_two(state, &bounce, &log);
	log = of_log();
	log.message_id = SPAN("2@sender.example");
	assert_two(state, &bounce, &log);
	log = of_log();
	set_reply(&log, DELIVERY_ACCEPTED, 0, "");
	assert_two(state, &bounce, &log);
	log = of_log();
	set_reply(&log, DELIVERY_DEFERRED, 0, "timed out");
	assert_two(state, &bounce, &log);
}

static void another_reply_at_the_same_time_is_another_delivery(void **state)
{
	struct delivery log = of_log(), capture = of_capture();

	capture.text = SPAN("5.1.1 No such user here");
	assert_two(state, &capture, &log);
}

static void the_same_reply_of_another_day_is_another_delivery(void **state)
{
	struct delivery log = of_log(), bounce = of_bounce();

	without_ids(&bounce);
	bounce.time_ms += 3 * 24 * 3600000;
	assert_two(state, &bounce, &log);
}

static void two_of_one_kind_are_never_one(void **state)
{
	struct delivery log = of_log(), bounce = of_bounce();
	struct delivery capture = of_capture(), other;

	assert_two(state, &log, &log);
	other = bounce;
	other.time_ms += 1000;
	assert_two(state, &bounce, &other);
	other = capture;
	other.time_ms++;
	assert_two(state, &capture, &other);
}

static void what_two_files_hold_counts_once(void **state)
{
	struct heard *heard = *state;
	struct delivery all[] = { of_bounce(), of_capture(), of_bounce(),
		of_capture(), of_bounce() };

	all[2].file = SPAN("bounces.mbox");
	all[4].file = SPAN("bounces.old");
	all[3].file = SPAN("without-secrets.pcap");
	all[3].recipient = SPAN("");
	set_reply(&all[3], DELIVERY_UNKNOWN, 0, "");
	JOIN(heard, all);
	assert_int_equal(the_one(heard)->witness_count, 2);
	assert_true(
		span_is(heard->joined[0].witnesses[1].file, SPAN("mail.pcap")));
	assert_int_equal(heard->joined[0].delivery.code, 550);
}

/* What is not the same. */
static void two_bounces_of_one_message_are_two(void **state)
{
	struct delivery waits = of_bounce(), fails = of_bounce();
	struct delivery capture = of_capture(), other = of_capture();

	set_reply(&waits, DELIVERY_DEFERRED, 450, "450 come back later");
	assert_two(state, &waits, &fails);
	waits = of_bounce();
	waits.result = DELIVERY_DEFERRED;
	fails.result = DELIVERY_EXPIRED;
	assert_two(state, &waits, &fails);
	fails = of_bounce();
	waits = of_bounce();
	waits.recipient = SPAN("c@gmail.example");
	assert_two(state, &waits, &fails);
	other.file = SPAN("other.pcap");
	other.recipient = SPAN("c@gmail.example");
	assert_two(state, &capture, &other);
	other = of_capture();
	assert_two(state, &capture, &other);
}

/* ---- one to one */

static void each_bounce_is_taken_once(void **state)
{
	struct heard *heard = *state;
	struct delivery all[] = { of_bounce(), of_bounce(), of_log(), of_log(),
		of_log() };

	for (size_t i = 0; i < COUNT_OF(all); i++)
		without_ids(&all[i]);
	all[1].position = 70;
	all[1].time_ms += 61000;
	all[3].time_ms += 60000;
	all[4].time_ms += 110000;
	JOIN(heard, all);
	assert_int_equal(heard->count, 3);
	for (size_t i = 0; i < heard->count; i++) {
		const struct joined_delivery *one = &heard->joined[i];
		int64_t later = one->delivery.time_ms - noon;

		assert_int_equal(one->witness_count, later == 110000 ? 1 : 2);
		if (later == 60000)
			assert_int_equal(one->witnesses[1].position, 70);
	}
}

static void a_bounce_belongs_to_the_last_attempt_that_fits(void **state)
{
	struct heard *heard = *state;
	struct delivery all[] = { of_bounce(), of_log(), of_log(), of_log() };

	all[0].result = DELIVERY_EXPIRED;
	without_path(&all[0]);
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		all[i].code = 450;
		all[i].text = SPAN("450 4.2.0 come back later");
		if (i)
			all[i].result = DELIVERY_DEFERRED;
		all[i].position = i;
	}
	all[2].time_ms += 3600000;
	all[3].time_ms += 7200000;
	set_relay(&all[3], "198.51.100.18");
	JOIN(heard, all);
	assert_int_equal(heard->count, 3);
	for (size_t i = 0; i < heard->count; i++) {
		const struct joined_delivery *one = &heard->joined[i];
		bool is_last = one->delivery.position == 3;

		assert_int_equal(one->witness_count, is_last ? 2 : 1);
		assert_int_equal(one->delivery.result,
			is_last ? DELIVERY_EXPIRED : DELIVERY_DEFERRED);
	}
}

static void a_refusal_is_not_of_the_attempt_before_it(void **state)
{
	struct heard *heard = *state;
	struct delivery all[] = { of_bounce(), of_log(), of_log() };

	without_path(&all[0]);
	set_relay(&all[1], "198.51.100.18");
	set_reply(&all[1], DELIVERY_DEFERRED, 0, "connection timed out");
	JOIN(heard, all);
	assert_int_equal(heard->count, 2);
	assert_int_equal(heard->joined[0].witness_count, 1);
	assert_int_equal(heard->joined[0].delivery.family, FAMILY_IPV4);
	assert_int_equal(heard->joined[1].witness_count, 2);
	assert_int_equal(heard->joined[1].delivery.family, FAMILY_IPV6);
}

/* Postfix defers what a greeting of 554 refused. */
static void what_was_refused_may_be_tried_again(void **state)
{
	struct delivery log = of_log(), capture = of_capture();

	log.result = DELIVERY_DEFERRED;
	assert_one(state, &capture, &log);
	assert_int_equal(the_one(*state)->delivery.result, DELIVERY_DEFERRED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SENTENCE(all_three_witnesses_tell_of_one),
		SENTENCE(a_queue_id_is_enough),
		SENTENCE(a_message_id_is_enough),
		SENTENCE(the_same_reply_to_the_same_recipient_is_enough),
		SENTENCE(a_clock_in_another_zone_does_not_part_the_same_reply),
		SENTENCE(a_zone_is_no_excuse_without_the_reply),
		SENTENCE(recipient_family_end_and_time_are_enough),
		SENTENCE(an_alias_has_two_names),
		SENTENCE(a_capture_and_a_bounce_are_one_without_a_log),
		SENTENCE(a_bounce_brings_log_and_capture_together),
		SENTENCE(a_capture_brings_log_and_bounce_together),
		SENTENCE(what_is_joined_does_not_contradict_itself),
		SENTENCE(what_contradicts_is_not_one),
		SENTENCE(another_reply_at_the_same_time_is_another_delivery),
		SENTENCE(the_same_reply_of_another_day_is_another_delivery),
		SENTENCE(two_of_one_kind_are_never_one),
		SENTENCE(what_two_files_hold_counts_once),
		SENTENCE(two_bounces_of_one_message_are_two),
		SENTENCE(each_bounce_is_taken_once),
		SENTENCE(a_bounce_belongs_to_the_last_attempt_that_fits),
		SENTENCE(a_refusal_is_not_of_the_attempt_before_it),
		SENTENCE(what_was_refused_may_be_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
