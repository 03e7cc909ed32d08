#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/incident_by_hand.h"

static struct delivery delivery_at(enum family family, int64_t time_s)
{
	struct delivery delivery = { .witness = WITNESS_LOG,
		.file = SPAN("maillog"),
		.dialect = SPAN("postfix"),
		.has_time = true,
		.time_ms = time_s * 1000,
		.recipient = SPAN("me@gmail.com"),
		.sender = SPAN("news@example.org"),
		.has_sender = true,
		.relay_host = SPAN("gmail-smtp-in.l.google.com"),
		.has_relay = true,
		.relay = { .family = family },
		.has_family = true,
		.family = family,
		.has_stage = true,
		.stage = STAGE_DOT,
		.result = DELIVERY_ACCEPTED,
		.code = 250 };

	return delivery;
}

static void refuse(struct delivery *delivery, const char *text)
{
	delivery->result = DELIVERY_REFUSED;
	delivery->code = 550;
	delivery->text = span_of(text);
}

/* A minute apart from midnight on, IPv4 all the time and well, IPv6 well up to
 * 10:51; from then on all but every 53rd are refused. */
static void add_step(struct case_of *one)
{
	for (int64_t i = 0; i < 1204; i++)
		add(one, delivery_at(FAMILY_IPV4, MIDNIGHT_S + 50 * i));
	for (int64_t i = 0; i < 651; i++)
		add(one, delivery_at(FAMILY_IPV6, MIDNIGHT_S + 60 * i));
	for (int64_t i = 0; i < 318; i++) {
		struct delivery delivery = delivery_at(
			FAMILY_IPV6, STEP_S + 60 * i);

		delivery.has_source = true;
		delivery.source = (struct ip){ FAMILY_IPV6,
			{ 0x20, 0x01, 0x0d, 0xb8, [15] = 0x25 } };
		if (i % 53 != 52)
			refuse(&delivery, NOT_AUTHORIZED);
		add(one, delivery);
	}
}

static void the_case_that_all_began_with(void **state)
{
	const struct incident_judgement *judgement;
	const struct delivery_finding *told;
	struct case_of one;

	(void)state;
	begin(&one);
	add_step(&one);
	judgement = judged(&one);
	assert_int_equal(judgement->findings.count, 1);
	told = &judgement->findings.at[0];
	assert_span(told->finding.title,
		"IPv6 to Google: 312 of 318 refused since 2024-09-07 10:51 "
		"(google.not-authorized); IPv4: 0 of 1,204");
	assert_span(told->finding.id, "google.not-authorized");
	assert_int_equal(told->finding.severity, SEVERITY_FAIL);
	assert_int_equal(told->finding.confidence, LIKELY);
	assert_int_equal(told->contrast.parted, PARTED_BY_FAMILY);
	assert_true(told->finding.has_family);
	assert_int_equal(told->finding.family, FAMILY_IPV6);
	assert_int_equal(told->finding.stage, STAGE_DOT);
	assert_for(told, "maillog line 1856: 550 5.7.1 [2001:db8::25] The IP "
			 "you're using to send mail is not authorized to");
	assert_for(told, "0 of 651 failed before, 312 of 318 since");
	assert_for(told, "over IPv4 to the same destination: 0 of 1,204");
	assert_for(told, "the rule is about the connecting address");
	assert_span(told->command,
		"mxprobe gmail.com -b 2001:db8::25 -f postmaster@example.org "
		"-t PUT-YOUR-OWN-MAILBOX-HERE@gmail.com --deliver");
	assert_true(span_find_nocase(told->finding.remedy,
			    SPAN("2001:db8::/48")) < told->finding.remedy.len);
	assert_true(judgement->has_loss);
	end(&one);
}

static void without_the_other_family_nothing_is_said_of_it(void **state)
{
	struct delivery delivery = delivery_at(FAMILY_IPV6, STEP_S);
	const struct delivery_finding *told;
	struct case_of one;

	(void)state;
	begin(&one);
	refuse(&delivery, NOT_AUTHORIZED);
	add(&one, delivery);
	told = &judged(&one)->findings.at[0];
	assert_span(told->finding.title,
		"IPv6 to Google: 1 of 1 refused (google.not-authorized); IPv4 "
		"was not tried");
	assert_int_equal(told->contrast.parted, PARTED_UNDECIDED);
	assert_against(told, "IPv4 was not tried there: nothing can be said");
	assert_span(told->next,
		"given up and bounced; no attempt over IPv4 is told of");
	end(&one);
}

