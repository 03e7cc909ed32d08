#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/policy/spf.h"
#include "tests/own_arena.h"
#include "tests/zone_by_hand.h"

static struct answers *answers;

/* How many rounds of lookups it took, and how many lookups in all. */
static struct {
	unsigned rounds;
	unsigned asked;
} effort;

static struct spf_check check_all(
	const char *zone, const struct spf_query *query)
{
	struct zone_by_hand dns = zone_by_hand_in(arena, zone);
	struct spf_check check;

	answers = dns.answers;
	effort.asked = 0;
	while (spf_check(arena, answers, query, &check) == SPF_OPEN) {
		assert_true(zone_by_hand_settle(&dns));
		assert_true(dns.rounds <= 30);
	}
	effort.rounds = dns.rounds;
	assert_false(zone_by_hand_settle(&dns));
	for (struct question *q = answers_first(answers); q; q = q->next)
		effort.asked++;
	return check;
}

static struct spf_check check(
	const char *zone, const char *ip, const char *from)
{
	struct spf_query query = { .helo = SPAN("helo.example.net"),
		.mail_from = span_of(from),
		.is_traced = true };

	assert_true(ip_parse(span_of(ip), &query.ip));
	return check_all(zone, &query);
}

static void must_be(const struct spf_check *check, enum spf_result result,
	const char *term, const char *domain)
{
	if (check->result != result || !span_is(check->term, span_of(term)) ||
		!span_is(check->term_domain, span_of(domain)))
		fail_msg("%s by \"%.*s\" in %.*s: %.*s",
			spf_result_word(check->result), SPAN_ARG(check->term),
			SPAN_ARG(check->term_domain), SPAN_ARG(check->why));
}

static void must_say(struct span text, const char *part)
{
	if (span_find_nocase(text, span_of(part)) == text.len)
		fail_msg("%.*s", SPAN_ARG(text));
}

static void must_lead(const struct spf_check *check, const char *path)
{
	struct span got = SPAN("");

	for (size_t i = 0; i < check->path_count; i++)
		got = arena_print(arena, "%.*s%s%.*s", SPAN_ARG(got),
			i ? " > " : "", SPAN_ARG(check->path[i]));
	if (!span_is(got, span_of(path)))
		fail_msg("%.*s", SPAN_ARG(got));
}

/* "0 a.example ip4:192.0.2.1 no match\n" for each step. */
static struct span steps_of(const struct spf_check *check)
{
	struct span all = SPAN("");

	for (struct spf_step *step = check->steps; step; step = step->next) {
		all = arena_print(arena, "%.*s%u %.*s [%.*s] %s", SPAN_ARG(all),
			step->depth, SPAN_ARG(step->domain),
			SPAN_ARG(step->term), spf_outcome_word(step->outcome));
		for (struct spf_lookup *l = step->lookups; l; l = l->next)
			all = arena_print(arena, "%.*s %s %.*s=%s",
				SPAN_ARG(all), rr_type_word(l->type),
				SPAN_ARG(l->name),
				answer_word(l->answer->kind));
		all = arena_print(arena, "%.*s\n", SPAN_ARG(all));
	}
	return all;
}

/* clang-format off */
static const char includes[] =
	"example.com TXT found \"hello\" \"v=spf1 include:a.example "
		"include:b.example ~all\"\n"
	"a.example TXT found \"v=spf1 ip4:192.0.2.1 -all\"\n"
	"b.example TXT found \"v=spf1 include:c.example ?all\"\n"
	"c.example TXT found \"v=spf1 ip6:2001:db8::/32 "
		"redirect=d.example\"\n"
	"d.example TXT found \"v=spf1 a:mail.example/24//64 -all\"\n"
	"mail.example A found \"198.51.100.1\"\n"
	"mail.example AAAA no-data\n";
/* clang-format on */

