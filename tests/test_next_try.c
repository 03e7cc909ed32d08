#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "probe/judge/next_try.h"
#include "tests/own_arena.h"

static struct delivery attempt(
	enum family family, enum delivery_result result, int64_t time_s)
{
	return (struct delivery){ .queue_id = SPAN("4ABC"),
		.recipient = SPAN("a@b.example"),
		.has_family = true,
		.family = family,
		.has_relay = true,
		.relay = { .family = family },
		.result = result,
		.has_time = true,
		.time_ms = time_s * 1000 };
}

static struct next_tries tries[FAMILY_COUNT];

static void begin(struct next_try *next)
{
	memset(tries, 0, sizeof(tries));
	next_try_open(next, arena);
}

static void add(struct next_try *next, struct delivery delivery)
{
	next_try_add(next, &delivery, &tries[delivery.family]);
}

static void it_went_on_to_the_other_family(void **state)
{
	struct next_try next;

	(void)state;
	begin(&next);
	add(&next, attempt(FAMILY_IPV6, DELIVERY_DEFERRED, 10));
	add(&next, attempt(FAMILY_IPV4, DELIVERY_ACCEPTED, 18));
	assert_int_equal(tries[FAMILY_IPV6].messages, 1);
	assert_int_equal(tries[FAMILY_IPV6].other_family, 1);
	assert_int_equal(tries[FAMILY_IPV6].example_wait_ms, 8000);
	assert_true(tries[FAMILY_IPV6].example_is_other_family);
	assert_int_equal(tries[FAMILY_IPV4].messages, 0);
}

static void the_order_of_the_witnesses_does_not_matter(void **state)
{
	struct next_try next;

	(void)state;
	begin(&next);
	add(&next, attempt(FAMILY_IPV4, DELIVERY_ACCEPTED, 18));
	add(&next, attempt(FAMILY_IPV6, DELIVERY_DEFERRED, 10));
	assert_int_equal(tries[FAMILY_IPV6].other_family, 1);
}

static void what_was_accepted_before_is_no_next_try(void **state)
{
	struct next_try next;

	(void)state;
	begin(&next);
	add(&next, attempt(FAMILY_IPV4, DELIVERY_ACCEPTED, 9));
	add(&next, attempt(FAMILY_IPV6, DELIVERY_DEFERRED, 10));
	assert_int_equal(tries[FAMILY_IPV6].messages, 1);
	assert_int_equal(tries[FAMILY_IPV6].other_family, 0);
}

static void both_families_may_fail(void **state)
{
	struct next_try next;

	(void)state;
	begin(&next);
	add(&next, attempt(FAMILY_IPV6, DELIVERY_DEFERRED, 10));
	add(&next, attempt(FAMILY_IPV4, DELIVERY_DEFERRED, 11));
	add(&next, attempt(FAMILY_IPV6, DELIVERY_DEFERRED, 310));
	assert_int_equal(tries[FAMILY_IPV6].messages, 1);
	assert_int_equal(tries[FAMILY_IPV6].failed_both, 1);
	assert_int_equal(tries[FAMILY_IPV4].messages, 0);
}

static void a_later_try_at_the_same_host_is_told_apart(void **state)
{
	struct delivery elsewhere = attempt(
		FAMILY_IPV6, DELIVERY_ACCEPTED, 400);
	struct next_try next;

	(void)state;
	begin(&next);
	add(&next, attempt(FAMILY_IPV6, DELIVERY_DEFERRED, 10));
	add(&next, attempt(FAMILY_IPV6, DELIVERY_ACCEPTED, 310));
	assert_int_equal(tries[FAMILY_IPV6].same_host, 1);
	begin(&next);
	elsewhere.relay.bytes[15] = 9;
	add(&next, attempt(FAMILY_IPV6, DELIVERY_DEFERRED, 10));
	add(&next, elsewhere);
	assert_int_equal(tries[FAMILY_IPV6].other_host, 1);
}

