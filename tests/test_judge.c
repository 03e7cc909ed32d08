#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/judge/docket.h"
#include "tests/facts_by_hand.h"

static struct facts *facts;
static struct visit *four, *six; /* at the same host, both well */

static int set_up(void **state)
{
	(void)state;
	facts = facts_open(arena_open());
	four = add_visit(facts, "mx1.example.net", FAMILY_IPV4);
	six = add_visit(facts, "mx1.example.net", FAMILY_IPV6);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_close(facts->arena);
	return 0;
}

static void forget_visits(void)
{
	facts->outcome.visit_count = facts->outcome.path_count = 0;
}

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

/* ---- targets that lead nowhere */

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
	answers_put(facts->outcome.answers, SPAN("example.net"), RR_MX,
		&silence);
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
	assert_true(span_is(
		judgement->findings[0].id, SPAN("domain.mx-literal")));
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
	assert_true(span_is(
		judgement->findings[0].id, SPAN("domain.mx-nowhere")));
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

/* ---- what stopped a walk */

static const struct stop {
	enum failure failure;
	enum stage stage;
	const char *id;
	enum blame blame;
} stops[] = {
	{ FAILURE_TIMEOUT, STAGE_CONNECT, "family.unreachable", BLAME_UNKNOWN },
	{ FAILURE_HOST_UNREACHABLE, STAGE_CONNECT, "family.unreachable",
		BLAME_UNKNOWN },
	{ FAILURE_CONNECTION_REFUSED, STAGE_CONNECT, "family.refused",
		BLAME_THEIRS },
	{ FAILURE_ADMIN_PROHIBITED, STAGE_CONNECT, "family.prohibited",
		BLAME_PATH },
	{ FAILURE_TIMEOUT, STAGE_BANNER, "server.silent", BLAME_THEIRS },
	{ FAILURE_SMTP_CLOSED, STAGE_EHLO, "server.closed", BLAME_UNKNOWN },
	{ FAILURE_CONNECTION_RESET, STAGE_DATA, "server.closed",
		BLAME_UNKNOWN },
	{ FAILURE_SMTP_SYNTAX, STAGE_BANNER, "server.syntax", BLAME_THEIRS },
	{ FAILURE_SMTP_UNEXPECTED, STAGE_EHLO, "server.syntax", BLAME_THEIRS },
	{ FAILURE_SMTP_LIMIT, STAGE_MAIL, "server.limit", BLAME_OURS },
	{ FAILURE_TLS_NOT_OFFERED, STAGE_STARTTLS, "tls.not-offered",
		BLAME_THEIRS },
	{ FAILURE_TLS_HANDSHAKE, STAGE_TLS, "tls.handshake", BLAME_UNKNOWN },
	{ FAILURE_TLS_INJECTION, STAGE_STARTTLS, "tls.injection",
		BLAME_UNKNOWN },
};

static void what_stopped_one_family_is_named_with_the_other_as_proof(
	void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(stops); i++) {
		const struct judgement *judgement;

		spoil(facts, six, stops[i].failure, stops[i].stage);
		judgement = judge_facts(facts);
		assert_int_equal(judgement->verdict, VERDICT_FAIL);
		assert_int_equal(judgement->finding_count, 1);
		assert_true(span_is(
			judgement->findings[0].id, span_of(stops[i].id)));
		assert_int_equal(judgement->findings[0].blame, stops[i].blame);
		assert_true(judgement->findings[0].has_family);
		assert_true(says_for(&judgement->findings[0], "IPv4 got past"));
	}
}

static void what_stopped_both_families_is_one_finding(void **state)
{
	const struct judgement *judgement;

	(void)state;
	spoil(facts, four, FAILURE_TIMEOUT, STAGE_CONNECT);
	spoil(facts, six, FAILURE_TIMEOUT, STAGE_CONNECT);
	judgement = judge_facts(facts);
	assert_int_equal(judgement->finding_count, 1);
	assert_false(judgement->findings[0].has_family);
	assert_true(
		says_against(&judgement->findings[0], "it is not the family"));
}

static bool advises(const char *text)
{
	const struct finding *finding = finding_of(
		judge_facts(facts), "family.refused");

	return span_find_nocase(finding->remedy, span_of(text)) <
	       finding->remedy.len;
}

static void a_refused_port_is_one_families_only_beside_the_other(void **state)
{
	struct path path = *six->path;

	(void)state;
	path.port = 587;
	six->path = &path;
	spoil(facts, six, FAILURE_CONNECTION_REFUSED, STAGE_CONNECT);
	assert_true(advises("inet_protocols"));
	spoil(facts, four, FAILURE_CONNECTION_REFUSED, STAGE_CONNECT);
	assert_false(advises("inet_protocols"));
	facts->outcome.visits = facts->outcome.visits + 1;
	facts->outcome.visit_count = 1;
	assert_true(advises("port 587"));
}