static void the_path_leads_to_the_term_that_matched(void **state)
{
	struct spf_check got;

	(void)state;
	got = check(includes, "192.0.2.1", "me@example.com");
	must_be(&got, SPF_PASS, "ip4:192.0.2.1", "a.example");
	must_lead(&got, "example.com > a.example");
	got = check(includes, "2001:db8::1", "me@example.com");
	must_be(&got, SPF_PASS, "ip6:2001:db8::/32", "c.example");
	must_lead(&got, "example.com > b.example > c.example");
	got = check(includes, "198.51.100.77", "me@example.com");
	must_be(&got, SPF_PASS, "a:mail.example/24//64", "d.example");
	must_lead(&got, "example.com > b.example > c.example > d.example");
	assert_int_equal(got.lookups, 5);
	got = check(includes, "203.0.113.1", "me@example.com");
	must_be(&got, SPF_SOFTFAIL, "~all", "example.com");
	must_lead(&got, "example.com");
}

static void the_trace_tells_each_term_in_its_order(void **state)
{
	struct spf_check got = check(includes, "198.51.100.7", "example.com");

	(void)state;
	assert_string_equal(steps_of(&got).at,
		"0 example.com [] match TXT example.com=found\n"
		"0 example.com [include:a.example] no match "
		"TXT a.example=found\n"
		"1 a.example [ip4:192.0.2.1] no match\n"
		"1 a.example [-all] match\n"
		"0 example.com [include:b.example] match TXT b.example=found\n"
		"1 b.example [include:c.example] match TXT c.example=found\n"
		"2 c.example [ip6:2001:db8::/32] no match\n"
		"2 c.example [redirect=d.example] match TXT d.example=found\n"
		"3 d.example [a:mail.example/24//64] match "
		"A mail.example=found\n");
}

static void each_family_has_a_trace_of_its_own(void **state)
{
	struct spf_check got = check(includes, "2001:db9::1", "example.com");
	struct span steps = steps_of(&got);

	(void)state;
	must_be(&got, SPF_SOFTFAIL, "~all", "example.com");
	must_say(steps, "[a:mail.example/24//64] no match "
			"AAAA mail.example=no-data\n");
	assert_int_equal(got.void_count, 1);
	assert_true(span_is(got.voids[0].name, SPAN("mail.example")));
	assert_int_equal(got.voids[0].type, RR_AAAA);
	assert_true(span_is(got.voids[0].domain, SPAN("d.example")));
}

static const char three_voids[] =
	"example.com TXT found \"v=spf1 a:one.example mx:two.example "
	"a:three.example ip4:192.0.2.0/24 ip6:2001:db8::/32 -all\"\n"
	"one.example A found \"198.51.100.1\"\n"
	"two.example MX found \"10 mx.example\" \"20 .\"\n"
	"mx.example A found \"198.51.100.2\"\n"
	"mx.example AAAA no-data\n"
	"three.example A found \"198.51.100.3\"\n";

static void three_void_lookups_are_a_permerror_for_ipv6_only(void **state)
{
	struct spf_check got;

	(void)state;
	got = check(three_voids, "192.0.2.1", "example.com");
	must_be(&got, SPF_PASS, "ip4:192.0.2.0/24", "example.com");
	assert_int_equal(got.void_count, 0);
	got = check(three_voids, "2001:db8::1", "example.com");
	must_be(&got, SPF_PERMERROR, "a:three.example", "example.com");
	must_say(got.why, "more than 2 lookups found nothing: one.example "
			  "AAAA, mx.example AAAA, three.example AAAA");
	assert_int_equal(got.void_count, 3);
	assert_true(span_is(got.voids[1].term, SPAN("mx:two.example")));
}

