#ifndef MXP_WITNESSES_BY_HAND_H
#define MXP_WITNESSES_BY_HAND_H

#include <stdlib.h>

#include "probe/judge/delivery_join.h"
#include "probe/judge/delivery_kept.h"

/*
 * A log, a bounce and a capture that tell of one delivery, for the tests of
 * what joins them; and what came out of it.
 */
enum { HEARD_MAX = 64 };

/* What came out of a join. */
struct heard {
	struct arena *arena;
	struct joined_delivery joined[HEARD_MAX];
	size_t count;
	uint64_t told;
};

static inline void hear(void *of, const struct joined_delivery *joined)
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

static inline int start(void **state)
{
	struct heard *heard = calloc(1, sizeof(*heard));

	if (!heard)
		return -1;
	heard->arena = arena_open();
	*state = heard;
	return 0;
}

static inline int stop(void **state)
{
	struct heard *heard = *state;

	arena_close(heard->arena);
	free(heard);
	return 0;
}

static inline void join_all(
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

static inline struct ip ip_of(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(span_of(text), &ip));
	return ip;
}

static inline void set_relay(struct delivery *delivery, const char *address)
{
	delivery->has_relay = true;
	delivery->relay = ip_of(address);
	delivery->has_family = true;
	delivery->family = delivery->relay.family;
}

static inline void set_reply(struct delivery *delivery,
	enum delivery_result result, unsigned code, const char *text)
{
	delivery->result = result;
	delivery->code = code;
	delivery->text = span_of(text);
}

static inline struct delivery of_log(void)
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

static inline struct delivery of_bounce(void)
{
	struct delivery delivery = of_log();

	delivery.witness = WITNESS_BOUNCE;
	delivery.file = SPAN("bounces");
	delivery.position = 1;
	delivery.dialect = SPAN("rfc3464");
	delivery.from_domain = SPAN("sender.example");
	return delivery;
}

static inline struct delivery of_capture(void)
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

static inline void without_ids(struct delivery *delivery)
{
	delivery->queue_id = SPAN("");
	delivery->message_id = SPAN("");
}

/* What a bounce of Sendmail has: no queue id, no address. */
static inline void without_path(struct delivery *delivery)
{
	delivery->queue_id = SPAN("");
	delivery->has_relay = false;
	delivery->has_family = false;
}

static inline const struct joined_delivery *the_one(struct heard *heard)
{
	assert_int_equal(heard->count, 1);
	return &heard->joined[0];
}

static inline void assert_one(
	void **state, const struct delivery *a, const struct delivery *b)
{
	struct delivery both[] = { *a, *b };

	JOIN(*state, both);
	assert_int_equal(the_one(*state)->witness_count, 2);
}

static inline void assert_two(
	void **state, const struct delivery *a, const struct delivery *b)
{
	struct heard *heard = *state;
	struct delivery both[] = { *a, *b };

	JOIN(heard, both);
	assert_int_equal(heard->count, 2);
	assert_int_equal(heard->joined[0].witness_count, 1);
	assert_int_equal(heard->joined[1].witness_count, 1);
}

#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, start, stop)

#endif
