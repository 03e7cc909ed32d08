#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/witnesses_by_hand.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
