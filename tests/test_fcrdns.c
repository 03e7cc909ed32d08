#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/dns/answers_file.h"
#include "probe/policy/fcrdns.h"
#include "tests/zone_by_hand.h"

#define ZEROS   ".0.0.0.0.0.0.0.0.0.0.0"
#define NIBBLES ZEROS ZEROS ".8.b.d.0.1.0.0.2.ip6.arpa"

/* clang-format off */
static const char zone[] = "mxprobe-answers 1\n"
	"1.2.0.192.in-addr.arpa PTR found \"mx.example\"\n"
	"mx.example A found \"192.0.2.1\"\n"
	"mx.example AAAA found \"2001:0db8:0::25\"\n"
	"5.2" NIBBLES " PTR found \"mx.example\"\n"
	"6.2" NIBBLES " PTR found \"four.example\"\n"
	"four.example A found \"192.0.2.4\"\n"
	"four.example AAAA no-data\n"
	"9.2.0.192.in-addr.arpa PTR found \"liar.example\"\n"
	"liar.example A found \"192.0.2.200\"\n"
	"7.2.0.192.in-addr.arpa PTR nxdomain\n"
	"8.2.0.192.in-addr.arpa PTR servfail\n"
	"6.2.0.192.in-addr.arpa PTR found \"gone.example\" \"lost.example\"\n"
	"gone.example A nxdomain\n"
	"lost.example A timeout\n"
	"5.2.0.192.in-addr.arpa PTR found \"lost.example\" \"five.example\"\n"
	"five.example A found \"192.0.2.55\" \"192.0.2.5\"\n"
	"3.2.0.192.in-addr.arpa PTR found \"1.example\" \"2.example\" "
		"\"3.example\" \"4.example\" \"5.example\" \"6.example\" "
		"\"7.example\" \"8.example\" \"9.example\" \"10.example\" "
		"\"11.example\"\n"
	"1.example A nxdomain\n" "2.example A nxdomain\n"
	"3.example A nxdomain\n" "4.example A nxdomain\n"
	"5.example A nxdomain\n" "6.example A nxdomain\n"
	"7.example A nxdomain\n" "8.example A nxdomain\n"
	"9.example A nxdomain\n" "10.example A nxdomain\n"
	"11.example A found \"192.0.2.3\"\n";
/* clang-format on */

static struct arena *arena;

static enum fcrdns ask(
	const char *address, const char *wanted_name, int wanted_rounds)
{
	struct answers_file_errors errors;
	struct saved_answers *saved;
	struct answers *answers;
	struct span name;
	struct ip ip;
	enum fcrdns got;
	int rounds = 0;

	arena = arena_open();
	answers = answers_open(arena);
	saved = answers_file_load(arena, SPAN("zone"), span_of(zone), &errors);
	assert_int_equal(errors.total, 0);
	assert_true(ip_parse(span_of(address), &ip));
	while ((got = fcrdns_check(arena, answers, &ip, &name)) ==
			FCRDNS_OPEN &&
		rounds++ < 9)
		saved_answers_settle(saved, answers);
	assert_int_equal(rounds, wanted_rounds);
	if (!span_is(name, span_of(wanted_name)))
		fail_msg("%s: %.*s", address, SPAN_ARG(name));
	arena_close(arena);
	return got;
}

static void a_name_that_points_back_is_confirmed(void **state)
{
	(void)state;
	assert_int_equal(ask("192.0.2.1", "mx.example", 2), FCRDNS_CONFIRMED);
	assert_int_equal(
		ask("2001:db8::25", "mx.example", 2), FCRDNS_CONFIRMED);
}

static void a_name_that_points_elsewhere_is_not(void **state)
{
	(void)state;
	assert_int_equal(
		ask("192.0.2.9", "liar.example", 2), FCRDNS_NOT_CONFIRMED);
}

static void an_ipv6_address_needs_an_aaaa_record(void **state)
{
	(void)state;
	assert_int_equal(
		ask("2001:db8::26", "four.example", 2), FCRDNS_NOT_CONFIRMED);
}

static void an_address_without_a_name_is_told_so(void **state)
{
	(void)state;
	assert_int_equal(ask("192.0.2.7", "", 1), FCRDNS_NO_NAME);
}

