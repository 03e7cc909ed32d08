#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/judge/incident.h"
#include "tests/own_arena.h"
#include "tests/spans.h"

static struct joined_delivery joined_at(int64_t time_ms, const char *domain)
{
	struct delivery delivery = { .has_time = true,
		.time_ms = time_ms,
		.recipient = arena_print(arena, "a@%s", domain),
		.relay_host = arena_print(arena, "mx.%s", domain),
		.has_family = true,
		.family = FAMILY_IPV6,
		.result = DELIVERY_ACCEPTED,
		.code = 250 };

	return (struct joined_delivery){ .delivery = delivery,
		.witnesses = { { .kind = WITNESS_LOG,
				       .file = SPAN("maillog"),
				       .position = 12 },
			{ .kind = WITNESS_CAPTURE,
				.file = SPAN("a.pcap"),
				.position = 49 } },
		.witness_count = 2 };
}

static struct joined_delivery refused_at(int64_t time_ms, const char *domain)
{
	struct joined_delivery joined = joined_at(time_ms, domain);

	joined.delivery.result = DELIVERY_REFUSED;
	joined.delivery.code = 550;
	joined.delivery.has_stage = true;
	joined.delivery.stage = STAGE_RCPT;
	joined.delivery.text = SPAN("550-5.7.1 not\n550 5.7.1 today");
	return joined;
}

static void of_few_every_attempt_is_told_with_its_witnesses(void **state)
{
	struct joined_delivery second = refused_at(20000, "b.example");
	struct joined_delivery first = joined_at(10000, "c.example");
	const struct timeline_entries *timeline;
	struct incident incident;

	(void)state;
	incident_open(&incident, codebook_embedded(arena));
	incident_add(&incident, &second);
	incident_add(&incident, &first);
	timeline = &incident_judge(arena, &incident)->timeline;
	assert_true(timeline->has_attempts);
	assert_int_equal(timeline->count, 2);
	assert_span(
		timeline->at[0].text, "a@c.example at mx.c.example: accepted");
	assert_span(timeline->at[1].text,
		"a@b.example at mx.b.example: refused at RCPT: 550 5.7.1 not "
		"today");
	assert_span(timeline->at[1].spot, "maillog line 12, a.pcap frame 49");
	assert_int_equal(timeline->at[1].family, FAMILY_IPV6);
	incident_close(&incident);
}

static void what_has_no_time_comes_last(void **state)
{
	struct joined_delivery timeless = joined_at(0, "b.example");
	struct joined_delivery later = joined_at(10000, "c.example");
	const struct timeline_entries *timeline;
	struct incident incident;

	(void)state;
	incident_open(&incident, codebook_embedded(arena));
	timeless.delivery.has_time = false;
	incident_add(&incident, &timeless);
	incident_add(&incident, &later);
	timeline = &incident_judge(arena, &incident)->timeline;
	assert_true(timeline->at[0].has_time);
	assert_false(timeline->at[1].has_time);
	incident_close(&incident);
}

static size_t count_of(
	const struct timeline_entries *timeline, enum timeline_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < timeline->count; i++)
		count += timeline->at[i].kind == kind;
	return count;
}

static void of_many_only_what_tells_something(void **state)
{
	const struct timeline_entries *timeline;
	struct incident incident;

	(void)state;
	incident_open(&incident, codebook_embedded(arena));
	for (int64_t i = 0; i < 300; i++) {
		struct joined_delivery joined =
			i >= 100 && i < 200 ? refused_at(i * 60000, "b.example")
					    : joined_at(i * 60000, "b.example");

		incident_add(&incident, &joined);
	}
	timeline = &incident_judge(arena, &incident)->timeline;
	assert_false(timeline->has_attempts);
	assert_int_equal(count_of(timeline, TIMELINE_ATTEMPT), 0);
	assert_int_equal(timeline->count, 4);
	assert_int_equal(count_of(timeline, TIMELINE_FIRST), 1);
	assert_int_equal(count_of(timeline, TIMELINE_SINCE), 1);
	assert_int_equal(count_of(timeline, TIMELINE_UNTIL), 1);
	assert_int_equal(count_of(timeline, TIMELINE_LAST), 1);
	for (size_t i = 1; i < timeline->count; i++)
		assert_true(
			timeline->at[i - 1].time_ms <= timeline->at[i].time_ms);
	assert_int_equal(timeline->at[0].time_ms, 100 * 60000);
	assert_int_equal(timeline->at[3].time_ms, 199 * 60000);
	incident_close(&incident);
}

static void the_way_that_was_taken_next_is_told(void **state)
{
	const struct timeline_entries *timeline;
	struct incident incident;
	bool is_told = false;

	(void)state;
	incident_open(&incident, codebook_embedded(arena));
	for (int64_t i = 0; i < 60; i++) {
		struct joined_delivery failed = refused_at(
			i * 60000, "b.example");
		struct joined_delivery taken = joined_at(
			i * 60000 + 8000, "b.example");

		failed.delivery.queue_id = taken.delivery.queue_id =
			arena_print(arena, "Q%d", (int)i);
		taken.delivery.family = FAMILY_IPV4;
		incident_add(&incident, &failed);
		incident_add(&incident, &taken);
	}
	timeline = &incident_judge(arena, &incident)->timeline;
	for (size_t i = 0; i < timeline->count; i++)
		is_told |= timeline->at[i].kind == TIMELINE_NEXT &&
			   span_is(timeline->at[i].text,
				   SPAN("then over IPv4: accepted after 8 s"));
	assert_true(is_told);
	incident_close(&incident);
}

static void entries_are_bounded(void **state)
{
	const struct timeline_entries *timeline;
	struct incident incident;

	(void)state;
	incident_open(&incident, codebook_embedded(arena));
	for (int i = 0; i < 2000; i++) {
		struct joined_delivery joined = refused_at(i * 1000,
			arena_print(arena, "d%d.example", i % 200).at);

		/* Nobody knows what it means, so each stands for itself. */
		joined.delivery.text = SPAN("554 qwertz uiop");
		incident_add(&incident, &joined);
	}
	timeline = &incident_judge(arena, &incident)->timeline;
	assert_int_equal(timeline->count, TIMELINE_ENTRIES_MAX);
	assert_int_equal(timeline->left_out, 400 - TIMELINE_ENTRIES_MAX);
	incident_close(&incident);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			of_few_every_attempt_is_told_with_its_witnesses),
		cmocka_unit_test(what_has_no_time_comes_last),
		cmocka_unit_test(of_many_only_what_tells_something),
		cmocka_unit_test(the_way_that_was_taken_next_is_told),
		cmocka_unit_test(entries_are_bounded),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
