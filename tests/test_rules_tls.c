#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/judge_by_hand.h"

static void a_good_certificate_is_no_news(void **state)
{
	struct certificate leaf = { 0 };
	struct session tls = session_by_hand(&leaf);

	(void)state;
	four->tls = &tls;
	assert_int_equal(judge_facts(facts)->finding_count, 0);
}

static void tls_over_one_family_only_is_a_warning(void **state)
{
	struct certificate leaf = { 0 };
	struct session tls = session_by_hand(&leaf);
	const struct judgement *judgement;
	const struct finding *finding;

	(void)state;
	tls.version = SPAN("TLSv1.3");
	four->tls = &tls;
	go_on_in_clear(six);
	judgement = judge_facts(facts);
	assert_int_equal(judgement->verdict, VERDICT_PASS);
	assert_int_equal(judgement->comparison, COMPARE_SAME);
	assert_int_equal(judgement->finding_count, 1);
	finding = finding_of(judgement, "tls.one-family");
	assert_int_equal(finding->severity, SEVERITY_WARN);
	assert_int_equal(finding->confidence, CONFIRMED);
	assert_true(span_is(finding->title, SPAN("TLS over IPv4 only")));
	assert_true(says_for(finding, "STARTTLS is not offered over IPv6"));
	assert_true(says_for(finding, "IPv4 got TLSv1.3 at the same host"));
	assert_true(span_find_nocase(finding->remedy, SPAN("IPv6 address")) <
		    finding->remedy.len);
}

static void what_was_answered_to_starttls_is_told(void **state)
{
	struct certificate leaf = { 0 };
	struct session tls = session_by_hand(&leaf);
	struct visit aside = { 0 };
	const struct finding *finding;

	(void)state;
	six->tls = &tls;
	go_on_in_clear(four);
	refuse(facts, &aside, STAGE_STARTTLS, "454 4.7.0 not now");
	transcript_add(
		&four->transcript, facts->arena, 1, EVENT_HEARD, STAGE_STARTTLS)
		->heard = aside.fault->reply;
	finding = finding_of(judge_facts(facts), "tls.one-family");
	assert_true(says_for(finding, "STARTTLS was answered 454 over IPv4"));
	assert_true(span_find_nocase(finding->remedy, SPAN("server's log")) <
		    finding->remedy.len);
}

static void tls_over_both_or_over_neither_is_no_difference(void **state)
{
	struct certificate leaf = { 0 };
	struct session tls = session_by_hand(&leaf);

	(void)state;
	four->tls = six->tls = &tls;
	assert_int_equal(judge_facts(facts)->finding_count, 0);
	four->tls = six->tls = NULL;
	go_on_in_clear(four);
	go_on_in_clear(six);
	assert_int_equal(judge_facts(facts)->finding_count, 0);
	four->tls = &tls;
	four->reached[STAGE_TLS] = true;
	spoil(facts, six, FAILURE_TLS_NOT_OFFERED, STAGE_STARTTLS);
	assert_null(finding_of(judge_facts(facts), "tls.one-family"));
}

static void a_certificate_that_proves_nothing_is_a_warning(void **state)
{
	struct certificate leaf = { 0 };
	struct session tls = session_by_hand(&leaf);
	const struct judgement *judgement;
	const struct finding *finding;

	(void)state;
	tls.is_trusted = tls.name_matches = false;
	four->tls = six->tls = &tls;
	judgement = judge_facts(facts);
	assert_int_equal(judgement->verdict, VERDICT_PASS);
	assert_int_equal(judgement->finding_count, 2);
	finding = finding_of(judgement, "tls.untrusted");
	assert_int_equal(finding->severity, SEVERITY_WARN);
	assert_int_equal(finding->confidence, CONFIRMED);
	assert_false(finding->has_family);
	assert_true(says_for(finding_of(judgement, "tls.name-mismatch"),
		"mx1.example.net was expected, it is for CN=other.example"));
	tls.is_expired = true;
	judgement = judge_facts(facts);
	assert_null(finding_of(judgement, "tls.untrusted"));
	assert_non_null(finding_of(judgement, "tls.expired"));
}

static void a_certificate_fails_a_walk_that_needs_it(void **state)
{
	struct certificate leaf = { 0 };
	struct session tls = session_by_hand(&leaf);
	const struct judgement *judgement;

	(void)state;
	tls.is_trusted = false;
	six->tls = &tls;
	spoil(facts, six, FAILURE_TLS_VERIFY, STAGE_TLS);
	judgement = judge_facts(facts);
	assert_int_equal(judgement->verdict, VERDICT_FAIL);
	assert_int_equal(finding_of(judgement, "tls.untrusted")->severity,
		SEVERITY_FAIL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_good_certificate_is_no_news),
		TEST(tls_over_one_family_only_is_a_warning),
		TEST(what_was_answered_to_starttls_is_told),
		TEST(tls_over_both_or_over_neither_is_no_difference),
		TEST(a_certificate_that_proves_nothing_is_a_warning),
		TEST(a_certificate_fails_a_walk_that_needs_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
