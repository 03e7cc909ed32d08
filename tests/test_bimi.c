#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/policy/bimi.h"
#include "tests/zone_by_hand.h"

#define L "l=https://example.net/x.svg"

/* clang-format off */
static const struct {
	const char *text;
	bool is_good, is_declined;
} records[] = {
	{ "v=BIMI1; " L, true, false },
	{ "v=BIMI1; " L "; a=https://example.net/x.pem;", true, false },
	{ "v = BIMI1 ; l = https://example.net/x.svg ; a=", true, false },
	{ "v=BIMI1; l=; a=;", true, true },
	{ "v=BIMI1; l=", true, true },
	{ "v=BIMI1; l=; a=https://example.net/x.pem", false, false },
	{ "v=BIMI1; " L "; avp=brand", true, false },
	{ "v=BIMI1;", false, false },
	{ "v=BIMI1; a=https://example.net/x.pem", false, false },
	{ "v=BIMI1; l=http://example.net/x.svg", false, false },
	{ "v=BIMI1; l=https:x", false, false },
	{ "v=BIMI1; l=x", false, false },
	{ "v=BIMI1; " L "; a=self", false, false },
	{ "v=BIMI1; " L "; " L, false, false },
	{ "v=bimi1; " L, false, false },
	{ "v=BIMI12; " L, false, false },
	{ L "; v=BIMI1", false, false },
	{ "", false, false },
};

static const char zone_text[] =
	"default._bimi.good.example TXT found \"v=BIMI1; " L "\"\n"
	"default._bimi.no.example TXT found \"v=BIMI1; l=; a=\"\n"
	"default._bimi.bad.example TXT found \"v=BIMI1; l=x\"\n"
	"default._bimi.two.example TXT found \"v=BIMI1; " L "\" "
		"\"v=BIMI1; l=\"\n"
	"default._bimi.lost.example TXT timeout\n";

static const struct {
	const char *domain, *org;
	enum bimi state;
	const char *name;
} domains[] = {
	{ "good.example", "good.example", BIMI_FOUND,
		"default._bimi.good.example" },
	{ "a.good.example", "good.example", BIMI_FOUND,
		"default._bimi.good.example" },
	{ "no.example", "good.example", BIMI_DECLINED,
		"default._bimi.no.example" },
	{ "bad.example", "bad.example", BIMI_BROKEN,
		"default._bimi.bad.example" },
	{ "two.example", "two.example", BIMI_SEVERAL,
		"default._bimi.two.example" },
	{ "lost.example", "good.example", BIMI_UNKNOWN,
		"default._bimi.lost.example" },
	{ "a.gone.example", "gone.example", BIMI_NONE,
		"default._bimi.gone.example" },
	{ "gone.example", "", BIMI_NONE, "default._bimi.gone.example" },
};
/* clang-format on */

static void a_picture_is_at_an_https_address(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(records); i++) {
		struct bimi_record record;
		struct span why;
		bool is_good = bimi_parse(
			arena, span_of(records[i].text), &record, &why);

		if (is_good != records[i].is_good)
			fail_msg("%s: %.*s", records[i].text, SPAN_ARG(why));
		if (is_good && record.is_declined != records[i].is_declined)
			fail_msg("%s", records[i].text);
	}
	arena_close(arena);
}

static void the_organization_answers_for_who_has_none(void **state)
{
	struct zone_by_hand zone = zone_by_hand_open(zone_text);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(domains); i++) {
		struct bimi_check check;

		while (bimi_check(zone.arena, zone.answers,
			       span_of(domains[i].domain),
			       span_of(domains[i].org), &check) == BIMI_OPEN &&
			zone_by_hand_settle(&zone))
			;
		if (check.state != domains[i].state ||
			!span_is(check.name, span_of(domains[i].name)))
			fail_msg("%s: %s at %.*s", domains[i].domain,
				bimi_word(check.state), SPAN_ARG(check.name));
	}
	zone_by_hand_close(&zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_picture_is_at_an_https_address),
		cmocka_unit_test(the_organization_answers_for_who_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
