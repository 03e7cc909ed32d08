#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "probe/judge/delivery_join.h"
#include "probe/judge/delivery_join_reply.h"
#include "probe/judge/delivery_kept.h"

enum { HEARD_MAX = 64 };

/* What came out of a join. */
struct heard {
	struct arena *arena;
	struct joined_delivery joined[HEARD_MAX];
	size_t count;
	uint64_t told;
};

static void hear(void *of, const struct joined_delivery *joined)
{
	struct heard *heard = of;
	struct joined_delivery *copy;

	heard->told++;
	if (heard->count == HEARD_MAX)
		return;
	copy = &heard->joined[heard->count++];
	*copy = *joined;
	delivery_copy(&copy->delivery, &joined->delivery,
		arena_take(
			heard->arena, delivery_octets(&joined->delivery) + 1));
	for (size_t i = 0; i < joined->witness_count; i++)
		copy->witnesses[i].file = arena_copy(
			heard->arena, joined->witnesses[i].file);
}

static int start(void **state)
{
	struct heard *heard = calloc(1, sizeof(*heard));

	if (!heard)
		return -1;
	heard->arena = arena_open();
	*state = heard;
	return 0;
}

static int stop(void **state)
{
	struct heard *heard = *state;

	arena_close(heard->arena);
	free(heard);
	return 0;
}

static void join_all(
	struct heard *heard, const struct delivery *deliveries, size_t count)
{
	struct delivery_join_orders orders = { .take = hear, .taker = heard };
	struct delivery_join *join = delivery_join_open(&orders);

	heard->count = 0;
	heard->told = 0;
	for (size_t i = 0; i < count; i++)
		delivery_join_add(join, &deliveries[i]);
	delivery_join_end(join);
	assert_int_equal(delivery_join_account(join)->given, count);
	assert_int_equal(delivery_join_account(join)->taken, heard->told);
	delivery_join_close(join);
}

#define JOIN(heard, deliveries)                                                \
	join_all((heard), (deliveries), COUNT_OF(deliveries))

/* ---- what the witnesses tell */

static const int64_t noon = INT64_C(1795176000000);

static struct ip ip_of(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(span_of(text), &ip));
	return ip;
}

static void set_relay(struct delivery *delivery, const char *address)
{
	delivery->has_relay = true;
	delivery->relay = ip_of(address);
	delivery->has_family = true;
	delivery->family = delivery->relay.family;
}

static void set_reply(struct delivery *delivery, enum delivery_result result,
	unsigned code, const char *text)
{
	delivery->result = result;
	delivery->code = code;
	delivery->text = span_of(text);
}

static struct delivery of_log(void)
{
	struct delivery delivery = { .witness = WITNESS_LOG,
		.file = SPAN("maillog"),
		.position = 9,
		.dialect = SPAN("postfix"),
		.has_time = true,
		.time_ms = noon,
		.queue_id = SPAN("701CAAC2D66"),
		.message_id = SPAN("1@sender.example"),
		.has_sender = true,
		.sender = SPAN("a@sender.example"),
		.recipient = SPAN("b@gmail.example"),
		.relay_host = SPAN("mx.gmail.example"),
		.has_stage = true,
		.stage = STAGE_DOT };

	set_relay(&delivery, "2001:db8:d1::2");
	set_reply(&delivery, DELIVERY_REFUSED, 550,
		"550-5.7.1 You are not\n550 5.7.1 authorized here");
	return delivery;
}

static struct delivery of_bounce(void)
{
	struct delivery delivery = of_log();

	delivery.witness = WITNESS_BOUNCE;
	delivery.file = SPAN("bounces");
	delivery.position = 1;
	delivery.dialect = SPAN("rfc3464");
	delivery.from_domain = SPAN("sender.example");
	return delivery;
}

static struct delivery of_capture(void)
{
	struct delivery delivery = of_log();

	delivery.witness = WITNESS_CAPTURE;
	delivery.file = SPAN("mail.pcap");
	delivery.position = 49;
	delivery.dialect = SPAN("smtp");
	delivery.time_ms = noon + 577;
	delivery.queue_id = SPAN("");
	delivery.message_id = SPAN("");
	delivery.relay_host = SPAN("");
	delivery.has_source = true;
	delivery.source = ip_of("2001:db8:1::25");
	delivery.text = SPAN("5.7.1 You are not\n5.7.1 authorized here");
	return delivery;
}

static void without_ids(struct delivery *delivery)
{
	delivery->queue_id = SPAN("");
	delivery->message_id = SPAN("");
}

/* What a bounce of Sendmail has: no queue id, no address. */
static void without_path(struct delivery *delivery)
{
	delivery->queue_id = SPAN("");
	delivery->has_relay = false;
	delivery->has_family = false;
}

static const struct joined_delivery *the_one(struct heard *heard)
{
	assert_int_equal(heard->count, 1);
	return &heard->joined[0];
}

