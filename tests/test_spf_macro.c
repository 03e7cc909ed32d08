#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/policy/spf_macro.h"
#include "tests/own_arena.h"

/* Those of RFC 7208, 7.4. */
static struct spf_macro_values example(const char *address)
{
	struct spf_macro_values values = {
		.sender = SPAN("strong-bad@email.example.com"),
		.local = SPAN("strong-bad"),
		.sender_domain = SPAN("email.example.com"),
		.domain = SPAN("email.example.com"),
		.validated_name = SPAN("mx.example.org"),
		.helo = SPAN("mx.example.org"),
		.receiver = SPAN("receiver.example"),
		.now = 1234567890,
	};

	assert_true(ip_parse(span_of(address), &values.ip));
	return values;
}

static void the_examples_of_the_rfc_come_out(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "%{s}", "strong-bad@email.example.com" },
		{ "%{o}", "email.example.com" },
		{ "%{d}", "email.example.com" },
		{ "%{d4}", "email.example.com" },
		{ "%{d3}", "email.example.com" },
		{ "%{d2}", "example.com" },
		{ "%{d1}", "com" },
		{ "%{dr}", "com.example.email" },
		{ "%{d2r}", "example.email" },
		{ "%{l}", "strong-bad" },
		{ "%{l-}", "strong.bad" },
		{ "%{lr}", "strong-bad" },
		{ "%{lr-}", "bad.strong" },
		{ "%{l1r-}", "strong" },
		{ "%{ir}.%{v}._spf.%{d2}",
			"3.2.0.192.in-addr._spf.example.com" },
		{ "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com" },
		{ "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
			"bad.strong.lp.3.2.0.192.in-addr._spf.example.com" },
		{ "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}",
			"3.2.0.192.in-addr.strong.lp._spf.example.com" },
		{ "%{d2}.trusted-domains.example.net",
			"example.com.trusted-domains.example.net" },
	};
	struct spf_macro_values values = example("192.0.2.3");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct span got = spf_macro_name(
			arena, span_of(rows[i].text), &values);

		if (!span_is(got, span_of(rows[i].want)))
			fail_msg("%s: %.*s", rows[i].text, SPAN_ARG(got));
	}
}

static void an_ipv6_address_is_its_nibbles(void **state)
{
	struct spf_macro_values values = example("2001:db8::cb01");

	(void)state;
	assert_true(span_is_nocase(
		spf_macro_name(arena, SPAN("%{ir}.%{v}._spf.%{d2}"), &values),
		SPAN("1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0."
		     "1.0.0.2.ip6._spf.example.com")));
	assert_true(span_is(spf_macro_explanation(arena, SPAN("%{c}"), &values),
		SPAN("2001:db8::cb01")));
}

static void an_explanation_knows_more_letters(void **state)
{
	struct spf_macro_values values = example("192.0.2.3");

	(void)state;
	assert_true(span_is(
		spf_macro_explanation(arena,
			SPAN("%{c} %{r} %{t} %{p} %{h} %%%_%-."), &values),
		SPAN("192.0.2.3 receiver.example 1234567890 mx.example.org "
		     "mx.example.org % %20.")));
	values.receiver = SPAN("");
	assert_true(span_is(spf_macro_explanation(arena, SPAN("%{r}"), &values),
		SPAN("unknown")));
}

static void a_capital_letter_escapes_for_a_url(void **state)
{
	struct spf_macro_values values = example("192.0.2.3");

	(void)state;
	values.local = SPAN("a/b~c d\xff");
	assert_true(span_is(spf_macro_explanation(arena, SPAN("%{L}"), &values),
		SPAN("a%2Fb~c%20d%FF")));
	values.local = SPAN("a=b=c");
	assert_true(
		span_is(spf_macro_explanation(arena, SPAN("%{L2R=}"), &values),
			SPAN("b.a")));
}

