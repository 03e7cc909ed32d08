#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/judge_by_hand.h"

static void an_address_without_a_good_name_is_suspected(void **state)
{
	const struct judgement *judgement;
	const struct finding *finding;

	(void)state;
	four->fcrdns = FCRDNS_NO_NAME;
	six->fcrdns = FCRDNS_NOT_CONFIRMED;
	judgement = judge_facts(facts);
	finding = finding_of(judgement, "source.no-ptr");
	assert_int_equal(judgement->verdict, VERDICT_PASS);
	assert_int_equal(finding->confidence, SUSPECTED);
	assert_int_equal(finding->blame, BLAME_OURS);
	assert_int_equal(finding->family, FAMILY_IPV4);
	assert_true(says_for(finding_of(judgement, "source.ptr-mismatch"),
		"mail6.example.org"));
}

static void a_private_address_needs_no_name(void **state)
{
	(void)state;
	four->fcrdns = FCRDNS_NO_NAME;
	four->source.kind = IP_PRIVATE;
	assert_int_equal(judge_facts(facts)->finding_count, 0);
}

static void an_unanswered_name_is_no_finding(void **state)
{
	(void)state;
	four->fcrdns = FCRDNS_UNKNOWN;
	six->fcrdns = FCRDNS_OPEN;
	assert_int_equal(judge_facts(facts)->finding_count, 0);
}

static void an_echo_of_another_address_is_a_nat(void **state)
{
	const struct judgement *judgement;

	(void)state;
	four->has_ehlo = four->ehlo.has_echo = true;
	four->ehlo.echo = four->source.ip;
	assert_null(finding_of(judge_facts(facts), "source.nat"));
	four->ehlo.echo = ip_by_hand("192.0.2.77");
	judgement = judge_facts(facts);
	assert_int_equal(
		finding_of(judgement, "source.nat")->confidence, SUSPECTED);
	assert_true(says_for(finding_of(judgement, "source.nat"),
		"we are 203.0.113.25, the answer to EHLO names 192.0.2.77"));
}

static void an_address_that_will_not_last_is_told(void **state)
{
	const struct judgement *judgement;

	(void)state;
	six->source.is_temporary = six->source.is_deprecated = true;
	six->source.kind = IP_TEREDO;
	judgement = judge_facts(facts);
	assert_int_equal(
		finding_of(judgement, "source.temporary-address")->confidence,
		CONFIRMED);
	assert_non_null(finding_of(judgement, "source.deprecated-address"));
	assert_true(says_for(finding_of(judgement, "source.tunnel"), "Teredo"));
	assert_int_equal(judgement->finding_count, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_address_without_a_good_name_is_suspected),
		TEST(a_private_address_needs_no_name),
		TEST(an_unanswered_name_is_no_finding),
		TEST(an_echo_of_another_address_is_a_nat),
		TEST(an_address_that_will_not_last_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