static void a_lookup_more_than_ten_is_a_permerror(void **state)
{
	static const char zone[] =
		"ten.example TXT found \"v=spf1 a a a a a a a a a a "
		"ip4:192.0.2.1 -all\"\n"
		"ten.example A found \"198.51.100.1\"\n"
		"more.example TXT found \"v=spf1 a a a a a a a a a "
		"include:one.example ip4:192.0.2.1 -all\"\n"
		"more.example A found \"198.51.100.1\"\n"
		"one.example TXT found \"v=spf1 mx ip4:192.0.2.1\"\n";
	struct spf_check got;

	(void)state;
	got = check(zone, "192.0.2.1", "ten.example");
	must_be(&got, SPF_PASS, "ip4:192.0.2.1", "ten.example");
	assert_int_equal(got.lookups, 10);
	got = check(zone, "192.0.2.1", "more.example");
	must_be(&got, SPF_PERMERROR, "mx", "one.example");
	must_lead(&got, "more.example > one.example");
	must_say(got.why, "more than 10 terms need a lookup");
}

static void an_error_tells_its_place(void **state)
{
	static const char zone[] =
		"a.example TXT found \"v=spf1 include:b.example -all\"\n"
		"b.example TXT found \"v=spf1 mx ip4:1.2.3 -all\"\n"
		"c.example TXT found \"v=spf1 include:none.example -all\"\n"
		"d.example TXT found \"v=spf1 mx\" \"v=spf1 a\"\n"
		"e.example TXT servfail why=\"DNSSEC Bogus (6)\"\n"
		"f.example TXT found \"v=spf1 include:e.example\"\n"
		"g.example TXT found \"v=spf1 redirect=d.example\"\n"
		"h.example TXT no-data\n";
	struct spf_check got;

	(void)state;
	got = check(zone, "192.0.2.1", "a.example");
	must_be(&got, SPF_PERMERROR, "ip4:1.2.3", "b.example");
	must_say(got.why, "that is no IPv4 address");
	got = check(zone, "192.0.2.1", "c.example");
	must_be(&got, SPF_PERMERROR, "include:none.example", "c.example");
	must_say(got.why, "none.example does not exist");
	got = check(zone, "192.0.2.1", "d.example");
	must_be(&got, SPF_PERMERROR, "", "d.example");
	must_say(got.why, "d.example has 2 SPF records");
	got = check(zone, "192.0.2.1", "f.example");
	must_be(&got, SPF_TEMPERROR, "", "e.example");
	must_say(got.why, "did not tell e.example TXT (servfail: DNSSEC");
	got = check(zone, "192.0.2.1", "g.example");
	must_lead(&got, "g.example > d.example");
	got = check(zone, "192.0.2.1", "h.example");
	must_be(&got, SPF_NONE, "", "");
	must_say(got.why, "h.example has no SPF record");
}

static void an_answer_that_was_not_saved_is_no_blame(void **state)
{
	static const struct answer unsaved = { .kind = ANSWER_UNSAVED };
	struct spf_query query = { .mail_from = SPAN("example.com") };
	struct spf_check got;

	(void)state;
	assert_true(ip_parse(SPAN("192.0.2.1"), &query.ip));
	answers = answers_open(arena);
	answers_put(answers, SPAN("example.com"), RR_TXT, &unsaved);
	assert_int_equal(
		spf_check(arena, answers, &query, &got), SPF_TEMPERROR);
	must_say(got.why, "the saved answers do not have example.com TXT");
}

/* All that can be foreseen goes out together. */
static void a_round_asks_all_that_it_can(void **state)
{
	static const char zone[] =
		"example.com TXT found \"v=spf1 include:a.example "
		"include:b.example mx a:h.example include:c.example -all\"\n"
		"example.com MX found \"10 m.example\"\n"
		"m.example A found \"198.51.100.1\"\n"
		"a.example TXT found \"v=spf1 -all\"\n"
		"b.example TXT found \"v=spf1 -all\"\n"
		"c.example TXT found \"v=spf1 ip4:192.0.2.1\"\n"
		"h.example A found \"198.51.100.1\"\n";
	struct spf_check got = check(zone, "192.0.2.1", "example.com");

	(void)state;
	assert_int_equal(got.result, SPF_PASS);
	assert_int_equal(effort.rounds, 3);
	assert_int_equal(effort.asked, 7);
}

