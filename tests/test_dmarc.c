#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/policy/dmarc.h"
#include "probe/policy/tree_walk.h"
#include "tests/spans.h"
#include "tests/zone_by_hand.h"

/* clang-format off */
static const char text[] =
	"_dmarc.example.org TXT found \"v=DMARC1; p=reject; sp=quarantine; "
		"np=none; t=n\"\n"
	"mail.example.org A found \"192.0.2.1\"\n"
	"_dmarc.strict.example TXT found "
		"\"v=DMARC1; p=reject; adkim=s; aspf=s\"\n"
	"_dmarc.two.example.net TXT found \"v=DMARC1; p=reject\" "
		"\"v=DMARC1; p=none\"\n"
	"_dmarc.example.net TXT found \"v=DMARC1; p=quarantine; pct=20\"\n"
	"_dmarc.lost.example TXT servfail\n"
	"_dmarc.half.example.info TXT found \"v=DMARC1; p=reject\"\n"
	"_dmarc.example.info TXT timeout\n"
	"_dmarc.dup.example TXT found \"v=DMARC1; p=none; p=reject\"\n"
	"_dmarc.empty.example TXT found \"other\" \"v=DMARC1; adkim=s\"\n"
	"_dmarc.test.example TXT found \"v=DMARC1; p=reject; t=y; pct=0\"\n"
	"_dmarc.bank.example TXT found \"v=DMARC1; p=reject; psd=y\"\n"
	"_dmarc.own.bank.example TXT found \"v=DMARC1; p=quarantine\"\n"
	"_dmarc.dept.big.example TXT found \"v=DMARC1; p=none; psd=n\"\n"
	"_dmarc.big.example TXT found \"v=DMARC1; p=reject\"\n"
	"_dmarc.shop TXT servfail\n"
	"_dmarc.a.shop TXT found \"v=DMARC1; p=reject\"\n"
	"_dmarc.deep.example TXT found \"v=DMARC1; p=reject\"\n"
	"example.org._report._dmarc.reports.example TXT found \"v=DMARC1\"\n"
	"example.org._report._dmarc.moved.example TXT found "
		"\"v=DMARC1; rua=mailto:b@moved.example\"\n"
	"example.org._report._dmarc.evil.example TXT found "
		"\"v=DMARC1; rua=mailto:b@victim.example\"\n"
	"example.org._report._dmarc.lost.example TXT timeout\n";
/* clang-format on */

static struct zone_by_hand zone;
static struct dmarc_check check;

static int open_zone(void **state)
{
	(void)state;
	zone = zone_by_hand_open(text);
	return 0;
}

static int close_zone(void **state)
{
	(void)state;
	zone_by_hand_close(&zone);
	return 0;
}

/* "spf+a.example dkim-b.example spf?c.example": passed, failed, unsure. */
static size_t read_identifiers(
	struct span words, struct dmarc_identifier *identifiers)
{
	size_t count = 0;

	while (words.len) {
		struct span word = span_cut(&words, ' ');
		bool is_spf = word.at[0] == 's';
		size_t mark = is_spf ? 3 : 4;

		identifiers[count++] = (struct dmarc_identifier){
			.method = is_spf ? DMARC_BY_SPF : DMARC_BY_DKIM,
			.outcome = word.at[mark] == '+'   ? DMARC_METHOD_PASSED
				   : word.at[mark] == '-' ? DMARC_METHOD_FAILED
							  : DMARC_METHOD_UNSURE,
			.domain = span_part(word, mark + 1, word.len),
		};
	}
	return count;
}

static enum dmarc_result ask(
	enum dmarc_rules rules, const char *from, const char *words)
{
	struct dmarc_identifier identifiers[32];
	struct dmarc_query query = {
		.from_domain = span_of(from),
		.identifiers = identifiers,
		.identifier_count = read_identifiers(
			span_of(words), identifiers),
		.rules = rules,
	};

