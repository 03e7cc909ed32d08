#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/judge/compare.h"
#include "tests/facts_by_hand.h"

static struct facts *facts;

static int set_up(void **state)
{
	(void)state;
	facts = facts_open(arena_open());
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_close(facts->arena);
	return 0;
}

static const char *const hosts[] = { "mx1.example.net", "mx2.example.net",
	"mx3.example.net" };

/* visits[2 * i] is IPv4 and visits[2 * i + 1] IPv6 of host i. */
static void walk_hosts(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		add_visit(facts, hosts[i], FAMILY_IPV4);
		add_visit(facts, hosts[i], FAMILY_IPV6);
	}
}

static void refuse_number(size_t i, const char *text)
{
	refuse(facts, facts->list[i], STAGE_DOT, text);
}

static bool why_has(const struct judgement *judgement, const char *text)
{
	return span_find_nocase(judgement->comparison_why, span_of(text)) <
	       judgement->comparison_why.len;
}

static void two_good_walks_are_the_same(void **state)
{
	const struct judgement *judgement;

	(void)state;
	walk_hosts(2);
	judgement = judge_facts(facts);
	assert_int_equal(judgement->comparison, COMPARE_SAME);
	assert_false(judgement->is_parted);
	assert_true(judgement->comparison_why.len);
}

static void one_refused_family_is_specific(void **state)
{
	const struct judgement *judgement;

	(void)state;
	walk_hosts(1);
	refuse_number(0, "550 5.7.1 no");
	judgement = judge_facts(facts);
	assert_int_equal(judgement->comparison, COMPARE_FAMILY_SPECIFIC);
	assert_true(judgement->is_parted);
	assert_int_equal(judgement->parted, STAGE_DOT);
	assert_int_equal(judgement->worse, FAMILY_IPV4);
	assert_true(why_has(judgement, "IPv4 was answered 550 at end of DATA"));
}

static void it_is_specific_when_each_host_parts_alike(void **state)
{
	const struct judgement *judgement;

	(void)state;
	walk_hosts(3);
	for (size_t i = 1; i < 6; i += 2)
		refuse_number(i, "550 5.7.1 no");
	judgement = judge_facts(facts);
	assert_int_equal(judgement->comparison, COMPARE_FAMILY_SPECIFIC);
	assert_int_equal(judgement->worse, FAMILY_IPV6);
	assert_true(why_has(judgement, "each of 3 hosts"));
}

static void it_is_the_host_when_only_one_parts(void **state)
{
	const struct judgement *judgement;

	(void)state;
	walk_hosts(3);
	refuse_number(3, "550 5.7.1 no");
	judgement = judge_facts(facts);
	assert_int_equal(judgement->comparison, COMPARE_HOST_SPECIFIC);
	assert_true(why_has(judgement, "1 of 3 hosts"));
	assert_true(why_has(judgement, "mx2.example.net"));
	assert_true(judgement->is_parted);
}

static void it_is_the_host_when_each_parts_otherwise(void **state)
{
	const struct judgement *judgement;

	(void)state;
	walk_hosts(2);
	refuse_number(0, "550 5.7.1 no");
	refuse_number(3, "550 5.7.1 no");
	judgement = judge_facts(facts);
	assert_int_equal(judgement->comparison, COMPARE_HOST_SPECIFIC);
	assert_true(why_has(judgement, "not in the same way"));
}

static void it_is_the_host_when_one_refuses_both(void **state)
{
	const struct judgement *judgement;

	(void)state;
	walk_hosts(2);
	refuse_number(2, "550 5.7.1 no");
	refuse_number(3, "550 5.7.1 no");
	judgement = judge_facts(facts);
	assert_int_equal(judgement->comparison, COMPARE_HOST_SPECIFIC);
	assert_false(judgement->is_parted);
}

