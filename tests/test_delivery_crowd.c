#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/incident_by_hand.h"

#define LISTED                                                                 \
	"550 5.7.1 Service unavailable; Client host [2001:db8::25] blocked "   \
	"using zen.spamhaus.org"
#define NO_USER                                                                \
	"550 5.1.1 <ann@d.example>: Recipient address rejected: User "         \
	"unknown"

/* Each destination has one server of its own for each family. */
static struct delivery delivery_to(unsigned place, enum family family)
{
	struct delivery delivery = { .witness = WITNESS_LOG,
		.file = SPAN("maillog"),
		.dialect = SPAN("postfix"),
		.has_time = true,
		.time_ms = (int64_t)MIDNIGHT_S * 1000,
		.sender = SPAN("news@example.org"),
		.has_sender = true,
		.has_relay = true,
		.relay = { .family = family, .bytes = { 1, [3] = 1 } },
		.has_family = true,
		.family = family,
		.result = DELIVERY_ACCEPTED,
		.code = 250 };

	delivery.relay.bytes[1] = (uint8_t)place;
	delivery.recipient = arena_print(arena, "ann@d%u.example", place);
	delivery.relay_host = arena_print(arena, "mx.d%u.example", place);
	return delivery;
}

static void add_refused(struct case_of *one, struct delivery delivery,
	unsigned count, const char *text)
{
	delivery.result = DELIVERY_REFUSED;
	delivery.has_stage = true;
	delivery.stage = STAGE_RCPT;
	delivery.code = 550;
	delivery.text = span_of(text);
	while (count--)
		add(one, delivery);
}

static void add_many(
	struct case_of *one, struct delivery delivery, unsigned count)
{
	while (count--)
		add(one, delivery);
}

static const struct delivery_findings *found(struct case_of *one)
{
	return &judged(one)->findings;
}

/* Well over IPv4 all day, and over IPv6 up to 10:51. */
static void add_listed(struct case_of *one, unsigned place, unsigned count)
{
	struct delivery delivery = delivery_to(place, FAMILY_IPV6);

	add_many(one, delivery_to(place, FAMILY_IPV4), 10);
	add_many(one, delivery, 10);
	delivery.time_ms = (int64_t)(STEP_S + (int)place) * 1000;
	delivery.has_source = true;
	delivery.source = (struct ip){ FAMILY_IPV6,
		{ 0x20, 0x01, 0x0d, 0xb8, [15] = 0x25 } };
	add_refused(one, delivery, count, LISTED);
}

static void one_cause_at_many_destinations_is_one_finding(void **state)
{
	const struct delivery_findings *findings;
	const struct delivery_finding *told;
	struct case_of one;

	(void)state;
	begin(&one);
	for (unsigned i = 0; i < 20; i++)
		add_listed(&one, i, i == 7 ? 30 : 2 + i % 2);
	findings = found(&one);
	assert_int_equal(findings->count, 1);
	told = &findings->at[0];
	assert_span(told->finding.title,
		"IPv6: 77 of 77 refused at 20 destinations since 2024-09-07 "
		"10:51 (any.spamhaus); IPv4: 0 of 200");
	assert_span(told->finding.id, "any.spamhaus");
	assert_int_equal(told->contrast.parted, PARTED_BY_FAMILY);
	assert_true(told->finding.has_family);
	assert_int_equal(told->finding.family, FAMILY_IPV6);
	assert_int_equal(told->finding.stage, STAGE_RCPT);
	assert_int_equal(told->crowd->destinations, 20);
	assert_span(told->destination, "20 destinations");
	assert_for(told, "maillog line 21: 550 5.7.1 Service unavailable");
	assert_for(told, "the most at d7.example (30), ");
	assert_for(told, " and 15 others");
	assert_for(told, "over IPv4 to the same destinations: 0 of 200 for "
			 "this; accepted: 200");
	assert_for(told, "0 of 200 failed before, 77 of 77 since");
	assert_span(told->command,
		"mxprobe d7.example -b 2001:db8::25 -f postmaster@example.org "
		"-t PUT-YOUR-OWN-MAILBOX-HERE@d7.example --quit-after rcpt");
	end(&one);
}

static void a_few_destinations_are_no_crowd(void **state)
{
	struct case_of one;
	const struct delivery_findings *findings;

	(void)state;
	begin(&one);
	for (unsigned i = 0; i + 1 < DELIVERY_CROWD_MIN; i++)
		add_listed(&one, i, 3);
	findings = found(&one);
	assert_int_equal(findings->count, DELIVERY_CROWD_MIN - 1);
	for (size_t i = 0; i < findings->count; i++)
		assert_null(findings->at[i].crowd);
	end(&one);
}