	while (dmarc_check(zone.arena, zone.answers, &query, &check) ==
			DMARC_OPEN &&
		zone_by_hand_settle(&zone))
		;
	return check.result;
}

static const enum dmarc_rules both[] = { DMARC_RFC7489, DMARC_RFC9989 };

static void a_pass_of_a_subdomain_is_enough_when_relaxed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(both); i++) {
		assert_int_equal(
			ask(both[i], "Example.org.", "spf+Bounce.Example.Org"),
			DMARC_PASS);
		assert_true(check.passed_by_spf);
		assert_false(check.passed_by_dkim);
		assert_int_equal(
			check.findings[0].alignment, DMARC_SAME_ORG_DOMAIN);
		assert_int_equal(check.disposition, DMARC_POLICY_NONE);
		assert_int_equal(check.policy, DMARC_POLICY_REJECT);
		assert_span(check.why,
			"SPF passed for bounce.example.org, which shares the "
			"organizational domain example.org");
	}
}

static void a_strange_domain_is_told_to_be_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(both); i++) {
		assert_int_equal(
			ask(both[i], "example.org",
				"spf+bounce.example.net dkim-example.org"),
			DMARC_FAIL);
		assert_int_equal(check.disposition, DMARC_POLICY_REJECT);
		assert_span(check.findings[0].why,
			"SPF passed for bounce.example.net, which is not "
			"under example.org");
		assert_span(check.findings[1].why,
			"DKIM did not pass for example.org, the author "
			"domain itself");
		assert_span(check.why,
			"neither SPF nor DKIM passed for a domain that is "
			"aligned with example.org");
	}
}

static void a_strict_record_wants_the_same_domain(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(both); i++) {
		assert_int_equal(
			ask(both[i], "strict.example", "spf+a.strict.example"),
			DMARC_FAIL);
		assert_span(check.findings[0].why,
			"SPF passed for a.strict.example, but aspf=s wants "
			"exactly strict.example");
		assert_int_equal(ask(both[i], "strict.example",
					 "spf+a.strict.example "
					 "dkim+strict.example"),
			DMARC_PASS);
		assert_true(check.passed_by_dkim);
		assert_false(check.passed_by_spf);
	}
}

static void a_subdomain_gets_the_policy_for_subdomains(void **state)
{
	(void)state;
	assert_int_equal(
		ask(DMARC_RFC7489, "mail.example.org", ""), DMARC_FAIL);
	assert_string_equal(check.policy_tag, "sp");
	assert_int_equal(check.disposition, DMARC_POLICY_QUARANTINE);
	assert_span(check.record_domain, "example.org");
	assert_int_equal(zone.rounds, 1);
	assert_int_equal(
		ask(DMARC_RFC9989, "mail.example.org", ""), DMARC_FAIL);
	assert_string_equal(check.policy_tag, "sp");
	assert_int_equal(
		ask(DMARC_RFC9989, "gone.example.org", ""), DMARC_FAIL);
	assert_string_equal(check.policy_tag, "np");
	assert_int_equal(check.disposition, DMARC_POLICY_NONE);
	assert_int_equal(
		ask(DMARC_RFC7489, "gone.example.org", ""), DMARC_FAIL);
	assert_string_equal(check.policy_tag, "sp");
}

static void two_records_are_none(void **state)
{
	(void)state;
	assert_int_equal(ask(DMARC_RFC7489, "two.example.net", ""), DMARC_NONE);
	assert_span(check.why,
		"two.example.net has more than one DMARC record, so none of "
		"them counts");
	assert_span(check.discarded, "two.example.net");
}

static void the_tree_walk_goes_on_above_two_records(void **state)
{
	(void)state;
	assert_int_equal(ask(DMARC_RFC9989, "two.example.net", ""), DMARC_FAIL);
	assert_span(check.record_domain, "example.net");
	assert_span(check.discarded, "two.example.net");
}

