#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/judge/own_view.h"
#include "tests/facts_by_hand.h"

static const char spf_refusal[] =
	"550 5.7.23 <me@example.net>: Recipient address rejected: Message "
	"rejected due to: SPF fail - not authorized. ip=2001:db8:25::25";

static struct facts *facts;
static struct visit *four, *six;

static struct identity *identity_with(enum spf_result result, const char *term)
{
	struct identity *identity =
		arena_new(facts->arena, struct identity);

	identity->has_spf = true;
	identity->from_domain = SPAN("");
	identity->spf = (struct spf_check){ .result = result,
		.domain = SPAN("sender.example"),
		.record = SPAN("v=spf1 ip4:203.0.113.0/24 -all"),
		.term = span_of(term),
		.term_domain = SPAN("sender.example"),
		.path_count = 1,
		.why = SPAN("") };
	return identity;
}

static int set_up(void **state)
{
	(void)state;
	facts = facts_open(arena_open());
	four = add_visit(facts, "mx1.example.net", FAMILY_IPV4);
	six = add_visit(facts, "mx1.example.net", FAMILY_IPV6);
	four->identity = identity_with(SPF_PASS, "ip4:203.0.113.0/24");
	six->identity = identity_with(SPF_FAIL, "-all");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_close(facts->arena);
	return 0;
}

/* What the lint says of the record for both our addresses. */
static void add_lint(unsigned families, const char *fix)
{
	struct spf_lint *lint = arena_new(facts->arena, struct spf_lint);

	lint->count = 2;
	lint->notes[0] = (struct spf_note){ .id = "spf-no-all",
		.severity = SPF_WARNING,
		.families = SPF_FAMILIES,
		.fix = SPAN("end it") };
	lint->notes[1] = (struct spf_note){ .id = "spf-source-missing",
		.severity = SPF_ERROR,
		.families = families,
		.domain = SPAN("sender.example"),
		.fix = span_of(fix),
		.record = SPAN("v=spf1 new -all") };
	facts->outcome.spf_lint = lint;
}

static void a_refusal_for_spf_that_we_fail_too_is_confirmed(void **state)
{
	const struct finding *finding;

	(void)state;
	add_lint(SPF_FAMILY_IPV6, "add ip6:2001:db8:25::25");
	refuse(facts, six, STAGE_RCPT, spf_refusal);
	finding = finding_of(judge_facts(facts), "any.spf-fail");
	assert_non_null(finding);
	assert_int_equal(finding->confidence, CONFIRMED);
	assert_true(span_is(finding->remedy, SPAN("add ip6:2001:db8:25::25; "
		"the record of sender.example is then: v=spf1 new -all")));
	assert_null(finding_of(judge_facts(facts), "sender.spf"));
	assert_true(says_for(finding, "SPF of sender.example gives fail at "
		"2001:db8:25::25 (-all)"));
}

static void where_ours_passes_it_is_said_against_and_only_likely(void **state)
{
	const struct finding *finding;

	(void)state;
	six->identity = identity_with(SPF_PASS, "ip6:2001:db8::/32");
	refuse(facts, six, STAGE_RCPT,
		"550 5.7.23 SPF fail - not authorized");
	finding = finding_of(judge_facts(facts), "any.spf-fail");
	assert_non_null(finding);
	assert_int_equal(finding->confidence, LIKELY);
	assert_true(says_against(finding, "SPF passes for sender.example at "
		"2001:db8:25::25 (ip6:2001:db8::/32)"));
}

static void a_remedy_for_the_other_family_is_none(void **state)
{
	const struct finding *finding;

	(void)state;
	add_lint(SPF_FAMILY_IPV4, "add ip4:203.0.113.25");
	refuse(facts, six, STAGE_RCPT, spf_refusal);
	finding = finding_of(judge_facts(facts), "any.spf-fail");
	assert_true(span_is(finding->remedy, SPAN("end it")));
}

static void what_could_not_be_looked_up_speaks_neither_way(void **state)
{
	static const enum spf_result silent[] = { SPF_OPEN, SPF_TEMPERROR };
	static const struct dkim_message message;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(silent); i++) {
		six->identity = identity_with(silent[i], "");
		assert_int_equal(own_view(six, SPAN("spf")), OWN_SILENT);
		assert_int_equal(own_spf_text(facts->arena, six).len, 0);
	}
	six->identity = identity_with(SPF_PASS, "");
	six->identity->has_dmarc = true;
	six->identity->message = &message;
	six->identity->dkim.result = DKIM_TEMPERROR;
	six->identity->dmarc.result = DMARC_TEMPERROR;
	assert_int_equal(own_view(six, SPAN("dkim")), OWN_SILENT);
	assert_int_equal(own_view(six, SPAN("dmarc")), OWN_SILENT);
	assert_null(finding_of(judge_facts(facts), "sender.dkim"));
	assert_null(finding_of(judge_facts(facts), "sender.dmarc"));
	six->identity = NULL;
	assert_int_equal(own_view(six, SPAN("spf")), OWN_SILENT);
	assert_int_equal(own_view(six, SPAN("dkim")), OWN_SILENT);
	assert_int_equal(own_view(six, SPAN("dmarc")), OWN_SILENT);
}

