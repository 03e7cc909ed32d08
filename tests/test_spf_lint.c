#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/policy/spf_lint.h"
#include "tests/own_arena.h"
#include "tests/spans.h"
#include "tests/zone_by_hand.h"

static struct spf_lint lint;

static void run(const char *zone, struct spf_lint_query query)
{
	struct zone_by_hand dns = zone_by_hand_in(arena, zone);

	if (!query.domain.len)
		query.domain = SPAN("example.com");
	while (!spf_lint(arena, dns.answers, &query, &lint)) {
		assert_true(zone_by_hand_settle(&dns));
		assert_true(dns.rounds <= 50);
	}
	assert_false(zone_by_hand_settle(&dns));
}

/* "spf-ptr spf-no-all", in their order. */
static struct span ids(void)
{
	struct span all = SPAN("");

	for (size_t i = 0; i < lint.count; i++)
		all = arena_print(arena, "%.*s%s%s", SPAN_ARG(all),
			i ? " " : "", lint.notes[i].id);
	return all;
}

static const struct spf_note *note_of(const char *id)
{
	for (size_t i = 0; i < lint.count; i++)
		if (strcmp(lint.notes[i].id, id) == 0)
			return &lint.notes[i];
	fail_msg("no %s in: %.*s", id, SPAN_ARG(ids()));
	return NULL;
}

static void must_hold(struct span text, const char *part)
{
	if (span_find_nocase(text, span_of(part)) == text.len)
		fail_msg("%.*s", SPAN_ARG(text));
}

/* The notes about one record alone, with a name of both families in it. */
static void must_note(const char *record, const char *want)
{
	run(arena_print(arena,
		    "example.com TXT found \"%s\"\n"
		    "example.com A found \"192.0.2.80\"\n"
		    "example.com AAAA found \"2001:db8::80\"\n"
		    "example.com MX found \"10 example.com\"\n"
		    "ok.example TXT found \"v=spf1 ip4:192.0.2.1 -all\"\n",
		    record)
			.at,
		(struct spf_lint_query){ .domain = SPAN("") });
	if (!span_is(ids(), span_of(want)))
		fail_msg("%s: %.*s", record, SPAN_ARG(ids()));
}