static const struct alike {
	enum stage stages[2];
	const char *texts[2];
	enum comparison comparison;
	enum family worse;
} alike[] = {
	{ { STAGE_DOT, STAGE_DOT }, { "550 5.7.1 no", "554 5.0.0 never" },
		COMPARE_SAME, FAMILY_IPV4 },
	{ { STAGE_RCPT, STAGE_DOT }, { "550 no", "550 no" },
		COMPARE_FAMILY_SPECIFIC, FAMILY_IPV4 },
	{ { STAGE_DOT, STAGE_RCPT }, { "550 no", "550 no" },
		COMPARE_FAMILY_SPECIFIC, FAMILY_IPV6 },
	{ { STAGE_DOT, STAGE_DOT }, { "550 no", "421 not now" },
		COMPARE_FAMILY_SPECIFIC, FAMILY_IPV4 },
	{ { STAGE_RCPT, STAGE_RCPT },
		{ "550 5.1.1 user unknown", "554 5.7.1 relay access denied" },
		COMPARE_FAMILY_SPECIFIC, FAMILY_IPV6 },
	{ { STAGE_RCPT, STAGE_RCPT },
		{ "550 5.1.1 user unknown", "550 5.1.1 no such user" },
		COMPARE_SAME, FAMILY_IPV4 },
};

static void two_refusals_are_compared_by_stage_class_and_policy(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(alike); i++) {
		struct facts *own = facts_open(arena_open());
		const struct judgement *judgement;

		refuse(own, add_visit(own, "mx", FAMILY_IPV4),
			alike[i].stages[0], alike[i].texts[0]);
		refuse(own, add_visit(own, "mx", FAMILY_IPV6),
			alike[i].stages[1], alike[i].texts[1]);
		judgement = judge_facts(own);
		assert_int_equal(judgement->comparison, alike[i].comparison);
		if (judgement->is_parted)
			assert_int_equal(judgement->worse, alike[i].worse);
		arena_close(own->arena);
	}
}

static void replies_that_fit_no_question_are_compared_by_class(void **state)
{
	(void)state;
	walk_hosts(1);
	for (size_t i = 0; i < 2; i++) {
		struct fault *fault;

		refuse(facts, facts->list[i], STAGE_MAIL,
			i ? "354 go on" : "220 hello");
		fault = arena_new(facts->arena, struct fault);
		*fault = *facts->list[i]->fault;
		fault->failure = FAILURE_SMTP_UNEXPECTED;
		facts->list[i]->fault = fault;
	}
	assert_int_equal(
		judge_facts(facts)->comparison, COMPARE_FAMILY_SPECIFIC);
	refuse(facts, facts->list[0], STAGE_MAIL, "550 a");
	refuse(facts, facts->list[1], STAGE_MAIL, "554 b");
	assert_int_equal(judge_facts(facts)->comparison, COMPARE_SAME);
}

static void one_family_alone_proves_nothing(void **state)
{
	const struct judgement *judgement;

	(void)state;
	add_visit(facts, "mx1.example.net", FAMILY_IPV4);
	judgement = judge_facts(facts);
	assert_int_equal(judgement->comparison, COMPARE_INCONCLUSIVE);
	assert_true(why_has(judgement, "only IPv4 got an answer"));
	refuse(facts, facts->list[0], STAGE_RCPT, "550 5.1.1 unknown");
	assert_true(why_has(judge_facts(facts), "only IPv4 got an answer"));
}

static void silence_is_no_answer(void **state)
{
	(void)state;
	add_visit(facts, "mx1.example.net", FAMILY_IPV6);
	spoil(facts, facts->list[0], FAILURE_TIMEOUT, STAGE_CONNECT);
	assert_true(why_has(judge_facts(facts), "only IPv6 was decided"));
}