static void nothing_is_asked_behind_a_certain_match(void **state)
{
	static const char zone[] =
		"example.com TXT found \"v=spf1 include:a.example "
		"ip4:192.0.2.1 include:b.example -all\"\n"
		"a.example TXT found \"v=spf1 -all\"\n"
		"b.example TXT found \"v=spf1 -all\"\n";
	struct spf_check got = check(zone, "192.0.2.1", "example.com");

	(void)state;
	assert_int_equal(got.result, SPF_PASS);
	assert_int_equal(effort.asked, 2);
}

static void nothing_is_asked_past_the_limits(void **state)
{
	static const char zone[] =
		"example.com TXT found \"v=spf1 a:1.example a:2.example "
		"a:3.example a:4.example a:5.example a:6.example a:7.example "
		"a:8.example a:9.example a:10.example a:11.example "
		"a:12.example\"\n"
		"1.example A found \"198.51.100.1\"\n"
		"2.example A found \"198.51.100.1\"\n"
		"3.example A found \"198.51.100.1\"\n"
		"4.example A found \"198.51.100.1\"\n"
		"5.example A found \"198.51.100.1\"\n"
		"6.example A found \"198.51.100.1\"\n"
		"7.example A found \"198.51.100.1\"\n"
		"8.example A found \"198.51.100.1\"\n"
		"9.example A found \"198.51.100.1\"\n"
		"10.example A found \"198.51.100.1\"\n";
	struct spf_check got = check(zone, "192.0.2.1", "example.com");

	(void)state;
	must_be(&got, SPF_PERMERROR, "a:11.example", "example.com");
	assert_int_equal(effort.asked, 11);
}

static void exchangers_are_tried_by_preference(void **state)
{
	static const char zone[] =
		"example.com TXT found \"v=spf1 mx -all\"\n"
		"example.com MX found \"30 c.example\" \"10 a.example\" "
		"\"20 b.example\"\n"
		"a.example A found \"192.0.2.1\"\n"
		"b.example A timeout\n"
		"c.example A found \"192.0.2.3\"\n";
	struct spf_check got;

	(void)state;
	got = check(zone, "192.0.2.1", "example.com");
	must_be(&got, SPF_PASS, "mx", "example.com");
	got = check(zone, "192.0.2.3", "example.com");
	must_be(&got, SPF_TEMPERROR, "mx", "example.com");
	must_say(got.why, "b.example A (timeout");
}

static void an_mx_of_eleven_hosts_is_a_permerror(void **state)
{
	static const char zone[] =
		"example.com TXT found \"v=spf1 mx -all\"\n"
		"example.com MX found \"1 a.example\" \"1 a.example\" "
		"\"1 a.example\" \"1 a.example\" \"1 a.example\" "
		"\"1 a.example\" \"1 a.example\" \"1 a.example\" "
		"\"1 a.example\" \"1 a.example\" \"1 a.example\"\n"
		"a.example A found \"192.0.2.1\"\n";
	struct spf_check got = check(zone, "192.0.2.1", "example.com");

	(void)state;
	must_be(&got, SPF_PERMERROR, "mx", "example.com");
	must_say(got.why, "more than 10 mail exchangers");
}

/* Who owns the address chose its names: they are no fault of the policy. */
static void names_of_the_address_are_no_void_lookups(void **state)
{
	static const char zone[] =
		"example.com TXT found \"v=spf1 ptr:example.org -all\"\n"
		"1.2.0.192.in-addr.arpa PTR found \"a.example\" \"b.example\" "
		"\"c.example\" \"d.example\"\n";
	struct spf_check got;

	(void)state;
	got = check(zone, "192.0.2.1", "example.com");
	must_be(&got, SPF_FAIL, "-all", "example.com");
	assert_int_equal(got.void_count, 0);
	got = check(zone, "192.0.2.2", "example.com");
	assert_int_equal(got.void_count, 1);
}