static void each_alone_is_too_few_and_all_together_are_not(void **state)
{
	struct case_of one;
	const struct delivery_finding *told;

	(void)state;
	begin(&one);
	for (unsigned i = 0; i < 12; i++) {
		add_refused(&one, delivery_to(i, FAMILY_IPV6), 1,
			"550 5.7.1 Message content rejected as spam");
		add_many(&one, delivery_to(i, FAMILY_IPV4), 1);
	}
	told = &found(&one)->at[0];
	assert_int_equal(told->crowd->destinations, 12);
	assert_int_equal(told->contrast.parted, PARTED_BY_FAMILY);
	assert_int_equal(told->contrast.share.failed, 12);
	assert_int_equal(told->contrast.other_share.tried, 12);
	end(&one);
}

static void what_differs_is_told_by_itself(void **state)
{
	struct case_of one;
	const struct delivery_findings *findings;

	(void)state;
	begin(&one);
	for (unsigned i = 0; i < 5; i++)
		add_listed(&one, i, 3);
	add_refused(&one, delivery_to(9, FAMILY_IPV4), 8, LISTED);
	add_refused(&one, delivery_to(9, FAMILY_IPV6), 9, LISTED);
	findings = found(&one);
	assert_int_equal(findings->count, 2);
	assert_int_equal(findings->at[0].crowd->destinations, 5);
	assert_null(findings->at[1].crowd);
	assert_int_equal(findings->at[1].contrast.parted, PARTED_BY_NOTHING);
	assert_span(findings->at[1].destination, "d9.example");
	end(&one);
}

/* Each of them has one that went well over the one or the other family; that
 * is chance, and the destinations where both fail show it. */
static void chosen_destinations_prove_no_family(void **state)
{
	struct case_of one;
	const struct delivery_findings *findings;

	(void)state;
	begin(&one);
	for (unsigned i = 0; i < 6; i++) {
		add_refused(&one, delivery_to(i, FAMILY_IPV6), 3, LISTED);
		add_many(&one, delivery_to(i, FAMILY_IPV4), 1);
		add_refused(&one, delivery_to(60 + i, FAMILY_IPV4), 3, LISTED);
		add_many(&one, delivery_to(60 + i, FAMILY_IPV6), 1);
	}
	for (unsigned i = 10; i < 40; i++) {
		add_refused(&one, delivery_to(i, FAMILY_IPV6), 3, LISTED);
		add_refused(&one, delivery_to(i, FAMILY_IPV4), 3, LISTED);
	}
	findings = found(&one);
	assert_int_equal(findings->count, 3);
	assert_int_equal(findings->at[0].contrast.parted, PARTED_BY_NOTHING);
	assert_int_equal(findings->at[0].crowd->destinations, 30);
	assert_span(findings->at[0].finding.title,
		"IPv4: 90 of 90 refused at 30 destinations (any.spamhaus); "
		"IPv6: 90 of 90");
	assert_false(findings->at[0].finding.has_family);
	for (size_t i = 1; i < findings->count; i++) {
		assert_int_equal(findings->at[i].crowd->destinations, 6);
		assert_int_equal(
			findings->at[i].contrast.parted, PARTED_UNDECIDED);
	}
	end(&one);
}

static void mailboxes_of_many_are_no_matter_of_families(void **state)
{
	struct case_of one;
	const struct delivery_findings *findings;

	(void)state;
	begin(&one);
	for (unsigned i = 0; i < 8; i++) {
		add_refused(&one, delivery_to(i, FAMILY_IPV6), 1, NO_USER);
		add_many(&one, delivery_to(i, FAMILY_IPV4), 9);
		if (i % 2)
			add_refused(
				&one, delivery_to(i, FAMILY_IPV4), 1, NO_USER);
	}
	findings = found(&one);
	assert_int_equal(findings->count, 1);
	assert_span(findings->at[0].finding.title,
		"12 of 84 refused at 8 destinations (any.no-such-user)");
	assert_false(findings->at[0].finding.has_family);
	assert_int_equal(findings->at[0].finding.severity, SEVERITY_WARN);
	end(&one);
}