static void a_long_name_loses_labels_at_the_left(void **state)
{
	struct spf_macro_values values = example("192.0.2.3");
	char *local = arena_take(arena, 100000);
	struct span got;

	(void)state;
	for (size_t i = 0; i < 100000; i++)
		local[i] = i % 10 == 9 ? '.' : 'x';
	values.local = (struct span){ local, 100000 };
	got = spf_macro_name(arena, SPAN("%{l}example.com"), &values);
	assert_int_equal(got.len, 251);
	assert_true(span_starts_nocase(got, SPAN("xxxxxxxxx.xxxxxxxxx.")));
	assert_true(span_ends_nocase(got, SPAN(".xxxxxxxxx.example.com")));

	/* 253 bytes may stay as they are. */
	values.local.len = 242;
	got = spf_macro_name(arena, SPAN("%{l}.example.com"), &values);
	assert_int_equal(got.len, 244);
	values.local = arena_print(arena, "%.*s", 241, local);
	got = spf_macro_name(arena, SPAN("%{l}.example.com"), &values);
	assert_int_equal(got.len, 253);
}

static void an_explanation_has_an_end(void **state)
{
	struct spf_macro_values values = example("192.0.2.3");
	char *local = arena_take(arena, 100000);
	struct span got;

	(void)state;
	memset(local, 'x', 100000);
	values.local = (struct span){ local, 100000 };
	got = spf_macro_explanation(arena, SPAN("a %{l}"), &values);
	assert_int_equal(got.len, SPF_EXPLANATION_MAX);
	assert_true(span_starts_nocase(got, SPAN("a xxx")));
}

static void only_macro_strings_are_taken(void **state)
{
	static const struct {
		const char *text;
		bool is_sound;
	} rows[] = {
		{ "", true },
		{ "abc", true },
		{ "%{d}", true },
		{ "%{D10R.-+,/_=}", true },
		{ "%%%_%-", true },
		{ "%", false },
		{ "a%", false },
		{ "%a", false },
		{ "%(d)", false },
		{ "%{", false },
		{ "%{}", false },
		{ "%{d", false },
		{ "%{x}", false },
		{ "%{d0}", false },
		{ "%{d00}", false },
		{ "%{d01}", true },
		{ "%{dr2}", false },
		{ "%{d!}", false },
		{ "%{d99999999999999999999}", true },
		{ "a b", false },
		{ "a\tb", false },
		{ "\xc3\xa4", false },
	};
	uint32_t letters;
	const char *why;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (spf_macro_check(span_of(rows[i].text), false, &letters,
			    &why) != rows[i].is_sound)
			fail_msg("%s", rows[i].text);
	assert_true(spf_macro_check(SPAN("a b"), true, &letters, &why));
	assert_false(spf_macro_check(SPAN("a\0b"), true, &letters, &why));
	assert_true(spf_macro_check(SPAN("%{P}%{i}"), false, &letters, &why));
	assert_int_equal(letters, SPF_LETTER('p') | SPF_LETTER('i'));
}

static void a_domain_spec_ends_in_a_macro_or_a_top_level(void **state)
{
	static const struct {
		const char *text;
		bool is_sound;
	} rows[] = {
		{ "example.com", true },
		{ "example.com.", true },
		{ "example.com..", false },
		{ "example", false },
		{ "example.", false },
		{ "", false },
		{ ".com", true },
		{ "example.123", false },
		{ "example.1a3", true },
		{ "example.xn--p1ai", true },
		{ "example.-a", false },
		{ "example.a-", false },
		{ "example.1-2", true },
		{ "example.c_m", false },
		{ "_spf.example.com", true },
		{ "example.%{d}", true },
		{ "%{d}", true },
		{ "a%%", true },
		{ "%{d}com", false },
		{ "%{d}.com", true },
		{ "%{d}.", false },
		{ "192.0.2.1", false },
		{ "example.com/24", false },
		{ "%{d1/}/x.com", true },
	};
	uint32_t letters;
	const char *why;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (spf_domain_spec_check(span_of(rows[i].text), &letters,
			    &why) != rows[i].is_sound)
			fail_msg("%s", rows[i].text);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, open_arena, close_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_examples_of_the_rfc_come_out),
		TEST(an_ipv6_address_is_its_nibbles),
		TEST(an_explanation_knows_more_letters),
		TEST(a_capital_letter_escapes_for_a_url),
		TEST(a_long_name_loses_labels_at_the_left),
		TEST(an_explanation_has_an_end),
		TEST(only_macro_strings_are_taken),
		TEST(a_domain_spec_ends_in_a_macro_or_a_top_level),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