static void a_failed_lookup_blames_nobody(void **state)
{
	(void)state;
	assert_int_equal(ask("192.0.2.8", "", 1), FCRDNS_UNKNOWN);
	assert_int_equal(ask("192.0.2.6", "gone.example", 2), FCRDNS_UNKNOWN);
}

static void one_good_name_makes_up_for_a_lost_one(void **state)
{
	(void)state;
	assert_int_equal(ask("192.0.2.5", "five.example", 2), FCRDNS_CONFIRMED);
}

static void the_eleventh_name_is_not_looked_at(void **state)
{
	(void)state;
	assert_int_equal(
		ask("192.0.2.3", "1.example", 2), FCRDNS_NOT_CONFIRMED);
}

/* ---- the same in full */

static const char *const addresses[] = { "192.0.2.1", "192.0.2.3", "192.0.2.5",
	"192.0.2.6", "192.0.2.7", "192.0.2.8", "192.0.2.9", "192.0.2.77",
	"2001:db8::25", "2001:db8::26" };

static struct zone_by_hand open_zone(const char *more)
{
	struct zone_by_hand by_hand = zone_by_hand_open("");
	struct answers_file_errors errors;

	by_hand.saved = answers_file_load(by_hand.arena, SPAN("zone"),
		arena_print(by_hand.arena, "%s%s", zone, more), &errors);
	assert_int_equal(errors.total, 0);
	return by_hand;
}

static struct ip ip_of(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(span_of(text), &ip));
	return ip;
}

static struct fcrdns_facts look(
	struct zone_by_hand *by_hand, const char *address)
{
	struct ip ip = ip_of(address);
	struct fcrdns_facts facts;

	while (fcrdns_facts(by_hand->arena, by_hand->answers, &ip, &facts) ==
			FCRDNS_OPEN &&
		zone_by_hand_settle(by_hand))
		;
	return facts;
}

static void facts_and_check_give_the_same_verdict(void **state)
{
	struct zone_by_hand by_hand = open_zone("");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(addresses); i++) {
		struct fcrdns_facts facts = look(&by_hand, addresses[i]);
		struct ip ip = ip_of(addresses[i]);
		struct span name;

		assert_int_equal(
			facts.result, fcrdns_check(by_hand.arena,
					      by_hand.answers, &ip, &name));
		assert_int_equal(facts.confirmed != NULL,
			facts.result == FCRDNS_CONFIRMED);
		assert_int_equal(
			facts.why.len == 0, facts.result == FCRDNS_CONFIRMED);
	}
	zone_by_hand_close(&by_hand);
}

static void each_name_tells_where_it_leads(void **state)
{
	struct zone_by_hand by_hand = open_zone("");
	struct fcrdns_facts facts = look(&by_hand, "192.0.2.5");

	(void)state;
	assert_int_equal(facts.count, 2);
	assert_int_equal(facts.names[0].back, FCRDNS_BACK_UNKNOWN);
	assert_int_equal(facts.names[1].back, FCRDNS_BACK_SAME);
	assert_ptr_equal(facts.confirmed, &facts.names[1]);
	facts = look(&by_hand, "192.0.2.9");
	assert_int_equal(facts.names[0].back, FCRDNS_BACK_OTHER);
	assert_true(span_is(facts.why,
		SPAN("liar.example has A records, but not this address")));
	facts = look(&by_hand, "2001:db8::26");
	assert_int_equal(facts.names[0].back, FCRDNS_BACK_NONE);
	assert_true(
		span_is(facts.why, SPAN("four.example has no AAAA record")));
	facts = look(&by_hand, "192.0.2.7");
	assert_true(span_is(facts.why,
		SPAN("the address has no name: 7.2.0.192.in-addr.arpa PTR "
		     "nxdomain")));
	zone_by_hand_close(&by_hand);
}

static void names_above_ten_are_only_counted(void **state)
{
	struct zone_by_hand by_hand = open_zone("");
	struct fcrdns_facts facts = look(&by_hand, "192.0.2.3");

	(void)state;
	assert_int_equal(facts.count, FCRDNS_NAMES_MAX);
	assert_int_equal(facts.left_out, 1);
	zone_by_hand_close(&by_hand);
}

