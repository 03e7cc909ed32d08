#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/policy/spf_record.h"
#include "probe/policy/spf_repair.h"
#include "tests/own_arena.h"

static const struct spf_term *one_term(const char *text)
{
	const struct spf_record *record = spf_record_compile(
		arena, arena_print(arena, "v=spf1 %s", text));

	assert_int_equal(record->count, 1);
	assert_true(
		(record->bad != NULL) == (record->terms[0].kind == SPF_BAD));
	return &record->terms[0];
}

static void a_record_begins_with_its_version(void **state)
{
	static const struct {
		const char *text;
		bool is_record;
	} rows[] = {
		{ "v=spf1", true },
		{ "V=SPF1 -all", true },
		{ "v=spf1  ", true },
		{ "v=spf10", false },
		{ "v=spf1;", false },
		{ "v=spf1\t-all", false },
		{ " v=spf1", false },
		{ "v=spf", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (spf_record_is(span_of(rows[i].text)) != rows[i].is_record)
			fail_msg("%s", rows[i].text);
}

/* What each term is read as; SPF_BAD where the RFC says permerror. */
static void terms_are_what_the_grammar_says(void **state)
{
	static const struct {
		const char *text;
		enum spf_kind kind;
	} rows[] = {
		{ "all", SPF_ALL },
		{ "-ALL", SPF_ALL },
		{ "all:x", SPF_BAD },
		{ "all/8", SPF_BAD },
		{ "--all", SPF_BAD },
		{ "a", SPF_A },
		{ "a:", SPF_BAD },
		{ "a/0", SPF_A },
		{ "a/32//128", SPF_A },
		{ "a//64", SPF_A },
		{ "a/33", SPF_BAD },
		{ "a//129", SPF_BAD },
		{ "a/024", SPF_BAD },
		{ "a/", SPF_BAD },
		{ "a//", SPF_BAD },
		{ "a/24/64", SPF_BAD },
		{ "a/24//", SPF_BAD },
		{ "a///64", SPF_BAD },
		{ "a:/24", SPF_BAD },
		{ "a:example.com/24", SPF_A },
		{ "a:example.com/x", SPF_BAD },
		{ "a:%{d}/24//64", SPF_A },
		{ "a:b/c.example.com/24", SPF_A },
		{ "a=example.com", SPF_OTHER },
		{ "mx:example.com//48", SPF_MX },
		{ "mx.example.com", SPF_BAD },
		{ "include:example.com", SPF_INCLUDE },
		{ "include", SPF_BAD },
		{ "include:", SPF_BAD },
		{ "include:example.com/24", SPF_BAD },
		{ "ptr", SPF_PTR },
		{ "ptr:example.com", SPF_PTR },
		{ "ptr/24", SPF_BAD },
		{ "exists:%{i}.example.com", SPF_EXISTS },
		{ "exists:%{t}.example.com", SPF_BAD },
		{ "exists", SPF_BAD },
		{ "ip4:192.0.2.1", SPF_IP4 },
		{ "ip4:192.0.2.0/24", SPF_IP4 },
		{ "ip4:192.0.2.0/33", SPF_BAD },
		{ "ip4:192.0.2.0/00", SPF_BAD },
		{ "ip4:192.0.2.0/", SPF_BAD },
		{ "ip4:192.0.2", SPF_BAD },
		{ "ip4:192.0.2.01", SPF_BAD },
		{ "ip4:2001:db8::1", SPF_BAD },
		{ "ip4/24", SPF_BAD },
		{ "ip4", SPF_BAD },
		{ "ip6:2001:db8::/32", SPF_IP6 },
		{ "ip6:2001:db8::/129", SPF_BAD },
		{ "ip6:::ffff:192.0.2.1", SPF_IP6 },
		{ "ip6:192.0.2.1", SPF_BAD },
		{ "redirect=example.com", SPF_REDIRECT },
		{ "redirect=", SPF_BAD },
		{ "redirect:example.com", SPF_BAD },
		{ "-redirect=example.com", SPF_BAD },
		{ "exp=e.example.com", SPF_EXP },
		{ "exp=e", SPF_BAD },
		{ "moo=%{d}", SPF_OTHER },
		{ "m-o.o_1=", SPF_OTHER },
		{ "1moo=x", SPF_BAD },
		{ "=x", SPF_BAD },
		{ "moo=%a", SPF_BAD },
		{ "moo", SPF_BAD },
		{ ":", SPF_BAD },
		{ "-", SPF_BAD },
		{ "a\\b", SPF_BAD },
		{ "\xc3\xa4", SPF_BAD },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (one_term(rows[i].text)->kind != rows[i].kind)
			fail_msg("%s: %d", rows[i].text,
				(int)one_term(rows[i].text)->kind);
}

static void a_wrong_term_does_not_hide_the_others(void **state)
{
	const struct spf_record *record = spf_record_compile(arena,
		SPAN("v=spf1  mx  foo -ip4:192.0.2.1/8 redirect=a.example "
		     "redirect=b.example exp=x.example bar ~all "));

	(void)state;
	assert_int_equal(record->count, 8);
	assert_true(span_is(record->bad->text, SPAN("foo")));
	assert_int_equal(record->terms[2].kind, SPF_IP4);
	assert_int_equal(record->terms[2].qualifier, '-');
	assert_int_equal(record->terms[2].prefix[FAMILY_IPV4], 8);
	assert_true(span_is(record->redirect->spec, SPAN("a.example")));
	assert_int_equal(record->terms[4].kind, SPF_BAD);
	assert_true(span_is(record->exp->name, SPAN("x.example")));
	assert_int_equal(record->terms[6].kind, SPF_BAD);
}

static bool fits(const char *address, const char *network, unsigned prefix)
{
	struct ip a, b;

	assert_true(ip_parse(span_of(address), &a));
	assert_true(ip_parse(span_of(network), &b));
	return spf_bits_fit(
		spf_bits_of(&a), spf_bits_of(&b), spf_mask(a.family, prefix));
}

static void a_prefix_compares_so_many_bits(void **state)
{
	(void)state;
	assert_true(fits("192.0.2.1", "192.0.2.1", 32));
	assert_false(fits("192.0.2.1", "192.0.2.0", 32));
	assert_true(fits("192.0.2.1", "192.0.2.0", 31));
	assert_true(fits("192.0.2.1", "10.0.0.0", 0));
	assert_false(fits("192.0.2.1", "64.0.0.0", 1));
	assert_true(fits("192.0.2.1", "128.0.0.0", 1));
	assert_true(fits("2001:db8::1", "2001:db8::1", 128));
	assert_false(fits("2001:db8::1", "2001:db8::", 128));
	assert_true(fits("2001:db8::1", "2001:db8::", 127));
	assert_true(fits("2001:db8::1", "2001:db8::8000:0:0:1", 64));
	assert_false(fits("2001:db8::1", "2001:db8:0:0:8000::1", 65));
	assert_false(fits("2001:db8::1", "2001:db8:0:1::1", 64));
	assert_true(fits("2001:db8::1", "2001:db8:0:1::1", 63));
	assert_true(fits("2001:db8::1", "::", 0));
}

static void a_name_no_dns_could_hold_is_empty(void **state)
{
	(void)state;
	assert_int_equal(one_term("a:a..example.com")->name.len, 0);
	assert_true(span_is(
		one_term("a:A.Example.com.")->name, SPAN("a.example.com")));
	assert_true(span_is(one_term("a:a\\046b.example.com")->name,
		SPAN("a\\092046b.example.com")));
	assert_int_equal(spf_name(arena, SPAN("\xc3\xa4.example")).len, 0);
}

static void the_cache_gives_what_it_gave_before(void **state)
{
	struct spf_cache *cache = spf_cache_open();
	struct span text = SPAN("v=spf1 a mx ip4:192.0.2.0/24 -all");
	const struct spf_record *first = spf_cache_compile(cache, text);
	char other[] = "v=spf1 a mx ip4:192.0.2.0/24 -all";

	(void)state;
	assert_ptr_equal(first, spf_cache_compile(cache, span_of(other)));
	other[13] = '9';
	assert_ptr_not_equal(first, spf_cache_compile(cache, span_of(other)));
	assert_ptr_equal(first, spf_cache_compile(cache, text));
	spf_cache_close(cache);
}

/* Ten times what it may keep, while each stays right. */
static void the_cache_has_an_end(void **state)
{
	struct spf_cache *cache = spf_cache_open();

	(void)state;
	for (unsigned i = 0; i < 40000; i++) {
		struct span text = arena_print(
			arena, "v=spf1 a:%u.example a b c d e f g h", i);
		const struct spf_record *record;

		spf_cache_make_room(cache);
		record = spf_cache_compile(cache, text);
		if (!span_is(record->text, text) || record->count != 9)
			fail_msg("%u", i);
		arena_empty(arena);
	}
	spf_cache_close(cache);
}

static void slips_are_undone(void **state)
{
	static const struct {
		const char *term, *want;
	} rows[] = {
		{ "ipv4:192.0.2.1", "ip4:192.0.2.1" },
		{ "ip4=192.0.2.1", "ip4:192.0.2.1" },
		{ "+ip4=192.0.2.0/24", "+ip4:192.0.2.0/24" },
		{ "ip6:192.0.2.1", "ip4:192.0.2.1" },
		{ "ip4:2001:db8::1", "ip6:2001:db8::1" },
		{ "IPv6:2001:db8::/32", "ip6:2001:db8::/32" },
		{ "ip:2001:db8::1", "ip6:2001:db8::1" },
		{ "192.0.2.1", "ip4:192.0.2.1" },
		{ "2001:db8::1", "ip6:2001:db8::1" },
		{ "a:192.0.2.1", "ip4:192.0.2.1" },
		{ "mx:192.0.2.1", "ip4:192.0.2.1" },
		{ "include=_spf.example.com", "include:_spf.example.com" },
		{ "includes:_spf.example.com", "include:_spf.example.com" },
		{ "include:example.com,", "include:example.com" },
		{ "redirect:example.com", "redirect=example.com" },
		{ "-all;", "-all" },
		{ "~all\"", "~all" },
		{ "\xe2\x80\x93"
		  "all",
			"-all" },
		{ "\xe2\x88\xbc"
		  "all",
			"~all" },
		{ "-al", "-all" },
		{ "host:mail.example.com", "a:mail.example.com" },
		{ "ip4:", "" },
		{ "ip4:192.0.2", "" },
		{ "foo", "" },
		{ "include:example", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span got = spf_repair_term(arena, span_of(rows[i].term));

		if (!span_is(got, span_of(rows[i].want)))
			fail_msg("%s: %.*s", rows[i].term, SPAN_ARG(got));
	}
}

static void a_record_that_is_none_is_repaired(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "v=spf1; mx -all", "v=spf1 mx -all" },
		{ "v=spf1,mx,-all", "v=spf1 mx -all" },
		{ "\"v=spf1 mx -all\"", "v=spf1 mx -all" },
		{ " v=spf1 mx ~all", "v=spf1 mx ~all" },
		{ "spf1 a -all", "v=spf1 a -all" },
		{ "v=spf1-all", "v=spf1 -all" },
		{ "v=spf1include:a.example -all",
			"v=spf1 include:a.example -all" },
		{ "v=spf ip4=192.0.2.1 -all", "v=spf1 ip4:192.0.2.1 -all" },
		{ "v=spf1 -all", "" },
		{ "spf2.0/pra -all", "" },
		{ "v=DKIM1; p=", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span got = spf_repair_record(
			arena, span_of(rows[i].text));

		if (!span_is(got, span_of(rows[i].want)))
			fail_msg("%s: %.*s", rows[i].text, SPAN_ARG(got));
	}
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, open_arena, close_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_record_begins_with_its_version),
		TEST(terms_are_what_the_grammar_says),
		TEST(a_wrong_term_does_not_hide_the_others),
		TEST(a_prefix_compares_so_many_bits),
		TEST(a_name_no_dns_could_hold_is_empty),
		TEST(the_cache_gives_what_it_gave_before),
		TEST(the_cache_has_an_end),
		TEST(slips_are_undone),
		TEST(a_record_that_is_none_is_repaired),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
