#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/judge_by_hand.h"

static struct tlsa_fact fact_by_hand;
static struct tlsa_verdict verdict_by_hand;
static struct dane dane_by_hand;
static struct session dane_tls;

static void bind_by_dane(enum tlsa_result result, const char *hint)
{
	static struct certificate leaf;

	fact_by_hand = (struct tlsa_fact){ .hint = span_of(hint) };
	verdict_by_hand = (struct tlsa_verdict){ .result = result,
		.records = &fact_by_hand,
		.count = 1,
		.publish = SPAN("3 1 1 abcd"),
		.why = SPAN("so it is") };
	dane_by_hand = (struct dane){ .state = DANE_BINDING,
		.base = SPAN("mx1.example.net"),
		.why = SPAN(""),
		.count = 1 };
	leaf = (struct certificate){ 0 };
	dane_tls = session_by_hand(&leaf);
	dane_tls.tlsa = &verdict_by_hand;
	for (size_t i = 0; i < facts->outcome.path_count; i++)
		facts->paths[i].dane = &dane_by_hand;
	four->tls = six->tls = &dane_tls;
}

static const struct {
	enum tlsa_result result;
	const char *hint, *id;
} dane_cases[] = {
	{ TLSA_NO_MATCH, "", "dane.rolled-over" },
	{ TLSA_NO_MATCH, "as 3 1 1 it would fit", "dane.wrong-record" },
	{ TLSA_INVALID, "", "dane.invalid" },
	{ TLSA_ALL_UNUSABLE, "", "dane.unusable" },
	{ TLSA_ALL_UNUSABLE, "as 3 1 1 it would fit", "dane.wrong-record" },
};

static void each_way_to_break_dane_has_its_own_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(dane_cases); i++) {
		const struct judgement *judgement;
		const struct finding *finding;

		bind_by_dane(dane_cases[i].result, dane_cases[i].hint);
		judgement = judge_facts(facts);
		finding = finding_of(judgement, dane_cases[i].id);
		assert_int_equal(judgement->finding_count, 1);
		assert_int_equal(judgement->verdict, VERDICT_PASS);
		assert_int_equal(finding->severity, SEVERITY_WARN);
		assert_int_equal(finding->blame, BLAME_THEIRS);
		assert_false(finding->has_family);
		assert_true(says_for(finding, "so it is"));
		assert_true(span_find_nocase(finding->remedy,
				    SPAN("_25._tcp.mx1.example.net. IN TLSA "
					 "3 1 1 abcd")) < finding->remedy.len);
	}
}

static void a_record_that_fits_is_no_news(void **state)
{
	(void)state;
	bind_by_dane(TLSA_MATCHES, "");
	assert_int_equal(judge_facts(facts)->finding_count, 0);
	dane_tls.is_trusted = false;
	assert_int_equal(
		finding_of(judge_facts(facts), "tls.untrusted")->against_count,
		1);
	dane_by_hand.state = DANE_NONE;
	dane_by_hand.count = 0;
	dane_tls.is_trusted = true;
	dane_tls.tlsa = NULL;
	assert_int_equal(judge_facts(facts)->finding_count, 0);
}

static void a_rollover_on_one_family_is_held_against_the_other(void **state)
{
	static struct tlsa_verdict fits = { .result = TLSA_MATCHES };
	static struct session good;
	const struct finding *finding;

	(void)state;
	bind_by_dane(TLSA_NO_MATCH, "");
	good = dane_tls;
	good.tlsa = &fits;
	four->tls = &good;
	finding = finding_of(judge_facts(facts), "dane.rolled-over");
	assert_true(finding->has_family);
	assert_int_equal(finding->family, FAMILY_IPV6);
	assert_true(says_for(finding, "over IPv4 the same host shows"));
	assert_true(span_find_nocase(finding->remedy,
			    SPAN("over IPv6 the "
				 "certificate that it shows over IPv4")) <
		    finding->remedy.len);
}

static void dane_fails_a_walk_that_asked_for_it(void **state)
{
	const struct judgement *judgement;

	(void)state;
	bind_by_dane(TLSA_NO_MATCH, "");
	spoil(facts, four, FAILURE_TLS_DANE, STAGE_TLS);
	spoil(facts, six, FAILURE_TLS_DANE, STAGE_TLS);
	judgement = judge_facts(facts);
	assert_int_equal(judgement->verdict, VERDICT_FAIL);
	assert_int_equal(judgement->finding_count, 1);
	assert_int_equal(judgement->findings[0].severity, SEVERITY_FAIL);
}

static void records_without_tls_are_told(void **state)
{
	const struct finding *finding;

	(void)state;
	bind_by_dane(TLSA_NO_MATCH, "");
	four->tls = six->tls = NULL;
	go_on_in_clear(four);
	go_on_in_clear(six);
	finding = finding_of(judge_facts(facts), "dane.no-tls");
	assert_int_equal(finding->severity, SEVERITY_WARN);
	assert_true(says_for(finding, "mx1.example.net has 1 TLSA record"));
	spoil(facts, four, FAILURE_TLS_NOT_OFFERED, STAGE_STARTTLS);
	finding = finding_of(judge_facts(facts), "dane.no-tls");
	assert_int_equal(finding->severity, SEVERITY_FAIL);
}

