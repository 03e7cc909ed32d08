#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/judge/docket.h"
#include "tests/judge_by_hand.h"

static const char not_authorized[] =
	"550-5.7.1 [2001:db8:25::25] The IP you're using to send mail is not\n"
	"550-5.7.1 authorized to send email directly to our servers. Please\n"
	"550-5.7.1 use the SMTP relay at your service provider instead. For\n"
	"550 5.7.1 https://support.google.com/mail/?p=NotAuthorizedError x "
	"- gsmtp";

/* ---- the case that this program was born from */

static void the_family_the_policy_and_the_proof_are_named(void **state)
{
	const struct judgement *judgement;
	const struct finding *finding;

	(void)state;
	refuse(facts, six, STAGE_DOT, not_authorized);
	judgement = judge_facts(facts);
	assert_int_equal(judgement->verdict, VERDICT_FAIL);
	assert_int_equal(judgement->families[FAMILY_IPV4], VERDICT_PASS);
	assert_int_equal(judgement->families[FAMILY_IPV6], VERDICT_FAIL);
	assert_int_equal(judgement->comparison, COMPARE_FAMILY_SPECIFIC);
	assert_true(judgement->is_parted);
	assert_int_equal(judgement->parted, STAGE_DOT);
	assert_int_equal(judgement->worse, FAMILY_IPV6);
	assert_false(judgement->stopped_before_data);
	assert_int_equal(judgement->finding_count, 1);
	finding = &judgement->findings[0];
	assert_true(span_is(finding->id, SPAN("google.not-authorized")));
	assert_true(span_is(finding->policy, SPAN("not-authorized-ip")));
	assert_int_equal(finding->confidence, CONFIRMED);
	assert_int_equal(finding->severity, SEVERITY_FAIL);
	assert_true(finding->has_family);
	assert_int_equal(finding->family, FAMILY_IPV6);
	assert_int_equal(finding->stage, STAGE_DOT);
	assert_int_equal(finding->for_count, 2);
	assert_true(says_for(finding, "same message was accepted over IPv4"));
	assert_true(says_for(finding, "reply names our own address"));
	assert_int_equal(finding->against_count, 1);
	assert_true(says_against(finding,
		"PTR and forward match are right on IPv6 (mail6.example.org)"));
	assert_true(span_is(finding->remedy,
		SPAN("ask the provider of 2001:db8:25::/48 to have the range "
		     "cleared, or send to Google over IPv4 only (Postfix "
		     "master.cf: smtp ... -o inet_protocols=ipv4)")));
}

static void another_address_in_the_reply_speaks_against_it(void **state)
{
	const struct finding *finding;

	(void)state;
	six->source.ip = ip_by_hand("2001:db8:99::1");
	refuse(facts, six, STAGE_DOT, not_authorized);
	finding = finding_of(judge_facts(facts), "google.not-authorized");
	assert_int_equal(finding->confidence, LIKELY);
	assert_true(says_against(
		finding, "names 2001:db8:25::25, which is not our address"));
	assert_false(says_for(finding, "our own address"));
}

static void the_same_refusal_of_both_families_is_only_likely(void **state)
{
	const struct judgement *judgement;
	const struct finding *finding;

	(void)state;
	refuse(facts, four, STAGE_DOT, not_authorized);
	refuse(facts, six, STAGE_DOT, not_authorized);
	judgement = judge_facts(facts);
	finding = finding_of(judgement, "google.not-authorized");
	assert_int_equal(judgement->comparison, COMPARE_SAME);
	assert_int_equal(finding->confidence, LIKELY);
	assert_true(says_against(finding, "it is not the family"));
	assert_true(span_find_nocase(finding->remedy, SPAN("IPv4 only")) ==
		    finding->remedy.len);
}

static void one_host_of_two_does_not_make_ipv4_the_way_out(void **state)
{
	const struct judgement *judgement;
	const struct finding *finding;

	(void)state;
	add_visit(facts, "mx2.example.net", FAMILY_IPV4);
	add_visit(facts, "mx2.example.net", FAMILY_IPV6);
	refuse(facts, six, STAGE_DOT, not_authorized);
	judgement = judge_facts(facts);
	finding = finding_of(judgement, "google.not-authorized");
	assert_int_equal(judgement->comparison, COMPARE_HOST_SPECIFIC);
	assert_int_equal(judgement->worse, FAMILY_IPV6);
	assert_int_equal(finding->confidence, LIKELY);
	assert_true(span_find_nocase(finding->remedy, SPAN("IPv4 only")) ==
		    finding->remedy.len);
}

