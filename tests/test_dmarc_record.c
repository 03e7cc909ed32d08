#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/policy/dmarc_record.h"
#include "tests/own_arena.h"

#define V   "v=DMARC1; "
#define RUA "; rua=mailto:a@example.net"

static const struct dmarc_record *parse(const char *text)
{
	return dmarc_record_parse(arena, span_of(text));
}

/* clang-format off */
static const struct {
	const char *text;
	bool is_one;
} versions[] = {
	{ "v=DMARC1", true },
	{ "v=DMARC1;p=none", true },
	{ "V \t=\t DMARC1 ; p=none", true },
	{ "v=dmarc1; p=none", false },
	{ "v=DMARC12; p=none", false },
	{ "v=DMARC1 p=none", false },
	{ "p=none; v=DMARC1", false },
	{ "", false },
	{ ";v=DMARC1", false },
	{ "v", false },
};

static const struct {
	const char *text;
	bool is_valid_7489, is_valid_9989;
} records[] = {
	{ V "p=none", true, true },
	{ V "p=none;", true, true },
	{ V "p=none; ", true, true },
	{ V "p=Reject", true, true },
	{ V "p=none; ;", false, false },
	{ V "p=none;;", false, false },
	{ V "p=none; p=none", false, false },
	{ V "p=none; x=1; X=2", false, false },
	{ V "p=none; x=", true, true },
	{ V "p=none; x", false, false },
	{ V "p=none; =x", false, false },
	{ V "p=none; 1x=1", false, false },
	{ V "p=none; x=\x01", false, false },
	{ V "p=none; x=\xc3\xa4", false, false },
	{ V "sp=none; p=none", false, true },
	{ V "rua=mailto:a@example.net; p=none", false, true },
	{ V "x=1", false, false },
	{ V "p=none; adkim=x", false, false },
	{ V "p=none; aspf=", false, false },
	{ V "p=none; fo=0:d", true, true },
	{ V "p=none; fo=0:", false, false },
	{ V "p=none; fo=2", false, false },
	{ V "p=none; rf=afrf", true, true },
	{ V "p=none; rf=bob", false, true },
	{ V "p=none; ri=4294967295", true, true },
	{ V "p=none; ri=4294967296", false, true },
	{ V "p=none; pct=100", true, true },
	{ V "p=none; pct=101", false, true },
	{ V "p=none; pct=-1", false, true },
	{ V "p=none; t=y; psd=u; np=reject", true, true },
	{ V "p=none; t=maybe", true, false },
	{ V "p=none; psd=maybe", true, false },
	{ V "p=none; np=bad", true, false },
	{ V "p=none; np=bad" RUA, true, true },
	{ V "p=none; sp=bad", false, false },
	{ V "p=none; sp=bad" RUA, true, true },
	{ V "p=bad" RUA, true, true },
	{ V "p=bad; rua=bad", false, false },
	{ V "p=none; rua=", false, false },
	{ V "p=none; rua=mailto:a@example.net,", false, false },
	{ V "p=none; rua=mailto:a@example.net!10m", true, true },
	{ V "p=none; rua=mailto:a@example.net!", false, false },
	{ V "p=none; rua=mailto:a@example.net!10p", false, false },
	{ V "p=none; rua=mailto:a@example.net!m", false, false },
	{ V "p=none; rua=mailto:a b@example.net", false, false },
};
/* clang-format on */

static void only_a_record_that_begins_with_its_version_is_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(versions); i++)
		if (dmarc_record_is_one(span_of(versions[i].text)) !=
			versions[i].is_one)
			fail_msg("%s", versions[i].text);
}

static void each_rfc_has_its_own_idea_of_a_valid_record(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(records); i++) {
		const struct dmarc_record *record = parse(records[i].text);

		if (dmarc_record_is_valid(record, DMARC_RFC7489) !=
			records[i].is_valid_7489)
			fail_msg("RFC 7489: %s", records[i].text);
		if (dmarc_record_is_valid(record, DMARC_RFC9989) !=
			records[i].is_valid_9989)
			fail_msg("RFC 9989: %s", records[i].text);
	}
}

static void a_fault_leaves_the_rest_of_the_record_in_force(void **state)
{
	const struct dmarc_record *record = parse(
		V "p=reject; adkim=bob; aspf=s; pct=500; junk");

	(void)state;
	assert_true(dmarc_record_is_usable(record, DMARC_RFC7489));
	assert_int_equal(record->p, DMARC_POLICY_REJECT);
	assert_false(record->is_dkim_strict);
	assert_true(record->is_spf_strict);
	assert_int_equal(record->percent, 100);
	assert_int_equal(record->fault_count, 3);
	assert_true(span_is(record->faults[0].why,
		SPAN("adkim=bob is not \"r\" or \"s\"")));
	assert_true(span_is(record->faults[0].tag, SPAN("adkim")));
	assert_int_equal(record->faults[1].rules, DMARC_RFC7489);
	assert_true(
		span_is(record->faults[2].why, SPAN("\"junk\" is not a tag")));
}

static void a_tag_that_stands_twice_voids_the_record(void **state)
{
	const struct dmarc_record *record = parse(V "p=reject; x=1; x=2" RUA);

	(void)state;
	assert_true(record->has_duplicate);
	assert_false(dmarc_record_is_usable(record, DMARC_RFC7489));
	assert_false(dmarc_record_is_usable(record, DMARC_RFC9989));
}

