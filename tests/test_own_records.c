#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/policy/own_records.h"
#include "tests/zone_by_hand.h"

enum { ROUNDS_MAX = 8 };

/* A domain with all in order; each case puts other lines below it. */
/* clang-format off */
static const char sound[] =
	"example.org MX found \"10 mx1.example.org\" \"20 mx2.example.org\"\n"
	"_mta-sts.example.org TXT found \"v=STSv1; id=1;\"\n"
	"mta-sts.example.org A found \"192.0.2.80\"\n"
	"mta-sts.example.org POLICY found \"version: STSv1\\x0amode: enforce"
	"\\x0amx: *.example.org\\x0amax_age: 1209600\\x0a\"\n"
	"_smtp._tls.example.org TXT found \"v=TLSRPTv1;rua=mailto:t@example.org"
	"\"\n"
	"default._bimi.example.org TXT found \"v=BIMI1; l=https://example.org/"
	"l.svg; a=https://example.org/m.pem\"\n"
	"_dmarc.example.org TXT found \"v=DMARC1; p=reject; "
	"rua=mailto:r@example.org,mailto:r@reports.example.net\"\n"
	"example.org._report._dmarc.reports.example.net TXT found "
	"\"v=DMARC1\"\n";

#define POLICY(mode, mx, age)                                                  \
	"mta-sts.example.org POLICY found \"version: STSv1\\x0amode: " mode    \
	"\\x0a" mx "max_age: " age "\\x0a\"\n"

static const struct change {
	const char *lines;
	enum own_record record;
	enum own_state state;
	const char *says;
} changes[] = {
	{ "", OWN_MTA_STS, OWN_SOUND, "mode enforce, max_age 1209600" },
	{ "_mta-sts.example.org TXT nxdomain\n", OWN_MTA_STS, OWN_ABSENT,
	  "no policy protects" },
	{ "_mta-sts.example.org TXT timeout\n", OWN_MTA_STS, OWN_UNKNOWN,
	  "timeout" },
	{ "_mta-sts.example.org TXT found \"v=STSv1; id=;\"\n", OWN_MTA_STS,
	  OWN_AMISS, "id" },
	{ "mta-sts.example.org POLICY untrusted why=\"the certificate\"\n",
	  OWN_MTA_STS, OWN_AMISS, "the certificate" },
	{ POLICY("enforce", "mx: mx1.example.org\\x0a", "1209600"),
	  OWN_MTA_STS, OWN_AMISS,
	  "does not list mx2.example.org: senders that honour it do not" },
	{ POLICY("testing", "mx: other.example\\x0a", "1209600"), OWN_MTA_STS,
	  OWN_AMISS, "mx1.example.org, mx2.example.org: senders that honour "
	  "it will not" },
	{ POLICY("enforce", "mx: *.example.org\\x0a", "86400"), OWN_MTA_STS,
	  OWN_AMISS, "less than a week" },
	{ POLICY("none", "", "86400"), OWN_MTA_STS, OWN_SOUND, "mode none" },

	{ "", OWN_TLS_RPT, OWN_SOUND, "mailto:t@example.org" },
	{ "_smtp._tls.example.org TXT no-data\n", OWN_TLS_RPT, OWN_ABSENT,
	  "nobody is told" },
	{ "_smtp._tls.example.org TXT refused\n", OWN_TLS_RPT, OWN_UNKNOWN,
	  "could not" },
	{ "_smtp._tls.example.org TXT found \"v=TLSRPTv1; rua=t@x\"\n",
	  OWN_TLS_RPT, OWN_AMISS, "scheme" },
	{ "_smtp._tls.example.org TXT found \"v=TLSRPTv1;rua=ftp://x/\"\n",
	  OWN_TLS_RPT, OWN_AMISS, "https" },

	{ "", OWN_BIMI, OWN_SOUND, "with a mark certificate" },
	{ "default._bimi.example.org TXT nxdomain\n", OWN_BIMI, OWN_ABSENT,
	  "no picture" },
	{ "default._bimi.example.org TXT servfail\n", OWN_BIMI, OWN_UNKNOWN,
	  "could not" },
	{ "default._bimi.example.org TXT found \"v=BIMI1; l=; a=;\"\n",
	  OWN_BIMI, OWN_SOUND, "no picture" },
	{ "default._bimi.example.org TXT found \"v=BIMI1; l=http://x/\"\n",
	  OWN_BIMI, OWN_AMISS, "https" },
	{ "_dmarc.example.org TXT found \"v=DMARC1; p=none\"\n", OWN_BIMI,
	  OWN_AMISS, "shown by nobody" },
	{ "_dmarc.example.org TXT found \"v=DMARC1; p=quarantine; pct=50\"\n",
	  OWN_BIMI, OWN_AMISS, "shown by nobody" },
	{ "_dmarc.example.org TXT found \"v=DMARC1; p=quarantine\"\n",
	  OWN_BIMI, OWN_SOUND, "l.svg" },

	{ "", OWN_REPORTS, OWN_SOUND, "mailto:r@example.org, and to others" },
	{ "_dmarc.example.org TXT nxdomain\n", OWN_REPORTS, OWN_ABSENT, "" },
	{ "_dmarc.example.org TXT servfail\n", OWN_REPORTS, OWN_UNKNOWN, "" },
	{ "_dmarc.example.org TXT found \"v=DMARC1; p=none\"\n", OWN_REPORTS,
	  OWN_ABSENT, "no rua=" },
	{ "example.org._report._dmarc.reports.example.net TXT nxdomain\n",
	  OWN_REPORTS, OWN_AMISS, "rua=mailto:r@reports.example.net: " },
	{ "example.org._report._dmarc.reports.example.net TXT servfail\n",
	  OWN_REPORTS, OWN_UNKNOWN, "could not" },
	{ "_dmarc.example.org TXT found \"v=DMARC1; p=none; "
	  "rua=mailto:r@example.org; ruf=tel:1\"\n", OWN_REPORTS, OWN_AMISS,
	  "ruf=tel:1" },
};
/* clang-format on */