/* A session that cannot be read may have been over the other family. */
static void what_tls_hides_is_not_taken_for_untried(void **state)
{
	struct delivery delivery = delivery_at(FAMILY_IPV6, STEP_S);
	const struct delivery_finding *told;
	struct case_of one;

	(void)state;
	begin(&one);
	refuse(&delivery, NOT_AUTHORIZED);
	add(&one, delivery);
	witness_account_add_session(&one.incident.account, true, false);
	told = &judged(&one)->findings.at[0];
	assert_span(told->finding.title,
		"IPv6 to Google: 1 of 1 refused (google.not-authorized); "
		"nothing that can be read tells of IPv4");
	assert_against(told, "nothing that can be read tells of IPv4 there");
	end(&one);
}

static void other_destinations_tell_that_the_other_family_is_well(void **state)
{
	struct delivery delivery = delivery_at(FAMILY_IPV6, STEP_S);
	struct delivery other = delivery_at(FAMILY_IPV4, STEP_S);
	const struct delivery_finding *told;
	struct case_of one;

	(void)state;
	begin(&one);
	refuse(&delivery, NOT_AUTHORIZED);
	other.recipient = SPAN("taro@other.example");
	other.relay_host = SPAN("mx.other.example");
	add(&one, delivery);
	add(&one, other);
	told = &judged(&one)->findings.at[0];
	assert_span(told->finding.title,
		"IPv6 to Google: 1 of 1 refused (google.not-authorized); IPv4 "
		"was not tried there, and is not affected elsewhere");
	assert_for(told, "IPv4 is not affected elsewhere: 0 of 1");
	end(&one);
}

static void families_alike_are_told_once(void **state)
{
	const struct incident_judgement *judgement;
	struct case_of one;

	(void)state;
	begin(&one);
	for (int i = 0; i < 40; i++) {
		struct delivery delivery = delivery_at(
			i % 2 ? FAMILY_IPV4 : FAMILY_IPV6, STEP_S + i);

		if (i % 4 < 2)
			refuse(&delivery, "550 5.7.26 unauthenticated mail is "
					  "prohibited");
		add(&one, delivery);
	}
	judgement = judged(&one);
	assert_int_equal(judgement->findings.count, 1);
	assert_int_equal(
		judgement->findings.at[0].contrast.parted, PARTED_BY_NOTHING);
	assert_false(judgement->findings.at[0].finding.has_family);
	assert_against(&judgement->findings.at[0], "both families fail alike");
	end(&one);
}

static void a_few_that_chance_may_make_part_nothing(void **state)
{
	const struct delivery_finding *told;
	struct case_of one;

	(void)state;
	begin(&one);
	for (int i = 0; i < 200; i++) {
		struct delivery delivery = delivery_at(
			i < 20 ? FAMILY_IPV4 : FAMILY_IPV6, STEP_S + i);

		if (i == 100 || i == 150)
			refuse(&delivery, "550 5.7.1 content not accepted");
		add(&one, delivery);
	}
	told = &judged(&one)->findings.at[0];
	assert_int_equal(told->contrast.parted, PARTED_UNDECIDED);
	assert_against(told, "too few to say that it is the family");
	end(&one);
}

/* Bound to the address, but most of that family go through. */
static void a_rare_refusal_of_an_address_parts_nothing_by_itself(void **state)
{
	const struct delivery_finding *told;
	struct case_of one;

	(void)state;
	begin(&one);
	for (int i = 0; i < 200; i++) {
		struct delivery delivery = delivery_at(
			i < 20 ? FAMILY_IPV4 : FAMILY_IPV6, STEP_S + i);

		if (i == 100 || i == 150)
			refuse(&delivery, NOT_AUTHORIZED);
		add(&one, delivery);
	}
	told = &judged(&one)->findings.at[0];
	assert_int_equal(told->contrast.parted, PARTED_UNDECIDED);
	end(&one);
}