static void an_undecided_side_proves_nothing(void **state)
{
	const struct judgement *judgement;

	(void)state;
	walk_hosts(1);
	refuse(facts, facts->list[1], STAGE_RCPT, "450 4.2.0 Greylisted");
	judgement = judge_facts(facts);
	assert_int_equal(judgement->comparison, COMPARE_INCONCLUSIVE);
	assert_false(judgement->is_parted);
}

static void nobody_walked_proves_nothing(void **state)
{
	(void)state;
	assert_int_equal(judge_facts(facts)->comparison, COMPARE_INCONCLUSIVE);
	assert_true(why_has(judge_facts(facts), "neither"));
}

static void different_hosts_that_end_alike_are_the_same(void **state)
{
	const struct judgement *judgement;

	(void)state;
	add_visit(facts, "mx1.example.net", FAMILY_IPV4);
	add_visit(facts, "mx2.example.net", FAMILY_IPV6);
	judgement = judge_facts(facts);
	assert_int_equal(judgement->comparison, COMPARE_SAME);
	assert_true(why_has(judgement, "different hosts"));
}

static void two_that_have_no_host_name_none(void **state)
{
	struct ending ends[] = { { .family = FAMILY_IPV4,
					 .is_decided = true,
					 .host = SPAN(""),
					 .stage = STAGE_RESOLVE,
					 .failure = FAILURE_DNS_NXDOMAIN },
		{ .family = FAMILY_IPV6,
			.is_decided = true,
			.host = SPAN(""),
			.stage = STAGE_RESOLVE,
			.failure = FAILURE_DNS_NXDOMAIN } };
	struct endings endings = { .list = ends, .count = 2 };
	struct compared compared = { 0 };

	(void)state;
	endings_compare(facts->arena, &endings, &compared);
	assert_int_equal(compared.comparison, COMPARE_SAME);
	assert_true(span_is(compared.why,
		SPAN("IPv4 failed in the DNS (dns_nxdomain) and IPv6 failed "
		     "in the DNS (dns_nxdomain)")));
}

static void different_hosts_that_part_leave_the_question(void **state)
{
	const struct judgement *judgement;

	(void)state;
	add_visit(facts, "mx1.example.net", FAMILY_IPV4);
	add_visit(facts, "mx2.example.net", FAMILY_IPV6);
	refuse_number(1, "550 no");
	judgement = judge_facts(facts);
	assert_int_equal(judgement->comparison, COMPARE_INCONCLUSIVE);
	assert_true(why_has(judgement, "the host or the family?"));
	assert_false(judgement->is_parted);
}

static void of_several_addresses_the_worse_counts(void **state)
{
	const struct judgement *judgement;

	(void)state;
	walk_hosts(1);
	add_visit(facts, "MX1.example.net", FAMILY_IPV6);
	spoil(facts, facts->list[2], FAILURE_TIMEOUT, STAGE_CONNECT);
	judgement = judge_facts(facts);
	assert_int_equal(judgement->comparison, COMPARE_FAMILY_SPECIFIC);
	assert_int_equal(judgement->parted, STAGE_CONNECT);
	assert_true(why_has(judgement, "IPv6 failed at connect (timeout)"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_good_walks_are_the_same),
		TEST(one_refused_family_is_specific),
		TEST(it_is_specific_when_each_host_parts_alike),
		TEST(it_is_the_host_when_only_one_parts),
		TEST(it_is_the_host_when_each_parts_otherwise),
		TEST(it_is_the_host_when_one_refuses_both),
		TEST(two_refusals_are_compared_by_stage_class_and_policy),
		TEST(replies_that_fit_no_question_are_compared_by_class),
		TEST(one_family_alone_proves_nothing),
		TEST(silence_is_no_answer),
		TEST(an_undecided_side_proves_nothing),
		TEST(nobody_walked_proves_nothing),
		TEST(different_hosts_that_end_alike_are_the_same),
		TEST(two_that_have_no_host_name_none),
		TEST(different_hosts_that_part_leave_the_question),
		TEST(of_several_addresses_the_worse_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