static bool look(struct zone_by_hand *zone, const char *domain,
	struct own_records *records)
{
	for (int i = 0; i < ROUNDS_MAX; i++) {
		if (own_records(zone->arena, zone->answers, span_of(domain),
			    suffix_list_own(), records))
			return true;
		zone_by_hand_settle(zone);
	}
	return false;
}

static struct zone_by_hand zone_with(const char *lines)
{
	struct arena *arena = arena_open();
	struct zone_by_hand zone = zone_by_hand_open(
		arena_print(arena, "%s%s", sound, lines).at);

	arena_close(arena);
	return zone;
}

static void each_record_is_told_as_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(changes); i++) {
		const struct change *change = &changes[i];
		struct zone_by_hand zone = zone_with(change->lines);
		struct own_records records;
		const struct own_line *line = &records.lines[change->record];

		assert_true(look(&zone, "example.org", &records));
		if (line->state != change->state ||
			span_find_nocase(line->says, span_of(change->says)) ==
				line->says.len + (*change->says == 0))
			fail_msg("case %zu, %s: %s: %.*s", i,
				own_record_word(change->record),
				own_state_word(line->state),
				SPAN_ARG(line->says));
		zone_by_hand_close(&zone);
	}
}

static void what_does_not_wait_for_another_goes_out_with_it(void **state)
{
	struct zone_by_hand zone = zone_with("");
	struct own_records records;

	(void)state;
	assert_true(look(&zone, "example.org", &records));
	assert_true(zone.rounds <= 4);
	zone_by_hand_close(&zone);
}

static void a_name_below_takes_the_reports_and_the_picture_above(void **state)
{
	struct zone_by_hand zone = zone_with("");
	struct own_records records;

	(void)state;
	assert_true(look(&zone, "news.example.org", &records));
	assert_int_equal(records.lines[OWN_MTA_STS].state, OWN_ABSENT);
	assert_int_equal(records.lines[OWN_BIMI].state, OWN_SOUND);
	assert_int_equal(records.lines[OWN_REPORTS].state, OWN_SOUND);
	assert_true(span_is(records.dmarc.record_domain, SPAN("example.org")));
	zone_by_hand_close(&zone);
}

static void more_destinations_than_the_limit_are_left_out(void **state)
{
	struct arena *arena = arena_open();
	struct span line = SPAN("_dmarc.example.org TXT found \"v=DMARC1; "
				"p=none; rua=mailto:r@example.org");
	struct zone_by_hand zone;
	struct own_records records;

	(void)state;
	for (unsigned i = 0; i < OWN_DESTINATIONS_MAX + 3; i++)
		line = arena_print(arena, "%.*s,mailto:r%u@example.org",
			SPAN_ARG(line), i);
	zone = zone_with(arena_print(arena, "%.*s\"\n", SPAN_ARG(line)).at);
	assert_true(look(&zone, "example.org", &records));
	assert_int_equal(records.destination_count, OWN_DESTINATIONS_MAX);
	zone_by_hand_close(&zone);
	arena_close(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_record_is_told_as_it_is),
		cmocka_unit_test(
			what_does_not_wait_for_another_goes_out_with_it),
		cmocka_unit_test(
			a_name_below_takes_the_reports_and_the_picture_above),
		cmocka_unit_test(more_destinations_than_the_limit_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