static void a_missing_name_confirms_the_ipv6_rule(void **state)
{
	const struct judgement *judgement;
	const struct finding *finding;

	(void)state;
	six->fcrdns = FCRDNS_NO_NAME;
	refuse(facts, six, STAGE_DOT,
		"550 5.7.1 this message does not meet IPv6 sending guidelines "
		"regarding PTR records and authentication.");
	judgement = judge_facts(facts);
	finding = finding_of(judgement, "google.ipv6-guidelines");
	assert_int_equal(finding->confidence, CONFIRMED);
	assert_true(says_for(finding, "our IPv6 address has no PTR"));
	assert_non_null(finding_of(judgement, "source.no-ptr"));
	assert_true(span_is(
		judgement->findings[0].id, SPAN("google.ipv6-guidelines")));
}

static void a_good_name_leaves_the_ipv6_rule_likely(void **state)
{
	const struct finding *finding;

	(void)state;
	refuse(facts, six, STAGE_DOT,
		"550 5.7.1 does not meet IPv6 sending guidelines regarding");
	finding = finding_of(judge_facts(facts), "google.ipv6-guidelines");
	assert_int_equal(finding->confidence, LIKELY);
	assert_true(says_against(finding, "reverse DNS is ruled out"));
}

static void every_policy_of_the_codebook_has_a_phrase(void **state)
{
	(void)state;
	for (size_t i = 0; codebook_policy(i); i++)
		assert_true(rules_know_policy(span_of(codebook_policy(i))));
	assert_false(rules_know_policy(SPAN("moonshine")));
}

static void an_unknown_reply_stays_unknown(void **state)
{
	const struct finding *finding;

	(void)state;
	refuse(facts, six, STAGE_DOT,
		"550-5.7.999 the moon\n"
		"550 5.7.999 is full");
	finding = finding_of(judge_facts(facts), "reply.unknown");
	assert_true(span_is(finding->policy, SPAN("unknown")));
	assert_int_equal(finding->blame, BLAME_UNKNOWN);
}

static void a_refusal_about_the_recipient_is_one_for_both(void **state)
{
	const struct judgement *judgement;

	(void)state;
	refuse(facts, four, STAGE_RCPT, "550 5.1.1 user unknown");
	refuse(facts, six, STAGE_RCPT, "550 5.1.1 user unknown");
	judgement = judge_facts(facts);
	assert_int_equal(judgement->finding_count, 1);
	assert_false(judgement->findings[0].has_family);
	assert_int_equal(judgement->findings[0].blame, BLAME_THEIRS);
	assert_false(says_against(&judgement->findings[0], "reverse DNS"));
}

/* ---- verdicts */

static void two_good_walks_pass(void **state)
{
	const struct judgement *judgement = judge_facts(facts);

	(void)state;
	assert_int_equal(judgement->verdict, VERDICT_PASS);
	assert_int_equal(judgement->finding_count, 0);
	assert_false(judgement->stopped_before_data);
}

static void greylisting_cannot_be_decided(void **state)
{
	const struct judgement *judgement;

	(void)state;
	refuse(facts, six, STAGE_RCPT, "450 4.2.0 Greylisted, come back");
	judgement = judge_facts(facts);
	assert_true(finding_of(judgement, "server.greylists")->leaves_open);
	assert_int_equal(judgement->verdict, VERDICT_UNKNOWN);
	assert_true(span_is(judgement->family_why[FAMILY_IPV6],
		SPAN("greylisted: come back later")));
	assert_non_null(finding_of(judgement, "server.greylists"));
}

static void another_deferral_fails(void **state)
{
	const struct judgement *judgement;

	(void)state;
	refuse(facts, six, STAGE_RCPT, "451 4.3.0 disk full");
	judgement = judge_facts(facts);
	assert_int_equal(judgement->verdict, VERDICT_FAIL);
	assert_null(finding_of(judgement, "server.greylists"));
}

static void our_own_trouble_is_not_theirs(void **state)
{
	const struct judgement *judgement;

	(void)state;
	spoil(facts, six, FAILURE_LOCAL, STAGE_CONNECT);
	judgement = judge_facts(facts);
	assert_int_equal(judgement->verdict, VERDICT_UNKNOWN);
	assert_true(
		span_is(judgement->family_why[FAMILY_IPV6], SPAN("it broke")));
	assert_non_null(finding_of(judgement, "host.local"));
}