static void a_failed_lookup_is_a_temporary_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(both); i++) {
		assert_int_equal(
			ask(both[i], "lost.example", "spf+lost.example"),
			DMARC_TEMPERROR);
		assert_span(check.why,
			"_dmarc.lost.example could not be looked up: "
			"servfail");
	}
}

static void a_failed_walk_hides_only_what_it_would_tell(void **state)
{
	(void)state;
	assert_int_equal(ask(DMARC_RFC9989, "half.example.info",
				 "dkim+half.example.info "
				 "spf+x.half.example.info"),
		DMARC_PASS);
	assert_int_equal(check.findings[1].alignment, DMARC_ALIGNMENT_UNKNOWN);
	assert_int_equal(ask(DMARC_RFC9989, "half.example.info",
				 "spf+x.half.example.info"),
		DMARC_TEMPERROR);
	assert_int_equal(ask(DMARC_RFC9989, "half.example.info",
				 "spf-x.half.example.info"),
		DMARC_FAIL);
	assert_int_equal(
		ask(DMARC_RFC9989, "half.example.info", "spf+x.example.net"),
		DMARC_FAIL);
}

static void a_top_level_that_fails_spoils_no_record_below(void **state)
{
	(void)state;
	assert_int_equal(
		ask(DMARC_RFC9989, "a.shop", "spf+b.a.shop"), DMARC_PASS);
	assert_span(check.org_domain, "a.shop");
	assert_int_equal(
		ask(DMARC_RFC9989, "b.shop", "spf+b.shop"), DMARC_TEMPERROR);
}

static void an_unsure_method_makes_the_verdict_unsure(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(both); i++) {
		assert_int_equal(ask(both[i], "example.org", "spf?example.org"),
			DMARC_TEMPERROR);
		assert_int_equal(ask(both[i], "example.org", "spf?example.net"),
			DMARC_FAIL);
		assert_int_equal(ask(both[i], "example.org",
					 "spf?example.org dkim+example.org"),
			DMARC_PASS);
	}
}

static void a_record_that_cannot_be_used_is_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(both); i++) {
		assert_int_equal(
			ask(both[i], "dup.example", ""), DMARC_PERMERROR);
		assert_int_equal(ask(both[i], "empty.example", ""), DMARC_NONE);
		assert_non_null(check.record);
		assert_int_equal(
			ask(both[i], "nothing.example", ""), DMARC_NONE);
		assert_null(check.record);
		assert_int_equal(ask(both[i], "", ""), DMARC_PERMERROR);
	}
}

static void pct_and_t_weaken_each_by_its_own_rfc(void **state)
{
	(void)state;
	ask(DMARC_RFC7489, "example.net", "");
	assert_int_equal(check.percent, 20);
	assert_int_equal(check.disposition, DMARC_POLICY_QUARANTINE);
	ask(DMARC_RFC9989, "example.net", "");
	assert_int_equal(check.percent, 100);
	ask(DMARC_RFC7489, "test.example", "");
	assert_int_equal(check.policy, DMARC_POLICY_REJECT);
	assert_int_equal(check.disposition, DMARC_POLICY_QUARANTINE);
	ask(DMARC_RFC9989, "test.example", "");
	assert_int_equal(check.published, DMARC_POLICY_REJECT);
	assert_int_equal(check.policy, DMARC_POLICY_QUARANTINE);
}

static void a_public_suffix_lends_its_policy_to_who_has_none(void **state)
{
	(void)state;
	assert_int_equal(ask(DMARC_RFC9989, "poor.bank.example",
				 "spf+rich.bank.example"),
		DMARC_FAIL);
	assert_span(check.record_domain, "bank.example");
	assert_span(check.org_domain, "poor.bank.example");
	assert_span(check.findings[0].org_domain, "rich.bank.example");
	assert_int_equal(ask(DMARC_RFC9989, "own.bank.example",
				 "spf+mail.own.bank.example"),
		DMARC_PASS);
	assert_span(check.record_domain, "own.bank.example");
	assert_int_equal(
		ask(DMARC_RFC9989, "bank.example", "dkim+x.bank.example"),
		DMARC_FAIL);
	assert_span(check.org_domain, "bank.example");
}