static void an_ehlo_name_without_a_record_is_no_fault(void **state)
{
	(void)state;
	six->identity = identity_with(SPF_NONE, "");
	assert_int_equal(own_view(six, SPAN("spf")), OWN_AGREES);
	six->identity->is_helo = true;
	assert_int_equal(own_view(six, SPAN("spf")), OWN_SILENT);
	assert_null(finding_of(judge_facts(facts), "sender.spf"));
}

static void a_policy_that_is_not_ours_to_check_is_left_alone(void **state)
{
	(void)state;
	assert_int_equal(own_view(six, SPAN("mailbox-full")), OWN_SILENT);
	assert_int_equal(own_view(six, SPAN("spf")), OWN_AGREES);
	assert_int_equal(own_view(four, SPAN("spf")), OWN_DISAGREES);
}

static void without_a_refusal_a_failing_spf_is_only_suspected(void **state)
{
	const struct judgement *judgement;
	const struct finding *finding;

	(void)state;
	judgement = judge_facts(facts);
	finding = finding_of(judgement, "sender.spf");
	assert_non_null(finding);
	assert_int_equal(finding->confidence, SUSPECTED);
	assert_int_equal(finding->severity, SEVERITY_WARN);
	assert_true(finding->has_family);
	assert_int_equal(finding->family, FAMILY_IPV6);
	assert_int_equal(judgement->verdict, VERDICT_PASS);
}

static void a_foreign_from_fails_dmarc_and_the_web_form_is_told_how(
	void **state)
{
	const struct finding *finding;

	(void)state;
	four->identity->from_domain = SPAN("visitor.example");
	four->identity->has_dmarc = true;
	four->identity->dmarc = (struct dmarc_check){ .result = DMARC_FAIL,
		.why = SPAN("SPF passed for sender.example, which is not "
			    "under visitor.example") };
	refuse(facts, four, STAGE_DOT,
		"550 5.7.1 rejected by DMARC policy for visitor.example");
	finding = finding_of(judge_facts(facts), "any.dmarc");
	assert_non_null(finding);
	assert_true(says_for(finding, "not under visitor.example"));
	assert_true(span_find(finding->remedy, 'R') < finding->remedy.len);
	assert_true(span_find_nocase(finding->remedy, SPAN("Reply-To")) <
		finding->remedy.len);
}

static void a_broken_signature_of_the_from_domain_is_what_to_mend(void **state)
{
	static struct dmarc_finding finding = {
		.identifier = { .method = DMARC_BY_DKIM,
			.outcome = DMARC_METHOD_FAILED },
		.is_aligned = true };
	const struct finding *told;

	(void)state;
	four->identity->from_domain = SPAN("sender.example");
	four->identity->has_dmarc = true;
	four->identity->dmarc = (struct dmarc_check){ .result = DMARC_FAIL,
		.why = SPAN("DKIM failed"),
		.findings = &finding,
		.finding_count = 1 };
	four->identity->dkim.count = 1;
	told = finding_of(judge_facts(facts), "sender.dmarc");
	assert_true(span_find_nocase(told->remedy, SPAN("behind the signer")) <
		told->remedy.len);
}

static void each_family_gets_its_own_term_of_one_finding(void **state)
{
	struct spf_lint *lint = arena_new(facts->arena, struct spf_lint);
	const struct finding *finding;

	(void)state;
	four->identity = identity_with(SPF_FAIL, "-all");
	lint->count = 2;
	lint->notes[0] = (struct spf_note){ .severity = SPF_ERROR,
		.families = SPF_FAMILY_IPV4, .fix = SPAN("add ip4:a") };
	lint->notes[1] = (struct spf_note){ .severity = SPF_ERROR,
		.families = SPF_FAMILY_IPV6, .fix = SPAN("add ip6:b") };
	facts->outcome.spf_lint = lint;
	finding = finding_of(judge_facts(facts), "sender.spf");
	assert_false(finding->has_family);
	assert_true(span_is(finding->remedy, SPAN("add ip4:a; add ip6:b")));
}

static void a_message_without_signature_is_no_fault_by_itself(void **state)
{
	(void)state;
	four->identity->message = arena_new(
		facts->arena, struct dkim_message);
	four->identity->dkim.result = DKIM_NONE;
	assert_null(finding_of(judge_facts(facts), "sender.dkim"));
	assert_int_equal(own_view(four, SPAN("dkim")), OWN_AGREES);
	assert_true(span_is(own_dkim_text(facts->arena, four),
		SPAN("the message has no DKIM signature")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_refusal_for_spf_that_we_fail_too_is_confirmed),
		TEST(where_ours_passes_it_is_said_against_and_only_likely),
		TEST(a_remedy_for_the_other_family_is_none),
		TEST(what_could_not_be_looked_up_speaks_neither_way),
		TEST(an_ehlo_name_without_a_record_is_no_fault),
		TEST(a_policy_that_is_not_ours_to_check_is_left_alone),
		TEST(without_a_refusal_a_failing_spf_is_only_suspected),
		TEST(a_foreign_from_fails_dmarc_and_the_web_form_is_told_how),
		TEST(a_broken_signature_of_the_from_domain_is_what_to_mend),
		TEST(each_family_gets_its_own_term_of_one_finding),
		TEST(a_message_without_signature_is_no_fault_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
