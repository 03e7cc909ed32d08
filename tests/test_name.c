#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probe/dns/name.h"

#define L10  "abcdefghij"
#define L63  L10 L10 L10 L10 L10 L10 "abc"
#define N253 L63 "." L63 "." L63 "." L10 L10 L10 L10 L10 L10 "a"

/* clang-format off */
static const struct {
	const char *text;
	const char *name;       /* NULL: is none ... */
	const char *why;        /* ... for this reason */
} names[] = {
	{ "Example.COM", "example.com", NULL },
	{ "example.com.", "example.com", NULL },
	{ ".", ".", NULL },
	{ "a", "a", NULL },
	{ "_dmarc.Example", "_dmarc.example", NULL },
	{ "a b.example", "a\\032b.example", NULL },
	{ "a\\ b.example", "a\\032b.example", NULL },
	{ "a\\.b.example", "a\\046b.example", NULL },
	{ "a\\046b.example", "a\\046b.example", NULL },
	{ "a\\\\b", "a\\092b", NULL },
	{ "\\065\\000\\255", "a\\000\\255", NULL },
	{ "m\xc3\xbc.example", "m\\195\\188.example", NULL },
	{ L63 ".example", L63 ".example", NULL },
	{ N253, N253, NULL },
	{ N253 ".", N253, NULL },
	{ "", NULL, "the name is empty" },
	{ "a..b", NULL, "a label is empty" },
	{ ".a", NULL, "a label is empty" },
	{ "a..", NULL, "a label is empty" },
	{ "..", NULL, "a label is empty" },
	{ L63 "x.example", NULL, "a label is longer than 63 bytes" },
	{ N253 "b", NULL, "the name is longer than 255 bytes" },
	{ N253 ".b", NULL, "the name is longer than 255 bytes" },
	{ "a\\", NULL, "a backslash needs a character or three digits up to "
	  "255 after it" },
	{ "a\\25", NULL, "a backslash needs a character or three digits up to "
	  "255 after it" },
	{ "a\\256", NULL, "a backslash needs a character or three digits up "
	  "to 255 after it" },
};
/* clang-format on */

static void assert_text(struct span got, const char *wanted)
{
	if (!span_is(got, span_of(wanted)))
		fail_msg("\"%.*s\" is not \"%s\"", SPAN_ARG(got), wanted);
}

static void a_name_has_one_form(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct span name = SPAN(""), again;
		const char *why = "";
		bool is_good = name_normalise(
			arena, span_of(names[i].text), &name, &why);

		if (!names[i].name) {
			assert_false(is_good);
			assert_string_equal(why, names[i].why);
			continue;
		}
		assert_true(is_good);
		assert_text(name, names[i].name);
		assert_true(name_normalise(arena, name, &again, &why));
		assert_text(again, names[i].name);
	}
	arena_close(arena);
}

static void a_name_goes_into_a_message_byte_for_byte(void **state)
{
	uint8_t wire[NAME_WIRE_MAX];

	(void)state;
	assert_int_equal(name_to_wire(SPAN("ab.c"), wire), 6);
	assert_memory_equal(wire, "\2ab\1c", 6);
	assert_int_equal(name_to_wire(SPAN("."), wire), 1);
	assert_int_equal(wire[0], 0);
	assert_int_equal(name_to_wire(SPAN("a\\046b"), wire), 5);
	assert_memory_equal(wire, "\3a.b", 5);
	assert_int_equal(name_to_wire(span_of(N253), wire), 255);
	assert_int_equal(name_to_wire(span_of(N253 "b"), wire), 0);
	assert_int_equal(name_to_wire(span_of(L63 "x"), wire), 0);
	assert_int_equal(name_to_wire(SPAN("a..b"), wire), 0);
	assert_int_equal(name_to_wire(SPAN(""), wire), 0);
}