static void another_family_that_fails_elsewhere_is_not_well(void **state)
{
	struct delivery delivery = delivery_at(FAMILY_IPV6, STEP_S);
	struct delivery other = delivery_at(FAMILY_IPV4, STEP_S);
	const struct delivery_finding *told;
	struct case_of one;

	(void)state;
	begin(&one);
	refuse(&delivery, NOT_AUTHORIZED);
	refuse(&other, NOT_AUTHORIZED);
	other.recipient = SPAN("taro@other.example");
	other.relay_host = SPAN("mx.other.example");
	add(&one, delivery);
	add(&one, delivery);
	add(&one, other);
	told = &judged(&one)->findings.at[0];
	assert_span(told->finding.title,
		"IPv6 to Google: 2 of 2 refused (google.not-authorized); IPv4 "
		"was not tried");
	assert_false(says(
		told->finding.for_it, told->finding.for_count, "not affected"));
	end(&one);
}

static void a_mailbox_is_no_matter_of_families(void **state)
{
	const struct incident_judgement *judgement;
	struct case_of one;

	(void)state;
	begin(&one);
	for (int i = 0; i < 30; i++) {
		struct delivery delivery = delivery_at(
			i % 3 ? FAMILY_IPV4 : FAMILY_IPV6, STEP_S + i);

		if (i % 3 == 0 || i == 1)
			refuse(&delivery, "550 5.1.1 User unknown");
		add(&one, delivery);
	}
	judgement = judged(&one);
	assert_int_equal(judgement->findings.count, 1);
	assert_int_equal(
		judgement->findings.at[0].contrast.parted, PARTED_IRRELEVANT);
	assert_true(span_starts_nocase(judgement->findings.at[0].finding.title,
		SPAN("Google: 11 of 30 refused (")));
	assert_int_equal(judgement->findings.at[0].command.len, 0);
	end(&one);
}

static void one_host_of_several_may_be_the_one(void **state)
{
	const struct delivery_finding *told;
	struct case_of one;

	(void)state;
	begin(&one);
	for (int i = 0; i < 60; i++) {
		struct delivery delivery = delivery_at(FAMILY_IPV6, STEP_S + i);

		delivery.recipient = SPAN("a@b.example");
		delivery.relay_host = i % 3 ? SPAN("mx1.b.example")
					    : SPAN("mx2.b.example");
		delivery.relay.bytes[15] = i % 3 ? 1 : 2;
		if (i % 3 == 0)
			refuse(&delivery, "554 5.7.1 blocked");
		add(&one, delivery);
	}
	told = &judged(&one)->findings.at[0];
	assert_int_equal(told->contrast.parted, PARTED_BY_HOST);
	assert_for(told, "at mx2.b.example [::2]: 20 of 20 failed");
	end(&one);
}

static void one_of_our_addresses_may_be_the_one(void **state)
{
	const struct delivery_finding *told;
	struct case_of one;

	(void)state;
	begin(&one);
	for (int i = 0; i < 60; i++) {
		struct delivery delivery = delivery_at(FAMILY_IPV6, STEP_S + i);

		delivery.has_source = true;
		delivery.source.family = FAMILY_IPV6;
		delivery.source.bytes[15] = i % 3 ? 1 : 2;
		if (i % 3 == 0)
			refuse(&delivery, NOT_AUTHORIZED);
		add(&one, delivery);
	}
	told = &judged(&one)->findings.at[0];
	assert_int_equal(told->contrast.parted, PARTED_BY_SOURCE);
	assert_for(told, "from ::2: 20 of 20 failed");
	end(&one);
}

static struct delivery unanswered(void)
{
	struct delivery delivery = delivery_at(FAMILY_IPV6, STEP_S);

	delivery.queue_id = SPAN("4X");
	delivery.result = DELIVERY_DEFERRED;
	delivery.stage = STAGE_CONNECT;
	delivery.code = 0;
	delivery.text = SPAN("connect to mx[2001:db8::1]:25: Connection timed "
			     "out");
	return delivery;
}

