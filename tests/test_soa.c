#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/policy/soa.h"
#include "tests/zone_by_hand.h"

#define SOA " SOA found \"ns.example root.example 1 2 3 4 5\"\n"

/* clang-format off */
static const char zone_text[] =
	"example" SOA
	"a.example" SOA
	"b.a.example SOA no-data\n"
	"c.b.a.example SOA no-data\n"
	"alias.a.example SOA found canonical=a.example "
		"\"ns.example root.example 1 2 3 4 5\"\n"
	"lost.example SOA timeout\n"
	"x.lost.example SOA no-data\n"
	"t.test SOA no-data\n"
	"test SOA no-data\n";

static const struct {
	const char *domain;
	enum soa state;
	const char *zone;
} domains[] = {
	{ "a.example", SOA_OWN, "a.example" },
	{ "b.a.example", SOA_ABOVE, "a.example" },
	{ "c.b.a.example", SOA_ABOVE, "a.example" },
	{ "alias.a.example", SOA_ABOVE, "a.example" },
	{ "gone.example", SOA_NO_NAME, "" },
	{ "lost.example", SOA_UNKNOWN, "" },
	{ "x.lost.example", SOA_UNKNOWN, "" },
	{ "t.test", SOA_ABOVE, "" },
};
/* clang-format on */

static void a_domain_is_looked_for_up_to_its_zone(void **state)
{
	struct zone_by_hand zone = zone_by_hand_open(zone_text);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(domains); i++) {
		struct soa_check check;

		while (soa_check(zone.arena, zone.answers,
			       span_of(domains[i].domain),
			       &check) == SOA_OPEN &&
			zone_by_hand_settle(&zone))
			;
		if (check.state != domains[i].state ||
			!span_is(check.zone, span_of(domains[i].zone)))
			fail_msg("%s: %s in \"%.*s\"", domains[i].domain,
				soa_word(check.state), SPAN_ARG(check.zone));
	}
	zone_by_hand_close(&zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_domain_is_looked_for_up_to_its_zone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