static void one_slip_is_one_note(void **state)
{
	static const struct {
		const char *record, *want;
	} rows[] = {
		{ "v=spf1 a mx include:ok.example ip4:192.0.2.0/24 "
		  "exists:%{i}.x.example moo=x -all",
			"" },
		{ "v=spf1 redirect=ok.example", "" },
		{ "v=spf1 a ptr -all", "spf-ptr" },
		{ "v=spf1 a +all", "spf-all-pass" },
		{ "v=spf1 a all", "spf-all-pass" },
		{ "v=spf1 a ?all", "spf-all-neutral" },
		{ "v=spf1 a", "spf-no-all" },
		{ "v=spf1 -all mx", "spf-unreachable" },
		{ "v=spf1 -all exp=x.example", "" },
		{ "v=spf1 -all redirect=ok.example", "spf-redirect-ignored" },
		{ "v=spf1 a mx +A -all", "spf-duplicate" },
		{ "v=spf1 a/24 -all", "spf-wide" },
		{ "v=spf1 ip4:192.0.2.0/8 -all", "spf-wide" },
		{ "v=spf1 ip6:2001:db8::/16 -all", "spf-wide" },
		{ "v=spf1 -ip4:192.0.2.0/8 -all", "" },
		{ "v=spf1 exists:none.example -all", "spf-void" },
		{ "v=spf1 a:none.example -all", "spf-void" },
		{ "v=spf1 mx:none.example -all", "spf-void" },
		{ "v=spf1 include:none.example -all", "spf-include-none" },
		{ "v=spf1 include:example.com -all", "spf-loop spf-lookups" },
		{ "v=spf1 a v=spf1 -all", "spf-version-twice" },
		{ "v=spf1 ip4=192.0.2.1 -all", "spf-no-mechanism" },
		{ "v=spf1 ipv4:192.0.2.1 -all", "spf-syntax" },
		{ "v=spf1 a ipv4:192.0.2.1", "spf-syntax" },
		{ "v=spf1;a -all", "spf-near-record" },
		{ "hello", "spf-none" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		must_note(rows[i].record, rows[i].want);
}

static void a_wrong_term_comes_with_the_right_one(void **state)
{
	const struct spf_note *note;

	(void)state;
	must_note("v=spf1 a include=ok.example -all", "spf-no-mechanism");
	note = note_of("spf-no-mechanism");
	assert_span(note->term, "include=ok.example");
	assert_span(note->fix, "write include:ok.example");
	assert_span(note->record, "v=spf1 a include:ok.example -all");
	must_note("v=spf1  ip6:192.0.2.1 \xe2\x80\x93"
		  "all",
		"spf-syntax spf-syntax");
	assert_span(lint.notes[0].record, "v=spf1 ip4:192.0.2.1 \xe2\x80\x93"
					  "all");
	assert_span(lint.notes[1].fix, "write -all");
	must_hold(lint.notes[0].text, "that is no IPv6 address");
}

static const struct ip *sources(void)
{
	static struct ip list[2];

	assert_true(ip_parse(SPAN("192.0.2.25"), &list[0]));
	assert_true(ip_parse(SPAN("2001:db8::25"), &list[1]));
	return list;
}

static void a_source_that_is_missing_is_added(void **state)
{
	struct spf_lint_query query = { .sources = sources(),
		.source_count = 2 };
	const struct spf_note *note;

	(void)state;
	run("example.com TXT found \"v=spf1 ip4:192.0.2.0/24 ~all\"\n", query);
	assert_span(ids(), "spf-source-missing");
	note = note_of("spf-source-missing");
	assert_int_equal(note->severity, SPF_ERROR);
	assert_int_equal(note->families, SPF_FAMILY_IPV6);
	assert_span(note->term, "~all");
	assert_span(note->text,
		"Mail from 2001:db8::25 gets softfail, not pass: "
		"~all in example.com.");
	assert_span(note->fix, "add ip6:2001:db8::25");
	assert_span(
		note->record, "v=spf1 ip6:2001:db8::25 ip4:192.0.2.0/24 ~all");
	run("example.com TXT found \"v=spf1 ?all\"\n", query);
	assert_span(
		ids(), "spf-all-neutral spf-source-missing spf-source-missing");
	assert_span(lint.notes[1].record,
		"v=spf1 ip4:192.0.2.25 ip6:2001:db8::25 ?all");
	assert_int_equal(lint.notes[2].severity, SPF_WARNING);
	assert_span(lint.notes[1].fix, "add ip4:192.0.2.25 ip6:2001:db8::25");
	assert_span(lint.notes[2].fix, "add ip4:192.0.2.25 ip6:2001:db8::25");
}

static void no_record_comes_with_a_whole_one(void **state)
{
	struct spf_lint_query query = { .sources = sources(),
		.source_count = 2 };

	(void)state;
	run("example.com TXT no-data\n", query);
	assert_span(ids(), "spf-none");
	assert_span(lint.notes[0].record,
		"v=spf1 ip4:192.0.2.25 ip6:2001:db8::25 ~all");
	run("example.com TXT timeout\n", query);
	assert_span(ids(), "spf-unknown");
}

static void two_records_are_made_one(void **state)
{
	(void)state;
	run("example.com TXT found \"v=spf1 a include:b.example -all\" "
	    "\"other\" \"v=spf1 include:b.example ip4:192.0.2.1 ~all\"\n",
		(struct spf_lint_query){ .domain = SPAN("") });
	assert_span(ids(), "spf-many-records");
	assert_span(lint.notes[0].record,
		"v=spf1 a include:b.example ip4:192.0.2.1 -all");
	must_hold(lint.notes[0].text, "has 2 SPF records, a permerror");
}

static const char one_family[] =
	"example.com TXT found \"v=spf1 a:four.example mx include:b.example "
	"-all\"\n"
	"four.example A found \"192.0.2.1\" \"192.0.2.2\"\n"
	"example.com MX found \"10 mx.example\"\n"
	"mx.example A found \"192.0.2.25\"\n"
	"mx.example AAAA no-data\n"
	"b.example TXT found \"v=spf1 a:web.example -all\"\n"
	"web.example A found \"192.0.2.3\"\n";

static void a_name_of_one_family_is_told(void **state)
{
	struct spf_lint_query query = { .sources = sources(),
		.source_count = 2 };
	const struct spf_note *note;

	(void)state;
	run(one_family, query);
	assert_span(ids(), "spf-one-family spf-one-family spf-one-family "
			   "spf-void-limit spf-source-missing");
	note = &lint.notes[0];
	assert_int_equal(note->severity, SPF_WARNING);
	assert_int_equal(note->families, SPF_FAMILY_IPV6);
	assert_span(note->term, "a:four.example");
	must_hold(note->text, "four.example has A but no AAAA: for a sender "
			      "over IPv6");
	assert_span(note->fix, "publish AAAA for four.example, or write "
			       "ip4:192.0.2.1 ip4:192.0.2.2 in place of "
			       "a:four.example");
	assert_span(note->record, "v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 mx "
				  "include:b.example -all");
	assert_span(lint.notes[1].term, "mx");
	assert_span(lint.notes[2].domain, "b.example");
	assert_int_equal(lint.voids[FAMILY_IPV4], 0);
	assert_int_equal(lint.voids[FAMILY_IPV6], 3);
}

static void the_third_void_lookup_is_told(void **state)
{
	struct spf_lint_query query = { .sources = sources(),
		.source_count = 2 };
	const struct spf_note *note;

	(void)state;
	run(one_family, query);
	note = note_of("spf-void-limit");
	assert_int_equal(note->severity, SPF_ERROR);
	assert_int_equal(note->families, SPF_FAMILY_IPV6);
	must_hold(note->text, "over IPv6");
	must_hold(note->text, "four.example (a:four.example), mx.example "
			      "(mx), web.example (a:web.example)");
	must_hold(note->fix, "publish AAAA");
	note = note_of("spf-source-missing");
	must_hold(note->text, "2001:db8::25 gets permerror");
}

/* Who never sends over IPv6 need not care much. */
static void a_family_that_is_not_used_is_only_mentioned(void **state)
{
	struct spf_lint_query query = { .sources = sources(),
		.source_count = 1 };

	(void)state;
	run(one_family, query);
	assert_int_equal(note_of("spf-one-family")->severity, SPF_INFO);
	assert_int_equal(note_of("spf-void-limit")->severity, SPF_WARNING);
}

static void more_than_ten_lookups_are_counted(void **state)
{
	static const char zone[] =
		"example.com TXT found \"v=spf1 include:a.example "
		"include:b.example a:ok.example -all\"\n"
		"a.example TXT found \"v=spf1 a:ok.example a:ok.example "
		"a:ok.example a:ok.example -all\"\n"
		"b.example TXT found \"v=spf1 a:ok.example a:ok.example "
		"a:ok.example redirect=c.example\"\n"
		"c.example TXT found \"v=spf1 -all\"\n"
		"ok.example A found \"192.0.2.1\"\n"
		"ok.example AAAA found \"2001:db8::1\"\n";
	const struct spf_note *note;

	(void)state;
	run(zone, (struct spf_lint_query){ .domain = SPAN("example.com") });
	note = note_of("spf-lookups");
	assert_int_equal(lint.lookups, 11);
	assert_int_equal(note->severity, SPF_ERROR);
	must_hold(note->text, "costs 11 lookups where 10 are allowed");
	must_hold(note->text,
		"include:a.example 5, include:b.example 5, a:ok.example 1");
}

static void a_record_that_is_too_long_is_told(void **state)
{
	struct span text = SPAN("v=spf1");

	(void)state;
	for (unsigned i = 0; i < 24; i++)
		text = arena_print(
			arena, "%.*s ip4:192.0.2.%u", SPAN_ARG(text), 100 + i);
	must_note(arena_print(arena, "%.*s -all", SPAN_ARG(text)).at, "");
	for (unsigned i = 0; i < 10; i++)
		text = arena_print(
			arena, "%.*s ip4:192.0.2.%u", SPAN_ARG(text), 200 + i);
	must_note(
		arena_print(arena, "%.*s -all", SPAN_ARG(text)).at, "spf-long");
}

static void the_ehlo_name_has_a_policy_too(void **state)
{
	struct spf_lint_query query = { .sources = sources(),
		.source_count = 2,
		.helo = SPAN("mail.example.com") };
	const struct spf_note *note;

	(void)state;
	run("example.com TXT found \"v=spf1 ip4:192.0.2.25 "
	    "ip6:2001:db8::25 -all\"\n",
		query);
	assert_span(ids(), "spf-helo-none");
	assert_span(lint.notes[0].fix,
		"publish TXT \"v=spf1 a -all\" for mail.example.com");
	run("example.com TXT found \"v=spf1 ip4:192.0.2.25 "
	    "ip6:2001:db8::25 -all\"\n"
	    "mail.example.com TXT found \"v=spf1 a -all\"\n"
	    "mail.example.com A found \"192.0.2.25\"\n",
		query);
	assert_span(ids(), "spf-helo-fail");
	note = note_of("spf-helo-fail");
	assert_int_equal(note->families, SPF_FAMILY_IPV6);
	assert_span(note->record, "v=spf1 ip6:2001:db8::25 a -all");
	query.helo = SPAN("[192.0.2.25]");
	run("example.com TXT found \"v=spf1 ip4:192.0.2.25 "
	    "ip6:2001:db8::25 -all\"\n",
		query);
	assert_span(ids(), "");
}

/* Thousands of terms, each of them wrong: an end is made. */
static void a_hostile_record_is_given_up(void **state)
{
	enum { TERMS = 16000 };
	char *room = arena_take(arena, 6 + 2 * TERMS + 1);
	struct answers *answers = answers_open(arena);
	struct answer answer = { .kind = ANSWER_DATA, .value_count = 1 };
	struct spf_lint_query query = { .domain = SPAN("example.com") };
	struct span value;

	(void)state;
	memcpy(room, "v=spf1", 6);
	for (size_t i = 0; i < TERMS; i++)
		memcpy(room + 6 + 2 * i, i % 2 ? " x" : " y", 2);
	value = (struct span){ room, 6 + 2 * TERMS };
	answer.values = &value;
	answers_put(answers, query.domain, RR_TXT, &answer);
	assert_true(spf_lint(arena, answers, &query, &lint));
	assert_int_equal(lint.count, SPF_NOTES_MAX);
	assert_true(lint.was_cut);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, open_arena, close_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_slip_is_one_note),
		TEST(a_wrong_term_comes_with_the_right_one),
		TEST(a_source_that_is_missing_is_added),
		TEST(no_record_comes_with_a_whole_one),
		TEST(two_records_are_made_one),
		TEST(a_name_of_one_family_is_told),
		TEST(the_third_void_lookup_is_told),
		TEST(a_family_that_is_not_used_is_only_mentioned),
		TEST(more_than_ten_lookups_are_counted),
		TEST(a_record_that_is_too_long_is_told),
		TEST(the_ehlo_name_has_a_policy_too),
		TEST(a_hostile_record_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
