#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/dns/answers_file.h"
#include "probe/policy/fcrdns.h"

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
