#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/policy/ehlo_name.h"
#include "tests/zone_by_hand.h"

/* clang-format off */
static const char zone_text[] =
	"mx.example A found \"192.0.2.25\"\n"
	"mx.example AAAA found \"2001:db8::25\"\n"
	"four.example A found \"192.0.2.25\"\n"
	"four.example AAAA no-data\n"
	"other.example A found \"192.0.2.99\"\n"
	"lost.example A timeout\n"
	"lost.example AAAA timeout\n"
	"25.2.0.192.in-addr.arpa PTR found \"mx.example\"\n";

static const struct {
	const char *name, *address;
	enum ehlo_name state;
	bool is_reverse_name;
	const char *why;
} names[] = {
	{ "MX.example.", "192.0.2.25", EHLO_NAME_SAME, true,
		"mx.example leads to the address" },
	{ "mx.example", "2001:db8::25", EHLO_NAME_SAME, false,
		"mx.example leads to the address" },
	{ "four.example", "192.0.2.25", EHLO_NAME_SAME, false,
		"four.example leads to the address" },
	{ "four.example", "2001:db8::25", EHLO_NAME_NONE, false,
		"four.example has no IPv6 address" },
	{ "other.example", "192.0.2.25", EHLO_NAME_OTHER, false,
		"other.example leads to another IPv4 address" },
	{ "gone.example", "192.0.2.25", EHLO_NAME_NONE, false,
		"gone.example does not exist" },
	{ "lost.example", "192.0.2.25", EHLO_NAME_UNKNOWN, false,
		"lost.example could not be looked up" },
	{ "localhost", "192.0.2.25", EHLO_NAME_UNFIT, false,
		"\"localhost\" is no full name" },
	{ "", "192.0.2.25", EHLO_NAME_UNFIT, false, "\"\" is no full name" },
	{ "a b.example", "192.0.2.25", EHLO_NAME_UNFIT, false,
		"\"a b.example\" is no full name" },
	{ "[192.0.2.25]", "192.0.2.25", EHLO_NAME_SAME, false,
		"it is the address itself, which is allowed, but many "
		"receivers want a name" },
	{ "[IPv6:2001:DB8:0::25]", "2001:db8::25", EHLO_NAME_SAME, false,
		"it is the address itself, which is allowed, but many "
		"receivers want a name" },
	{ "[192.0.2.1]", "192.0.2.25", EHLO_NAME_OTHER, false,
		"[192.0.2.1] is not the address we come from" },
	{ "[", "192.0.2.25", EHLO_NAME_UNFIT, false,
		"[ is no address literal" },
};
/* clang-format on */

static void the_name_is_held_against_the_address(void **state)
{
	struct zone_by_hand zone = zone_by_hand_open(zone_text);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct ehlo_name_check check;
		struct ip ip;

		assert_true(ip_parse(span_of(names[i].address), &ip));
		while (ehlo_name_check(zone.arena, zone.answers,
			       span_of(names[i].name), &ip,
			       &check) == EHLO_NAME_OPEN &&
			zone_by_hand_settle(&zone))
			;
		if (check.state != names[i].state ||
			check.is_reverse_name != names[i].is_reverse_name ||
			!span_is(check.why, span_of(names[i].why)))
			fail_msg("%s from %s: %s, %.*s", names[i].name,
				names[i].address, ehlo_name_word(check.state),
				SPAN_ARG(check.why));
	}
	zone_by_hand_close(&zone);
}

static void both_families_of_the_name_are_known(void **state)
{
	struct zone_by_hand zone = zone_by_hand_open(zone_text);
	struct ehlo_name_check check;
	struct ip ip;

	(void)state;
	assert_true(ip_parse(SPAN("192.0.2.25"), &ip));
	while (ehlo_name_check(zone.arena, zone.answers, SPAN("mx.example"),
		       &ip, &check) == EHLO_NAME_OPEN &&
		zone_by_hand_settle(&zone))
		;
	assert_int_equal(zone.rounds, 1);
	assert_int_equal(check.families[FAMILY_IPV4], FCRDNS_BACK_SAME);
	assert_int_equal(check.families[FAMILY_IPV6], FCRDNS_BACK_OTHER);
	zone_by_hand_close(&zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_name_is_held_against_the_address),
		cmocka_unit_test(both_families_of_the_name_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