static void an_interrupted_walk_is_unknown(void **state)
{
	const struct judgement *judgement;

	(void)state;
	six->state = VISIT_PLANNED;
	spoil(facts, four, FAILURE_INTERRUPTED, STAGE_RCPT);
	judgement = judge_facts(facts);
	assert_int_equal(judgement->families[FAMILY_IPV4], VERDICT_UNKNOWN);
	assert_int_equal(judgement->families[FAMILY_IPV6], VERDICT_UNKNOWN);
	assert_true(judgement->family_why[FAMILY_IPV6].len);
	assert_int_equal(judgement->finding_count, 0);
}

static void a_bad_goodbye_does_no_harm(void **state)
{
	const struct judgement *judgement;
	const struct finding *finding;

	(void)state;
	spoil(facts, six, FAILURE_SMTP_CLOSED, STAGE_QUIT);
	judgement = judge_facts(facts);
	finding = finding_of(judgement, "server.goodbye");
	assert_int_equal(judgement->verdict, VERDICT_PASS);
	assert_int_equal(finding->severity, SEVERITY_INFO);
	assert_null(finding_of(judgement, "server.closed"));
	assert_int_equal(judgement->comparison, COMPARE_SAME);
}

static void a_family_that_this_host_lacks_spoils_nothing(void **state)
{
	const struct judgement *judgement;

	(void)state;
	six->state = VISIT_NOT_APPLICABLE;
	six->why_not = SPAN("no IPv6 route");
	judgement = judge_facts(facts);
	assert_int_equal(judgement->verdict, VERDICT_PASS);
	assert_int_equal(judgement->families[FAMILY_IPV6], VERDICT_NA);
	assert_true(span_is(
		judgement->family_why[FAMILY_IPV6], SPAN("no IPv6 route")));
	assert_int_equal(
		finding_of(judgement, "host.no-ipv6")->severity, SEVERITY_INFO);
	assert_null(finding_of(judgement, "host.no-ipv4"));
	four->state = VISIT_NOT_APPLICABLE;
	assert_int_equal(judge_facts(facts)->verdict, VERDICT_NA);
	six->is_confined = true;
	assert_null(finding_of(judge_facts(facts), "host.no-ipv6"));
}

static void a_family_that_the_domain_lacks_is_told_why(void **state)
{
	const struct judgement *judgement;

	(void)state;
	facts->outcome.visit_count = facts->outcome.path_count = 1;
	facts->exchangers[0].aaaa = ANSWER_NONE;
	judgement = judge_facts(facts);
	assert_int_equal(judgement->families[FAMILY_IPV6], VERDICT_NA);
	assert_true(span_is(judgement->family_why[FAMILY_IPV6],
		SPAN("no AAAA: the domain's exchangers have no IPv6 "
		     "address")));
	assert_int_equal(judgement->verdict, VERDICT_PASS);
}

static void a_family_that_resolve_leaves_out_is_told_so(void **state)
{
	struct answer none = { .kind = ANSWER_NONE,
		.server = SPAN("--resolve") };
	struct span why = SPAN("--resolve gives no IPv6 address");

	(void)state;
	facts->outcome.visit_count = facts->outcome.path_count = 1;
	facts->exchangers[0].aaaa = ANSWER_NONE;
	answers_put(facts->outcome.answers, SPAN("mx1.example.net"), RR_AAAA,
		&none);
	assert_true(span_is(
		judge_facts(facts)->family_why[FAMILY_IPV6], why));
	facts->target.host = SPAN("mx1.example.net");
	assert_true(span_is(
		judge_facts(facts)->family_why[FAMILY_IPV6], why));
	none.server = SPAN("192.0.2.53");
	assert_true(span_is(judge_facts(facts)->family_why[FAMILY_IPV6],
		SPAN("no AAAA: the server has no IPv6 address")));
}

static void a_family_that_the_dns_did_not_tell_is_unknown(void **state)
{
	const struct judgement *judgement;

	(void)state;
	facts->outcome.visit_count = facts->outcome.path_count = 1;
	facts->exchangers[0].aaaa = ANSWER_SERVFAIL;
	judgement = judge_facts(facts);
	assert_int_equal(judgement->families[FAMILY_IPV6], VERDICT_UNKNOWN);
	assert_int_equal(judgement->verdict, VERDICT_UNKNOWN);
}