static void check_policy(const char *text, enum dmarc_author author,
	enum dmarc_policy wanted, const char *wanted_tag)
{
	const char *tag;

	if (dmarc_record_policy(parse(text), DMARC_RFC9989, author, &tag) !=
		wanted)
		fail_msg("%s", text);
	assert_string_equal(tag, wanted_tag);
}

static void a_subdomain_that_does_not_exist_has_its_own_policy(void **state)
{
	const char *tag;

	(void)state;
	check_policy(V "p=reject; sp=quarantine; np=none", DMARC_AUTHOR_MISSING,
		DMARC_POLICY_NONE, "np");
	check_policy(V "p=reject; sp=quarantine; np=none", DMARC_AUTHOR_BELOW,
		DMARC_POLICY_QUARANTINE, "sp");
	check_policy(V "p=reject; sp=quarantine; np=none", DMARC_AUTHOR_SAME,
		DMARC_POLICY_REJECT, "p");
	check_policy(V "p=reject; sp=quarantine", DMARC_AUTHOR_MISSING,
		DMARC_POLICY_QUARANTINE, "sp");
	check_policy(
		V "p=reject", DMARC_AUTHOR_MISSING, DMARC_POLICY_REJECT, "p");
	assert_int_equal(dmarc_record_policy(parse(V "p=reject; np=none"),
				 DMARC_RFC7489, DMARC_AUTHOR_MISSING, &tag),
		DMARC_POLICY_REJECT);
}

static void an_unknown_policy_with_a_rua_acts_as_none(void **state)
{
	(void)state;
	check_policy(V "p=reject; sp=bad" RUA, DMARC_AUTHOR_SAME,
		DMARC_POLICY_NONE, "");
	check_policy(V "rua=mailto:a@example.net", DMARC_AUTHOR_BELOW,
		DMARC_POLICY_NONE, "");
}

static void destinations_have_hosts_and_limits(void **state)
{
	const struct dmarc_record *record = parse(
		V "p=none; rua=mailto:a@Example.NET!10m , "
		  "https://r.example:8443/x , ftp://example.org,mailto:nobody;"
		  "ruf=mailto:f@example.org!3G");

	(void)state;
	assert_int_equal(record->rua_count, 4);
	assert_true(span_is(record->rua[0].uri.host, SPAN("Example.NET")));
	assert_true(
		span_is(record->rua[0].uri.text, SPAN("mailto:a@Example.NET")));
	assert_true(record->rua[0].is_usable);
	assert_int_equal(record->rua[0].size_max, 10 * 1024 * 1024);
	assert_true(span_is(record->rua[1].uri.host, SPAN("r.example")));
	assert_true(record->rua[1].is_usable);
	assert_int_equal(record->rua[1].size_max, 0);
	assert_false(record->rua[2].is_usable);
	assert_false(record->rua[3].is_usable);
	assert_int_equal(record->ruf_count, 1);
	assert_true(record->ruf[0].size_max == UINT64_C(3) << 30);
}

static void all_tags_are_read(void **state)
{
	const struct dmarc_record *record = parse(
		V "p=quarantine; adkim=S; aspf=s; fo=1:d; ri=3600; "
		  "pct=25; t=y; psd=n; future=x");
	struct span value;

	(void)state;
	assert_true(record->is_dkim_strict);
	assert_true(record->is_spf_strict);
	assert_int_equal(record->options, DMARC_FO_ANY_FAILED | DMARC_FO_DKIM);
	assert_int_equal(record->interval, 3600);
	assert_int_equal(record->percent, 25);
	assert_true(record->is_test);
	assert_int_equal(record->psd, DMARC_PSD_NO);
	assert_int_equal(record->tag_count, 10);
	assert_true(dmarc_record_tag(record, "FUTURE", &value));
	assert_true(span_is(value, SPAN("x")));
	assert_false(dmarc_record_tag(record, "past", &value));
}

static void more_than_a_record_can_need_is_a_fault(void **state)
{
	struct span text = SPAN(V "p=none");
	const struct dmarc_record *record;

	(void)state;
	for (int i = 0; i < 2 * DMARC_TAGS_MAX; i++)
		text = arena_print(arena, "%.*s; x%d=1", SPAN_ARG(text), i);
	record = dmarc_record_parse(arena, text);
	assert_int_equal(record->tag_count, DMARC_TAGS_MAX);
	assert_int_equal(record->fault_count, DMARC_FAULTS_MAX);
	text = SPAN(V "p=none; rua=mailto:a@b.example");
	for (int i = 0; i < DMARC_DESTINATIONS_MAX; i++)
		text = arena_print(
			arena, "%.*s,mailto:a@b.example", SPAN_ARG(text));
	record = dmarc_record_parse(arena, text);
	assert_int_equal(record->rua_count, DMARC_DESTINATIONS_MAX);
	assert_int_equal(record->fault_count, 1);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, open_arena, close_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_a_record_that_begins_with_its_version_is_one),
		TEST(each_rfc_has_its_own_idea_of_a_valid_record),
		TEST(a_fault_leaves_the_rest_of_the_record_in_force),
		TEST(a_tag_that_stands_twice_voids_the_record),
		TEST(a_subdomain_that_does_not_exist_has_its_own_policy),
		TEST(an_unknown_policy_with_a_rua_acts_as_none),
		TEST(destinations_have_hosts_and_limits),
		TEST(all_tags_are_read),
		TEST(more_than_a_record_can_need_is_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
