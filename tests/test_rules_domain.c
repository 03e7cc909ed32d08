#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/judge_by_hand.h"

static void forget_visits(void)
{
	facts->outcome.visit_count = facts->outcome.path_count = 0;
}

static const struct nowhere {
	enum failure failure;
	const char *id;
	enum verdict verdict;
} nowhere[] = {
	{ FAILURE_DNS_NULL_MX, "domain.null-mx", VERDICT_FAIL },
	{ FAILURE_DNS_NXDOMAIN, "domain.no-such-domain", VERDICT_FAIL },
	{ FAILURE_DNS_NO_DATA, "domain.mx-nowhere", VERDICT_FAIL },
	{ FAILURE_DNS_BAD_MX, "domain.mx-nowhere", VERDICT_FAIL },
	{ FAILURE_DNS_SERVFAIL, "dns.unanswered", VERDICT_UNKNOWN },
	{ FAILURE_DNS_TIMEOUT, "dns.unanswered", VERDICT_UNKNOWN },
};

static void a_target_without_a_path_is_told_by_its_dns(void **state)
{
	struct fault fault = { .stage = STAGE_RESOLVE, .why = SPAN("so") };

	(void)state;
	forget_visits();
	facts->outcome.exchanger_count = 0;
	facts->outcome.fault = &fault;
	for (size_t i = 0; i < COUNT_OF(nowhere); i++) {
		const struct judgement *judgement;

		fault.failure = nowhere[i].failure;
		judgement = judge_facts(facts);
		assert_int_equal(judgement->verdict, nowhere[i].verdict);
		assert_int_equal(judgement->finding_count, 1);
		assert_non_null(finding_of(judgement, nowhere[i].id));
		assert_true(says_for(&judgement->findings[0], "so"));
		assert_true(span_is(
			judgement->family_why[FAMILY_IPV4], SPAN("so")));
	}
}

static void who_did_not_answer_is_named(void **state)
{
	struct fault fault = { .failure = FAILURE_DNS_TIMEOUT,
		.stage = STAGE_RESOLVE,
		.why = SPAN("no answer") };
	struct answer silence = { .kind = ANSWER_TIMEOUT,
		.server = SPAN("192.0.2.53") };
	struct answer told = { .kind = ANSWER_NONE,
		.server = SPAN("192.0.2.54") };
	const struct finding *finding;

	(void)state;
	forget_visits();
	facts->outcome.fault = &fault;
	answers_put(
		facts->outcome.answers, SPAN("example.net"), RR_MX, &silence);
	answers_put(facts->outcome.answers, SPAN("a.example"), RR_A, &told);
	finding = finding_of(judge_facts(facts), "dns.unanswered");
	assert_true(finding->leaves_open);
	assert_int_equal(finding->for_count, 2);
	assert_true(says_for(finding, "192.0.2.53 was asked"));
	assert_false(says_for(finding, "192.0.2.54"));
}

static void bad_records_of_the_domain_are_a_warning(void **state)
{
	const struct judgement *judgement;
	struct exchanger *mx = &facts->exchangers[0];

	(void)state;
	mx->canonical = SPAN("real.example.net");
	mx->is_literal = mx->is_loopback = mx->is_private = true;
	judgement = judge_facts(facts);
	assert_int_equal(judgement->verdict, VERDICT_WARN);
	assert_true(says_for(finding_of(judgement, "domain.mx-cname"),
		"alias of real.example.net"));
	assert_non_null(finding_of(judgement, "domain.mx-literal"));
	assert_non_null(finding_of(judgement, "domain.mx-loopback"));
	assert_non_null(finding_of(judgement, "domain.mx-private"));
	refuse(facts, four, STAGE_RCPT, "550 no");
	assert_int_equal(judge_facts(facts)->verdict, VERDICT_FAIL);
}

static void what_makes_every_exchanger_useless_is_the_cause(void **state)
{
	struct fault fault = { .failure = FAILURE_DNS_BAD_MX,
		.stage = STAGE_RESOLVE,
		.why = SPAN("no address is of use") };
	const struct judgement *judgement;

	(void)state;
	forget_visits();
	facts->outcome.fault = &fault;
	facts->exchangers[0].is_literal = true;
	judgement = judge_facts(facts);
	assert_int_equal(judgement->finding_count, 1);
	assert_true(
		span_is(judgement->findings[0].id, SPAN("domain.mx-literal")));
	assert_int_equal(judgement->findings[0].severity, SEVERITY_FAIL);
	facts->outcome.exchanger_count = 2;
	facts->exchangers[1].is_loopback = true;
	judgement = judge_facts(facts);
	assert_int_equal(judgement->finding_count, 2);
	assert_int_equal(finding_of(judgement, "domain.mx-loopback")->severity,
		SEVERITY_FAIL);
}

static void an_exchanger_that_nothing_explains_leads_nowhere(void **state)
{
	struct fault fault = { .failure = FAILURE_DNS_BAD_MX,
		.stage = STAGE_RESOLVE,
		.why = SPAN("no address is of use") };
	const struct judgement *judgement;

	(void)state;
	forget_visits();
	facts->outcome.fault = &fault;
	facts->exchangers[0].is_loopback = true;
	facts->outcome.exchanger_count = 2;
	judgement = judge_facts(facts);
	assert_int_equal(judgement->finding_count, 2);
	assert_true(
		span_is(judgement->findings[0].id, SPAN("domain.mx-nowhere")));
	assert_int_equal(judgement->findings[0].severity, SEVERITY_FAIL);
	assert_int_equal(judgement->findings[1].severity, SEVERITY_WARN);
}

static void a_domain_that_is_an_alias_itself_is_sound(void **state)
{
	(void)state;
	facts->exchangers[0].canonical = SPAN("real.example.net");
	facts->exchangers[0].is_implicit = true;
	assert_int_equal(judge_facts(facts)->verdict, VERDICT_PASS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_target_without_a_path_is_told_by_its_dns),
		TEST(who_did_not_answer_is_named),
		TEST(bad_records_of_the_domain_are_a_warning),
		TEST(what_makes_every_exchanger_useless_is_the_cause),
		TEST(an_exchanger_that_nothing_explains_leads_nowhere),
		TEST(a_domain_that_is_an_alias_itself_is_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