static void records_that_nobody_vouches_for_are_told(void **state)
{
	(void)state;
	bind_by_dane(TLSA_MATCHES, "");
	dane_tls.tlsa = NULL;
	dane_by_hand.state = DANE_INSECURE;
	dane_by_hand.why = SPAN("DNSSEC does not");
	assert_true(says_for(finding_of(judge_facts(facts), "dane.unsigned"),
		"DNSSEC does not"));
	dane_by_hand.count = 0;
	assert_null(finding_of(judge_facts(facts), "dane.unsigned"));
}

static void a_failed_look_up_decides_nothing_where_dane_is_wanted(void **state)
{
	const struct judgement *judgement;

	(void)state;
	bind_by_dane(TLSA_MATCHES, "");
	dane_tls.tlsa = NULL;
	dane_by_hand.state = DANE_UNKNOWN;
	dane_by_hand.failed = ANSWER_SERVFAIL;
	dane_by_hand.why = SPAN("servfail");
	judgement = judge_facts(facts);
	assert_int_equal(judgement->verdict, VERDICT_PASS);
	assert_false(finding_of(judgement, "dane.lookup-failed")->leaves_open);
	dane_by_hand.failed = ANSWER_UNSAVED;
	assert_int_equal(judge_facts(facts)->finding_count, 0);
	four->tls = six->tls = NULL;
	spoil(facts, four, FAILURE_DNS_SERVFAIL, STAGE_STARTTLS);
	spoil(facts, six, FAILURE_DNS_SERVFAIL, STAGE_STARTTLS);
	judgement = judge_facts(facts);
	assert_int_equal(judgement->verdict, VERDICT_UNKNOWN);
	assert_true(finding_of(judgement, "dane.lookup-failed")->leaves_open);
}

static void a_policy_server_that_nobody_reached_blames_no_domain(void **state)
{
	struct answer file = { .kind = ANSWER_TIMEOUT, .server = SPAN("") };
	struct mta_sts sts = { .state = MTA_STS_FETCH_FAILED,
		.host = SPAN("mta-sts.example.net"),
		.why = SPAN("2001:db8::1: timed out; 192.0.2.1: timed out"),
		.file = &file };

	(void)state;
	facts->outcome.mta_sts = &sts;
	assert_null(finding_of(judge_facts(facts), "mta-sts.broken"));
	file.kind = ANSWER_UNREACHABLE;
	assert_null(finding_of(judge_facts(facts), "mta-sts.broken"));
	/* It took the connection, and drips. */
	file = (struct answer){ .kind = ANSWER_TIMEOUT,
		.server = SPAN("192.0.2.1") };
	assert_non_null(finding_of(judge_facts(facts), "mta-sts.broken"));
	file.kind = ANSWER_UNTRUSTED;
	assert_non_null(finding_of(judge_facts(facts), "mta-sts.broken"));
}

static void an_exchanger_that_the_sts_policy_lacks_is_told(void **state)
{
	static const struct span patterns[] = { { "mx9.example.net", 15 } };
	struct mta_sts sts = { .state = MTA_STS_FOUND,
		.policy = { .mode = MTA_STS_ENFORCE,
			.patterns = patterns,
			.pattern_count = 1 } };
	const struct finding *finding;

	(void)state;
	facts->paths[0].sts = facts->paths[1].sts = &sts;
	finding = finding_of(judge_facts(facts), "mta-sts.not-listed");
	assert_int_equal(finding->severity, SEVERITY_WARN);
	assert_true(says_for(finding, "mx1.example.net is not among"));
	sts.policy.mode = MTA_STS_TESTING;
	finding = finding_of(judge_facts(facts), "mta-sts.not-listed");
	assert_int_equal(finding->severity, SEVERITY_INFO);
	sts.policy.mode = MTA_STS_ENFORCE;
	spoil(facts, six, FAILURE_TLS_MTA_STS, STAGE_TLS);
	finding = finding_of(judge_facts(facts), "mta-sts.not-listed");
	assert_int_equal(finding->severity, SEVERITY_FAIL);
	sts.state = MTA_STS_NONE;
	assert_null(finding_of(judge_facts(facts), "mta-sts.not-listed"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_way_to_break_dane_has_its_own_name),
		TEST(a_record_that_fits_is_no_news),
		TEST(a_rollover_on_one_family_is_held_against_the_other),
		TEST(dane_fails_a_walk_that_asked_for_it),
		TEST(records_without_tls_are_told),
		TEST(records_that_nobody_vouches_for_are_told),
		TEST(a_failed_look_up_decides_nothing_where_dane_is_wanted),
		TEST(a_policy_server_that_nobody_reached_blames_no_domain),
		TEST(an_exchanger_that_the_sts_policy_lacks_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