static void assert_one(
	void **state, const struct delivery *a, const struct delivery *b)
{
	struct delivery both[] = { *a, *b };

	JOIN(*state, both);
	assert_int_equal(the_one(*state)->witness_count, 2);
}

static void assert_two(
	void **state, const struct delivery *a, const struct delivery *b)
{
	struct heard *heard = *state;
	struct delivery both[] = { *a, *b };

	JOIN(heard, both);
	assert_int_equal(heard->count, 2);
	assert_int_equal(heard->joined[0].witness_count, 1);
	assert_int_equal(heard->joined[1].witness_count, 1);
}

/* ---- replies */

static void the_same_reply_is_known_in_any_form(void **state)
{
	static const struct {
		const char *a, *b;
		enum reply_kinship kinship;
	} rows[] = {
		{ "550 5.7.1 Not here", "5.7.1 not   HERE", REPLY_SAME },
		{ "550-5.7.1 Not\n550 5.7.1 here", "Not here", REPLY_SAME },
		{ "550-5.7.1 Not 550 5.7.1 here", "Not\nhere", REPLY_SAME },
		{ "450-4.2.0 wait", "450 4.2.0 wait", REPLY_SAME },
		{ "554-mx.example\n554 no", "mx.example no", REPLY_SAME },
		{ "550 #5.1.0 Address", "550 #5.1.0 Address", REPLY_SAME },
		{ "no such user (in\nreply to RCPT TO command)",
			"550 No such user", REPLY_SAME },
		{ "no such user (in reply to RCPT TO command)",
			"550 No such user", REPLY_SAME },
		{ "caf\xc3\xa9 is closed", "caf?? is closed", REPLY_SAME },
		{ "550 5.7.1 You are not", "You are not authorized",
			REPLY_BEGINS },
		{ "You are not authorized", "550 You are not", REPLY_BEGINS },
		{ "550 no", "550 no such user", REPLY_OTHER },
		{ "550 5.1.1 no user", "550 5.1.1 no mailbox", REPLY_OTHER },
		{ "550 5.1.1", "550 5.1.1 no mailbox", REPLY_UNTOLD },
		{ "", "", REPLY_UNTOLD },
		{ "192.0.2.1 is listed", "192.0.2.2 is listed", REPLY_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span a = span_of(rows[i].a), b = span_of(rows[i].b);

		if (reply_kinship(a, b) != rows[i].kinship)
			fail_msg("%s / %s", rows[i].a, rows[i].b);
		assert_int_equal(reply_kinship(b, a), rows[i].kinship);
	}
}

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

/* ---- without a recipient */

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

/* ---- bounds, and order */

static void beyond_the_ceilings_nothing_is_lost(void **state)
{
	struct heard *heard = *state;
	struct delivery_join_orders orders = {
		.take = hear, .taker = heard, .kept_max = 2
	};
	struct delivery_join *join = delivery_join_open(&orders);
	struct delivery bounce = of_bounce(), log = of_log();

	for (size_t i = 0; i < 5; i++) {
		bounce.time_ms = noon + (int64_t)i;
		delivery_join_add(join, &bounce);
	}
	assert_int_equal(heard->told, 3);
	assert_int_equal(delivery_join_account(join)->not_kept, 3);
	delivery_join_add(join, &log);
	delivery_join_end(join);
	assert_int_equal(heard->told, 5);
	delivery_join_close(join);
	orders.kept_max = 0;
	orders.octets_max = 1;
	join = delivery_join_open(&orders);
	delivery_join_add(join, &bounce);
	delivery_join_add(join, &bounce);
	assert_int_equal(delivery_join_account(join)->not_kept, 1);
	delivery_join_close(join);
}

static void nothing_of_a_delivery_is_needed_afterwards(void **state)
{
	struct heard *heard = *state;
	struct delivery_join_orders orders = { .take = hear, .taker = heard };
	struct delivery_join *join = delivery_join_open(&orders);
	struct delivery all[] = { of_capture(), of_bounce(), of_log() };

	for (size_t i = 0; i < COUNT_OF(all); i++) {
		size_t len = delivery_octets(&all[i]);
		char *room = malloc(len);
		struct delivery borrowed;

		assert_non_null(room);
		delivery_copy(&borrowed, &all[i], room);
		delivery_join_add(join, &borrowed);
		memset(room, 'x', len);
		free(room);
	}
	delivery_join_end(join);
	delivery_join_close(join);
	assert_int_equal(the_one(heard)->witness_count, 3);
	assert_true(span_is(heard->joined[0].delivery.text, all[1].text));
}

static void a_log_with_nothing_beside_it_goes_straight_on(void **state)
{
	struct heard *heard = *state;
	struct delivery_join_orders orders = { .take = hear, .taker = heard };
	struct delivery_join *join = delivery_join_open(&orders);
	struct delivery log = of_log(), bounce = of_bounce();

	delivery_join_add(join, &log);
	assert_int_equal(heard->told, 1);
	bounce.queue_id = SPAN("ANOTHER");
	delivery_join_add(join, &bounce);
	delivery_join_add(join, &log);
	assert_int_equal(heard->told, 2);
	delivery_join_end(join);
	assert_int_equal(heard->told, 3);
	delivery_join_close(join);
}

/* Of very many to one recipient each still finds its own, by its time. */
static void many_to_one_recipient_find_each_other(void **state)
{
	enum { MANY = 3 * KEPT_LOOKED_AT_MAX };
	struct heard *heard = *state;
	struct delivery_join_orders orders = { .take = hear, .taker = heard };
	struct delivery_join *join = delivery_join_open(&orders);

	for (int i = 0; i < MANY; i++) {
		struct delivery capture = of_capture();

		capture.time_ms += (int64_t)i * 20000;
		delivery_join_add(join, &capture);
	}
	for (int i = 0; i < MANY; i++) {
		struct delivery log = of_log();

		log.time_ms += (int64_t)i * 20000 + 9 * 3600000;
		delivery_join_add(join, &log);
	}
	delivery_join_end(join);
	assert_int_equal(heard->told, MANY);
	delivery_join_close(join);
}

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* A few attempts of a few messages, told by whoever saw them. */
static size_t make_story(struct delivery *story, uint64_t *seed)
{
	static const char *const recipients[] = { "b@gmail.example",
		"c@gmail.example", "" };
	size_t count = 4 + next_random(seed) % 9;

	for (size_t i = 0; i < count; i++) {
		uint64_t dice = next_random(seed);

		story[i] = i < count / 3       ? of_capture()
			   : i < 2 * count / 3 ? of_bounce()
					       : of_log();
		story[i].position = i + 1;
		if (dice & 1)
			without_ids(&story[i]);
		if (dice & 2 && story[i].witness == WITNESS_BOUNCE)
			without_path(&story[i]);
		story[i].recipient = span_of(
			recipients[(dice >> 8) % COUNT_OF(recipients)]);
		story[i].time_ms += (int64_t)((dice >> 16) % 8) * 2000 +
				    (int64_t)i;
		if (dice & 4)
			set_relay(&story[i], "198.51.100.18");
	}
	return count;
}

static void swap(struct delivery *a, struct delivery *b)
{
	struct delivery kept = *a;

	*a = *b;
	*b = kept;
}

static void the_order_of_bounces_and_captures_does_not_matter(void **state)
{
	struct heard *heard = *state;
	uint64_t seed = 88172645463325252u;

	for (int round = 0; round < 2000; round++) {
		struct delivery story[16];
		size_t count = make_story(story, &seed);
		size_t kept = 2 * count / 3;
		uint64_t told;

		join_all(heard, story, count);
		told = heard->told;
		for (int turn = 0; turn < 3; turn++) {
			for (size_t i = 0; i < kept; i++)
				swap(&story[i],
					&story[next_random(&seed) % kept]);
			join_all(heard, story, count);
			assert_int_equal(heard->told, told);
		}
		arena_empty(heard->arena);
	}
}

static void no_witness_is_lost_or_told_of_twice(void **state)
{
	struct heard *heard = *state;
	uint64_t seed = 362436069;

	for (int round = 0; round < 2000; round++) {
		struct delivery story[16];
		size_t count = make_story(story, &seed);
		unsigned times[17] = { 0 };

		arena_empty(heard->arena);
		join_all(heard, story, count);
		for (size_t i = 0; i < heard->count; i++)
			for (size_t j = 0; j < heard->joined[i].witness_count;
				j++)
				times[heard->joined[i].witnesses[j].position]++;
		for (size_t i = 0; i < count; i++) {
			bool is_of_all = story[i].witness == WITNESS_CAPTURE &&
					 !story[i].recipient.len;

			assert_true(times[i + 1] == 1 ||
				    (is_of_all && times[i + 1] > 1));
		}
	}
}

static void made_up_times_do_no_harm(void **state)
{
	static const int64_t times[] = { INT64_MIN, INT64_MAX, 0, -1,
		INT64_MIN + 1 };

	for (size_t i = 0; i < COUNT_OF(times); i++)
		for (size_t j = 0; j < COUNT_OF(times); j++) {
			struct delivery log = of_log();
			struct delivery capture = of_capture();

			log.time_ms = times[i];
			capture.time_ms = times[j];
			struct delivery both[] = { capture, log };

			JOIN(*state, both);
		}
}

#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_reply_is_known_in_any_form),
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
		SENTENCE(beyond_the_ceilings_nothing_is_lost),
		SENTENCE(nothing_of_a_delivery_is_needed_afterwards),
		SENTENCE(a_log_with_nothing_beside_it_goes_straight_on),
		SENTENCE(many_to_one_recipient_find_each_other),
		SENTENCE(the_order_of_bounces_and_captures_does_not_matter),
		SENTENCE(no_witness_is_lost_or_told_of_twice),
		SENTENCE(made_up_times_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
