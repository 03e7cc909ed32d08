#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/judge/voice.h"
#include "tests/facts_by_hand.h"

/* Who answers, by the name that is said. */
static struct facts *facts;
static struct visit *four, *six; /* at the same host */
static struct session for_host = { .chain_count = 1, .name_matches = true };
static struct session for_another = { .chain_count = 1 };

static void greet(struct visit *visit, const char *name)
{
	visit->has_ehlo = true;
	visit->ehlo.domain = span_of(name);
}

static int set_up(void **state)
{
	(void)state;
	facts = facts_open(arena_open());
	four = add_visit(facts, "mx1.example.net", FAMILY_IPV4);
	six = add_visit(facts, "mx1.example.net", FAMILY_IPV6);
	for_host.checked_name = for_another.checked_name = SPAN(
		"mx1.example.net");
	for_host.is_trusted = for_another.is_trusted = true;
	for_host.chain = for_another.chain = arena_new(
		facts->arena, struct certificate);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_close(facts->arena);
	return 0;
}

static const struct finding *told(void)
{
	return finding_of(judge_facts(facts), "path.intercepted");
}

static void a_name_is_the_first_word_that_is_a_domain(void **state)
{
	static const struct {
		const char *banner, *name;
	} rows[] = {
		{ "220 mx.example ESMTP", "mx.example" },
		{ "220-mx.example ESMTP", "mx.example" },
		{ "mx.example ESMTP", "mx.example" },
		{ "mx.example", "mx.example" },
		{ "a.b hello", "a.b" },
		{ "220 ESMTP ready", "" },
		{ "220 [192.0.2.1] ready", "" },
		{ "220 192.0.2.1 ready", "" },
		{ "220 .example", "" },
		{ "220 example.", "" },
		{ "220 ", "" },
		{ "220", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (!span_is(voice_name(span_of(rows[i].banner)),
			    span_of(rows[i].name)))
			fail_msg("%s", rows[i].banner);
}

static bool is_foreign(const char *host, const char *name, const char *other)
{
	return voice_is_foreign(
		facts->arena, span_of(host), span_of(name), span_of(other));
}

static void only_who_contradicts_the_host_is_foreign(void **state)
{
	(void)state;
	assert_true(is_foreign(
		"mx.example.net", "proxy.example.org", "a.example.net"));
	assert_false(
		is_foreign("mx.example.net", "b.example.net", "a.example.net"));
	assert_false(is_foreign(
		"mx.example.net", "proxy.example.org", "mx.example.com"));
	assert_false(
		is_foreign("mx.example.net", "localhost", "a.example.net"));
	assert_false(is_foreign("mx.example.net", "proxy.example.org", ""));
	assert_false(is_foreign(
		"mx.example.net", "a.example.net", "proxy.example.org"));
}

/* ---- what the judge makes of it */

static void a_foreign_name_over_one_family_is_suspected(void **state)
{
	const struct finding *finding;

	(void)state;
	greet(four, "mx1.example.net");
	greet(six, "proxy.example.org");
	finding = told();
	assert_non_null(finding);
	assert_int_equal(finding->family, FAMILY_IPV6);
	assert_int_equal(finding->confidence, SUSPECTED);
	assert_int_equal(finding->blame, BLAME_UNKNOWN);
	assert_true(says_for(
		finding, "calls itself proxy.example.org, and over IPv4 mx1"));
	assert_true(says_against(finding, "another server"));
}

static void a_foreign_certificate_makes_it_likely(void **state)
{
	const struct finding *finding;

	(void)state;
	greet(four, "mx1.example.net");
	greet(six, "proxy.example.org");
	four->tls = &for_host;
	six->tls = &for_another;
	finding = told();
	assert_int_equal(finding->confidence, LIKELY);
	assert_true(says_for(finding, "certificate is for another name"));
	six->tls = &for_host;
	assert_int_equal(told()->confidence, SUSPECTED);
}

static void a_starttls_that_is_gone_makes_it_likely(void **state)
{
	const struct finding *finding;

	(void)state;
	greet(four, "mx1.example.net");
	greet(six, "proxy.example.org");
	four->tls = &for_host;
	finding = told();
	assert_int_equal(finding->confidence, LIKELY);
	assert_true(says_for(finding, "offers no STARTTLS"));
	six->ehlo.starttls = true;
	assert_int_equal(told()->confidence, SUSPECTED);
}

static void a_key_that_the_records_deny_makes_it_likely(void **state)
{
	struct tlsa_verdict fits = { .result = TLSA_MATCHES };
	struct tlsa_verdict denied = { .result = TLSA_NO_MATCH };
	struct session own = for_host, odd = for_host;
	const struct finding *finding;

	(void)state;
	greet(four, "mx1.example.net");
	greet(six, "proxy.example.org");
	own.tlsa = &fits;
	odd.tlsa = &denied;
	four->tls = &own;
	six->tls = &odd;
	finding = told();
	assert_int_equal(finding->confidence, LIKELY);
	assert_true(says_for(finding, "TLSA records fit the key over IPv4"));
	own.tlsa = NULL;
	assert_int_equal(told()->confidence, SUSPECTED);
}

static void who_answers_for_others_too_is_likely_none_of_them(void **state)
{
	struct visit *other_four = add_visit(
		facts, "mx.example.com", FAMILY_IPV4);
	struct visit *other_six = add_visit(
		facts, "mx.example.com", FAMILY_IPV6);
	const struct finding *finding;

	(void)state;
	greet(four, "mx1.example.net");
	greet(six, "proxy.example.org");
	greet(other_four, "mx.example.com");
	greet(other_six, "gate.example.org");
	assert_int_equal(told()->confidence, SUSPECTED);
	greet(other_six, "proxy.example.org");
	finding = told();
	assert_int_equal(finding->confidence, LIKELY);
	assert_true(says_for(finding, "in the place of mx.example.com too"));
	greet(other_four, "proxy.example.org"); /* it serves that one */
	assert_int_equal(told()->confidence, SUSPECTED);
}

static void a_provider_who_speaks_for_many_is_none(void **state)
{
	(void)state;
	greet(four, "mx7.provider.example");
	greet(six, "mx9.provider.example");
	assert_null(told());
	greet(four, "mx1.example.net");
	greet(six, "mx2.example.net");
	assert_null(told());
	six->has_ehlo = false;
	greet(four, "proxy.example.org");
	assert_null(told());
}

static void the_family_alone_tells_nothing(void **state)
{
	(void)state;
	greet(four, "mx1.example.net");
	greet(six, "proxy.example.org");
	four->state = VISIT_NOT_APPLICABLE;
	assert_null(told());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_name_is_the_first_word_that_is_a_domain),
		TEST(only_who_contradicts_the_host_is_foreign),
		TEST(a_foreign_name_over_one_family_is_suspected),
		TEST(a_foreign_certificate_makes_it_likely),
		TEST(a_starttls_that_is_gone_makes_it_likely),
		TEST(a_key_that_the_records_deny_makes_it_likely),
		TEST(who_answers_for_others_too_is_likely_none_of_them),
		TEST(a_provider_who_speaks_for_many_is_none),
		TEST(the_family_alone_tells_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