static void a_mapped_address_is_an_ipv4_address(void **state)
{
	static const char zone[] =
		"example.com TXT found \"v=spf1 ip4:192.0.2.1 "
		"exists:%{i}.%{v}.example -all\"\n";
	struct spf_check got;

	(void)state;
	got = check(zone, "::ffff:192.0.2.1", "example.com");
	must_be(&got, SPF_PASS, "ip4:192.0.2.1", "example.com");
	got = check(zone, "::ffff:192.0.2.2", "example.com");
	assert_true(
		span_is(got.voids[0].name, SPAN("192.0.2.2.in-addr.example")));
}

static void an_empty_sender_is_the_helo_name(void **state)
{
	static const char zone[] =
		"helo.example.net TXT found \"v=spf1 exists:%{l}.%{o}.x.%{d} "
		"exists:%{s} -all\"\n"
		"postmaster.helo.example.net.x.helo.example.net A found "
		"\"127.0.0.2\"\n";
	struct spf_check got = check(zone, "192.0.2.1", "");

	(void)state;
	must_be(&got, SPF_PASS, "exists:%{l}.%{o}.x.%{d}", "helo.example.net");
	assert_true(span_is(got.domain, SPAN("helo.example.net")));
}

/* RFC 8616, 4: the domain is asked for in A-labels; a local part that is not
 * ASCII makes a name that matches nothing. */
static void an_international_sender_has_a_policy(void **state)
{
	static const char zone[] =
		"xn--mller-kva.example TXT found \"v=spf1 "
		"exists:%{l}.x.example exists:%{d}.y.example -all\"\n"
		"xn--mller-kva.example.y.example A found \"127.0.0.2\"\n";
	struct spf_check got = check(
		zone, "192.0.2.1", "m\xc3\xbc@m\xc3\xbcller.example");

	(void)state;
	must_be(&got, SPF_PASS, "exists:%{d}.y.example",
		"xn--mller-kva.example");
	assert_int_equal(got.void_count, 0);
}

static void what_is_no_domain_has_no_policy(void **state)
{
	static const char *const senders[] = { "localhost", "me@[192.0.2.1]",
		"me@a..example", "@", "me@", "me@.", "me@com.", "me@\xff.com" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(senders); i++) {
		struct spf_check got = check("", "192.0.2.1", senders[i]);

		if (got.result != SPF_NONE || effort.asked || !got.why.len)
			fail_msg("%s", senders[i]);
	}
}

static void a_sender_without_end_is_none(void **state)
{
	char *text = arena_take(arena, 100000);
	struct spf_query query = { .mail_from = { text, 100000 } };
	struct spf_check got;

	(void)state;
	memset(text, 'x', 99990);
	memcpy(text + 99988, "@example.com", 12);
	assert_true(ip_parse(SPAN("192.0.2.1"), &query.ip));
	got = check_all("", &query);
	assert_int_equal(got.result, SPF_NONE);
}

static const char explained[] =
	"example.com TXT found \"v=spf1 include:a.example "
	"exp=why.example.com -all\"\n"
	"a.example TXT found \"v=spf1 -ip4:192.0.2.9 exp=no.example\"\n"
	"why.example.com TXT found \"%{i} is not one of %{d}; %{p} says "
	"%{r}\"\n"
	"no.example TXT found \"never\"\n"
	"5.2.0.192.in-addr.arpa PTR found \"host.example.com\"\n"
	"host.example.com A found \"192.0.2.5\"\n";

static void a_fail_is_explained_by_the_outer_record(void **state)
{
	struct spf_check got = check(explained, "192.0.2.9", "example.com");

	(void)state;
	assert_int_equal(got.result, SPF_FAIL);
	assert_true(span_is(
		got.explanation, SPAN("192.0.2.9 is not one of example.com; "
				      "unknown says unknown")));
	got = check(explained, "192.0.2.5", "example.com");
	must_say(got.explanation, "host.example.com says");
	assert_int_equal(got.lookups, 1);
	assert_int_equal(got.void_count, 0);
}