static void replies_that_nobody_knows_make_no_crowd(void **state)
{
	struct case_of one;
	const struct delivery_findings *findings;

	(void)state;
	begin(&one);
	for (unsigned i = 0; i < 6; i++)
		add_refused(&one, delivery_to(i, FAMILY_IPV6), 1,
			"554 qwertz uiop");
	findings = found(&one);
	assert_int_equal(findings->count, 6);
	for (size_t i = 0; i < findings->count; i++)
		assert_null(findings->at[i].crowd);
	end(&one);
}

static void one_of_our_addresses_may_part_a_crowd(void **state)
{
	struct case_of one;
	const struct delivery_finding *told;

	(void)state;
	begin(&one);
	for (unsigned i = 0; i < 10; i++) {
		struct delivery delivery = delivery_to(i, FAMILY_IPV4);

		delivery.has_source = true;
		delivery.source = (struct ip){ FAMILY_IPV4, { 192, 0, 2, 25 } };
		add_refused(&one, delivery, 2, LISTED);
		delivery.source.bytes[3] = 26;
		add_many(&one, delivery, 2);
	}
	told = &found(&one)->at[0];
	assert_int_equal(told->contrast.parted, PARTED_BY_SOURCE);
	assert_span(told->finding.title,
		"IPv4 from 192.0.2.25: 20 of 40 refused at 10 destinations "
		"(any.spamhaus); IPv6 was not tried");
	end(&one);
}

static void other_destinations_tell_of_the_other_family(void **state)
{
	struct case_of one;
	const struct delivery_finding *told;

	(void)state;
	begin(&one);
	for (unsigned i = 0; i < 5; i++)
		add_refused(&one, delivery_to(i, FAMILY_IPV6), 2, LISTED);
	add_many(&one, delivery_to(99, FAMILY_IPV4), 33);
	told = &found(&one)->at[0];
	assert_int_equal(told->contrast.parted, PARTED_UNDECIDED);
	assert_int_equal(told->contrast.elsewhere.tried, 33);
	assert_int_equal(told->contrast.elsewhere.failed, 0);
	assert_for(told, "IPv4 is not affected elsewhere: 0 of 33");
	end(&one);
}

static void one_server_for_all_is_said(void **state)
{
	struct case_of one;
	const struct delivery_finding *told;

	(void)state;
	begin(&one);
	for (unsigned i = 0; i < 5; i++) {
		struct delivery delivery = delivery_to(i, FAMILY_IPV4);

		delivery.relay_host = SPAN("relay.example");
		delivery.relay.bytes[1] = 0;
		add_refused(&one, delivery, 2, LISTED);
	}
	told = &found(&one)->at[0];
	assert_int_equal(told->crowd->destinations, 5);
	assert_for(told, "all of them went to one server, relay.example "
			 "[1.0.0.1]");
	end(&one);
}

static void what_recipients_have_comes_behind(void **state)
{
	struct case_of one;
	const struct delivery_findings *findings;

	(void)state;
	begin(&one);
	add_refused(&one, delivery_to(1, FAMILY_IPV4), 9,
		"550 5.7.1 relaying denied");
	add_refused(&one, delivery_to(2, FAMILY_IPV4), 3, LISTED);
	findings = found(&one);
	assert_int_equal(findings->count, 2);
	assert_int_equal(findings->at[0].finding.severity,
		findings->at[1].finding.severity);
	assert_span(findings->at[0].finding.policy, "dnsbl");
	assert_span(findings->at[1].finding.policy, "relay-denied");
	end(&one);
}

static void one_host_of_each_that_is_broken_makes_no_crowd(void **state)
{
	struct case_of one;
	const struct delivery_findings *findings;

	(void)state;
	begin(&one);
	for (unsigned i = 0; i < 5; i++) {
		struct delivery delivery = delivery_to(i, FAMILY_IPV4);

		add_refused(&one, delivery, 20, LISTED);
		delivery.relay.bytes[2] = 9;
		add_many(&one, delivery, 20);
	}
	findings = found(&one);
	assert_int_equal(findings->count, 5);
	for (size_t i = 0; i < findings->count; i++) {
		assert_null(findings->at[i].crowd);
		assert_int_equal(
			findings->at[i].contrast.parted, PARTED_BY_HOST);
	}
	end(&one);
}