static void unacknowledged_segments_tell_a_black_hole(void **state)
{
	const struct judgement *judgement;

	(void)state;
	spoil(facts, six, FAILURE_TIMEOUT, STAGE_DOT);
	six->tcp.is_known = true;
	six->tcp.unacked = 12;
	six->tcp.backoff = 4;
	judgement = judge_facts(facts);
	assert_int_equal(judgement->finding_count, 1);
	assert_true(span_is(
		judgement->findings[0].id, SPAN("path.mtu-black-hole")));
	assert_int_equal(judgement->findings[0].confidence, SUSPECTED);
	assert_int_equal(judgement->findings[0].blame, BLAME_PATH);
	assert_true(says_for(&judgement->findings[0], "12 segments"));
	six->tcp.unacked = 0;
	judgement = judge_facts(facts);
	assert_null(finding_of(judgement, "path.mtu-black-hole"));
	assert_true(says_for(
		finding_of(judgement, "server.silent"), "acknowledged"));
	six->tcp.unacked = 12;
	six->tcp.backoff = 1;
	assert_null(finding_of(judge_facts(facts), "path.mtu-black-hole"));
}

static void a_handshake_without_an_answer_has_two_explanations(void **state)
{
	const struct judgement *judgement;

	(void)state;
	spoil(facts, six, FAILURE_TIMEOUT, STAGE_TLS);
	six->tcp.is_known = true;
	judgement = judge_facts(facts);
	assert_int_equal(judgement->finding_count, 2);
	assert_true(
		span_is(judgement->findings[0].id, SPAN("server.silent")));
	assert_true(says_against(
		&judgement->findings[0], "(path.mtu-black-hole)"));
	assert_true(span_is(
		judgement->findings[1].id, SPAN("path.mtu-black-hole")));
	assert_int_equal(judgement->findings[1].confidence, SUSPECTED);
	assert_true(says_for(&judgement->findings[1], "larger answer"));
	assert_true(says_for(&judgement->findings[1], "IPv4 got through TLS"));
	assert_true(says_against(&judgement->findings[1], "(server.silent)"));
}

static void only_a_lone_silent_handshake_is_taken_for_a_black_hole(void **state)
{
	const struct judgement *judgement;

	(void)state;
	spoil(facts, six, FAILURE_TIMEOUT, STAGE_TLS);
	assert_null(finding_of(judge_facts(facts), "path.mtu-black-hole"));
	six->tcp.is_known = true;
	six->tcp.unacked = 1;
	assert_null(finding_of(judge_facts(facts), "path.mtu-black-hole"));
	six->tcp.unacked = 0;
	four->reached[STAGE_TLS] = false;
	judgement = judge_facts(facts);
	assert_null(finding_of(judgement, "path.mtu-black-hole"));
	assert_int_equal(
		finding_of(judgement, "server.silent")->against_count, 0);
	four->reached[STAGE_TLS] = true;
	spoil(facts, six, FAILURE_TIMEOUT, STAGE_DOT);
	assert_null(finding_of(judge_facts(facts), "path.mtu-black-hole"));
	spoil(facts, six, FAILURE_TLS_HANDSHAKE, STAGE_TLS);
	assert_null(finding_of(judge_facts(facts), "path.mtu-black-hole"));
}

/* ---- what was seen, and what is inferred */

static void what_was_seen_is_not_suspected(void **state)
{
	static const char *const inferred[] = { "family.unreachable",
		"family.prohibited" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(stops); i++) {
		bool is_inferred = false;

		for (size_t at = 0; at < COUNT_OF(inferred); at++)
			is_inferred |= span_is(span_of(stops[i].id),
				span_of(inferred[at]));
		spoil(facts, six, stops[i].failure, stops[i].stage);
		assert_int_equal(judge_facts(facts)->findings[0].confidence,
			is_inferred ? SUSPECTED : CONFIRMED);
	}
}

static void the_records_of_the_domain_are_seen(void **state)
{
	struct exchanger *mx = &facts->exchangers[0];
	const struct judgement *judgement;

	(void)state;
	mx->canonical = SPAN("real.example.net");
	mx->is_literal = mx->is_loopback = mx->is_private = true;
	six->state = VISIT_NOT_APPLICABLE;
	six->why_not = SPAN("no IPv6 route");
	judgement = judge_facts(facts);
	assert_int_equal(judgement->finding_count, 5);
	for (size_t i = 0; i < judgement->finding_count; i++)
		assert_int_equal(judgement->findings[i].confidence, CONFIRMED);
}