static void another_message_is_another(void **state)
{
	struct delivery other = attempt(FAMILY_IPV4, DELIVERY_ACCEPTED, 18);
	struct delivery nameless = attempt(FAMILY_IPV6, DELIVERY_DEFERRED, 0);
	struct next_try next;

	(void)state;
	begin(&next);
	other.queue_id = SPAN("4ABD");
	add(&next, attempt(FAMILY_IPV6, DELIVERY_DEFERRED, 10));
	add(&next, other);
	assert_int_equal(tries[FAMILY_IPV6].other_family, 0);
	/* A capture knows no id: what is far apart is another message. */
	begin(&next);
	nameless.queue_id = other.queue_id = SPAN("");
	nameless.witness = other.witness = WITNESS_CAPTURE;
	add(&next, nameless);
	other.time_ms = NEXT_TRY_NEAR_MS + 1;
	add(&next, other);
	assert_int_equal(tries[FAMILY_IPV6].other_family, 0);
	begin(&next);
	add(&next, nameless);
	other.time_ms = NEXT_TRY_NEAR_MS;
	add(&next, other);
	assert_int_equal(tries[FAMILY_IPV6].other_family, 1);
}

static void a_log_without_ids_tells_of_no_next_try(void **state)
{
	struct delivery failed = attempt(FAMILY_IPV6, DELIVERY_DEFERRED, 0);
	struct delivery taken = attempt(FAMILY_IPV4, DELIVERY_ACCEPTED, 1);
	struct next_try next;

	(void)state;
	begin(&next);
	failed.queue_id = taken.queue_id = SPAN("");
	add(&next, failed);
	add(&next, taken);
	assert_int_equal(tries[FAMILY_IPV6].messages, 0);
}

static void the_oldest_are_forgotten(void **state)
{
	struct next_try next;

	(void)state;
	begin(&next);
	for (unsigned i = 0; i < 4 * NEXT_TRY_MESSAGES; i++) {
		struct delivery failed = attempt(
			FAMILY_IPV6, DELIVERY_DEFERRED, i);
		struct delivery taken = attempt(
			FAMILY_IPV4, DELIVERY_ACCEPTED, i);
		char id[16];

		snprintf(id, sizeof(id), "%u", i);
		failed.queue_id = taken.queue_id = span_of(id);
		add(&next, failed);
		add(&next, taken);
	}
	assert_int_equal(
		tries[FAMILY_IPV6].other_family, 4 * NEXT_TRY_MESSAGES);
}

static void successes_do_not_drive_failures_out(void **state)
{
	struct next_try next;

	(void)state;
	begin(&next);
	add(&next, attempt(FAMILY_IPV6, DELIVERY_DEFERRED, 10));
	for (unsigned i = 0; i < 4 * NEXT_TRY_MESSAGES; i++) {
		struct delivery taken = attempt(
			FAMILY_IPV4, DELIVERY_ACCEPTED, i);
		char id[16];

		snprintf(id, sizeof(id), "%u", i);
		taken.queue_id = span_of(id);
		add(&next, taken);
	}
	add(&next, attempt(FAMILY_IPV4, DELIVERY_ACCEPTED, 3610));
	assert_int_equal(tries[FAMILY_IPV6].other_family, 1);
	assert_int_equal(tries[FAMILY_IPV6].example_wait_ms, 3600000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_went_on_to_the_other_family),
		cmocka_unit_test(the_order_of_the_witnesses_does_not_matter),
		cmocka_unit_test(what_was_accepted_before_is_no_next_try),
		cmocka_unit_test(both_families_may_fail),
		cmocka_unit_test(a_later_try_at_the_same_host_is_told_apart),
		cmocka_unit_test(another_message_is_another),
		cmocka_unit_test(a_log_without_ids_tells_of_no_next_try),
		cmocka_unit_test(successes_do_not_drive_failures_out),
		cmocka_unit_test(the_oldest_are_forgotten),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