static void a_generic_name_is_told(void **state)
{
	struct zone_by_hand by_hand = open_zone(
		"77.2.0.192.in-addr.arpa PTR found \"77.dyn.isp.example\"\n");
	struct fcrdns_facts facts = look(&by_hand, "192.0.2.77");

	(void)state;
	assert_int_equal(facts.names[0].generic.kind, GENERIC_DYNAMIC);
	assert_int_equal(facts.names[0].back, FCRDNS_BACK_NO_NAME);
	zone_by_hand_close(&by_hand);
}

/* ---- two views */

static enum fcrdns_views compare(
	const char *address, const char *theirs, const char *wanted_why)
{
	struct zone_by_hand ours = open_zone(""), others = open_zone(theirs);
	struct ip ip = ip_of(address);
	enum fcrdns_views views;
	struct span why;

	while ((views = fcrdns_differ(ours.arena, ours.answers, others.answers,
			&ip, &why)) == FCRDNS_VIEWS_OPEN) {
		bool is_settled = zone_by_hand_settle(&ours);

		assert_true(zone_by_hand_settle(&others) || is_settled);
	}
	if (!span_is(why, span_of(wanted_why)))
		fail_msg("%.*s", SPAN_ARG(why));
	zone_by_hand_close(&others);
	zone_by_hand_close(&ours);
	return views;
}

static void two_who_say_the_same_do_not_differ(void **state)
{
	(void)state;
	assert_int_equal(compare("192.0.2.1", "", ""), FCRDNS_VIEWS_SAME);
	assert_int_equal(compare("192.0.2.7", "", ""), FCRDNS_VIEWS_SAME);
	assert_int_equal(
		compare("192.0.2.5",
			"five.example A found \"192.0.2.5\" \"192.0.2.55\"\n",
			"lost.example A: timeout here, timeout elsewhere"),
		FCRDNS_VIEWS_UNKNOWN);
}

static void a_name_only_one_of_them_knows_is_a_difference(void **state)
{
	(void)state;
	assert_int_equal(
		compare("192.0.2.1", "1.2.0.192.in-addr.arpa PTR nxdomain\n",
			"1.2.0.192.in-addr.arpa PTR: mx.example here, "
			"nxdomain elsewhere"),
		FCRDNS_VIEWS_DIFFER);
	assert_int_equal(
		compare("192.0.2.1", "mx.example A found \"192.0.2.2\"\n",
			"mx.example A: 192.0.2.1 here, 192.0.2.2 elsewhere"),
		FCRDNS_VIEWS_DIFFER);
	assert_int_equal(
		compare("192.0.2.1",
			"1.2.0.192.in-addr.arpa PTR found \"mx.example\" "
			"\"b.example\"\n",
			"1.2.0.192.in-addr.arpa PTR: mx.example here, "
			"mx.example and 1 more elsewhere"),
		FCRDNS_VIEWS_DIFFER);
}

static void a_view_that_failed_is_not_a_difference(void **state)
{
	(void)state;
	assert_int_equal(
		compare("192.0.2.1", "1.2.0.192.in-addr.arpa PTR timeout\n",
			"1.2.0.192.in-addr.arpa PTR: mx.example here, timeout "
			"elsewhere"),
		FCRDNS_VIEWS_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_that_points_back_is_confirmed),
		cmocka_unit_test(a_name_that_points_elsewhere_is_not),
		cmocka_unit_test(an_ipv6_address_needs_an_aaaa_record),
		cmocka_unit_test(an_address_without_a_name_is_told_so),
		cmocka_unit_test(a_failed_lookup_blames_nobody),
		cmocka_unit_test(one_good_name_makes_up_for_a_lost_one),
		cmocka_unit_test(the_eleventh_name_is_not_looked_at),
		cmocka_unit_test(facts_and_check_give_the_same_verdict),
		cmocka_unit_test(each_name_tells_where_it_leads),
		cmocka_unit_test(names_above_ten_are_only_counted),
		cmocka_unit_test(a_generic_name_is_told),
		cmocka_unit_test(two_who_say_the_same_do_not_differ),
		cmocka_unit_test(a_name_only_one_of_them_knows_is_a_difference),
		cmocka_unit_test(a_view_that_failed_is_not_a_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