static void a_department_can_be_an_organization(void **state)
{
	(void)state;
	assert_int_equal(
		ask(DMARC_RFC9989, "a.dept.big.example", "spf+big.example"),
		DMARC_FAIL);
	assert_span(check.org_domain, "dept.big.example");
	assert_int_equal(
		ask(DMARC_RFC7489, "dept.big.example", "spf+big.example"),
		DMARC_PASS);
}

static void no_name_is_asked_that_need_not_be_known(void **state)
{
	(void)state;
	ask(DMARC_RFC9989, "example.org", "spf+example.org dkim+other.example");
	assert_int_equal(zone_by_hand_asked(&zone, RR_TXT), 1);
	assert_int_equal(check.org_source, DMARC_ORG_NOT_NEEDED);
	ask(DMARC_RFC9989, "strict.example",
		"spf+a.strict.example dkim+b.strict.example");
	assert_int_equal(zone_by_hand_asked(&zone, RR_TXT), 2);
}

static void a_walk_takes_eight_queries_at_most(void **state)
{
	static const char *const names[] = {
		"_dmarc.a.b.c.d.e.f.g.h.i.deep.example",
		"_dmarc.e.f.g.h.i.deep.example",
		"_dmarc.f.g.h.i.deep.example",
		"_dmarc.g.h.i.deep.example",
		"_dmarc.h.i.deep.example",
		"_dmarc.i.deep.example",
		"_dmarc.deep.example",
		"_dmarc.example",
	};
	struct span start = SPAN("a.b.c.d.e.f.g.h.i.deep.example");
	struct tree_walk walk;
	size_t i = 0;

	(void)state;
	while (tree_walk(zone.arena, zone.answers, start, &walk) ==
			TREE_WALK_OPEN &&
		zone_by_hand_settle(&zone))
		;
	assert_int_equal(walk.queries, TREE_WALK_QUERIES_MAX);
	assert_span(walk.org_domain, "deep.example");
	assert_non_null(tree_walk_record(&walk, SPAN("deep.example")));
	assert_null(tree_walk_record(&walk, start));
	for (struct question *one = answers_first(zone.answers); one;
		one = one->next)
		assert_span(one->name, names[i++]);
	assert_int_equal(i, COUNT_OF(names));
}

static void a_walk_of_eight_labels_skips_none(void **state)
{
	struct span start = SPAN("a.b.c.d.e.f.deep.example");
	struct tree_walk walk;

	(void)state;
	while (tree_walk(zone.arena, zone.answers, start, &walk) ==
			TREE_WALK_OPEN &&
		zone_by_hand_settle(&zone))
		;
	assert_int_equal(walk.queries, 8);
	assert_non_null(answers_known(
		zone.answers, SPAN("_dmarc.b.c.d.e.f.deep.example"), RR_TXT));
}

static void a_name_that_no_dns_could_hold_is_not_looked_up(void **state)
{
	struct tree_walk walk;

	(void)state;
	assert_int_equal(tree_walk(zone.arena, zone.answers, SPAN(""), &walk),
		TREE_WALK_DONE);
	assert_int_equal(walk.queries, 0);
	for (size_t i = 0; i < COUNT_OF(both); i++) {
		assert_int_equal(
			ask(both[i], "a..example.org", ""), DMARC_PERMERROR);
		assert_int_equal(
			ask(both[i], "example.org", "spf+a..example.org dkim+"),
			DMARC_FAIL);
		assert_span(
			check.findings[0].identifier.domain, "a..example.org");
		assert_span(check.findings[1].why, "DKIM passed for no domain");
	}
	assert_int_equal(zone_by_hand_asked(&zone, RR_TXT), 1);
}

