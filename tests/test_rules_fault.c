#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/judge_by_hand.h"

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
	assert_true(span_is(judgement->findings[0].id, SPAN("server.silent")));
	assert_true(
		says_against(&judgement->findings[0], "(path.mtu-black-hole)"));
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
			is_inferred |= span_is(
				span_of(stops[i].id), span_of(inferred[at]));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