static bool same_steps(const struct spf_check *a, const struct spf_check *b)
{
	return span_is(steps_of(a), steps_of(b));
}

/* A cache, a trace and a second run change nothing. */
static void a_cache_changes_nothing(void **state)
{
	static const char *const sources[] = { "192.0.2.1", "2001:db8::1",
		"198.51.100.77", "203.0.113.1", "2001:db9::1" };
	struct spf_cache *cache = spf_cache_open();

	(void)state;
	for (size_t i = 0; i < 2 * COUNT_OF(sources); i++) {
		const char *source = sources[i % COUNT_OF(sources)];
		struct spf_check plain = check(
			includes, source, "me@example.com");
		struct spf_query query = { .mail_from = SPAN("me@example.com"),
			.helo = SPAN("helo.example.net"),
			.cache = cache,
			.is_traced = i >= COUNT_OF(sources) };
		struct spf_check got;

		assert_true(ip_parse(span_of(source), &query.ip));
		got = check_all(includes, &query);
		assert_int_equal(got.result, plain.result);
		assert_true(span_is(got.term, plain.term));
		assert_true(span_is(got.term_domain, plain.term_domain));
		assert_int_equal(got.path_count, plain.path_count);
		if (query.is_traced)
			assert_true(same_steps(&got, &plain));
		else
			assert_null(got.steps);
	}
	spf_cache_close(cache);
}

/* What is told points into the answers, not into the cache. */
static void a_result_outlives_the_cache(void **state)
{
	struct spf_cache *cache = spf_cache_open();
	struct spf_query query = { .mail_from = SPAN("example.com"),
		.cache = cache,
		.is_traced = true };
	struct spf_check got;

	(void)state;
	assert_true(ip_parse(SPAN("2001:db8::1"), &query.ip));
	got = check_all(three_voids, &query);
	spf_cache_close(cache);
	must_be(&got, SPF_PERMERROR, "a:three.example", "example.com");
	assert_true(span_is(got.voids[0].name, SPAN("one.example")));
	assert_true(span_is(got.voids[0].term, SPAN("a:one.example")));
	must_say(steps_of(&got), "[mx:two.example] no match MX two.example="
				 "found AAAA mx.example=no-data\n");
}

static void a_loop_ends(void **state)
{
	static const char zone[] =
		"a.example TXT found \"v=spf1 include:b.example\"\n"
		"b.example TXT found \"v=spf1 redirect=a.example\"\n";
	struct spf_check got = check(zone, "192.0.2.1", "a.example");

	(void)state;
	assert_int_equal(got.result, SPF_PERMERROR);
	assert_int_equal(effort.asked, 2);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, open_arena, close_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_path_leads_to_the_term_that_matched),
		TEST(the_trace_tells_each_term_in_its_order),
		TEST(each_family_has_a_trace_of_its_own),
		TEST(three_void_lookups_are_a_permerror_for_ipv6_only),
		TEST(a_lookup_more_than_ten_is_a_permerror),
		TEST(an_error_tells_its_place),
		TEST(an_answer_that_was_not_saved_is_no_blame),
		TEST(a_round_asks_all_that_it_can),
		TEST(nothing_is_asked_behind_a_certain_match),
		TEST(nothing_is_asked_past_the_limits),
		TEST(exchangers_are_tried_by_preference),
		TEST(an_mx_of_eleven_hosts_is_a_permerror),
		TEST(names_of_the_address_are_no_void_lookups),
		TEST(a_mapped_address_is_an_ipv4_address),
		TEST(an_empty_sender_is_the_helo_name),
		TEST(an_international_sender_has_a_policy),
		TEST(what_is_no_domain_has_no_policy),
		TEST(a_sender_without_end_is_none),
		TEST(a_fail_is_explained_by_the_outer_record),
		TEST(a_cache_changes_nothing),
		TEST(a_result_outlives_the_cache),
		TEST(a_loop_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