static void a_prohibition_is_as_sure_as_its_weaker_half(void **state)
{
	struct fault *fault = spoil(
		facts, six, FAILURE_ADMIN_PROHIBITED, STAGE_CONNECT);
	const struct judgement *judgement;

	(void)state;
	fault->icmp.is_known = true;
	assert_int_equal(judge_facts(facts)->findings[0].confidence, CONFIRMED);
	spoil(facts, four, FAILURE_ADMIN_PROHIBITED, STAGE_CONNECT);
	judgement = judge_facts(facts);
	assert_int_equal(judgement->finding_count, 1);
	assert_int_equal(judgement->findings[0].confidence, SUSPECTED);
}

static void who_sent_the_icmp_error_is_evidence(void **state)
{
	struct fault *fault = spoil(
		facts, six, FAILURE_ADMIN_PROHIBITED, STAGE_CONNECT);

	(void)state;
	fault->icmp = (struct icmp_error){ .is_known = true,
		.family = FAMILY_IPV6,
		.type = 1,
		.code = 1,
		.has_offender = true,
		.offender = ip_by_hand("2001:db8::9") };
	assert_true(
		says_for(finding_of(judge_facts(facts), "family.prohibited"),
			"2001:db8::9 sent the ICMP error"));
}

/* ---- TLS */

static struct session session_by_hand(struct certificate *leaf)
{
	leaf->subject = SPAN("CN=other.example");
	return (struct session){ .chain = leaf,
		.chain_count = 1,
		.checked_name = SPAN("mx1.example.net"),
		.is_trusted = true,
		.name_matches = true };
}

static void a_good_certificate_is_no_news(void **state)
{
	struct certificate leaf = { 0 };
	struct session tls = session_by_hand(&leaf);

	(void)state;
	four->tls = &tls;
	assert_int_equal(judge_facts(facts)->finding_count, 0);
}

/* As after an EHLO without STARTTLS. */
static void go_on_in_clear(struct visit *visit)
{
	visit->has_ehlo = true;
	visit->reached[STAGE_STARTTLS] = visit->reached[STAGE_TLS] = false;
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
	transcript_add(&four->transcript, facts->arena, 1, EVENT_HEARD,
		STAGE_STARTTLS)->heard = aside.fault->reply;
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

/* ---- DANE and MTA-STS: both families have the same host */

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
	assert_true(span_find_nocase(finding->remedy, SPAN("over IPv6 the "
		"certificate that it shows over IPv4")) < finding->remedy.len);
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

/* ---- our own address */

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
		TEST(a_target_without_a_path_is_told_by_its_dns),
		TEST(who_did_not_answer_is_named),
		TEST(bad_records_of_the_domain_are_a_warning),
		TEST(what_makes_every_exchanger_useless_is_the_cause),
		TEST(an_exchanger_that_nothing_explains_leads_nowhere),
		TEST(a_domain_that_is_an_alias_itself_is_sound),
		TEST(what_stopped_one_family_is_named_with_the_other_as_proof),
		TEST(what_stopped_both_families_is_one_finding),
		TEST(a_refused_port_is_one_families_only_beside_the_other),
		TEST(unacknowledged_segments_tell_a_black_hole),
		TEST(a_handshake_without_an_answer_has_two_explanations),
		TEST(only_a_lone_silent_handshake_is_taken_for_a_black_hole),
		TEST(what_was_seen_is_not_suspected),
		TEST(the_records_of_the_domain_are_seen),
		TEST(a_prohibition_is_as_sure_as_its_weaker_half),
		TEST(who_sent_the_icmp_error_is_evidence),
		TEST(a_good_certificate_is_no_news),
		TEST(tls_over_one_family_only_is_a_warning),
		TEST(what_was_answered_to_starttls_is_told),
		TEST(tls_over_both_or_over_neither_is_no_difference),
		TEST(a_certificate_that_proves_nothing_is_a_warning),
		TEST(a_certificate_fails_a_walk_that_needs_it),
		TEST(each_way_to_break_dane_has_its_own_name),
		TEST(a_record_that_fits_is_no_news),
		TEST(a_rollover_on_one_family_is_held_against_the_other),
		TEST(dane_fails_a_walk_that_asked_for_it),
		TEST(records_without_tls_are_told),
		TEST(records_that_nobody_vouches_for_are_told),
		TEST(a_failed_look_up_decides_nothing_where_dane_is_wanted),
		TEST(a_policy_server_that_nobody_reached_blames_no_domain),
		TEST(an_exchanger_that_the_sts_policy_lacks_is_told),
		TEST(an_address_without_a_good_name_is_suspected),
		TEST(a_private_address_needs_no_name),
		TEST(an_unanswered_name_is_no_finding),
		TEST(an_echo_of_another_address_is_a_nat),
		TEST(an_address_that_will_not_last_is_told),
		TEST(every_finding_says_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