/* clang-format off */
static const struct {
	const char *typed;
	const char *ascii;
	const char *shown;      /* NULL: as typed */
} idns[] = {
	{ "m\xc3\xbcnchen.example", "xn--mnchen-3ya.example", NULL },
	{ "M\xc3\x9cNCHEN.example", "xn--mnchen-3ya.example",
	  "m\xc3\xbcnchen.example" },
	{ "_dmarc.m\xc3\xbcnchen.example", "_dmarc.xn--mnchen-3ya.example",
	  NULL },
	{ "stra\xc3\x9f" "e.example", "xn--strae-oqa.example", NULL },
	{ "\xe4\xbe\x8b\xe3\x80\x82" "example", "xn--fsq.example",
	  "\xe4\xbe\x8b.example" },
	{ "plain.example", "plain.example", NULL },
	{ "a_b.example", "a_b.example", NULL },
	{ "xn--99999999.example", "xn--99999999.example", NULL },
};
/* clang-format on */

static void an_internationalised_name_goes_there_and_back(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(idns); i++) {
		struct span name;
		const char *why = "";

		if (!name_to_ascii(arena, span_of(idns[i].typed), &name, &why))
			fail_msg("%s: %s", idns[i].typed, why);
		assert_text(name, idns[i].ascii);
		assert_text(name_to_unicode(arena, name),
			idns[i].shown ? idns[i].shown : idns[i].typed);
	}
	arena_close(arena);
}

static void what_is_no_internationalised_name_says_why(void **state)
{
	static const char *const bad[] = {
		"\xff.example",
		"a\\\xc3\xbc.example",
		"a\xef\xbc\xbcz\xc3\xbc.example",
		"\xc3\xbc..example",
		"\xe2\x80\x8b.example",
	};
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct span name;
		const char *why = "";

		if (name_to_ascii(arena, span_of(bad[i]), &name, &why))
			fail_msg("%s became %.*s", bad[i], SPAN_ARG(name));
		assert_true(strlen(why) > 0);
	}
	arena_close(arena);
}

static void a_mail_exchanger_is_called_by_a_host_name(void **state)
{
	static const struct {
		const char *name;
		enum name_host fit;
	} hosts[] = {
		{ "mx1.example", HOST_FIT },
		{ "mail", HOST_FIT },
		{ "1and1.example", HOST_FIT },
		{ "xn--fsq.example", HOST_FIT },
		{ "mail_x.example", HOST_UNDERSCORE },
		{ "-mx.example", HOST_UNFIT },
		{ "mx-.example", HOST_UNFIT },
		{ "mx_.-.example", HOST_UNFIT },
		{ "a\\032b.example", HOST_UNFIT },
		{ "192.0.2.1", HOST_UNFIT },
		{ ".", HOST_UNFIT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(hosts); i++) {
		const char *why = "";

		assert_int_equal(name_host_check(span_of(hosts[i].name), &why),
			hosts[i].fit);
		assert_int_equal(strlen(why) == 0, hosts[i].fit == HOST_FIT);
	}
}

static void a_name_is_under_its_zone_label_by_label(void **state)
{
	(void)state;
	assert_true(name_is_under(SPAN("a.b.example"), SPAN("b.example")));
	assert_true(name_is_under(SPAN("b.example"), SPAN("b.example")));
	assert_true(name_is_under(SPAN("b.example"), SPAN(".")));
	assert_false(name_is_under(SPAN("ab.example"), SPAN("b.example")));
	assert_false(name_is_under(SPAN("example"), SPAN("b.example")));
	assert_false(name_is_under(SPAN("a\\046example"), SPAN("example")));
	assert_false(name_is_under(SPAN("a.example"), SPAN("")));
}

static void one_dot_at_the_end_goes(void **state)
{
	(void)state;
	assert_true(span_is(
		name_without_dot(SPAN("a.example.")), SPAN("a.example")));
	assert_true(span_is(name_without_dot(SPAN("a..")), SPAN("a.")));
	assert_true(span_is(name_without_dot(SPAN("a")), SPAN("a")));
	assert_true(span_is(name_without_dot(SPAN("")), SPAN("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_has_one_form),
		cmocka_unit_test(a_name_goes_into_a_message_byte_for_byte),
		cmocka_unit_test(an_internationalised_name_goes_there_and_back),
		cmocka_unit_test(what_is_no_internationalised_name_says_why),
		cmocka_unit_test(a_mail_exchanger_is_called_by_a_host_name),
		cmocka_unit_test(a_name_is_under_its_zone_label_by_label),
		cmocka_unit_test(one_dot_at_the_end_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
