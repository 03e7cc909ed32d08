#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/policy/tls_rpt.h"
#include "tests/zone_by_hand.h"

#define V "v=TLSRPTv1; "
#define A "rua=mailto:a@example.net"

/* clang-format off */
static const struct {
	const char *text;
	size_t count, usable;   /* 0, 0: refused */
} records[] = {
	{ V A, 1, 1 },
	{ V A ";", 1, 1 },
	{ V A " ; ", 1, 1 },
	{ "v=TLSRPTv1\t;" A, 1, 1 },
	{ V A " , https://example.net/x", 2, 2 },
	{ V A "; rua=http://example.net", 2, 1 },
	{ V "rua=mailto:nobody", 1, 0 },
	{ V A "; ext=1; e_x-t.2=:<x", 1, 1 },
	{ V A "; =1", 0, 0 },
	{ V A "; _x=1", 0, 0 },
	{ V A "; ext", 0, 0 },
	{ V A "; ext=", 0, 0 },
	{ V A "; ext=a b", 0, 0 },
	{ V A "; ext=a=b", 0, 0 },
	{ V A "; a1234567890123456789012345678901=1", 1, 1 },
	{ V A "; a12345678901234567890123456789012=1", 0, 0 },
	{ V A ";;", 0, 0 },
	{ V ";" A, 0, 0 },
	{ V A ",", 0, 0 },
	{ V "RUA=mailto:a@example.net", 0, 0 },
	{ V "rua =mailto:a@example.net", 0, 0 },
	{ V "rua=", 0, 0 },
	{ V "ext=1", 0, 0 },
	{ V, 0, 0 },
	{ "v=TLSRPTv1", 0, 0 },
	{ " " V A, 0, 0 },
	{ "v=tlsrptv1; " A, 0, 0 },
	{ "v=TLSRPTv11; " A, 0, 0 },
	{ A "; v=TLSRPTv1", 0, 0 },
	{ "", 0, 0 },
};

static const char zone_text[] =
	"_smtp._tls.good.example TXT found \"other\" \"" V A "\"\n"
	"_smtp._tls.bad.example TXT found \"" V "rua=x\"\n"
	"_smtp._tls.two.example TXT found \"" V A "\" \"" V A ";\"\n"
	"_smtp._tls.other.example TXT found \"v=spf1 -all\"\n"
	"_smtp._tls.empty.example TXT no-data\n"
	"_smtp._tls.lost.example TXT timeout\n";

static const struct {
	const char *domain;
	enum tls_rpt state;
} domains[] = {
	{ "good.example", TLS_RPT_FOUND },
	{ "bad.example", TLS_RPT_BROKEN },
	{ "two.example", TLS_RPT_SEVERAL },
	{ "other.example", TLS_RPT_NONE },
	{ "empty.example", TLS_RPT_NONE },
	{ "gone.example", TLS_RPT_NONE },
	{ "lost.example", TLS_RPT_UNKNOWN },
};
/* clang-format on */

static void the_grammar_is_taken_as_it_stands(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(records); i++) {
		struct tls_rpt_record record;
		struct span why;
		bool is_good = tls_rpt_parse(
			arena, span_of(records[i].text), &record, &why);

		if (is_good != (records[i].count > 0))
			fail_msg("%s: %.*s", records[i].text, SPAN_ARG(why));
		if (is_good && (record.count != records[i].count ||
				       record.usable != records[i].usable))
			fail_msg("%s: %zu, %zu", records[i].text, record.count,
				record.usable);
		assert_true(is_good || why.len > 0);
	}
	arena_close(arena);
}

static void too_many_destinations_are_refused(void **state)
{
	struct arena *arena = arena_open();
	struct span text = SPAN(V A), why;
	struct tls_rpt_record record;

	(void)state;
	for (int i = 1; i < TLS_RPT_DESTINATIONS_MAX; i++)
		text = arena_print(arena, "%.*s,mailto:a@b", SPAN_ARG(text));
	assert_true(tls_rpt_parse(arena, text, &record, &why));
	text = arena_print(arena, "%.*s,mailto:a@b", SPAN_ARG(text));
	assert_false(tls_rpt_parse(arena, text, &record, &why));
	arena_close(arena);
}

static void exactly_one_record_counts(void **state)
{
	struct zone_by_hand zone = zone_by_hand_open(zone_text);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(domains); i++) {
		struct tls_rpt_check check;

		while (tls_rpt_check(zone.arena, zone.answers,
			       span_of(domains[i].domain),
			       &check) == TLS_RPT_OPEN &&
			zone_by_hand_settle(&zone))
			;
		if (check.state != domains[i].state)
			fail_msg("%s: %s", domains[i].domain,
				tls_rpt_word(check.state));
		assert_int_equal(
			check.why.len == 0, check.state == TLS_RPT_FOUND);
	}
	zone_by_hand_close(&zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_grammar_is_taken_as_it_stands),
		cmocka_unit_test(too_many_destinations_are_refused),
		cmocka_unit_test(exactly_one_record_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