static void a_broken_way_that_another_try_made_good_loses_nothing(void **state)
{
	struct delivery after = delivery_at(FAMILY_IPV4, STEP_S + 8);
	const struct incident_judgement *judgement;
	const struct delivery_finding *told;
	struct case_of one;

	(void)state;
	begin(&one);
	after.queue_id = SPAN("4X");
	add(&one, unanswered());
	add(&one, after);
	judgement = judged(&one);
	told = &judgement->findings.at[0];
	assert_span(told->finding.id, "family.unreachable");
	assert_span(told->finding.title,
		"IPv6 to Google: 1 of 1 failed (the SYN was not answered); "
		"IPv4: 0 of 1");
	assert_int_equal(told->contrast.parted, PARTED_BY_FAMILY);
	assert_span(told->next, "1 of 1 message was accepted over IPv4, the "
				"first after 8 s");
	assert_int_equal(told->finding.severity, SEVERITY_WARN);
	assert_false(judgement->has_loss);
	assert_span(told->command, "mxprobe trace gmail.com");
	end(&one);
}

static void a_broken_way_that_nothing_made_good_loses_mail(void **state)
{
	const struct incident_judgement *judgement;
	struct case_of one;

	(void)state;
	begin(&one);
	add(&one, unanswered());
	judgement = judged(&one);
	assert_true(judgement->has_loss);
	assert_int_equal(
		judgement->findings.at[0].finding.severity, SEVERITY_FAIL);
	end(&one);
}

static void two_who_agree_confirm(void **state)
{
	struct joined_delivery joined = { .delivery = delivery_at(
						  FAMILY_IPV6, STEP_S),
		.witnesses = { { .kind = WITNESS_LOG,
				       .file = SPAN("maillog"),
				       .position = 12 },
			{ .kind = WITNESS_BOUNCE,
				.file = SPAN("dsn.eml"),
				.position = 1 } },
		.witness_count = 2 };
	const struct delivery_finding *told;
	struct case_of one;

	(void)state;
	begin(&one);
	refuse(&joined.delivery, NOT_AUTHORIZED);
	incident_add(&one.incident, &joined);
	told = &judged(&one)->findings.at[0];
	assert_int_equal(told->finding.confidence, CONFIRMED);
	assert_for(told, "maillog line 12, dsn.eml: 550 5.7.1");
	assert_for(told, "log and bounce agree on it");
	end(&one);
}

static void packets_confirm_alone(void **state)
{
	struct delivery delivery = unanswered();
	struct case_of one;

	(void)state;
	begin(&one);
	delivery.witness = WITNESS_CAPTURE;
	delivery.fault = SPAN("black-hole");
	delivery.stage = STAGE_DOT;
	add(&one, delivery);
	assert_int_equal(
		judged(&one)->findings.at[0].finding.confidence, CONFIRMED);
	assert_span(
		judged(&one)->findings.at[0].finding.id, "path.mtu-black-hole");
	end(&one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_case_that_all_began_with),
		cmocka_unit_test(
			without_the_other_family_nothing_is_said_of_it),
		cmocka_unit_test(
			other_destinations_tell_that_the_other_family_is_well),
		cmocka_unit_test(what_tls_hides_is_not_taken_for_untried),
		cmocka_unit_test(families_alike_are_told_once),
		cmocka_unit_test(a_few_that_chance_may_make_part_nothing),
		cmocka_unit_test(
			a_rare_refusal_of_an_address_parts_nothing_by_itself),
		cmocka_unit_test(
			another_family_that_fails_elsewhere_is_not_well),
		cmocka_unit_test(a_mailbox_is_no_matter_of_families),
		cmocka_unit_test(one_host_of_several_may_be_the_one),
		cmocka_unit_test(one_of_our_addresses_may_be_the_one),
		cmocka_unit_test(
			a_broken_way_that_another_try_made_good_loses_nothing),
		cmocka_unit_test(
			a_broken_way_that_nothing_made_good_loses_mail),
		cmocka_unit_test(two_who_agree_confirm),
		cmocka_unit_test(packets_confirm_alone),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