/* More than there are rows for: they are counted by family still. */
static void destinations_without_a_row_are_of_the_crowd(void **state)
{
	const struct delivery_finding *told;
	struct case_of one;

	(void)state;
	begin(&one);
	for (unsigned i = 0; i < DELIVERY_ROWS_MAX / 2 + 100; i++) {
		struct delivery delivery = delivery_to(i, FAMILY_IPV4);

		add(&one, delivery);
		add_refused(&one, delivery_to(i, FAMILY_IPV6), 1, LISTED);
	}
	told = &found(&one)->at[0];
	assert_span(told->finding.title,
		"IPv6: 4,196 of 4,196 refused at more than 4,096 destinations "
		"(any.spamhaus); IPv4: 0 of 4,196");
	assert_int_equal(told->contrast.parted, PARTED_BY_FAMILY);
	assert_true(told->crowd->has_others);
	assert_for(told, "and more than 4,091 others");
	assert_false(says(
		told->finding.for_it, told->finding.for_count, "all others"));
	end(&one);
}

static void crowds_are_told_before_the_bound(void **state)
{
	struct case_of one;
	const struct delivery_findings *findings;
	size_t crowds = 0;

	(void)state;
	begin(&one);
	for (unsigned i = 0; i < 2 * DELIVERY_FINDINGS_MAX; i++)
		add_refused(&one, delivery_to(i, FAMILY_IPV4), 5,
			"554 qwertz uiop");
	for (unsigned i = 1000; i < 1010; i++)
		add_refused(&one, delivery_to(i, FAMILY_IPV4), 1, LISTED);
	findings = found(&one);
	for (size_t i = 0; i < findings->count; i++)
		crowds += findings->at[i].crowd != NULL;
	assert_int_equal(findings->count, DELIVERY_FINDINGS_MAX);
	assert_int_equal(findings->left_out, DELIVERY_FINDINGS_MAX + 1);
	assert_int_equal(crowds, 1);
	end(&one);
}

static void the_gravest_has_the_first_ranks_of_the_timeline(void **state)
{
	struct case_of one;
	const struct timeline_entries *timeline;
	bool seen[TIMELINE_ENTRIES_MAX] = { false };

	(void)state;
	begin(&one);
	add_refused(&one, delivery_to(0, FAMILY_IPV4), 60, NO_USER);
	for (unsigned i = 1; i < 6; i++)
		add_listed(&one, i, 20);
	timeline = &incident_judge(arena, &one.incident)->timeline;
	assert_false(timeline->has_attempts);
	for (size_t i = 0; i < timeline->count; i++) {
		const struct timeline_entry *entry = &timeline->at[i];

		assert_true(entry->rank < timeline->count);
		assert_false(seen[entry->rank]);
		seen[entry->rank] = true;
		if (i)
			assert_true(
				entry->time_ms >= timeline->at[i - 1].time_ms);
		if (entry->rank == 0) {
			assert_int_equal(entry->kind, TIMELINE_SINCE);
			assert_span(entry->destination, "5 destinations");
		}
	}
	end(&one);
}

static void attempts_have_the_last_ranks_of_the_timeline(void **state)
{
	struct case_of one;
	const struct timeline_entries *timeline;
	bool has_change = false;

	(void)state;
	begin(&one);
	add_listed(&one, 1, 20);
	timeline = &incident_judge(arena, &one.incident)->timeline;
	assert_true(timeline->has_attempts);
	for (size_t i = 0; i < timeline->count; i++) {
		const struct timeline_entry *entry = &timeline->at[i];

		has_change |= entry->kind == TIMELINE_SINCE;
		if (entry->kind == TIMELINE_ATTEMPT)
			assert_true(entry->rank > 0);
		else
			assert_int_equal(entry->rank, 0);
	}
	assert_true(has_change);
	end(&one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_cause_at_many_destinations_is_one_finding),
		cmocka_unit_test(a_few_destinations_are_no_crowd),
		cmocka_unit_test(
			each_alone_is_too_few_and_all_together_are_not),
		cmocka_unit_test(what_differs_is_told_by_itself),
		cmocka_unit_test(chosen_destinations_prove_no_family),
		cmocka_unit_test(mailboxes_of_many_are_no_matter_of_families),
		cmocka_unit_test(replies_that_nobody_knows_make_no_crowd),
		cmocka_unit_test(one_of_our_addresses_may_part_a_crowd),
		cmocka_unit_test(other_destinations_tell_of_the_other_family),
		cmocka_unit_test(one_server_for_all_is_said),
		cmocka_unit_test(what_recipients_have_comes_behind),
		cmocka_unit_test(
			one_host_of_each_that_is_broken_makes_no_crowd),
		cmocka_unit_test(destinations_without_a_row_are_of_the_crowd),
		cmocka_unit_test(crowds_are_told_before_the_bound),
		cmocka_unit_test(
			the_gravest_has_the_first_ranks_of_the_timeline),
		cmocka_unit_test(attempts_have_the_last_ranks_of_the_timeline),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