static enum dmarc_consent consent(
	const char *domain, const char *uri, struct dmarc_consent_check *out)
{
	const struct dmarc_record *record = dmarc_record_parse(zone.arena,
		arena_print(zone.arena, "v=DMARC1; p=none; rua=%s", uri));

	assert_int_equal(record->rua_count, 1);
	while (dmarc_consent_check(zone.arena, zone.answers, span_of(domain),
		       record->rua, out) == DMARC_CONSENT_OPEN &&
		zone_by_hand_settle(&zone))
		;
	return out->consent;
}

static void a_strange_destination_has_to_agree(void **state)
{
	struct dmarc_consent_check out;

	(void)state;
	assert_int_equal(consent("example.org", "mailto:a@d.Example.org", &out),
		DMARC_CONSENT_OWN);
	assert_int_equal(zone.rounds, 0);
	assert_int_equal(
		consent("example.org", "mailto:a@Reports.example", &out),
		DMARC_CONSENT_GIVEN);
	assert_span(out.name, "example.org._report._dmarc.reports.example");
	assert_int_equal(
		consent("example.org", "mailto:a@silent.example", &out),
		DMARC_CONSENT_MISSING);
	assert_int_equal(consent("example.org", "mailto:a@lost.example", &out),
		DMARC_CONSENT_UNKNOWN);
	assert_int_equal(consent("example.org", "ftp://reports.example", &out),
		DMARC_CONSENT_UNUSABLE);
}

static void an_answer_may_move_reports_within_its_host(void **state)
{
	struct dmarc_consent_check out;

	(void)state;
	assert_int_equal(consent("example.org", "mailto:a@moved.example", &out),
		DMARC_CONSENT_GIVEN);
	assert_span(out.instead, "mailto:b@moved.example");
	assert_int_equal(consent("example.org", "mailto:a@evil.example", &out),
		DMARC_CONSENT_GIVEN);
	assert_span(out.instead, "");
}

static void only_so_many_identifiers_are_looked_at(void **state)
{
	(void)state;
	assert_int_equal(
		ask(DMARC_RFC7489, "example.org",
			"dkim+1.example dkim+2.example dkim+3.example "
			"dkim+4.example dkim+5.example dkim+6.example "
			"dkim+7.example dkim+8.example dkim+9.example "
			"dkim+10.example dkim+11.example dkim+12.example "
			"dkim+13.example dkim+14.example dkim+15.example "
			"dkim+16.example dkim+example.org"),
		DMARC_FAIL);
	assert_int_equal(check.finding_count, DMARC_IDENTIFIERS_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_zone, close_zone)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_pass_of_a_subdomain_is_enough_when_relaxed),
		TEST(a_strange_domain_is_told_to_be_one),
		TEST(a_strict_record_wants_the_same_domain),
		TEST(a_subdomain_gets_the_policy_for_subdomains),
		TEST(two_records_are_none),
		TEST(the_tree_walk_goes_on_above_two_records),
		TEST(a_failed_lookup_is_a_temporary_error),
		TEST(a_failed_walk_hides_only_what_it_would_tell),
		TEST(a_top_level_that_fails_spoils_no_record_below),
		TEST(an_unsure_method_makes_the_verdict_unsure),
		TEST(a_record_that_cannot_be_used_is_none),
		TEST(pct_and_t_weaken_each_by_its_own_rfc),
		TEST(a_public_suffix_lends_its_policy_to_who_has_none),
		TEST(a_department_can_be_an_organization),
		TEST(no_name_is_asked_that_need_not_be_known),
		TEST(a_walk_takes_eight_queries_at_most),
		TEST(a_walk_of_eight_labels_skips_none),
		TEST(a_name_that_no_dns_could_hold_is_not_looked_up),
		TEST(a_strange_destination_has_to_agree),
		TEST(an_answer_may_move_reports_within_its_host),
		TEST(only_so_many_identifiers_are_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