static void a_family_not_asked_for_is_told_so(void **state)
{
	const struct judgement *judgement;

	(void)state;
	facts->outcome.visit_count = facts->outcome.path_count = 1;
	facts->outcome.wanted[FAMILY_IPV6] = false;
	judgement = judge_facts(facts);
	assert_int_equal(judgement->families[FAMILY_IPV6], VERDICT_NA);
	assert_true(span_is(judgement->family_why[FAMILY_IPV6],
		SPAN("IPv6 was not asked for")));
}

static void a_green_result_says_what_it_did_not_reach(void **state)
{
	(void)state;
	facts->outcome.goal = STAGE_TLS;
	assert_true(judge_facts(facts)->stopped_before_data);
	refuse(facts, six, STAGE_EHLO, "550 no");
	assert_false(judge_facts(facts)->stopped_before_data);
	six->fault = NULL;
	facts->outcome.goal = STAGE_QUIT;
	assert_false(judge_facts(facts)->stopped_before_data);
	four->reached[STAGE_DOT] = six->reached[STAGE_DOT] = false;
	assert_true(judge_facts(facts)->stopped_before_data);
}

static void exit_status_follows_the_verdict(void **state)
{
	(void)state;
	assert_int_equal(verdict_exit_status(VERDICT_PASS), 0);
	assert_int_equal(verdict_exit_status(VERDICT_WARN), 0);
	assert_int_equal(verdict_exit_status(VERDICT_FAIL), 1);
	assert_int_equal(verdict_exit_status(VERDICT_UNKNOWN), 4);
	assert_int_equal(verdict_exit_status(VERDICT_NA), 4);
	assert_int_equal(
		verdict_worse(VERDICT_UNKNOWN, VERDICT_FAIL), VERDICT_FAIL);
	assert_int_equal(verdict_worse(VERDICT_NA, VERDICT_PASS), VERDICT_PASS);
	assert_int_equal(
		verdict_worse(VERDICT_UNKNOWN, VERDICT_WARN), VERDICT_UNKNOWN);
}

/* ---- all of them */

static void every_finding_says_what_to_do(void **state)
{
	const struct judgement *judgement;

	(void)state;
	four->fcrdns = FCRDNS_NO_NAME;
	six->source.is_temporary = true;
	facts->exchangers[0].is_private = true;
	spoil(facts, six, FAILURE_TIMEOUT, STAGE_CONNECT);
	refuse(facts, four, STAGE_RCPT, "550 5.1.1 user unknown");
	judgement = judge_facts(facts);
	assert_int_equal(judgement->finding_count, 5);
	for (size_t i = 0; i < judgement->finding_count; i++) {
		const struct finding *finding = &judgement->findings[i];

		assert_true(finding->title.len && finding->remedy.len);
		assert_true(finding->for_count || finding->policy.len);
		if (i)
			assert_true(finding[-1].severity >= finding->severity);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_family_the_policy_and_the_proof_are_named),
		TEST(another_address_in_the_reply_speaks_against_it),
		TEST(the_same_refusal_of_both_families_is_only_likely),
		TEST(one_host_of_two_does_not_make_ipv4_the_way_out),
		TEST(a_missing_name_confirms_the_ipv6_rule),
		TEST(a_good_name_leaves_the_ipv6_rule_likely),
		TEST(an_unknown_reply_stays_unknown),
		TEST(every_policy_of_the_codebook_has_a_phrase),
		TEST(a_refusal_about_the_recipient_is_one_for_both),
		TEST(two_good_walks_pass),
		TEST(greylisting_cannot_be_decided),
		TEST(another_deferral_fails),
		TEST(our_own_trouble_is_not_theirs),
		TEST(an_interrupted_walk_is_unknown),
		TEST(a_bad_goodbye_does_no_harm),
		TEST(a_family_that_this_host_lacks_spoils_nothing),
		TEST(a_family_that_the_domain_lacks_is_told_why),
		TEST(a_family_that_resolve_leaves_out_is_told_so),
		TEST(a_family_that_the_dns_did_not_tell_is_unknown),
		TEST(a_family_not_asked_for_is_told_so),
		TEST(a_green_result_says_what_it_did_not_reach),
		TEST(exit_status_follows_the_verdict),
		TEST(every_finding_says_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
