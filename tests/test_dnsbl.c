#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/policy/dnsbl.h"
#include "tests/spans.h"
#include "tests/zone_by_hand.h"

#define ZERO4  "0.0.0.0."
#define NET    ZERO4 "0.0.0.0.8.b.d.0.1.0.0.2."
#define ZERO11 "0.0.0." ZERO4 ZERO4

/* clang-format off */
static const char zone_text[] =
	"2.0.0.127.bl.example A found \"127.0.0.2\"\n"
	"2.0.0.127.slow.example A timeout\n"
	"2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0." ZERO4 ZERO4 ZERO4 ZERO4
		"six.example A found \"127.0.0.2\"\n"
	"2.2.0.192.bl.example A found \"127.0.0.2\" \"127.0.0.4\"\n"
	"2.2.0.192.bl.example TXT found \"see \\x1b[31m\"\n"
	"3.2.0.192.bl.example A found \"127.0.0.2\"\n"
	"3.2.0.192.bl.example TXT timeout\n"
	"4.2.0.192.bl.example A no-data\n"
	"5.2.0.192.bl.example A servfail\n"
	"6.2.0.192.bl.example A found \"127.255.255.254\"\n"
	"7.2.0.192.bl.example A found \"127.0.0.1\"\n"
	"8.2.0.192.bl.example A found \"192.0.2.80\"\n"
	"9.2.0.192.bl.example A found \"192.0.2.80\" \"127.0.0.3\"\n"
	"10.2.0.192.bl.example A found \"127.0.0.2\" \"127.255.255.255\"\n"
	"5.2.0.0.0." ZERO11 NET "bl.example A found \"127.0.0.2\"\n"
	NET "bl.example A found \"127.0.1.2\"\n"
	NET "bl.example TXT found \"the net\"\n";

static const struct {
	const char *address;
	bool is_prefix;
	enum dnsbl state;
} addresses[] = {
	{ "192.0.2.2", false, DNSBL_LISTED },
	{ "192.0.2.2", true, DNSBL_LISTED },
	{ "192.0.2.3", false, DNSBL_LISTED },
	{ "192.0.2.4", false, DNSBL_NOT_LISTED },
	{ "192.0.2.44", false, DNSBL_NOT_LISTED },
	{ "192.0.2.5", false, DNSBL_UNKNOWN },
	{ "192.0.2.6", false, DNSBL_REFUSED },
	{ "192.0.2.7", false, DNSBL_BROKEN },
	{ "192.0.2.8", false, DNSBL_BROKEN },
	{ "192.0.2.9", false, DNSBL_LISTED },
	{ "192.0.2.10", false, DNSBL_REFUSED },
	{ "2001:db8::25", false, DNSBL_LISTED },
	{ "2001:db8::26", false, DNSBL_NOT_LISTED },
	{ "2001:db8::26", true, DNSBL_LISTED },
	{ "2001:db9::26", true, DNSBL_NOT_LISTED },
};
/* clang-format on */

static struct zone_by_hand zone;
static struct dnsbl_check check;

static int open_zone(void **state)
{
	(void)state;
	zone = zone_by_hand_open(zone_text);
	return 0;
}

static int close_zone(void **state)
{
	(void)state;
	zone_by_hand_close(&zone);
	return 0;
}

static enum dnsbl ask_zone(
	const char *name, const char *address, bool is_prefix)
{
	struct dnsbl_query query = {
		.zone = span_of(name),
		.is_prefix = is_prefix,
	};

	assert_true(ip_parse(span_of(address), &query.ip));
	while (dnsbl_check(zone.arena, zone.answers, &query, &check) ==
			DNSBL_OPEN &&
		zone_by_hand_settle(&zone))
		;
	return check.state;
}

static enum dnsbl ask(const char *address, bool is_prefix)
{
	return ask_zone("bl.example", address, is_prefix);
}

static void a_zone_without_the_test_entry_is_no_list(void **state)
{
	(void)state;
	assert_int_equal(
		ask_zone("bI.example", "192.0.2.44", true), DNSBL_BROKEN);
	assert_span(check.why,
		"bI.example lacks the entry 127.0.0.2, which each block list "
		"has (RFC 5782 section 5): is it spelt right, and still kept?");
	assert_int_equal(
		ask_zone("bI.example", "2001:db8::1", true), DNSBL_BROKEN);
	assert_int_equal(
		ask_zone("six.example", "2001:db8::1", true), DNSBL_NOT_LISTED);
	assert_int_equal(
		ask_zone("slow.example", "192.0.2.44", true), DNSBL_NOT_LISTED);
	assert_int_equal(ask_zone("slow.example", "2001:db8::1", true),
		DNSBL_NOT_LISTED);
}

static void a_code_says_what_an_answer_means(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(addresses); i++)
		if (ask(addresses[i].address, addresses[i].is_prefix) !=
			addresses[i].state)
			fail_msg("%s: %s", addresses[i].address,
				dnsbl_word(check.state));
}

static void an_address_is_asked_for_backwards(void **state)
{
	struct dnsbl_query query = { .zone = SPAN("bl.example") };

	(void)state;
	assert_true(ip_parse(SPAN("192.0.2.25"), &query.ip));
	assert_span(
		dnsbl_name(zone.arena, &query, true), "25.2.0.192.bl.example");
	assert_true(ip_parse(SPAN("2001:db8::25"), &query.ip));
	assert_span(dnsbl_name(zone.arena, &query, false),
		"5.2.0.0.0." ZERO11 NET "bl.example");
	assert_span(dnsbl_name(zone.arena, &query, true), NET "bl.example");
}

static void a_listing_has_codes_and_reasons(void **state)
{
	(void)state;
	ask("192.0.2.2", false);
	assert_int_equal(check.code_count, 2);
	assert_span(check.codes[1], "127.0.0.4");
	assert_int_equal(check.reason_count, 1);
	assert_span(check.reasons[0], "see \x1b[31m");
	assert_span(
		check.why, "the address is listed by bl.example (127.0.0.2)");
	ask("2001:db8::26", true);
	assert_true(check.is_prefix);
	assert_span(check.reasons[0], "the net");
	assert_span(check.why, "its /64 is listed by bl.example (127.0.1.2)");
}

static void a_refusal_is_no_listing(void **state)
{
	(void)state;
	ask("192.0.2.6", false);
	assert_span(check.why,
		"bl.example does not answer this resolver (127.255.255.254): "
		"that is no listing");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_zone, close_zone)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_code_says_what_an_answer_means),
		TEST(a_zone_without_the_test_entry_is_no_list),
		TEST(an_address_is_asked_for_backwards),
		TEST(a_listing_has_codes_and_reasons),
		TEST(a_refusal_is_no_listing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
